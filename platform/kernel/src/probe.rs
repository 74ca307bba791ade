//! Holds a type's serde members against a shape of the model, without a value of either.
//!
//! A deserialiser that is directed by the shape hands the type sample values and notes every member,
//! variant or type that the shape does not have. Derived code names its fields when it asks for a struct.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use welkin_model::{Kind, Service, Shape, ShapeId, Structure};

use crate::Timestamp;

/// Structures below this depth are not entered: shapes may contain themselves.
const DEPTH: usize = 12;

/// Faults of `T` against the structure `shape`; an operation without shape has no members.
pub(crate) fn members<T: DeserializeOwned>(
    service: &'static Service,
    shape: Option<ShapeId>,
    what: &str,
) -> Vec<String> {
    let faults = RefCell::new(BTreeSet::new());
    let fields = RefCell::new(1);
    let mut first = 0;
    // A member that refuses its sample ends the walk, so every member gets to be first once.
    while first < *fields.borrow() {
        let probe = Probe { service, shape, path: what.to_owned(), depth: 0, first, fields: &fields, faults: &faults };
        let _ = T::deserialize(probe);
        first += 1;
    }
    faults.into_inner().into_iter().collect()
}

#[derive(Clone)]
struct Probe<'a> {
    service: &'static Service,
    shape: Option<ShapeId>,
    path: String,
    depth: usize,
    first: usize,
    fields: &'a RefCell<usize>,
    faults: &'a RefCell<BTreeSet<String>>,
}

/// The walk ended early; faults are noted elsewhere.
#[derive(Debug)]
struct Ended;

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the walk ended")
    }
}

impl std::error::Error for Ended {}

impl de::Error for Ended {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'a> Probe<'a> {
    fn shape(&self) -> Option<&'static Shape> {
        self.shape.map(|id| self.service.shape(id))
    }

    fn structure(&self) -> Option<&'static Structure> {
        match &self.shape()?.kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    fn fault(&self, what: impl fmt::Display) {
        self.faults.borrow_mut().insert(format!("{}: {what}", self.path));
    }

    fn expect(&self, what: &str, fits: impl FnOnce(&Kind) -> bool) {
        match self.shape() {
            Some(shape) if fits(&shape.kind) || is_document(&shape.kind) => {}
            Some(shape) => self.fault(format_args!("{what}, but the model's {} is not", shape.name)),
            None => self.fault(format_args!("{what}, but the model has nothing here")),
        }
    }

    fn at(&self, shape: Option<ShapeId>, step: &str) -> Self {
        Self { shape, path: format!("{}.{step}", self.path), depth: self.depth + 1, first: 0, ..self.clone() }
    }

    /// A text that the shape permits, as far as that can be told.
    fn sample(&self) -> &'static str {
        match self.shape().map(|shape| &shape.kind) {
            Some(Kind::String { values }) => values.first().copied().unwrap_or("probe"),
            _ => "probe",
        }
    }
}

fn is_document(kind: &Kind) -> bool {
    matches!(kind, Kind::Structure(structure) if structure.document)
}

