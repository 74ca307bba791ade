//! `LazySimpleSerDe`: fields with delimiters between them.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html>,
//! <https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL#LanguageManualDDL-RowFormats&SerDe>

use std::borrow::Cow;

use super::Serde;
use super::field::{self, formats};
use super::text::{Decoder, Wanted};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// How deep delimiters go: fields, elements, keys, and five levels more.
const LEVELS: usize = 8;

/// Decodes lines.
pub(super) struct Delimited {
    wanted: Vec<Wanted>,
    /// How many columns there are.
    count: usize,
    separators: [u8; LEVELS],
    escape: Option<u8>,
    null: Vec<u8>,
    last_takes_rest: bool,
    formats: Vec<String>,
}

/// The byte that a property names: a character, a number, or an escape.
fn byte(property: &str) -> Option<u8> {
    if let Ok(number) = property.parse::<u8>() {
        return Some(number);
    }
    match property {
        "\\t" => Some(b'\t'),
        "\\\\" => Some(b'\\'),
        _ => match (property.strip_prefix("\\u"), property.strip_prefix('\\')) {
            (Some(digits), _) if digits.len() == 4 => u8::from_str_radix(digits, 16).ok(),
            (_, Some(digits)) if digits.len() == 3 => u8::from_str_radix(digits, 8).ok(),
            _ => property.bytes().next(),
        },
    }
}

impl Delimited {
    pub(super) fn new(serde: &Serde, wanted: &[Wanted], count: usize) -> Result<Self> {
        let named = |names: &[&str]| names.iter().find_map(|name| serde.property(name)).and_then(byte);
        let mut separators = [1, 2, 3, 4, 5, 6, 7, 8];
        let names: [&[&str]; 3] = [
            &["field.delim", "serialization.format"],
            // Hive has had this property with its letters the wrong way round.
            &["collection.delim", "colelction.delim"],
            &["mapkey.delim"],
        ];
        for (separator, names) in separators.iter_mut().zip(names) {
            *separator = named(names).unwrap_or(*separator);
        }
        if let Some(column) = wanted.iter().find(|column| depth(&column.ty) > LEVELS) {
            let message =
                format!("Number of levels of nesting supported for LazySimpleSerde is 7: column {}", column.name);
            return Err(SqlError::new(Code::HiveInvalidMetadata, message));
        }
        Ok(Self {
            wanted: wanted.to_vec(),
            count,
            separators,
            escape: named(&["escape.delim"]),
            null: serde.property("serialization.null.format").unwrap_or("\\N").as_bytes().to_vec(),
            last_takes_rest: serde
                .property("serialization.last.column.takes.rest")
                .is_some_and(|it| it.eq_ignore_ascii_case("true")),
            formats: formats(serde.property("timestamp.formats")),
        })
    }

    /// The pieces between separators of a level.
    fn pieces<'t>(&self, text: &'t [u8], level: usize) -> Pieces<'t> {
        Pieces { rest: Some(text), separator: self.separators[level.min(LEVELS - 1)], escape: self.escape }
    }

    fn unescaped<'t>(&self, text: &'t [u8]) -> Cow<'t, str> {
        match self.escape {
            Some(escape) if text.contains(&escape) => {
                let (mut plain, mut bytes) = (Vec::with_capacity(text.len()), text.iter());
                while let Some(byte) = bytes.next() {
                    let byte = if *byte == escape { bytes.next().unwrap_or(byte) } else { byte };
                    plain.push(*byte);
                }
                Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
            }
            _ => String::from_utf8_lossy(text),
        }
    }

    /// The value of a piece, whose parts have the separators of a level between them.
    fn value(&self, text: &[u8], ty: &Type, level: usize) -> Value {
        if text == self.null {
            return Value::Null;
        }
        match ty {
            Type::Array(_) if text.is_empty() => Value::array(Vec::new()),
            Type::Array(element) => {
                Value::array(self.pieces(text, level).map(|piece| self.value(piece, element, level + 1)).collect())
            }
            Type::Map(..) if text.is_empty() => Value::Map(Vec::new().into()),
            Type::Map(key, value) => {
                let mut entries: Vec<(Value, Value)> = Vec::new();
                for entry in self.pieces(text, level) {
                    let mut two = self.pieces(entry, level + 1);
                    let own = self.value(two.next().unwrap_or_default(), key, level + 2);
                    let there = own.is_null() || entries.iter().any(|(other, _)| other.same(&own));
                    if !there {
                        let value = two.rest.map_or(Value::Null, |rest| self.value(rest, value, level + 2));
                        entries.push((own, value));
                    }
                }
                Value::Map(entries.into())
            }
            Type::Row(fields) => {
                let mut pieces = self.pieces(text, level);
                let field = |(_, ty): &(Option<String>, Type)| {
                    pieces.next().map_or(Value::Null, |piece| self.value(piece, ty, level + 1))
                };
                Value::Row(fields.iter().map(field).collect())
            }
            Type::Timestamp(_) => field::timestamp(&self.unescaped(text), ty, &self.formats).unwrap_or(Value::Null),
            _ => field::read(&self.unescaped(text), ty).unwrap_or(Value::Null),
        }
    }
}

/// How many levels of separators a field of a type needs, with the one around it.
fn depth(ty: &Type) -> usize {
    match ty {
        Type::Array(element) => 1 + depth(element),
        Type::Map(key, value) => 2 + depth(key).max(depth(value)),
        Type::Row(fields) => 1 + fields.iter().map(|(_, field)| depth(field)).max().unwrap_or(0),
        _ => 1,
    }
}

struct Pieces<'t> {
    rest: Option<&'t [u8]>,
    separator: u8,
    escape: Option<u8>,
}

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        let rest = self.rest?;
        if self.escape.is_none() {
            let (piece, rest) = match memchr::memchr(self.separator, rest) {
                Some(at) => (&rest[..at], Some(&rest[at + 1..])),
                None => (rest, None),
            };
            self.rest = rest;
            return Some(piece);
        }
        let mut at = 0;
        while let Some(byte) = rest.get(at) {
            if Some(*byte) == self.escape {
                at += 1;
            } else if *byte == self.separator {
                self.rest = Some(&rest[at + 1..]);
                return Some(&rest[..at]);
            }
            at += 1;
        }
        self.rest = None;
        Some(rest)
    }
}

impl Decoder for Delimited {
    fn decode(&mut self, record: &[u8], row: &mut Vec<Value>) -> Result<()> {
        let last = self.wanted.iter().map(|column| column.place).max().map_or(0, |place| place + 1);
        let mut fields = Vec::with_capacity(last);
        let mut pieces = self.pieces(record, 0);
        for n in 0..last {
            let rest = self.last_takes_rest && n + 1 == self.count;
            match if rest { pieces.rest.take() } else { pieces.next() } {
                Some(piece) => fields.push(piece),
                None => break,
            }
        }
        for column in &self.wanted {
            row.push(fields.get(column.place).map_or(Value::Null, |piece| self.value(piece, &column.ty, 1)));
        }
        Ok(())
    }
}
