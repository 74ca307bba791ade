//! What ties the files of an inventory together.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Fraction, Timestamp};

/// A file of rows, where it lies in the destination.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) key: String,
    pub(super) size: usize,
    pub(super) md5: String,
}

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

    pub(super) fn manifest(&self, partition: &str, schema: &str, files: &[Written]) -> String {
        let files: Vec<_> =
            files.iter().map(|file| json!({ "key": file.key, "size": file.size, "MD5checksum": file.md5 })).collect();
        let manifest = json!({
            "sourceBucket": self.source,
            "destinationBucket": format!("arn:{partition}:s3:::{}", self.destination),
            "version": "2016-11-30",
            "creationTimestamp": self.begun.micros().div_euclid(1000).to_string(),
            "fileFormat": "CSV",
            "fileSchema": schema,
            "files": files,
        });
        format!("{manifest:#}")
    }

    pub(super) fn links(&self, files: &[Written]) -> String {
        files.iter().fold(String::new(), |mut links, file| {
            // INVARIANT: writing to a string does not fail.
            let _ = writeln!(links, "s3://{}/{}", self.destination, file.key);
            links
        })
    }
}
