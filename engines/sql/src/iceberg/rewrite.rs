//! Which files are to be written anew: small ones, and those of which rows are deleted.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/optimize-statement.html>

use std::collections::{BTreeMap, HashSet};

use super::metadata::Metadata;
use super::table::Table;
use crate::error::Result;
use crate::value::Ordered;

/// Files that are put together.
#[derive(Clone, Debug, Default)]
pub struct Rewrite {
    /// Data files whose rows are written anew.
    pub data: Vec<String>,
    /// Delete files that mean nothing then.
    pub deletes: Vec<String>,
}

/// What is worth to be written anew, by the properties of a table.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html#querying-iceberg-table-properties>
#[derive(Clone, Copy, Debug)]
struct Thresholds {
    /// Smaller files are put together.
    smallest: u64,
    /// Larger files are parted.
    largest: u64,
    /// Fewer files than this are left as they are.
    files: u64,
    /// A file with fewer files of deleted rows than this is left as it is.
    deletes: u64,
}

impl Thresholds {
    fn of(metadata: &Metadata) -> Self {
        let number = |key: &str| metadata.properties.get(key).and_then(|value| value.parse().ok());
        let target = target_size(metadata);
        let own = |key: &str| number(&format!("athena.optimize.rewrite.{key}"));
        Self {
            smallest: own("min-data-file-size-bytes").unwrap_or(target / 4 * 3),
            largest: own("max-data-file-size-bytes").unwrap_or(target.saturating_mul(9) / 5),
            files: own("data-file-threshold").unwrap_or(5),
            deletes: own("delete-file-threshold").unwrap_or(2),
        }
    }

    fn has_many_deletes(&self, deletes: usize) -> bool {
        deletes > 0 && deletes as u64 >= self.deletes
    }

    fn is_of_wrong_size(&self, size: i64) -> bool {
        let size = u64::try_from(size).unwrap_or_default();
        size < self.smallest || size > self.largest
    }
}

/// How large files are to be, unless a table says so: 512 MB.
const TARGET: u64 = 512 << 20;

/// How large files of a table are to be.
pub(super) fn target_size(metadata: &Metadata) -> u64 {
    let named = metadata.properties.get("write.target-file-size-bytes").and_then(|value| value.parse().ok());
    named.filter(|size| *size > 0).unwrap_or(TARGET)
}

impl Table {
    /// What is to be written anew of these files, or of all: in each partition those that are too small, too large, of
    /// an old partitioning, or have many files of deleted rows, if there are enough of them.
    ///
    /// # Errors
    /// Manifests cannot be read.
    // UNVERIFIED: how the thresholds go together; here as in Iceberg's own RewriteDataFiles: a file that is too large or
    // has many deletes is enough.
    pub async fn rewrite(&self, among: Option<&HashSet<String>>) -> Result<Rewrite> {
        let files = self.files(None).await?;
        let limits = Thresholds::of(&self.metadata);
        let old = |spec: i32| spec != self.metadata.default_spec_id;
        let mut partitions: BTreeMap<(i32, Vec<Ordered>), Vec<usize>> = BTreeMap::new();
        for (n, task) in files.tasks.iter().enumerate() {
            let file = &task.entry.file;
            let wanted = among.is_none_or(|among| among.contains(&file.path));
            let due = limits.is_of_wrong_size(file.size) || limits.has_many_deletes(task.deletes.len());
            if wanted && (due || old(file.spec_id)) {
                let key = (file.spec_id, file.partition.iter().cloned().map(Ordered).collect());
                partitions.entry(key).or_default().push(n);
            }
        }
        let alone = |n: &usize| {
            let task = &files.tasks[*n];
            let large = u64::try_from(task.entry.file.size).is_ok_and(|size| size > limits.largest);
            large || limits.has_many_deletes(task.deletes.len())
        };
        let worth = |((spec, _), group): &(&(i32, Vec<Ordered>), &Vec<usize>)| {
            let enough = group.len() > 1 && group.len() as u64 >= limits.files;
            enough || old(*spec) || group.iter().any(alone)
        };
        let chosen: HashSet<usize> =
            partitions.iter().filter(worth).flat_map(|(_, group)| group.iter().copied()).collect();
        let needed: HashSet<usize> = files
            .tasks
            .iter()
            .enumerate()
            .filter(|(n, _)| !chosen.contains(n))
            .flat_map(|(_, task)| task.deletes.iter().copied())
            .collect();
        let of_chosen: HashSet<usize> = chosen.iter().flat_map(|n| files.tasks[*n].deletes.iter().copied()).collect();
        let mut data: Vec<String> = chosen.iter().map(|n| files.tasks[*n].entry.file.path.clone()).collect();
        data.sort();
        let deletes = of_chosen.difference(&needed).map(|n| files.deletes[*n].file.path.clone());
        let mut deletes: Vec<String> = deletes.collect();
        deletes.sort();
        Ok(Rewrite { data, deletes })
    }
}
