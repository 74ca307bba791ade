//! Part of step 3: whether a body that is read whole is what its digests say. Bodies that stream are
//! checked by the operation, which knows what to do with the bytes until then.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use http::HeaderMap;
use welkin_wire::Route;
use welkin_wire::checksum::{Announced, Checksum, ChecksumAlgorithm, announced};

use crate::{Error, Result};

/// Checks the body of an operation that the model gives checksums (those of S3).
///
/// # Errors
/// `BadDigest`, `InvalidDigest`, and `InvalidRequest` where the operation demands a digest and there is none.
pub(super) fn verify(route: &Route, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let Some(rules) = &route.operation.checksum else { return Ok(()) };
    let md5 = headers.get("content-md5").and_then(|value| value.to_str().ok());
    let announced = announced(headers).map_err(|error| Error::new("InvalidRequest", error.to_string()).status(400))?;
    if rules.required && md5.is_none() && announced.is_none() {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(Error::new("InvalidRequest", message).status(400));
    }
    if let Some(md5) = md5 {
        check_md5(md5, body)?;
    }
    match announced {
        Some(Announced::Header(algorithm, value)) if computed(algorithm, body) != value => {
            let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
            Err(Error::new("BadDigest", message).status(400))
        }
        _ => Ok(()),
    }
}

fn check_md5(given: &str, body: &[u8]) -> Result<()> {
    // 16 bytes are 24 characters of base64.
    if given.len() != 24 {
        return Err(Error::new("InvalidDigest", "The Content-MD5 you specified was invalid.").status(400));
    }
    if computed(ChecksumAlgorithm::Md5, body) != given {
        let message = "The Content-MD5 you specified did not match what we received.";
        return Err(Error::new("BadDigest", message).status(400));
    }
    Ok(())
}

fn computed(algorithm: ChecksumAlgorithm, body: &[u8]) -> String {
    let mut checksum = Checksum::new(algorithm);
    checksum.update(body);
    checksum.finish_base64()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(operation: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let service = welkin_model::service("s3").unwrap();
        let route = Route {
            service,
            operation: service.operation(operation).unwrap(),
            protocol: service.protocols[0],
            path: "/b".to_owned(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        verify(&route, &map, b"123456789").err().map(|error| error.answer().unwrap().code.to_string())
    }

    #[test]
    fn a_body_is_what_its_digests_say() {
        assert_eq!(code("GetObject", &[]), None);
        assert_eq!(code("DeleteObjects", &[]).as_deref(), Some("InvalidRequest"));
        assert_eq!(code("DeleteObjects", &[("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==")]), None);
        assert_eq!(code("DeleteObjects", &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]).as_deref(), Some("BadDigest"));
        assert_eq!(code("DeleteObjects", &[("content-md5", "AAAA")]).as_deref(), Some("InvalidDigest"));
        assert_eq!(code("DeleteObjects", &[("x-amz-checksum-crc32", "y/Q5Jg==")]), None);
        assert_eq!(code("DeleteObjects", &[("x-amz-checksum-crc32", "y/Q5Jw==")]).as_deref(), Some("BadDigest"));
    }
}
