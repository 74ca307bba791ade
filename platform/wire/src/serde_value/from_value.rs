//! [`Value`] to Rust types.

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::{FromValueError, carry};
use crate::{Name, Value};

type Result<T> = std::result::Result<T, FromValueError>;

/// A value on its way to a Rust type.
pub(super) struct FromValue(pub(super) Value);

fn visit<'de, V: Visitor<'de>>(value: Value, visitor: V) -> Result<V::Value> {
    match value {
        Value::Null => visitor.visit_unit(),
        Value::Bool(bool) => visitor.visit_bool(bool),
        Value::Int(int) => visitor.visit_i64(int),
        Value::Float(float) => visitor.visit_f64(float),
        Value::Decimal(text) => visitor.visit_string(text.into()),
        Value::String(text) => visitor.visit_string(text),
        Value::Blob(bytes) => visitor.visit_byte_buf(bytes.into()),
        Value::Timestamp(timestamp) => visitor.visit_i64(timestamp.micros()),
        Value::List(list) => visitor.visit_seq(Items(list.into_iter())),
        Value::Map(map) => visitor.visit_map(Entries { entries: map.into_iter(), value: None }),
        Value::Document(value) => visit(*value, visitor),
        Value::Stream(_) => Err(FromValueError::custom("found a body that streams")),
    }
}

macro_rules! forward_to_visit {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visit(self.0, visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for FromValue {
    type Error = FromValueError;

    forward_to_visit! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_char deserialize_str
        deserialize_string deserialize_unit deserialize_seq deserialize_map deserialize_identifier
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Decimal(text) => visitor.visit_u64(text.parse().map_err(FromValueError::custom)?),
            value => visit(value, visitor),
        }
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Decimal(text) => visitor.visit_i128(text.parse().map_err(FromValueError::custom)?),
            value => visit(value, visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Decimal(text) => visitor.visit_u128(text.parse().map_err(FromValueError::custom)?),
            value => visit(value, visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Int(int) => visitor.visit_f64(int as f64),
            Value::Decimal(text) => visitor.visit_f64(text.parse().map_err(FromValueError::custom)?),
            value => visit(value, visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::String(text) => visitor.visit_byte_buf(text.into_bytes()),
            value => visit(value, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Self(value)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        match self.0 {
            // A structure without members, such as a union's empty choice.
            Value::Map(_) => visitor.visit_unit(),
            value => visit(value, visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name == carry::VALUE || name == carry::STREAM {
            carry::lay(self.0);
            return visitor.visit_unit();
        }
        if carry::is_timestamp(name) {
            return match self.0 {
                Value::Timestamp(timestamp) => visitor.visit_i64(timestamp.micros()),
                _ => Err(FromValueError::custom("expected a timestamp")),
            };
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        visit(self.0, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        visit(self.0, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            // No input at all is an input without members.
            Value::Null => visitor.visit_map(Entries { entries: crate::Map::new().into_iter(), value: None }),
            value => visit(value, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.into_deserializer()),
            Value::Map(map) => {
                let mut entries = map.into_iter().filter(|(_, value)| !value.is_null());
                match (entries.next(), entries.next()) {
                    (Some((name, value)), None) => visitor.visit_enum(Variant { name, value }),
                    _ => Err(FromValueError::custom("expected exactly one member")),
                }
            }
            _ => Err(FromValueError::custom("expected a string or a union")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}

impl IntoDeserializer<'_, FromValueError> for FromValue {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = FromValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.0.next().map(|value| seed.deserialize(FromValue(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries {
    entries: std::vec::IntoIter<(Name, Value)>,
    value: Option<Value>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = FromValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(KeyDeserializer(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(FromValue(self.value.take().unwrap_or_default()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A key: text, or a number where the Rust type wants one.
struct KeyDeserializer(Name);

macro_rules! number_keys {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let number: $type = self.0.parse().map_err(FromValueError::custom)?;
            visitor.$visit(number)
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyDeserializer {
    type Error = FromValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Name::Borrowed(name) => visitor.visit_str(name),
            Name::Owned(name) => visitor.visit_string(name),
        }
    }

    number_keys! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let text: StringDeserializer<FromValueError> = self.0.into_owned().into_deserializer();
        visitor.visit_enum(text)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Variant {
    name: Name,
    value: Value,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = FromValueError;
    type Variant = FromValue;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, FromValue)> {
        Ok((seed.deserialize(KeyDeserializer(self.name))?, FromValue(self.value)))
    }
}

impl<'de> VariantAccess<'de> for FromValue {
    type Error = FromValueError;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        visit(self.0, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        visit(self.0, visitor)
    }
}
