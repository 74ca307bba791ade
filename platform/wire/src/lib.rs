//! The AWS protocols: bytes to [`Value`] and back, directed and validated by the model.

mod binding;
mod body;
mod cbor;
pub mod checksum;
mod client;
#[cfg(feature = "driver")]
pub mod driver;
mod error_answer;
pub mod event_stream;
mod form;
mod gzip;
mod json;
mod json_value;
mod limits;
mod parse_error;
mod query_names;
mod query_read;
mod query_write;
mod request;
mod response;
mod route;
mod s3;
mod scalar;
mod serde_value;
mod serialise_error;
mod timestamp;
mod validate;
mod value;
mod xml;

pub use body::{Body, BodyError};
pub use client::{ClientError, ClientRequest, parse_response, serialise_request};
pub use error_answer::{ErrorAnswer, Fault, error_body, serialise_error};
pub use event_stream::{decode_event, encode_event};
pub use gzip::{Unpacked, unpack};
pub use json_value::{value_from_json, value_to_json};
pub use limits::{MAX_DEPTH, MAX_PARAMETERS};
pub use parse_error::{ParseError, ParseErrorKind};
pub use request::parse_request;
pub use response::{ResponseMeta, serialise_response};
pub use route::{Route, streams};
pub use serde_value::{FromValueError, from_value, to_value};
pub use serialise_error::{Problem, SerialiseError};
pub use timestamp::{Fraction, Timestamp};
pub use validate::{Constraint, Violation, compiles as pattern_compiles, validate, validates, validation_error};
pub use value::{Map, Name, Stream, Value};
