//! [`Value`] to Rust types and back, through serde.
//!
//! An operation's input is a struct that derives `Deserialize`; its output one that derives
//! `Serialize`. Strings and bytes move, they are not copied. A member that was not sent, or null, is
//! `None`; a `None` is left out of the output.

mod carry;
mod from_value;
mod to_value;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Value;

/// Why a [`Value`] does not fit a Rust type, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromValueError(String);

impl fmt::Display for FromValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FromValueError {}

impl serde::de::Error for FromValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl serde::ser::Error for FromValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Makes a `T` of a value.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, FromValueError> {
    T::deserialize(from_value::FromValue(value))
}

/// Makes a value of a `T`.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, FromValueError> {
    value.serialize(to_value::ToValue)
}
