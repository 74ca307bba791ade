//! Inventory reports as manifests: `manifest.json` tells the files that list the objects.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::job::Failure;
use super::manifest::{Field, bucket_of};
use crate::bucket::report::Manifest;

/// Bytes of a file at most, once it is unpacked.
const LONGEST: u64 = 512 * 1024 * 1024;

/// The files of a report, and what their columns hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) bucket: String,
    pub(super) files: Vec<String>,
    pub(super) fields: Vec<Field>,
}

/// That a manifest is not one.
// UNVERIFIED: the code and the wording.
pub(super) fn invalid(why: &str) -> Failure {
    Failure::new("InvalidManifest", why)
}

/// Reads `manifest.json`.
///
/// # Errors
/// The job fails if it is none of a report in CSV.
pub(super) fn read(json: &[u8]) -> Result<Report, Failure> {
    let inventory: Manifest =
        serde_json::from_slice(json).map_err(|_| invalid("The manifest is not that of an inventory report"))?;
    if inventory.file_format != "CSV" {
        return Err(invalid("Only inventory reports in the format CSV can be manifests"));
    }
    let fields: Vec<Field> = inventory.file_schema.split(',').map(|name| field(name.trim())).collect();
    if !fields.contains(&Field::Bucket) || !fields.contains(&Field::Key) {
        return Err(invalid("The inventory report has no columns for the bucket and the key"));
    }
    // Early reports name the bucket itself, later ones its ARN.
    let bucket = match inventory.destination_bucket.starts_with("arn:") {
        true => bucket_of(&inventory.destination_bucket).map_err(|_| invalid("The destination bucket is not one"))?,
        false => inventory.destination_bucket,
    };
    Ok(Report { bucket, files: inventory.files.into_iter().map(|file| file.key).collect(), fields })
}

fn field(name: &str) -> Field {
    match name {
        "Bucket" => Field::Bucket,
        "Key" => Field::Key,
        "VersionId" => Field::VersionId,
        _ => Field::Ignore,
    }
}

/// The lines of a file, which is packed by gzip unless its bytes say otherwise.
///
/// # Errors
/// The job fails if it cannot be unpacked, or becomes too long.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(LONGEST + 1).read_to_end(&mut unpacked);
    match read {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= LONGEST) => Ok(unpacked),
        _ => Err(invalid("A file of the inventory report cannot be unpacked")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_manifest_of_a_report_names_files_and_columns() {
        let json = |format: &str, schema: &str| {
            serde_json::json!({
                "sourceBucket": "source",
                "destinationBucket": "arn:aws:s3:::reports",
                "version": "2016-11-30",
                "creationTimestamp": "1514944800000",
                "fileFormat": format,
                "fileSchema": schema,
                "files": [{ "key": "a.csv.gz", "size": 1, "MD5checksum": "x" }],
            })
            .to_string()
        };
        let report = read(json("CSV", "Bucket, Key, Size, VersionId").as_bytes()).unwrap();
        let fields = vec![Field::Bucket, Field::Key, Field::Ignore, Field::VersionId];
        assert_eq!(report, Report { bucket: "reports".to_owned(), files: vec!["a.csv.gz".to_owned()], fields });
        assert_eq!(read(json("ORC", "Bucket, Key").as_bytes()).unwrap_err().failure_code, "InvalidManifest");
        assert!(read(json("CSV", "Key").as_bytes()).is_err());
        assert!(read(b"[]").is_err());
        assert_eq!(unpack(b"b,k\n").unwrap(), b"b,k\n");
        assert!(unpack(&[0x1f, 0x8b, 0]).is_err());
    }
}
