//! Takes inventories: each midnight, all keys of a bucket in turn, a file for some thousands of them.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Job, Result, Schedule, Timestamp};

use super::InventoryConfiguration;
use super::field::Table;
use super::manifest::Taking;
use crate::bucket::Bucket;
use crate::bucket::configured::Kept;
use crate::bucket::lifecycle::{Lifecycle, midnight_after};
use crate::bucket::report::{Destination, ReportFile};
use crate::object::list::order;
use crate::object::list::page::Keyed;
use crate::object::list::versions::Rows;

/// Versions in one file, about: all versions of a key stay together.
const BATCH: usize = 2000;

/// Takes an inventory from a key on; the last run of one enqueues the first of the next.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Take {
    bucket: String,
    configuration: String,
    /// When this one was begun; `None` before it is.
    begun: Option<Timestamp>,
    /// The last key that was listed.
    after: Option<String>,
    files: Vec<ReportFile>,
}

/// What became of a batch.
#[derive(Clone, Debug)]
enum Outcome {
    /// It is written; here the next one begins, if there is one.
    Written(Option<ReportFile>, Option<String>),
    /// The destination does not take it.
    Refused,
}

/// The next time at which an inventory is taken: the next midnight, or the next one between Saturday and Sunday.
pub(super) fn next(now: Timestamp, weekly: bool) -> Timestamp {
    const DAY: i64 = 86_400_000_000;
    let midnight = midnight_after(now);
    // The first of January 1970 was a Thursday.
    let day = midnight.micros().div_euclid(DAY);
    let ahead = if weekly { (3 - day).rem_euclid(7) } else { 0 };
    Timestamp::from_micros(midnight.micros().saturating_add(ahead.saturating_mul(DAY)))
}

impl Take {
    pub(super) fn of(bucket: &str, configuration: &str) -> Self {
        let (bucket, configuration) = (bucket.to_owned(), configuration.to_owned());
        Self { bucket, configuration, begun: None, after: None, files: Vec::new() }
    }

    /// The id of the job; an inventory has one.
    pub(super) fn id(&self) -> String {
        format!("s3/inventory/{}/{}", self.bucket, self.configuration)
    }
}

impl Job for Take {
    const NAME: &'static str = "s3/inventory";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let bucket = cx.get::<Bucket>(place, (&self.bucket,)).await?.filter(|bucket| bucket.place() == place);
        let key = (&self.bucket, self.configuration.as_bytes());
        let kept = cx.get::<Kept<InventoryConfiguration>>(place, key).await?;
        let (Some(bucket), Some(Kept { configuration, .. })) = (bucket, kept) else { return Ok(()) };
        if configuration.is_enabled != Some(true) {
            return Ok(());
        }
        let begun = self.begun.unwrap_or(cx.now());
        let inventory = Inventory::of(cx, &bucket, &configuration, &self.configuration, begun).await?;
        let (next, at) = match inventory.batch(cx, self.after.as_deref()).await? {
            Outcome::Written(written, Some(last)) => {
                let files = self.files.iter().cloned().chain(written).collect();
                (
                    Self {
                        begun: Some(begun),
                        after: Some(last),
                        files,
                        ..Self::of(&bucket.name, &self.configuration)
                    },
                    begun,
                )
            }
            Outcome::Written(written, None) => {
                let files: Vec<ReportFile> = self.files.iter().cloned().chain(written).collect();
                inventory.finish(cx, &files).await?;
                (Self::of(&bucket.name, &self.configuration), next(begun, configuration.is_weekly()))
            }
            Outcome::Refused => (Self::of(&bucket.name, &self.configuration), next(begun, configuration.is_weekly())),
        };
        let id = next.id();
        cx.enqueue(&next, Schedule::at(at).id(id)).await?;
        Ok(())
    }
}

/// An inventory that is being taken.
struct Inventory<'a> {
    bucket: &'a Bucket,
    configuration: &'a InventoryConfiguration,
    fields: Vec<super::Field>,
    lifecycle: Option<Lifecycle>,
    destination: Destination<'a>,
    taking: Taking<'a>,
}

