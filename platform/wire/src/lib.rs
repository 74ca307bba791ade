//! The AWS protocols: bytes to [`Value`] and back, directed and validated by the model.

mod body;
mod timestamp;
mod value;

pub use body::{Body, BodyError};
pub use timestamp::Timestamp;
pub use value::{Map, Name, Stream, Value};
