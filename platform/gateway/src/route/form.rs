//! Bodies that the router must read to know the operation.

use bytes::Bytes;
use http::HeaderMap;
use welkin_model::Protocol;
use welkin_wire::{Body, Unpacked};

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
    match welkin_wire::unpack(headers, body, limit) {
        Unpacked::Plain(plain) => Ok(plain),
        Unpacked::TooLong => Err(too_large(limit)),
        Unpacked::NotGzip(error) => {
            let message = format!("The request body is not gzip: {error}");
            Err(RouteError::new(Problem::Broken, None, Protocol::Query, message))
        }
    }
}

fn too_large(limit: usize) -> RouteError {
    let message = format!("The request body is longer than {limit} bytes");
    RouteError::new(Problem::TooLarge, None, Protocol::Query, message)
}
