//! Files that anybody may fetch.

use std::sync::Arc;

use crate::{AccountId, Kernel, Place, PublicFile, Region, Result};

impl Kernel {
    /// The file that a service has at this path, if one has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn public_file(self: &Arc<Self>, path: &str) -> Result<Option<PublicFile>> {
        let mut cx = self.observe(Place::new(AccountId::DEFAULT, Region::US_EAST_1)).await?;
        for files in self.registry().files.clone() {
            if let Some(file) = files.read(&mut cx, path).await? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}
