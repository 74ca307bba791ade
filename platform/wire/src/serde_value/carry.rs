//! How a [`Value`] or a [`Stream`] passes through serde unchanged, as a field of an operation's struct.
//!
//! serde has no way to hand over a type of one's own. So such a field announces itself as a newtype
//! struct of a reserved name; our own (de)serialiser knows the name and lays the value down in a slot
//! of this thread, from which the other side takes it at once. Other formats never fill the slot:
//! there a `Value` is written as what it holds, and a `Stream` is refused.

use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::json::last_of_each;
use crate::{Name, Stream, Timestamp, Value};

pub(super) const VALUE: &str = "$welkin::Value";
pub(super) const STREAM: &str = "$welkin::Stream";

thread_local! {
    static SLOT: RefCell<Slot> = const { RefCell::new(Slot::Closed) };
}

enum Slot {
    /// No (de)serialiser of ours is at work on a field of these types.
    Closed,
    /// Ours waits for the field's value.
    Open,
    /// Laid down.
    Full(Value),
}

/// Lays a value down for [`take`].
pub(super) fn lay(value: Value) {
    SLOT.with(|slot| *slot.borrow_mut() = Slot::Full(value));
}

/// Takes what was laid down, and closes the slot.
pub(super) fn take() -> Option<Value> {
    SLOT.with(|slot| match std::mem::replace(&mut *slot.borrow_mut(), Slot::Closed) {
        Slot::Full(value) => Some(value),
        Slot::Closed | Slot::Open => None,
    })
}

/// Asks the field that is serialised next to lay its value down.
pub(super) fn open() {
    SLOT.with(|slot| *slot.borrow_mut() = Slot::Open);
}

fn is_open() -> bool {
    SLOT.with(|slot| matches!(*slot.borrow(), Slot::Open))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(VALUE, &Plain(self))
    }
}

/// What stands inside the newtype struct.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_open() {
            lay(self.0.clone());
            return serializer.serialize_unit();
        }
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::Int(int) => serializer.serialize_i64(*int),
            Value::Float(float) => serializer.serialize_f64(*float),
            Value::Decimal(text) => serializer.serialize_str(text),
            Value::String(text) => serializer.serialize_str(text),
            Value::Blob(bytes) => serializer.serialize_bytes(bytes),
            Value::Timestamp(timestamp) => timestamp.serialize(serializer),
            Value::List(list) => serializer.collect_seq(list.iter().map(Plain)),
            Value::Map(map) => serializer.collect_map(map.iter().map(|(name, value)| (name, Plain(value)))),
            Value::Document(value) => Plain(value).serialize(serializer),
            Value::Stream(_) => Err(S::Error::custom("a body that streams cannot be stored")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE, AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(Self)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(take().unwrap_or_default())
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(Self)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Value, E> {
        Ok(Value::Int(int))
    }

    fn visit_u64<E>(self, int: u64) -> Result<Value, E> {
        Ok(i64::try_from(int).map_or_else(|_| Value::Decimal(int.to_string().into()), Value::Int))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Value, E> {
        Ok(Value::Float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Blob(bytes.to_vec().into()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Blob(bytes.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            map.push((Name::Owned(name), value));
        }
        Ok(Value::Map(last_of_each(map)))
    }
}

impl Serialize for Stream {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(STREAM, &Laid(self))
    }
}

struct Laid<'a>(&'a Stream);

impl Serialize for Laid<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !is_open() {
            return Err(S::Error::custom("a body that streams cannot be stored"));
        }
        lay(Value::Stream(self.0.clone()));
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Stream {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TakeStream;

        impl<'de> Visitor<'de> for TakeStream {
            type Value = Stream;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a body that streams")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Stream, E> {
                match take() {
                    Some(Value::Stream(stream)) => Ok(stream),
                    Some(Value::Blob(bytes)) => Ok(Stream::new(bytes.into())),
                    _ => Err(E::custom("expected a body that streams")),
                }
            }
        }

        deserializer.deserialize_newtype_struct(STREAM, TakeStream)
    }
}

/// Micros of a timestamp, for the (de)serialiser.
pub(super) fn is_timestamp(name: &str) -> bool {
    name == Timestamp::SERDE_NAME
}
