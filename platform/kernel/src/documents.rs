//! Compiled policies, by their text: those of resources, trusts and sessions, which come with each call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use welkin_policy::{Document, DocumentKind};

use crate::{Error, Result};

/// A bounded cache of compiled policies.
#[derive(Default)]
pub(crate) struct Documents(Mutex<Kept>);

/// By kind, since a text is read otherwise as another kind.
#[derive(Default)]
struct Kept {
    by_kind: HashMap<DocumentKind, HashMap<Box<str>, Arc<Document>>>,
    number: usize,
}

/// Policies kept at most; then the cache starts afresh, which costs each a parse.
const MOST: usize = 4096;

impl Documents {
    /// The compiled policy. A stored policy that does not parse is a fault, never a policy that permits.
    pub(crate) fn get(&self, kind: DocumentKind, json: &str) -> Result<Arc<Document>> {
        if let Some(document) = self.lock().by_kind.get(&kind).and_then(|kept| kept.get(json)) {
            return Ok(Arc::clone(document));
        }
        let document = Document::parse(json, kind)
            .map(Arc::new)
            .map_err(|diagnostics| Error::internal(format_args!("a stored policy does not parse: {diagnostics:?}")))?;
        let mut kept = self.lock();
        if kept.number >= MOST {
            *kept = Kept::default();
        }
        if kept.by_kind.entry(kind).or_default().insert(json.into(), Arc::clone(&document)).is_none() {
            kept.number += 1;
        }
        Ok(document)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn policy(n: usize) -> String {
        format!(r#"{{"Statement":{{"Sid":"s{n}","Effect":"Deny","Action":"a:b","Resource":"*"}}}}"#)
    }

    #[test]
    fn a_policy_is_compiled_once_for_each_kind_and_few_are_kept() {
        let documents = Documents::default();
        let session = documents.get(DocumentKind::Session, &policy(0)).unwrap();
        assert!(Arc::ptr_eq(&session, &documents.get(DocumentKind::Session, &policy(0)).unwrap()));
        assert!(documents.get(DocumentKind::Resource, &policy(0)).is_err(), "it names no principal");
        for n in 0..2 * MOST {
            documents.get(DocumentKind::Session, &policy(n)).unwrap();
        }
        let kept = documents.lock();
        assert!(kept.number <= MOST && kept.by_kind.values().map(HashMap::len).sum::<usize>() == kept.number);
    }
}
