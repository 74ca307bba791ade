//! Multi-Region keys: keys in several Regions that have id, material, and what belongs to it, in common.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>
//!
//! Each is a key of its own, with its policy, tags, aliases, grants and state. What they share is written to all of
//! them in one transaction, so none is ever behind.

pub(crate) mod primary;
pub(crate) mod replicate;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Place, Region, Result};

use crate::key::Key;

/// The Regions of a multi-Region key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MultiRegion {
    pub(crate) primary: Region,
    pub(crate) replicas: BTreeSet<Region>,
}

/// How ids of multi-Region keys begin.
pub(crate) const PREFIX: &str = "mrk-";

impl Key {
    /// Whether it is a replica of a key in another Region.
    pub(crate) fn is_replica(&self) -> bool {
        self.multi_region.as_ref().is_some_and(|regions| regions.primary != self.place.region)
    }

    /// Whether keys in other Regions are replicas of it.
    pub(crate) fn has_replicas(&self) -> bool {
        self.multi_region
            .as_ref()
            .is_some_and(|regions| regions.primary == self.place.region && !regions.replicas.is_empty())
    }
}

/// The related keys in other Regions.
pub(crate) async fn others(cx: &mut Cx, key: &Key) -> Result<Vec<Key>> {
    let Some(regions) = &key.multi_region else { return Ok(Vec::new()) };
    let mut others = Vec::with_capacity(regions.replicas.len());
    let all = regions.replicas.iter().copied().chain([regions.primary]);
    for region in all.filter(|region| *region != key.place.region) {
        others.extend(cx.get::<Key>(Place { region, ..key.place }, &key.id).await?);
    }
    Ok(others)
}

/// `PRIMARY` or `REPLICA`.
pub(crate) fn key_type(replica: bool) -> &'static str {
    if replica { "REPLICA" } else { "PRIMARY" }
}

/// The condition keys that say whether a key is a multi-Region key, and which.
pub(crate) fn condition_keys(access: Access, replica: Option<bool>) -> Access {
    let access = access.key("kms:MultiRegion", replica.is_some().to_string());
    match replica {
        Some(replica) => access.key("kms:MultiRegionKeyType", key_type(replica)),
        None => access,
    }
}
