//! Rust types to [`Value`].

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::{FromValueError, carry};
use crate::{Map, Name, Timestamp, Value};

type Result<T> = std::result::Result<T, FromValueError>;

/// Makes values.
pub(super) struct ToValue;

impl Serializer for ToValue {
    type Ok = Value;
    type Error = FromValueError;
    type SerializeSeq = ListOf;
    type SerializeTuple = ListOf;
    type SerializeTupleStruct = ListOf;
    type SerializeTupleVariant = ListOf;
    type SerializeMap = MapOf;
    type SerializeStruct = MapOf;
    type SerializeStructVariant = MapOf;

    fn serialize_bool(self, bool: bool) -> Result<Value> {
        Ok(Value::Bool(bool))
    }

    fn serialize_i8(self, int: i8) -> Result<Value> {
        Ok(Value::Int(int.into()))
    }

    fn serialize_i16(self, int: i16) -> Result<Value> {
        Ok(Value::Int(int.into()))
    }

    fn serialize_i32(self, int: i32) -> Result<Value> {
        Ok(Value::Int(int.into()))
    }

    fn serialize_i64(self, int: i64) -> Result<Value> {
        Ok(Value::Int(int))
    }

    fn serialize_i128(self, int: i128) -> Result<Value> {
        Ok(i64::try_from(int).map_or_else(|_| Value::Decimal(int.to_string().into()), Value::Int))
    }

    fn serialize_u8(self, int: u8) -> Result<Value> {
        Ok(Value::Int(int.into()))
    }

    fn serialize_u16(self, int: u16) -> Result<Value> {
        Ok(Value::Int(int.into()))
    }

    fn serialize_u32(self, int: u32) -> Result<Value> {
        Ok(Value::Int(int.into()))
    }

    fn serialize_u64(self, int: u64) -> Result<Value> {
        self.serialize_u128(int.into())
    }

    fn serialize_u128(self, int: u128) -> Result<Value> {
        Ok(i64::try_from(int).map_or_else(|_| Value::Decimal(int.to_string().into()), Value::Int))
    }

    fn serialize_f32(self, float: f32) -> Result<Value> {
        Ok(Value::Float(float.into()))
    }

    fn serialize_f64(self, float: f64) -> Result<Value> {
        Ok(Value::Float(float))
    }

    fn serialize_char(self, char: char) -> Result<Value> {
        Ok(Value::String(char.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Value> {
        Ok(Value::from(text))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value> {
        Ok(Value::Blob(bytes.to_vec().into()))
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value> {
        Ok(Value::Map(Map::new()))
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<Value> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Value> {
        if name == carry::VALUE || name == carry::STREAM {
            carry::open();
            let written = value.serialize(self);
            let carried = carry::take();
            return written.map(|plain| carried.unwrap_or(plain));
        }
        let value = value.serialize(self)?;
        match value {
            Value::Int(micros) if carry::is_timestamp(name) => Ok(Value::Timestamp(Timestamp::from_micros(micros))),
            value => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value> {
        let mut map = Map::with_capacity(1);
        map.push(variant, value.serialize(self)?);
        Ok(Value::Map(map))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<ListOf> {
        Ok(ListOf { variant: None, list: Vec::with_capacity(len.unwrap_or(0).min(1024)) })
    }

    fn serialize_tuple(self, len: usize) -> Result<ListOf> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<ListOf> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<ListOf> {
        Ok(ListOf { variant: Some(variant), list: Vec::with_capacity(len) })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<MapOf> {
        Ok(MapOf { variant: None, key: None, map: Map::with_capacity(len.unwrap_or(0).min(1024)) })
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<MapOf> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<MapOf> {
        Ok(MapOf { variant: Some(variant), key: None, map: Map::with_capacity(len) })
    }
}

fn wrapped(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        None => value,
        Some(variant) => Value::Map(std::iter::once((Name::Borrowed(variant), value)).collect()),
    }
}

/// A list in the making.
pub(super) struct ListOf {
    variant: Option<&'static str>,
    list: Vec<Value>,
}

impl ListOf {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.list.push(value.serialize(ToValue)?);
        Ok(())
    }

    fn done(self) -> Value {
        wrapped(self.variant, Value::List(self.list))
    }
}

macro_rules! list_of {
    ($($trait:ident $method:ident),*) => {$(
        impl $trait for ListOf {
            type Ok = Value;
            type Error = FromValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.push(value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.done())
            }
        }
    )*};
}

list_of!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

/// A map in the making.
pub(super) struct MapOf {
    variant: Option<&'static str>,
    key: Option<Name>,
    map: Map,
}

impl MapOf {
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        let value = value.serialize(ToValue).map_err(|error| FromValueError(format!("{name}: {error}")))?;
        if !value.is_null() {
            self.map.push(name, value);
        }
        Ok(())
    }

    fn done(self) -> Value {
        wrapped(self.variant, Value::Map(self.map))
    }
}

impl SerializeMap for MapOf {
    type Ok = Value;
    type Error = FromValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(match key.serialize(ToValue)? {
            Value::String(text) => Name::Owned(text),
            Value::Int(int) => Name::Owned(int.to_string()),
            Value::Bool(bool) => Name::Owned(bool.to_string()),
            _ => return Err(FromValueError::custom("a key of a map must be a string")),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let name = self.key.take().ok_or_else(|| FromValueError::custom("a value without a key"))?;
        self.map.push(name, value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(self.done())
    }
}

impl SerializeStruct for MapOf {
    type Ok = Value;
    type Error = FromValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.field(name, value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.done())
    }
}

impl SerializeStructVariant for MapOf {
    type Ok = Value;
    type Error = FromValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.field(name, value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.done())
    }
}
