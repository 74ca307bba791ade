//! Bodies that the router must read to know the operation.

use std::io::Read;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use welkin_model::Protocol;
use welkin_wire::Body;

use super::error::{Problem, RouteError};
use crate::BodyTimeout;
use crate::request_body::{Unread, read_all};

/// Reads a body of up to `limit` bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, RouteError> {
    read_all(body, limit).await.map_err(|error| match error {
        Unread::TooLong => too_large(limit),
        Unread::Failed(error) if error.is::<BodyTimeout>() => {
            RouteError::new(Problem::TooSlow, None, Protocol::Query, BodyTimeout.to_string())
        }
        Unread::Failed(error) => {
            let message = format!("The request body could not be read: {error}");
            RouteError::new(Problem::Broken, None, Protocol::Query, message)
        }
    })
}

/// The form in a body, unpacked if it is compressed, as clients may do with large ones
/// (<https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait>).
pub(super) fn unpack(headers: &HeaderMap, body: &Bytes, limit: usize) -> Result<Bytes, RouteError> {
    if headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding.as_bytes() != b"gzip") {
        return Ok(body.clone());
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body.as_ref()).take(most).read_to_end(&mut plain).map_err(|error| {
        let message = format!("The request body is not gzip: {error}");
        RouteError::new(Problem::Broken, None, Protocol::Query, message)
    })?;
    if plain.len() > limit { Err(too_large(limit)) } else { Ok(plain.into()) }
}

fn too_large(limit: usize) -> RouteError {
    let message = format!("The request body is longer than {limit} bytes");
    RouteError::new(Problem::TooLarge, None, Protocol::Query, message)
}
