//! Tables of Apache Hudi: of the versions of each file that its timeline has, the newest one.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-hudi.html>,
//! <https://hudi.apache.org/docs/0.14.0/timeline>, <https://hudi.apache.org/docs/0.14.0/file_layouts>

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Object, Scanned, Storage};
use crate::error::{Code, Result, SqlError};

/// What a table's timeline says.
pub(super) struct Timeline {
    /// The table's folder, with a slash at its end.
    base: String,
    /// Instants that were completed.
    completed: BTreeSet<String>,
    /// Groups of files that others took the place of: folder within the table, and group.
    replaced: BTreeSet<(String, String)>,
}

/// The parts of a replacement that count.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    #[serde(default)]
    partition_to_replace_file_ids: BTreeMap<String, Vec<String>>,
}

fn failed(message: String) -> SqlError {
    // UNVERIFIED: the wordings.
    SqlError::new(Code::HiveUnknownError, message)
}

/// The time of an instant and what was done, of a file of the timeline: `20240101000000000.commit`, and
/// `20240101000000000_20240101000001000.commit` of later versions. What is under way has more after it.
fn instant(name: &str) -> Option<(&str, &str)> {
    let (times, action) = name.split_once('.')?;
    let time = times.split('_').next().unwrap_or(times);
    let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some((time, action))
}

impl Timeline {
    /// Reads the timeline of a table.
    pub(super) async fn read(storage: &dyn Storage, location: &str, scanned: &Scanned) -> Result<Self> {
        let base = format!("{}/", location.trim_end_matches('/'));
        let folder = format!("{base}.hoodie/");
        let objects = storage.list(&folder).await?;
        if objects.is_empty() {
            return Err(failed(format!("Hoodie table not found in path {folder}")));
        }
        let (mut completed, mut replaced) = (BTreeSet::new(), BTreeSet::new());
        for object in objects {
            let name = object.location.strip_prefix(&folder).unwrap_or_default();
            let name = name.strip_prefix("timeline/").unwrap_or(name);
            match instant(name) {
                Some((time, "commit" | "deltacommit")) => {
                    completed.insert(time.to_owned());
                }
                Some((time, "replacecommit")) => {
                    completed.insert(time.to_owned());
                    let json = storage.read(&object, 0..object.size).await?;
                    scanned.add(json.len());
                    let read: Replacement = serde_json::from_slice(&json).map_err(|why| {
                        failed(format!("This engine does not read the replacement {}: {why}", object.location))
                    })?;
                    for (folder, groups) in read.partition_to_replace_file_ids {
                        replaced.extend(groups.into_iter().map(|group| (folder.clone(), group)));
                    }
                }
                _ => {}
            }
        }
        Ok(Self { base, completed, replaced })
    }

    /// Whether an instant was completed. Those before the first one were, and are in the archive.
    fn has(&self, time: &str) -> bool {
        self.completed.contains(time) || self.completed.first().is_some_and(|first| time < first.as_str())
    }

    /// Of the files of a folder, those that are the table's rows.
    ///
    /// # Errors
    /// `HIVE_UNSUPPORTED_FORMAT` for a group of files whose newest rows are in a log.
    pub(super) fn latest(&self, objects: Vec<Object>) -> Result<Vec<Object>> {
        let mut newest: BTreeMap<(String, String), (String, Object)> = BTreeMap::new();
        for object in objects {
            let Some(path) = object.location.strip_prefix(&self.base) else { continue };
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if folder == ".hoodie" || folder.starts_with(".hoodie/") {
                continue;
            }
            if name.starts_with('.') && name.contains(".log.") {
                let message = format!("This engine does not merge the logs of Hudi: {}", object.location);
                return Err(SqlError::new(Code::HiveUnsupportedFormat, message));
            }
            // GROUP_TOKEN_INSTANT.parquet
            let Some(stem) = name.strip_suffix(".parquet") else { continue };
            let mut parts = stem.rsplitn(3, '_');
            let (Some(time), Some(_), Some(group)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let place = (folder.to_owned(), group.to_owned());
            if !self.has(time) || self.replaced.contains(&place) {
                continue;
            }
            match newest.get(&place) {
                Some((there, _)) if there.as_str() >= time => {}
                _ => {
                    newest.insert(place, (time.to_owned(), object));
                }
            }
        }
        Ok(newest.into_values().map(|(_, object)| object).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(path: &str) -> Object {
        Object { location: format!("s3://lake/t/{path}"), size: 1, modified: 0, etag: None }
    }

    #[test]
    fn instants_are_those_of_names() {
        assert_eq!(instant("20240101000000000.commit"), Some(("20240101000000000", "commit")));
        assert_eq!(instant("20240101_20240102.commit"), Some(("20240101", "commit")));
        assert_eq!(instant("20240101.commit.requested"), Some(("20240101", "commit.requested")));
        assert_eq!(instant("hoodie.properties"), None);
    }

    #[test]
    fn of_each_group_the_newest_file_that_was_completed_counts() {
        let timeline = Timeline {
            base: "s3://lake/t/".into(),
            completed: ["20240102", "20240103"].map(str::to_owned).into(),
            replaced: [("p=1".to_owned(), "gone-0".to_owned())].into(),
        };
        let all = [
            "p=1/a-0_0-1-1_20240101.parquet",
            "p=1/a-0_0-1-1_20240103.parquet",
            "p=1/a-0_0-1-1_20240104.parquet",
            "p=2/a-0_0-1-1_20240101.parquet",
            "p=1/gone-0_0-1-1_20240102.parquet",
            ".hoodie/20240102.commit",
            "p=1/.hoodie_partition_metadata",
        ];
        let latest = timeline.latest(all.map(object).to_vec()).expect("files");
        let latest: Vec<&str> = latest.iter().map(|object| &object.location["s3://lake/t/".len()..]).collect();
        assert_eq!(latest, ["p=1/a-0_0-1-1_20240103.parquet", "p=2/a-0_0-1-1_20240101.parquet"]);
        assert!(timeline.latest(vec![object("p=1/.a-0_20240103.log.1_0-1-1")]).is_err());
    }
}
