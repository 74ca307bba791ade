//! Compiled policies, by their text.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use welkin_policy::{Document, DocumentKind};

use crate::{Error, Result};

/// A bounded cache of compiled policies.
#[derive(Default)]
pub(crate) struct Documents(Mutex<HashMap<(DocumentKind, String), Arc<Document>>>);

/// Policies kept at most; then the cache starts afresh, which costs each a parse.
const MOST: usize = 4096;

impl Documents {
    /// The compiled policy. A stored policy that does not parse is a fault, never a policy that permits.
    pub(crate) fn get(&self, kind: DocumentKind, json: &str) -> Result<Arc<Document>> {
        let key = (kind, json.to_owned());
        if let Some(document) = self.lock().get(&key) {
            return Ok(Arc::clone(document));
        }
        let document = Document::parse(json, kind)
            .map(Arc::new)
            .map_err(|diagnostics| Error::internal(format_args!("a stored policy does not parse: {diagnostics:?}")))?;
        let mut documents = self.lock();
        if documents.len() >= MOST {
            documents.clear();
        }
        documents.insert(key, Arc::clone(&document));
        Ok(document)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(DocumentKind, String), Arc<Document>>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}
