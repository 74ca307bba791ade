//! Delivery: the result of a query goes to S3 as compressed CSV, with a file that signs it.
//!
//! CloudTrail writes as its own principal, for the store: the bucket policy must permit it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-results-file-validation-sign-file-structure.html>

use std::io::Write;

use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Answer, Arn, Call, Cx, Error, Job, Result, Schedule};

use super::rows::{Lines, Row};
use super::{Query, Source};
use crate::digest::file::{SIGNATURE_ALGORITHM, sha256};
use crate::digest::key::SigningKey;
use crate::errors::{InsufficientS3BucketPolicyException, InvalidS3BucketNameException, S3BucketDoesNotExistException};
use crate::organization::PRINCIPAL;
use crate::time::{format, iso};

/// Where a result goes, and how far that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// As it was asked for.
    pub(super) uri: String,
    bucket: String,
    /// What keys begin with: nothing, or something that ends with a slash.
    prefix: String,
    pub(super) status: Status,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Pending,
    Success,
    Failed,
    FailedSigningFile,
    ResourceNotFound,
    AccessDenied,
    AccessDeniedSigningFile,
    Cancelled,
}

/// Bytes of CSV in one file at most.
// UNVERIFIED: where CloudTrail begins the next file. Memory is bounded by it.
const FILE: usize = 256 << 20;

impl Delivery {
    /// To this URI, `s3://bucket/prefix`, if CloudTrail can see the bucket for the store.
    ///
    /// # Errors
    /// `InvalidS3BucketNameException`, `S3BucketDoesNotExistException`, `InsufficientS3BucketPolicyException`.
    pub(super) async fn to(cx: &mut Cx, uri: &str, store: Arn) -> Result<Self> {
        let path = uri.strip_prefix("s3://").unwrap_or_default();
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.len() < 3 {
            // UNVERIFIED: the wording.
            return Err(InvalidS3BucketNameException::because(format!("Bucket name {bucket} is not valid.")));
        }
        let acl = Call::to("s3", "GetBucketAcl").input(&json!({ "Bucket": bucket }));
        let acl = acl.as_service(PRINCIPAL, cx.account(), Some(store));
        if let Err(error) = cx.call(acl).await {
            return Err(match error.answer().map(|answer| answer.code.as_ref()) {
                None => error,
                Some("NoSuchBucket") => {
                    S3BucketDoesNotExistException::because(format!("S3 bucket {bucket} does not exist!"))
                }
                Some(_) => InsufficientS3BucketPolicyException::because(format!(
                    "Incorrect S3 bucket policy is detected for bucket: {bucket}"
                )),
            });
        }
        let prefix = prefix.trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { uri: uri.to_owned(), bucket: bucket.to_owned(), prefix, status: Status::Pending })
    }

    /// The folder of a query's files.
    fn folder(&self, cx: &Cx, query: &Query) -> String {
        let day = format(query.ended.unwrap_or(query.created), "%Y/%m/%d");
        format!("{}AWSLogs/{}/CloudTrail-Lake/Query/{day}/{}/", self.prefix, cx.account(), query.id)
    }
}

/// Has a result delivered.
pub(super) async fn begin(cx: &mut Cx, id: &str) -> Result<()> {
    cx.enqueue(&Deliver { id: id.to_owned() }, Schedule::now()).await.map(drop)
}

/// Delivers the result of a query.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    id: String,
}

/// A file that was delivered, as the one that signs tells of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Delivered {
    file_hash_value: String,
    file_name: String,
}

/// The file that signs the others, in the order of the page above.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignFile<'a> {
    version: &'static str,
    region: &'static str,
    files: &'a [Delivered],
    hash_algorithm: &'static str,
    signature_algorithm: &'static str,
    query_complete_time: String,
    hash_signature: String,
    public_key_fingerprint: &'a str,
}

impl Job for Deliver {
    const NAME: &'static str = "cloudtrail/deliver-result";
    const PRINCIPAL: &'static str = PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(mut query) = cx.get::<Query>(here, &self.id).await? else { return Ok(()) };
        let (Some(delivery), Some(source)) = (query.delivery.clone(), query.sources.first().cloned()) else {
            return Ok(());
        };
        let key = SigningKey::of(cx, here.region, query.ended.unwrap_or(query.created)).await?;
        let status = cx
            .stage(async |cx: &mut Cx| {
                let to = Folder { key: delivery.folder(cx, &query), bucket: &delivery.bucket, source: &source };
                to.fill(cx, &query, &key).await
            })
            .await?;
        query.delivery = Some(Delivery { status, ..delivery });
        cx.put(here, &query).await
    }
}

/// Where files go.
struct Folder<'a> {
    bucket: &'a str,
    /// Key of the folder.
    key: String,
    source: &'a Source,
}

