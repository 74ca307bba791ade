//! Commits: new files become a snapshot, and a snapshot new metadata.
//!
//! <https://iceberg.apache.org/spec/#snapshots>, <https://iceberg.apache.org/spec/#optimistic-concurrency>

use std::collections::{BTreeMap, HashSet};

use serde_json::Map;

use super::manifest::{self, Content, DataFile, Entry, Manifest, Status};
use super::metadata::{MAIN, Metadata, MetadataLog, Reference, Snapshot, SnapshotLog};
use super::path;
use super::table::Table;
use crate::error::{Code, Result, SqlError};

/// How many earlier metadata files are remembered, unless the table says so.
///
/// Source: `write.metadata.previous-versions-max` in <https://iceberg.apache.org/docs/latest/configuration/>
const PREVIOUS: i64 = 100;

/// What is drawn for a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// A UUID: it is in the names of files.
    pub id: String,
    /// The snapshot's id; positive.
    pub snapshot: i64,
}

/// What a snapshot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Adds rows.
    Append,
    /// Adds and deletes rows.
    Overwrite,
    /// Deletes rows.
    Delete,
    /// Changes files but no rows.
    Replace,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Append => "append",
            Operation::Overwrite => "overwrite",
            Operation::Delete => "delete",
            Operation::Replace => "replace",
        }
    }
}

/// A change of a table's files.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it does.
    pub operation: Operation,
    /// Files that are added, of rows and of deletes.
    pub added: Vec<DataFile>,
    /// Locations of files that are removed.
    pub removed: Vec<String>,
    /// The snapshot that must be current, if the change is wrong after another one; `Some(None)` for none.
    pub base: Option<Option<i64>>,
}

/// New metadata, whose file has been written.
#[derive(Clone, Debug)]
pub struct Committed {
    /// What is in it.
    pub metadata: Metadata,
    /// Where it is.
    pub location: String,
}

/// What a snapshot says of itself.
#[derive(Debug, Default)]
struct Tally {
    added: [i64; 2],
    deleted: [i64; 2],
    added_rows: [i64; 3],
    deleted_rows: [i64; 3],
    added_size: i64,
    removed_size: i64,
    partitions: HashSet<String>,
}

fn kind(content: Content) -> usize {
    match content {
        Content::Data => 0,
        Content::PositionDeletes => 1,
        Content::EqualityDeletes => 2,
    }
}

impl Tally {
    fn add(&mut self, file: &DataFile) {
        let n = kind(file.content);
        self.added[n.min(1)] += 1;
        self.added_rows[n] += file.records;
        self.added_size += file.size;
        self.partitions.insert(format!("{} {:?}", file.spec_id, file.partition));
    }

    fn remove(&mut self, file: &DataFile) {
        let n = kind(file.content);
        self.deleted[n.min(1)] += 1;
        self.deleted_rows[n] += file.records;
        self.removed_size += file.size;
        self.partitions.insert(format!("{} {:?}", file.spec_id, file.partition));
    }

    /// <https://iceberg.apache.org/spec/#optional-snapshot-summary-fields>
    fn summary(&self, operation: Operation, before: Option<&Snapshot>) -> BTreeMap<String, String> {
        let mut all = BTreeMap::from([("operation".to_owned(), operation.name().to_owned())]);
        let mut say = |key: &str, value: i64| {
            if value != 0 {
                all.insert(key.to_owned(), value.to_string());
            }
        };
        say("added-data-files", self.added[0]);
        say("added-delete-files", self.added[1]);
        say("deleted-data-files", self.deleted[0]);
        say("removed-delete-files", self.deleted[1]);
        say("added-records", self.added_rows[0]);
        say("added-position-deletes", self.added_rows[1]);
        say("added-equality-deletes", self.added_rows[2]);
        say("deleted-records", self.deleted_rows[0]);
        say("removed-position-deletes", self.deleted_rows[1]);
        say("removed-equality-deletes", self.deleted_rows[2]);
        say("added-files-size", self.added_size);
        say("removed-files-size", self.removed_size);
        all.insert("changed-partition-count".into(), self.partitions.len().to_string());
        let totals = [
            ("total-data-files", self.added[0] - self.deleted[0]),
            ("total-delete-files", self.added[1] - self.deleted[1]),
            ("total-records", self.added_rows[0] - self.deleted_rows[0]),
            ("total-position-deletes", self.added_rows[1] - self.deleted_rows[1]),
            ("total-equality-deletes", self.added_rows[2] - self.deleted_rows[2]),
            ("total-files-size", self.added_size - self.removed_size),
        ];
        for (key, by) in totals {
            let earlier = before.map_or(Some(0), |before| before.summary.get(key)?.parse::<i64>().ok());
            // Without the total of before there is none.
            all.extend(earlier.map(|earlier| (key.to_owned(), (earlier + by).to_string())));
        }
        all
    }
}

