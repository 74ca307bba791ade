//! CBOR bodies: `smithy-rpc-v2-cbor`.
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

mod read;
mod reader;
mod write;

pub(crate) use read::{read_any, read_members};
pub(crate) use write::{write_lenient, write_members};