impl<'a> Inventory<'a> {
    async fn of(
        cx: &mut Cx,
        bucket: &'a Bucket,
        configuration: &'a InventoryConfiguration,
        id: &'a str,
        begun: Timestamp,
    ) -> Result<Self> {
        let destination = configuration.destination(bucket)?;
        let taking = Taking {
            source: &bucket.name,
            destination: destination.bucket,
            id,
            prefix: configuration.bucket_destination()?.prefix.as_deref(),
            begun,
        };
        let (fields, lifecycle) = (configuration.fields()?, Lifecycle::of(cx, bucket).await?);
        Ok(Self { bucket, configuration, fields, lifecycle, destination, taking })
    }

    fn table(&self) -> Table<'_> {
        Table {
            bucket: self.bucket,
            fields: &self.fields,
            all_versions: self.configuration.has_all_versions(),
            lifecycle: self.lifecycle.as_ref(),
            now: self.taking.begun,
        }
    }

    /// Lists some keys, and puts them into a file.
    async fn batch(&self, cx: &mut Cx, after: Option<&str>) -> Result<Outcome> {
        if !self.destination.is_there(cx).await? {
            return Ok(Outcome::Refused);
        }
        let (csv, last) = self.rows(cx, after).await?;
        if csv.is_empty() {
            return Ok(Outcome::Written(None, last));
        }
        cx.stage(async |cx| {
            let bytes = compressed(&csv)?;
            let key = self.taking.data_key(&cx.chance().uuid());
            let written = ReportFile::of(key, &bytes);
            match self.destination.put(cx, &written.key, bytes).await {
                Ok(()) => Ok(Outcome::Written(Some(written), last)),
                Err(error) => self.refused(error).map(|()| Outcome::Refused),
            }
        })
        .await
    }

    /// Notes that the destination does not take a file; faults of Welkin's stay faults.
    fn refused(&self, error: Error) -> Result<()> {
        if error.answer().is_none() {
            return Err(error);
        }
        let (bucket, destination) = (&self.bucket.name, self.destination.bucket);
        tracing::warn!(bucket, destination, %error, "an inventory is not delivered");
        Ok(())
    }

    /// The next rows, and the last key of them if there are more.
    async fn rows(&self, cx: &mut Cx, after: Option<&str>) -> Result<(String, Option<String>)> {
        let (table, prefix) = (self.table(), self.configuration.prefix());
        let from = after.map(order::after).unwrap_or_else(|| prefix.as_bytes().to_vec());
        let mut rows = Rows::between(self.bucket, &from, &order::end_of(prefix.as_bytes()), BATCH);
        let (mut csv, mut seen, mut last) = (String::new(), 0_usize, None::<String>);
        while let Some((version, is_latest)) = rows.next(cx).await? {
            if is_latest && seen >= BATCH {
                return Ok((csv, last));
            }
            seen += 1;
            if let Some(row) = table.row(&version, is_latest) {
                csv.push_str(&row);
                csv.push('\n');
            }
            last = Some(version.text().to_owned());
        }
        Ok((csv, None))
    }

    /// Writes what ties the files together.
    async fn finish(&self, cx: &mut Cx, files: &[ReportFile]) -> Result<()> {
        let manifest =
            self.taking.manifest(&self.bucket.region.partition().to_string(), self.table().schema(), files)?;
        let checksum = hex::encode(Md5::digest(&manifest));
        let texts = [manifest, checksum, self.taking.links(files)];
        cx.stage(async |cx| {
            for (key, text) in self.taking.keys().iter().zip(texts) {
                if let Err(error) = self.destination.put(cx, key, Bytes::from(text)).await {
                    return self.refused(error);
                }
            }
            Ok(())
        })
        .await
    }
}

fn compressed(text: &str) -> Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).map_err(Error::internal)?;
    encoder.finish().map(Bytes::from).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_sundays() {
        let day = |day: i64| Timestamp::from_secs(day * 86_400);
        // Thursday, the first of January 1970; the first Sunday was the fourth.
        assert_eq!(next(day(0), false), day(1));
        assert_eq!(next(day(0), true), day(3));
        assert_eq!(next(day(2), true), day(3));
        assert_eq!(next(day(3), true), day(10));
    }
}