impl Table {
    /// Makes a snapshot of a change on top of the current one, and writes its files and the metadata after it. The time
    /// is in milliseconds. `before` is the metadata file that the table was opened from.
    ///
    /// # Errors
    /// `ICEBERG_COMMIT_ERROR` when the change is not one of what is current; whatever keeps files from being written.
    pub async fn commit(&self, change: &Change, draw: &Draw, now: i64, before: &str) -> Result<Committed> {
        let metadata = &self.metadata;
        if metadata.format_version != 2 {
            let message = "changes of Iceberg tables of format version 1 are not supported";
            return Err(SqlError::new(Code::NotSupported, message));
        }
        if change.base.is_some_and(|base| base != metadata.current_snapshot_id) {
            let message = "Failed to commit the transaction during write: Found conflicting files";
            return Err(SqlError::new(Code::IcebergCommitError, message));
        }
        let current = metadata.current()?;
        let sequence = metadata.last_sequence_number + 1;
        let mut tally = Tally::default();
        let mut manifests = self.carried(current, change, draw, sequence, &mut tally).await?;
        let at = manifests.len();
        for (n, group) in groups(&change.added).into_iter().enumerate() {
            group.iter().for_each(|file| tally.add(file));
            let entry = |file: &&DataFile| Entry {
                status: Status::Added,
                snapshot_id: draw.snapshot,
                sequence,
                file_sequence: sequence,
                file: (*file).clone(),
            };
            let entries: Vec<Entry> = group.iter().map(entry).collect();
            manifests.push(self.write_manifest(&entries, draw, sequence, at + n).await?);
        }
        let parent = current.map(|snapshot| snapshot.snapshot_id);
        let list = path::list(&metadata.location, draw.snapshot, &draw.id);
        let bytes = manifest::write_list(&manifests, draw.snapshot, parent, sequence)?;
        self.warehouse.put(&list, bytes.into()).await?;
        let snapshot = Snapshot {
            snapshot_id: draw.snapshot,
            parent_snapshot_id: parent,
            sequence_number: sequence,
            timestamp_ms: now.max(metadata.last_updated_ms),
            manifest_list: Some(list),
            summary: tally.summary(change.operation, current),
            schema_id: Some(metadata.current_schema_id),
            rest: Map::new(),
        };
        self.store(after(metadata, snapshot), draw, now, before).await
    }

    /// The manifests of before; those with files that are removed are written anew.
    async fn carried(
        &self,
        current: Option<&Snapshot>,
        change: &Change,
        draw: &Draw,
        sequence: i64,
        tally: &mut Tally,
    ) -> Result<Vec<Manifest>> {
        let mut all = self.manifests(current).await?;
        // What only says that files were deleted was of the snapshot that did so.
        all.retain(|manifest| manifest.added.files + manifest.existing.files > 0);
        if change.removed.is_empty() {
            return Ok(all);
        }
        let mut left: HashSet<&str> = change.removed.iter().map(String::as_str).collect();
        let mut carried = Vec::new();
        for manifest in all {
            let mut entries = self.live(std::slice::from_ref(&manifest)).await?;
            if !entries.iter().any(|entry| left.contains(entry.file.path.as_str())) {
                carried.push(manifest);
                continue;
            }
            for entry in &mut entries {
                let gone = left.remove(entry.file.path.as_str());
                entry.status = if gone { Status::Deleted } else { Status::Existing };
                if gone {
                    entry.snapshot_id = draw.snapshot;
                    tally.remove(&entry.file);
                }
            }
            carried.push(self.write_manifest(&entries, draw, sequence, carried.len()).await?);
        }
        if !left.is_empty() {
            let message = "Failed to commit the transaction during write: Missing required files to delete";
            return Err(SqlError::new(Code::IcebergCommitError, message));
        }
        Ok(carried)
    }

    async fn write_manifest(&self, entries: &[Entry], draw: &Draw, sequence: i64, n: usize) -> Result<Manifest> {
        let first = entries.first().map(|entry| &entry.file);
        let deletes = first.is_some_and(|file| file.content != Content::Data);
        let spec = self.metadata.spec(first.map_or(self.metadata.default_spec_id, |file| file.spec_id))?;
        let place = path::manifest(&self.metadata.location, &draw.id, n);
        let of = (draw.snapshot, sequence);
        let (manifest, bytes) = manifest::write(&place, entries, deletes, spec, &self.schema, of)?;
        self.warehouse.put(&place, bytes.into()).await?;
        Ok(manifest)
    }

    /// Writes a metadata file that follows the one that the table was opened from.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn store(&self, mut metadata: Metadata, draw: &Draw, now: i64, before: &str) -> Result<Committed> {
        let entry = MetadataLog { timestamp_ms: self.metadata.last_updated_ms, metadata_file: before.to_owned() };
        metadata.metadata_log.push(entry);
        let most = metadata.number("write.metadata.previous-versions-max").unwrap_or(PREVIOUS).max(1);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let surplus = metadata.metadata_log.len().saturating_sub(most);
        metadata.metadata_log.drain(..surplus);
        metadata.last_updated_ms = now.max(metadata.last_updated_ms);
        let location = path::metadata(&metadata.location, Some(before), &draw.id);
        self.warehouse.put(&location, metadata.file()?.into()).await?;
        Ok(Committed { metadata, location })
    }
}

/// Files of one spec and of one kind: a manifest holds no others.
fn groups(files: &[DataFile]) -> Vec<Vec<&DataFile>> {
    let mut all: BTreeMap<(i32, bool), Vec<&DataFile>> = BTreeMap::new();
    for file in files {
        all.entry((file.spec_id, file.content != Content::Data)).or_default().push(file);
    }
    all.into_values().collect()
}

/// Metadata in which a new snapshot is the current one.
fn after(metadata: &Metadata, snapshot: Snapshot) -> Metadata {
    let mut next = metadata.clone();
    let id = snapshot.snapshot_id;
    next.last_sequence_number = snapshot.sequence_number;
    next.current_snapshot_id = Some(id);
    next.snapshot_log.push(SnapshotLog { timestamp_ms: snapshot.timestamp_ms, snapshot_id: id });
    let new = || Reference {
        snapshot_id: id,
        kind: "branch".into(),
        min_snapshots_to_keep: None,
        max_snapshot_age_ms: None,
        max_ref_age_ms: None,
    };
    next.refs.entry(MAIN.into()).or_insert_with(new).snapshot_id = id;
    next.last_updated_ms = snapshot.timestamp_ms;
    next.snapshots.push(snapshot);
    next
}
