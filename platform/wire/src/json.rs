//! JSON bodies: `json` 1.0 and 1.1, `rest-json`.

mod read;
mod reader;
mod write;

pub(crate) use read::{kind_name, last_of_each, read, read_document, read_members, union_fail};
pub(crate) use write::Writer;
