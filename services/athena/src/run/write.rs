//! Writing results to S3, as the query's caller.

use bytes::Bytes;
use serde_json::{Value, json};
use welkin_kernel::{Answer, Cx, Result};

use super::bridge::bucket_and_key;
use super::{caller, failure, metadata};
use crate::execution::{Execution, Failure, Outcome, ResultColumn};

/// "Failed to write query results to Amazon S3": the catalog of errors.
const NOT_WRITTEN: u16 = 401;

/// Writes the file of a result, and the one beside it that tells of its columns.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn result(
    cx: &mut Cx,
    execution: &Execution,
    file: Vec<u8>,
    columns: &[ResultColumn],
) -> Result<Result<(), Failure>> {
    let location = execution.results.output_location.clone().unwrap_or_default();
    if let Err(failure) = object(cx, execution, &location, file.into()).await? {
        return Ok(Err(failure));
    }
    object(cx, execution, &format!("{location}.metadata"), metadata::file(columns).into()).await
}

/// Writes the result of a statement that shows lines of text; `scanned` is how many bytes it read.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn lines(
    cx: &mut Cx,
    execution: &Execution,
    columns: Vec<ResultColumn>,
    lines: &[String],
    scanned: u64,
) -> Result<Result<Outcome, Failure>> {
    let mut file = Vec::new();
    for line in lines {
        file.extend_from_slice(line.as_bytes());
        file.push(b'\n');
    }
    let (rows, bytes_written) = (lines.len() as u64, file.len() as u64);
    let written = result(cx, execution, file, &columns).await?;
    Ok(written.map(|()| Outcome { columns, rows, bytes_written, bytes_scanned: scanned, ..Outcome::default() }))
}

/// Writes an object, with the encryption that results have.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn object(
    cx: &mut Cx,
    execution: &Execution,
    location: &str,
    bytes: Bytes,
) -> Result<Result<(), Failure>> {
    let mut input = settings(execution, location);
    input["ContentLength"] = json!(bytes.len());
    if let Some(owner) = &execution.results.expected_bucket_owner {
        input["ExpectedBucketOwner"] = json!(owner);
    }
    let call = caller::call(execution, "s3", "PutObject", &input).body(bytes);
    match cx.call(call).await {
        Ok(_) => Ok(Ok(())),
        Err(error) => {
            let answer = failure::answer(error)?;
            Ok(Err(not_written(&answer, location)))
        }
    }
}

/// What S3 is told of an object that a query writes: its place, and the encryption and ACL that results have.
pub(super) fn settings(execution: &Execution, location: &str) -> Value {
    let (bucket, key) = bucket_and_key(location).unwrap_or_default();
    let mut input = json!({ "Bucket": bucket, "Key": key, "ContentType": "application/octet-stream" });
    let results = &execution.results;
    if let Some(encryption) = &results.encryption_configuration {
        let by_kms = encryption.encryption_option == "SSE_KMS";
        input["ServerSideEncryption"] = json!(if by_kms { "aws:kms" } else { "AES256" });
        if let Some(key) = encryption.kms_key.as_ref().filter(|_| by_kms) {
            input["SSEKMSKeyId"] = json!(key);
        }
    }
    if results.acl_configuration.is_some() {
        input["ACL"] = json!("bucket-owner-full-control");
    }
    input
}

/// Why an object is not written.
pub(super) fn not_written(answer: &Answer, location: &str) -> Failure {
    let message = match failure::is_denial(answer) {
        true => format!(
            "Access denied when writing output to url: {location} . Please ensure you are allowed to access the S3 \
             bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access your \
             KMS key"
        ),
        // UNVERIFIED: the wording.
        false => format!("Unable to write output to url: {location} . {}: {}", answer.code, answer.message),
    };
    Failure::user(NOT_WRITTEN, message)
}