impl Folder<'_> {
    /// Writes all files.
    ///
    /// # Errors
    /// What is no answer of S3's.
    async fn fill(&self, cx: &mut Cx, query: &Query, key: &SigningKey) -> Result<Status> {
        let mut files = Vec::new();
        let (mut lines, mut csv) = (Lines::default(), Csv::new(&query.outcome.columns)?);
        if let Some(blob) = &query.outcome.result {
            let mut bytes = cx.blobs().read(blob, ..);
            while let Some(chunk) = bytes.try_next().await? {
                lines.push(&chunk);
                for row in lines.take(usize::MAX).map_err(Error::internal)?.0 {
                    csv.add(&row)?;
                    if csv.length >= FILE {
                        let full = std::mem::replace(&mut csv, Csv::new(&query.outcome.columns)?);
                        if let Err(status) = self.add(cx, full, &mut files).await? {
                            return Ok(status);
                        }
                    }
                }
            }
        }
        if (csv.rows > 0 || files.is_empty())
            && let Err(status) = self.add(cx, csv, &mut files).await?
        {
            return Ok(status);
        }
        let signed = sign(cx, query, key, &files)?;
        Ok(match self.put(cx, "result_sign.json", "application/json", signed).await? {
            Ok(()) => Status::Success,
            Err(answer) if is_denial(&answer) => Status::AccessDeniedSigningFile,
            Err(_) => Status::FailedSigningFile,
        })
    }

    /// Writes the next file of rows.
    async fn add(&self, cx: &mut Cx, csv: Csv, files: &mut Vec<Delivered>) -> Result<std::result::Result<(), Status>> {
        let bytes = csv.finish()?;
        let file_name = format!("result_{}.csv.gz", files.len() + 1);
        files.push(Delivered { file_hash_value: sha256(&bytes), file_name: file_name.clone() });
        Ok(self.put(cx, &file_name, "application/gzip", bytes).await?.map_err(|answer| match answer.code.as_ref() {
            "NoSuchBucket" => Status::ResourceNotFound,
            _ if is_denial(&answer) => Status::AccessDenied,
            _ => Status::Failed,
        }))
    }

    async fn put(
        &self,
        cx: &mut Cx,
        name: &str,
        content_type: &str,
        bytes: Bytes,
    ) -> Result<std::result::Result<(), Answer>> {
        let input = json!({
            "ACL": "bucket-owner-full-control",
            "Bucket": self.bucket,
            "Key": format!("{}{name}", self.key),
            "ContentLength": bytes.len(),
            "ContentType": content_type,
        });
        let arn: Arn = self.source.arn.parse().map_err(Error::internal)?;
        let call = Call::to("s3", "PutObject").input(&input).body(bytes);
        match cx.call(call.as_service(PRINCIPAL, cx.account(), Some(arn))).await {
            Ok(_) => Ok(Ok(())),
            Err(error) => match error.answer() {
                Some(answer) => Ok(Err(answer.clone())),
                None => Err(error),
            },
        }
    }
}

fn is_denial(answer: &Answer) -> bool {
    answer.code.starts_with("AccessDenied")
}

/// The file that signs: the hashes of the others, with spaces between them, are what is signed.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-results-file-custom-validation.html>
fn sign(cx: &Cx, query: &Query, key: &SigningKey, files: &[Delivered]) -> Result<Bytes> {
    let hashes: Vec<&str> = files.iter().map(|file| file.file_hash_value.as_str()).collect();
    let file = SignFile {
        version: "1.0",
        region: cx.region().name(),
        files,
        hash_algorithm: "SHA-256",
        signature_algorithm: SIGNATURE_ALGORITHM,
        query_complete_time: iso(query.ended.unwrap_or(query.created)),
        hash_signature: hex::encode(key.sign(hashes.join(" ").as_bytes())?),
        public_key_fingerprint: key.fingerprint(),
    };
    Ok(serde_json::to_vec(&file).map_err(Error::internal)?.into())
}

/// A file of rows in the making. The same rows are always the same bytes.
// UNVERIFIED: that all values are in double quotes, as in Athena's results.
struct Csv {
    file: GzEncoder<Vec<u8>>,
    /// Bytes before compression.
    length: usize,
    rows: u64,
}

impl Csv {
    /// With a line of the columns' names.
    fn new(columns: &[String]) -> Result<Self> {
        let file = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
        let mut csv = Self { file, length: 0, rows: 0 };
        csv.line(columns)?;
        Ok(csv)
    }

    fn add(&mut self, row: &Row) -> Result<()> {
        self.rows += 1;
        self.line(row)
    }

    fn line(&mut self, values: &[String]) -> Result<()> {
        let quoted = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\"")));
        let line = quoted.collect::<Vec<_>>().join(",") + "\n";
        self.length += line.len();
        self.file.write_all(line.as_bytes()).map_err(Error::internal)
    }

    fn finish(self) -> Result<Bytes> {
        Ok(self.file.finish().map_err(Error::internal)?.into())
    }
}
