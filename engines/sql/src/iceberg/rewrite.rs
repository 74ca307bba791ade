//! Which files are to be written anew: small ones, and those of which rows are deleted.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/optimize-statement.html>

use std::collections::{BTreeMap, HashSet};

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

impl Table {
    /// What is to be written anew of these files, or of all: in each partition the files, if there are several or some
    /// have deleted rows.
    ///
    /// # Errors
    /// Manifests cannot be read.
    pub async fn rewrite(&self, among: Option<&HashSet<String>>) -> Result<Rewrite> {
        let files = self.files(None).await?;
        let mut partitions: BTreeMap<(i32, Vec<Ordered>), Vec<usize>> = BTreeMap::new();
        for (n, task) in files.tasks.iter().enumerate() {
            let file = &task.entry.file;
            if among.is_none_or(|among| among.contains(&file.path)) {
                let key = (file.spec_id, file.partition.iter().cloned().map(Ordered).collect());
                partitions.entry(key).or_default().push(n);
            }
        }
        let old = |spec: i32| spec != self.metadata.default_spec_id;
        let worth = |((spec, _), group): &(&(i32, Vec<Ordered>), &Vec<usize>)| {
            group.len() > 1 || old(*spec) || group.iter().any(|n| !files.tasks[*n].deletes.is_empty())
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