macro_rules! numbers {
    ($($method:ident $visit:ident $value:expr, $what:literal, $($kind:ident)|+;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
            self.expect($what, |kind| matches!(kind, $(Kind::$kind { .. })|+));
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Ended;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        match self.shape().map(|shape| &shape.kind) {
            None => visitor.visit_unit(),
            Some(Kind::Structure(_) | Kind::Map { .. }) => self.deserialize_map(visitor),
            Some(Kind::List { .. }) => self.deserialize_seq(visitor),
            Some(Kind::String { .. }) => visitor.visit_str(self.sample()),
            Some(Kind::Integer | Kind::Long) => visitor.visit_i64(1),
            Some(Kind::Float | Kind::Double) => visitor.visit_f64(1.0),
            Some(Kind::Boolean) => visitor.visit_bool(true),
            Some(Kind::Blob { .. }) => visitor.visit_bytes(b"probe"),
            Some(Kind::Timestamp { .. }) => visitor.visit_i64(1),
        }
    }

    numbers! {
        deserialize_bool visit_bool true, "a boolean", Boolean;
        deserialize_i8 visit_i8 1, "an integer", Integer | Long;
        deserialize_i16 visit_i16 1, "an integer", Integer | Long;
        deserialize_i32 visit_i32 1, "an integer", Integer | Long;
        deserialize_i64 visit_i64 1, "an integer", Integer | Long;
        deserialize_u8 visit_u8 1, "an integer", Integer | Long;
        deserialize_u16 visit_u16 1, "an integer", Integer | Long;
        deserialize_u32 visit_u32 1, "an integer", Integer | Long;
        deserialize_u64 visit_u64 1, "an integer", Integer | Long;
        deserialize_f32 visit_f32 1.0, "a float", Float | Double;
        deserialize_f64 visit_f64 1.0, "a float", Float | Double;
        deserialize_bytes visit_bytes b"probe", "bytes", Blob;
        deserialize_byte_buf visit_byte_buf b"probe".to_vec(), "bytes", Blob;
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        self.expect("a string", |kind| matches!(kind, Kind::String { .. }));
        visitor.visit_char('p')
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        self.expect("a string", |kind| matches!(kind, Kind::String { .. }));
        visitor.visit_borrowed_str(self.sample())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Ended> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Ended> {
        if name == Timestamp::SERDE_NAME {
            self.expect("a timestamp", |kind| matches!(kind, Kind::Timestamp { .. }));
            return visitor.visit_i64(1);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        self.expect("a list", |kind| matches!(kind, Kind::List { .. }));
        let Some(Kind::List { member, .. }) = self.shape().map(|shape| &shape.kind) else { return Err(Ended) };
        let item = (self.depth < DEPTH).then(|| self.at(Some(member.shape), "[]"));
        visitor.visit_seq(Items(item))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Ended> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Ended> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        self.expect("a map", |kind| matches!(kind, Kind::Map { .. } | Kind::Structure(_)));
        let entries = match self.shape().map(|shape| &shape.kind) {
            Some(Kind::Map { key, value, .. }) => {
                let key = self.at(Some(key.shape), "key").sample();
                vec![(key, self.at(Some(value.shape), "value"))]
            }
            Some(Kind::Structure(structure)) => {
                structure.members.iter().map(|m| (m.name, self.at(Some(m.shape), m.name))).collect()
            }
            _ => return Err(Ended),
        };
        let entries = if self.depth < DEPTH { entries } else { Vec::new() };
        visitor.visit_map(Entries { entries: entries.into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Ended> {
        if self.depth == 0 {
            *self.fields.borrow_mut() = fields.len();
        }
        let structure = self.structure();
        if structure.is_none() && !fields.is_empty() {
            self.fault("a structure, but the model has none here");
            return Err(Ended);
        }
        let mut entries = Vec::with_capacity(fields.len());
        for field in fields {
            match structure.and_then(|structure| structure.member(field)) {
                Some(member) => entries.push((*field, self.at(Some(member.shape), field))),
                None => self.fault(format_args!("the model has no member '{field}'")),
            }
        }
        if self.depth >= DEPTH {
            return Err(Ended);
        }
        let turn = self.first.min(entries.len());
        entries.rotate_left(turn);
        visitor.visit_map(Entries { entries: entries.into_iter(), value: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Ended> {
        let kind = self.shape().map(|shape| &shape.kind);
        for variant in variants {
            let known = match kind {
                Some(Kind::String { values }) => values.is_empty() || values.contains(variant),
                Some(Kind::Structure(structure)) => structure.member(variant).is_some(),
                _ => false,
            };
            if !known {
                self.fault(format_args!("the model has no value '{variant}'"));
            }
        }
        let Some(variant) = variants.first() else { return Err(Ended) };
        let content = self.structure().and_then(|s| s.member(variant)).map(|m| self.at(Some(m.shape), variant));
        visitor.visit_enum(Variant { name: variant, content })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        visitor.visit_str(self.sample())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        visitor.visit_unit()
    }
}

struct Items<'a>(Option<Probe<'a>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Ended;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Ended> {
        self.0.take().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Entries<'a> {
    entries: std::vec::IntoIter<(&'static str, Probe<'a>)>,
    value: Option<Probe<'a>>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Ended;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Ended> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Ended> {
        seed.deserialize(self.value.take().ok_or(Ended)?)
    }
}

struct Variant<'a> {
    name: &'static str,
    content: Option<Probe<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Ended;
    type Variant = Content<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'a>), Ended> {
        let name: StrDeserializer<'_, Ended> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

struct Content<'a>(Option<Probe<'a>>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Ended;

    fn unit_variant(self) -> Result<(), Ended> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Ended> {
        seed.deserialize(self.0.ok_or(Ended)?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Ended> {
        self.0.ok_or(Ended)?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Ended> {
        self.0.ok_or(Ended)?.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
#[allow(dead_code)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    fn faults<T: DeserializeOwned>() -> Vec<String> {
        let sqs = welkin_model::service("sqs").expect("sqs is in the model");
        members::<T>(sqs, sqs.operation("SendMessage").expect("an operation").input, "input")
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attribute {
        data_type: String,
        string_value: Option<String>,
    }

    #[test]
    fn members_that_the_model_knows_are_no_fault() {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct SendMessage {
            queue_url: String,
            message_body: String,
            delay_seconds: Option<u32>,
            #[serde(default)]
            message_attributes: BTreeMap<String, Attribute>,
        }
        assert_eq!(faults::<SendMessage>(), Vec::<String>::new());
    }

    #[test]
    fn a_misspelled_member_a_wrong_type_and_a_nested_one_are_found() {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Wrong {
            data_typ: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct SendMessage {
            queue_uri: String,
            message_body: u32,
            message_attributes: BTreeMap<String, Wrong>,
        }
        assert_eq!(
            faults::<SendMessage>(),
            [
                "input.MessageAttributes.value: the model has no member 'DataTyp'",
                "input.MessageBody: an integer, but the model's String is not",
                "input: the model has no member 'QueueUri'",
            ]
        );
    }
}
