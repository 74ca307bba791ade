//! What is not needed any more: snapshots, and files that nothing refers to.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/vacuum-statement.html>,
//! <https://iceberg.apache.org/spec/#snapshot-retention-policy>

use std::collections::HashSet;

use super::metadata::{Metadata, Snapshot};
use super::table::Table;
use crate::error::Result;

/// How old snapshots may be, in milliseconds, and how many are kept whatever their age.
///
/// Source: the defaults of vacuum_max_snapshot_age_seconds and vacuum_min_snapshots_to_keep in
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html>
const AGE: i64 = 432_000_000;
const KEPT: i64 = 1;

fn age(metadata: &Metadata) -> i64 {
    metadata.number("history.expire.max-snapshot-age-ms").unwrap_or(AGE)
}

impl Metadata {
    /// The metadata without the snapshots that have expired at a time in milliseconds.
    pub fn expired(&self, now: i64) -> Metadata {
        let most = now.saturating_sub(age(self));
        let least = self.number("history.expire.min-snapshots-to-keep").unwrap_or(KEPT).max(1);
        let mut kept: HashSet<i64> = self.refs.values().map(|reference| reference.snapshot_id).collect();
        let mut seen = HashSet::new();
        let mut next = self.current_snapshot_id;
        for n in 0i64.. {
            let Some(snapshot) = next.and_then(|id| self.snapshot(id)) else { break };
            if n >= least && snapshot.timestamp_ms < most {
                break;
            }
            kept.insert(snapshot.snapshot_id);
            if !seen.insert(snapshot.snapshot_id) {
                break;
            }
            next = snapshot.parent_snapshot_id;
        }
        let mut left = self.clone();
        left.snapshots.retain(|snapshot| kept.contains(&snapshot.snapshot_id));
        // What was before a snapshot that is gone cannot be told any more.
        let gone = left.snapshot_log.iter().rposition(|log| !kept.contains(&log.snapshot_id));
        left.snapshot_log.drain(..gone.map_or(0, |at| at + 1));
        left
    }
}

impl Table {
    /// Files in the table's folder that nothing in its metadata refers to, and that are old or were of snapshots which
    /// only `before` has. `location` is the metadata file.
    ///
    /// # Errors
    /// Files cannot be read.
    pub async fn surplus(&self, location: &str, before: &Metadata, now: i64) -> Result<Vec<String>> {
        let mut needed: HashSet<String> = HashSet::from([location.to_owned()]);
        needed.extend(self.metadata.metadata_log.iter().map(|log| log.metadata_file.clone()));
        for snapshot in &self.metadata.snapshots {
            self.refers(snapshot, &mut needed).await?;
        }
        let mut expired = HashSet::new();
        for snapshot in before.snapshots.iter().filter(|it| self.metadata.snapshot(it.snapshot_id).is_none()) {
            self.refers(snapshot, &mut expired).await?;
        }
        let most = now.saturating_sub(age(&self.metadata)).saturating_mul(1000);
        let folder = format!("{}/", self.metadata.location.trim_end_matches('/'));
        let there = self.warehouse.list(&folder).await?;
        let surplus = there.into_iter().filter(|object| {
            !needed.contains(&object.location) && (expired.contains(&object.location) || object.modified < most)
        });
        Ok(surplus.map(|object| object.location).collect())
    }

    /// All files of a table: what DROP TABLE removes.
    ///
    /// # Errors
    /// They cannot be listed.
    pub async fn everything(&self) -> Result<Vec<String>> {
        let folder = format!("{}/", self.metadata.location.trim_end_matches('/'));
        Ok(self.warehouse.list(&folder).await?.into_iter().map(|object| object.location).collect())
    }

    async fn refers(&self, snapshot: &Snapshot, all: &mut HashSet<String>) -> Result<()> {
        all.extend(snapshot.manifest_list.clone());
        for manifest in self.manifests(Some(snapshot)).await? {
            if all.insert(manifest.path.clone()) {
                all.extend(self.live(std::slice::from_ref(&manifest)).await?.into_iter().map(|it| it.file.path));
            }
        }
        Ok(())
    }
}
