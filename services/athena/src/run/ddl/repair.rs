//! MSCK REPAIR TABLE: partitions for the folders that have the names of partitions.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html>

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::json;
use welkin_sql::ddl::TableReference;

use super::{Definitions, Done, Text, caller, failure, partition};
use crate::execution::Failure;
use crate::run::bridge::bucket_and_key;
use crate::run::glue::{Partition, Table};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    contents: Vec<Object>,
    next_continuation_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Object {
    key: String,
}

/// The values of the partition in whose folder a file is: `dt=2020-01-01/hour=1/file`.
fn values(table: &Table, path: &str) -> Option<Vec<String>> {
    let mut folders = path.split('/');
    let mut values = Vec::new();
    for key in &table.partition_keys {
        let (name, value) = folders.next()?.split_once('=')?;
        if name != key.name {
            return None;
        }
        values.push(percent_decode_str(value).decode_utf8_lossy().into_owned());
    }
    // What is left is a file in the folder, or the folder's own mark.
    folders.next().map(|_| values)
}

impl Definitions<'_> {
    pub(super) async fn repair(&mut self, name: &TableReference) -> Done<Text> {
        let (place, table) = self.table(name).await?;
        if table.partition_keys.is_empty() {
            return Ok(Text::nothing());
        }
        let location = table.storage_descriptor.as_ref().and_then(|storage| storage.location.clone());
        let location = location.unwrap_or_default();
        let folder = format!("{}/", location.trim_end_matches('/'));
        let mut found = BTreeSet::new();
        for path in self.files(&folder).await? {
            found.extend(values(&table, &path));
        }
        for partition in self.partitions(&place, None).await? {
            found.remove(&partition.values);
        }
        let names: Vec<String> =
            found.iter().map(|values| format!("{}:{}", place.table, partition::name(&table, values))).collect();
        let new: Vec<Partition> = found
            .into_iter()
            .map(|values| {
                let location = format!("{folder}{}", partition::name(&table, &values));
                partition::new(&table, values, Some(location))
            })
            .collect();
        self.make(&place, &new).await?;
        let mut lines = Vec::new();
        if !names.is_empty() {
            lines.push(format!("Partitions not in metastore:\t{}", names.join("\t")));
            lines.extend(names.iter().map(|name| format!("Repair: Added partition to metastore {name}")));
        }
        Ok(Text::of("result", lines))
    }

    /// Paths of the files in a folder.
    async fn files(&mut self, folder: &str) -> Done<Vec<String>> {
        let (bucket, prefix) = bucket_and_key(folder).unwrap_or_default();
        let mut input = json!({ "Bucket": bucket, "Prefix": prefix });
        let mut paths = Vec::new();
        loop {
            let listed: Listed = match caller::ask(self.cx, self.execution, "s3", "ListObjectsV2", &input).await {
                Ok(answered) => answered.output()?,
                Err(error) => return Err(denied(&failure::answer(error)?, folder).into()),
            };
            paths
                .extend(listed.contents.iter().filter_map(|object| object.key.strip_prefix(prefix)).map(str::to_owned));
            match listed.next_continuation_token {
                Some(token) => input["ContinuationToken"] = json!(token),
                None => return Ok(paths),
            }
        }
    }
}

fn denied(answer: &welkin_kernel::Answer, folder: &str) -> Failure {
    let message = format!("{} (Service: Amazon S3; Error Code: {}) (Path: {folder})", answer.message, answer.code);
    failure::of_task(format_args!("MetaException(message:{message})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::glue::Column;

    #[test]
    fn a_folder_tells_the_values_of_its_partition() {
        let key = |name: &str| Column { name: name.into(), ..Column::default() };
        let table = Table { partition_keys: vec![key("dt"), key("hour")], ..Table::default() };
        let of = |path| values(&table, path);
        assert_eq!(of("dt=2020-01-01/hour=a%3Ab/x.csv"), Some(vec!["2020-01-01".into(), "a:b".into()]));
        assert_eq!((of("dt=2020/x.csv"), of("dt=2020/hour=1"), of("DT=1/hour=1/x")), (None, None, None));
    }
}
