//! Which lines go into which file, and how files are called.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-access-logging-overview>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::Timestamp;

use super::line::Line;
use crate::bucket::Bucket;

/// How the keys of files are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Format {
    /// The prefix, the time and a unique string.
    Simple,
    /// Folders; each file has the requests of one day.
    ByEvent,
    /// Folders by the time of delivery.
    ByDelivery,
}

/// A file: what stands in its key before the unique string, and its lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) stem: String,
    pub(super) text: String,
}

impl Format {
    /// The files of some lines that are delivered `now`.
    pub(super) fn files(self, source: &Bucket, prefix: &str, lines: &[Line], now: Timestamp) -> Vec<File> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for line in lines {
            let stem = match self {
                Self::Simple => [prefix, &stamp(now)].concat(),
                Self::ByDelivery => partitioned(source, prefix, now),
                // Hours, minutes and seconds are zeros there.
                Self::ByEvent => partitioned(source, prefix, day(line.at)),
            };
            let text = files.entry(stem).or_default();
            text.push_str(&line.text);
            text.push('\n');
        }
        files.into_iter().map(|(stem, text)| File { stem, text }).collect()
    }
}

fn partitioned(source: &Bucket, prefix: &str, time: Timestamp) -> String {
    let stamp = stamp(time);
    let folder: Vec<&str> = stamp.splitn(4, '-').take(3).collect();
    format!("{prefix}{}/{}/{}/{}/{stamp}", source.owner, source.region, source.name, folder.join("/"))
}

/// `YYYY-MM-DD-hh-mm-ss-`.
fn stamp(time: Timestamp) -> String {
    let text = time.whole_secs().to_iso8601(welkin_kernel::Fraction::AsNeeded);
    text.replace(['T', ':'], "-").replace('Z', "-")
}

fn day(time: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400_000_000;
    Timestamp::from_micros(time.micros().div_euclid(DAY).saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_keys() {
        let time = Timestamp::from_secs(1_549_411_238);
        assert_eq!(stamp(time), "2019-02-06-00-00-38-");
        assert_eq!(stamp(day(time)), "2019-02-06-00-00-00-");
    }
}
