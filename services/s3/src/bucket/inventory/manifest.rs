//! What ties the files of an inventory together.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>

use std::fmt::Write as _;

use welkin_kernel::{Error, Fraction, Result, Timestamp};

use crate::bucket::report::{Manifest, ReportFile};

/// One taking of an inventory.
pub(super) struct Taking<'a> {
    pub(super) source: &'a str,
    pub(super) destination: &'a str,
    pub(super) id: &'a str,
    /// Folder of all inventories in the destination.
    pub(super) prefix: Option<&'a str>,
    /// When it was begun.
    pub(super) begun: Timestamp,
}

impl Taking<'_> {
    fn root(&self) -> String {
        let prefix = self.prefix.map(|prefix| prefix.trim_end_matches('/')).filter(|prefix| !prefix.is_empty());
        let folder = prefix.map(|prefix| format!("{prefix}/")).unwrap_or_default();
        format!("{folder}{}/{}", self.source, self.id)
    }

    /// `YYYY-MM-DDTHH-MM`.
    fn minute(&self) -> String {
        let text = self.begun.to_iso8601(Fraction::AsNeeded).replace(':', "-");
        text.get(..16).unwrap_or(&text).to_owned()
    }

    /// The key of a file of rows.
    pub(super) fn data_key(&self, unique: &str) -> String {
        format!("{}/data/{unique}.csv.gz", self.root())
    }

    /// The keys of the manifest, of its checksum and of the links for Hive.
    pub(super) fn keys(&self) -> [String; 3] {
        let (root, minute) = (self.root(), self.minute());
        [
            format!("{root}/{minute}Z/manifest.json"),
            format!("{root}/{minute}Z/manifest.checksum"),
            format!("{root}/hive/dt={}/symlink.txt", minute.replace('T', "-")),
        ]
    }

    pub(super) fn manifest(&self, partition: &str, schema: String, files: &[ReportFile]) -> Result<String> {
        let manifest = Manifest {
            source_bucket: self.source.to_owned(),
            destination_bucket: format!("arn:{partition}:s3:::{}", self.destination),
            version: "2016-11-30".to_owned(),
            creation_timestamp: self.begun.micros().div_euclid(1000).to_string(),
            file_format: "CSV".to_owned(),
            file_schema: schema,
            files: files.to_vec(),
        };
        serde_json::to_string_pretty(&manifest).map_err(Error::internal)
    }

    pub(super) fn links(&self, files: &[ReportFile]) -> String {
        files.iter().fold(String::new(), |mut links, file| {
            // INVARIANT: writing to a string does not fail.
            let _ = writeln!(links, "s3://{}/{}", self.destination, file.key);
            links
        })
    }
}
