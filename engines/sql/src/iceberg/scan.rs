//! Which files a scan reads, and which deletes apply to each.
//!
//! <https://iceberg.apache.org/spec/#scan-planning>

use std::sync::Arc;

use datafusion::common::pruning::PruningStatistics;
use datafusion::physical_optimizer::pruning::PruningPredicate;
use futures_util::{StreamExt, TryStreamExt};

use super::manifest::{self, Content, DataFile, Entry, Manifest, Status};
use super::metadata::Snapshot;
use super::prune::{OfFiles, OfManifests};
use super::table::Table;
use crate::error::{Code, Result, SqlError};

/// How many manifests are read at the same time.
const READS: usize = 8;

/// A file of rows, and what is deleted of them.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) entry: Arc<Entry>,
    /// Places in the scan's list of delete files.
    pub(super) deletes: Vec<usize>,
}

/// What a scan reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    pub(super) tasks: Vec<Task>,
    pub(super) deletes: Vec<Arc<Entry>>,
}

impl Table {
    /// The manifests of a snapshot.
    pub(super) async fn manifests(&self, snapshot: Option<&Snapshot>) -> Result<Vec<Manifest>> {
        let Some(snapshot) = snapshot else { return Ok(Vec::new()) };
        let Some(list) = &snapshot.manifest_list else {
            let message = "Iceberg snapshots without a list of manifests are not supported";
            return Err(SqlError::new(Code::NotSupported, message));
        };
        manifest::read_list(&self.warehouse.get(list).await?)
    }

    /// The files of a manifest, those that were deleted too.
    pub(super) async fn entries(&self, of: &Manifest) -> Result<Vec<Entry>> {
        let spec = self.metadata.spec(of.spec_id)?;
        // Columns that were dropped since have their types in earlier schemas.
        let has_all = |schema: &&super::Schema| spec.fields.iter().all(|field| schema.field(field.source_id).is_some());
        let schema = std::iter::once(&self.schema).chain(self.metadata.schemas.iter().rev()).find(has_all);
        let schema = schema.unwrap_or(&self.schema);
        manifest::read(&self.warehouse.get(&of.path).await?, of, spec, schema)
    }

    /// The files of manifests that are there.
    pub(super) async fn live(&self, manifests: &[Manifest]) -> Result<Vec<Entry>> {
        let read = |manifest: Manifest| async move { self.entries(&manifest).await };
        let reads = manifests.iter().cloned().map(read);
        let all: Vec<Vec<Entry>> = futures_util::stream::iter(reads).buffered(READS).try_collect().await?;
        Ok(all.into_iter().flatten().filter(|entry| entry.status != Status::Deleted).collect())
    }

    /// The files of the snapshot in which there can be rows that are wanted, with the deletes that apply to them.
    pub(super) async fn files(&self, pruning: Option<&PruningPredicate>) -> Result<Files> {
        let all = self.manifests(self.snapshot.as_ref()).await?;
        let (deletes, data): (Vec<Manifest>, Vec<Manifest>) = all.into_iter().partition(|manifest| manifest.deletes);
        let wanted = wanted(pruning, &OfManifests { table: self, manifests: &data });
        let data = kept(data, &wanted);
        let data = self.live(&data).await?;
        let wanted = self::wanted(pruning, &OfFiles { table: self, entries: data.iter().collect() });
        let data = kept(data, &wanted);
        let deletes: Vec<Arc<Entry>> = self.live(&deletes).await?.into_iter().map(Arc::new).collect();
        let task = |entry: Entry| {
            let applying = deletes.iter().enumerate().filter(|(_, delete)| self.applies(delete, &entry));
            let applying = applying.map(|(n, _)| n).collect();
            Task { entry: Arc::new(entry), deletes: applying }
        };
        Ok(Files { tasks: data.into_iter().map(task).collect(), deletes })
    }

    /// Whether a delete file may delete rows of a data file.
    fn applies(&self, delete: &Entry, data: &Entry) -> bool {
        let same_partition = delete.file.spec_id == data.file.spec_id && same(&delete.file, &data.file);
        match delete.file.content {
            Content::Data => false,
            Content::PositionDeletes => {
                let meant = delete.file.referenced.as_ref().is_none_or(|path| *path == data.file.path);
                data.sequence <= delete.sequence && same_partition && meant
            }
            Content::EqualityDeletes => {
                let global = self.metadata.spec(delete.file.spec_id).is_ok_and(|spec| spec.fields.is_empty());
                data.sequence < delete.sequence && (global || same_partition)
            }
        }
    }
}

/// Whether files have the same values of their partitions.
fn same(a: &DataFile, b: &DataFile) -> bool {
    a.partition.len() == b.partition.len() && a.partition.iter().zip(&b.partition).all(|(a, b)| a.same(b))
}

/// Which of several containers of rows can have some that are wanted.
fn wanted(pruning: Option<&PruningPredicate>, of: &impl PruningStatistics) -> Vec<bool> {
    let wanted = pruning.and_then(|pruning| pruning.prune(of).ok());
    wanted.unwrap_or_else(|| vec![true; of.num_containers()])
}

fn kept<T>(all: Vec<T>, wanted: &[bool]) -> Vec<T> {
    all.into_iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(one, _)| one).collect()
}
