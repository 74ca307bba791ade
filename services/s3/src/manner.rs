//! In which manner a request came: the condition keys that every action of S3 has.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>

use welkin_kernel::{Access, Cx, Principal};

/// Adds `s3:TlsVersion`, and for signed requests `s3:authType`, `s3:signatureversion`, `s3:signatureAge` (of
/// presigned URLs, in milliseconds) and `s3:x-amz-content-sha256`.
///
/// Calls that a service makes for somebody have only the first: what is signed there is not the client's.
pub(crate) fn keys(cx: &Cx, access: Access) -> Access {
    let facts = cx.facts();
    let access = facts.tls.into_iter().fold(access, |access, tls| access.key("s3:TlsVersion", tls.version));
    if matches!(cx.principal(), Principal::Anonymous) || !cx.caller().via.is_empty() {
        return access;
    }
    if facts.form {
        return access.key("s3:authType", "POST").key("s3:signatureversion", FORM);
    }
    let Some(signature) = facts.signature else { return access };
    let access = access.key("s3:signatureversion", signature.algorithm);
    let access = if facts.headers.contains_key(http::header::AUTHORIZATION) {
        access.key("s3:authType", "REST-HEADER")
    } else {
        access.key("s3:authType", "REST-QUERY-STRING").key("s3:signatureAge", signature.age.as_millis().to_string())
    };
    match facts.headers.get("x-amz-content-sha256").and_then(|hash| hash.to_str().ok()) {
        Some(hash) => access.key("s3:x-amz-content-sha256", hash),
        None => access,
    }
}

/// The only algorithm that policies of forms are signed by.
const FORM: &str = "AWS4-HMAC-SHA256";
