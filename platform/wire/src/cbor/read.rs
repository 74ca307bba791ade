//! CBOR to [`Value`], by the model.

use bytes::Bytes;
use welkin_model::{Kind, Member, Service, Shape, Structure};

use super::reader::{Head, Reader};
use crate::json::{kind_name, last_of_each, union_fail};
use crate::parse_error::{Fail, ParseErrorKind};
use crate::route::Finder;
use crate::{MAX_DEPTH, Map, Name, Timestamp, Value};

/// Reads the members of `structure` from a whole CBOR item; an empty body is an empty structure.
pub(crate) fn read_members(
    service: &'static Service,
    structure: &'static Structure,
    bytes: &Bytes,
) -> Result<Map, Fail> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let mut read = Read { service, reader: Reader::new(bytes) };
    let map = match read.untagged(0)? {
        Head::Map(left) => read.structure(structure, left, 0)?,
        Head::Null => Map::new(),
        head => return Err(mismatch(head, "Structure")),
    };
    if read.reader.at_end() { Ok(map) } else { Err(Fail::malformed("Bytes after the end of the CBOR item.")) }
}

/// Reads a whole CBOR item as a value of no shape.
pub(crate) fn read_any(service: &'static Service, bytes: &Bytes) -> Result<Value, Fail> {
    let mut read = Read { service, reader: Reader::new(bytes) };
    let head = read.untagged(0)?;
    read.any(head, 0)
}

struct Read<'a> {
    service: &'static Service,
    reader: Reader<'a>,
}

impl Read<'_> {
    /// The next head that is no tag: tags other than the one for times say nothing that the model does not.
    fn untagged(&mut self, depth: usize) -> Result<Head, Fail> {
        for _ in depth..=MAX_DEPTH {
            match self.reader.head()? {
                Head::Tag(_) => {}
                head => return Ok(head),
            }
        }
        Err(Fail::too_deep())
    }

    fn value(&mut self, shape: &'static Shape, depth: usize) -> Result<Value, Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::too_deep());
        }
        let head = self.untagged(depth)?;
        if head == Head::Null {
            return Ok(Value::Null);
        }
        match (&shape.kind, head) {
            (Kind::Structure(s), head) if s.document => Ok(Value::Document(Box::new(self.any(head, depth)?))),
            (Kind::Structure(s), Head::Map(left)) => {
                let map = self.structure(s, left, depth)?;
                if s.union && map.len() != 1 {
                    return Err(union_fail(map.len()));
                }
                Ok(Value::Map(map))
            }
            (Kind::List { member, .. }, Head::Array(mut left)) => {
                let shape = self.service.shape(member.shape);
                let mut list = Vec::new();
                while self.reader.more(&mut left) {
                    list.push(self.value(shape, depth + 1)?);
                }
                Ok(Value::List(list))
            }
            (Kind::Map { value, .. }, Head::Map(left)) => self.map(value, left, depth),
            (kind, head) => self.scalar(kind, head),
        }
    }

    fn structure(&mut self, structure: &'static Structure, mut left: Option<u64>, depth: usize) -> Result<Map, Fail> {
        let mut map = Map::with_capacity(structure.members.len().min(8));
        let mut finder = Finder::new(structure);
        while self.reader.more(&mut left) {
            let name = self.key(depth)?;
            // The protocol knows no other names than the members' own, but botocore sends `locationName`.
            match finder.find(|m| m.name == name || m.location_name == Some(name.as_str())) {
                Some(member) => {
                    let value = self.value(self.service.shape(member.shape), depth + 1)?;
                    if !value.is_null() {
                        map.insert(member.name, value);
                    }
                }
                None => self.reader.skip(depth + 1)?,
            }
        }
        Ok(map)
    }

    fn key(&mut self, depth: usize) -> Result<String, Fail> {
        match self.untagged(depth)? {
            Head::Text(length) => self.reader.text(length),
            _ => Err(Fail::malformed("A key of a CBOR map is no text string.")),
        }
    }

    fn map(&mut self, member: &'static Member, mut left: Option<u64>, depth: usize) -> Result<Value, Fail> {
        let shape = self.service.shape(member.shape);
        let mut entries = Vec::new();
        while self.reader.more(&mut left) {
            let name = Name::Owned(self.key(depth)?);
            entries.push((name, self.value(shape, depth + 1)?));
        }
        Ok(Value::Map(last_of_each(entries)))
    }

    fn scalar(&mut self, kind: &Kind, head: Head) -> Result<Value, Fail> {
        match (kind, head) {
            (Kind::String { .. }, Head::Text(length)) => self.reader.text(length).map(Value::String),
            (Kind::Blob { .. }, Head::Bytes(length)) => self.reader.string(length, false).map(Value::Blob),
            (Kind::Boolean, Head::Bool(bool)) => Ok(Value::Bool(bool)),
            (Kind::Integer | Kind::Long, Head::Unsigned(_) | Head::Negative(_)) => bounded(kind, head),
            (Kind::Float | Kind::Double, Head::Float(float)) => Ok(Value::Float(float)),
            (Kind::Float | Kind::Double, Head::Unsigned(n)) => Ok(Value::Float(n as f64)),
            (Kind::Float | Kind::Double, Head::Negative(n)) => Ok(Value::Float(-1.0 - n as f64)),
            (Kind::Timestamp { .. }, Head::Unsigned(_) | Head::Negative(_)) => {
                let secs = int(head).filter(|s| s.checked_mul(1_000_000).is_some());
                secs.map(|s| Value::Timestamp(Timestamp::from_secs(s))).ok_or_else(bad_time)
            }
            (Kind::Timestamp { .. }, Head::Float(secs)) => {
                Timestamp::from_epoch_f64(secs).map(Value::Timestamp).ok_or_else(bad_time)
            }
            (kind, head) => Err(mismatch(head, kind_name(kind))),
        }
    }

    /// Any value, whose head was `head`.
    fn any(&mut self, head: Head, depth: usize) -> Result<Value, Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::too_deep());
        }
        Ok(match head {
            Head::Null => Value::Null,
            Head::Bool(bool) => Value::Bool(bool),
            Head::Float(float) => Value::Float(float),
            Head::Unsigned(n) => int(head).map_or_else(|| Value::Decimal(n.to_string().into()), Value::Int),
            Head::Negative(n) => {
                int(head).map_or_else(|| Value::Decimal((-1 - i128::from(n)).to_string().into()), Value::Int)
            }
            Head::Text(length) => Value::String(self.reader.text(length)?),
            Head::Bytes(length) => Value::Blob(self.reader.string(length, false)?),
            Head::Array(mut left) => {
                let mut list = Vec::new();
                while self.reader.more(&mut left) {
                    let head = self.untagged(depth)?;
                    list.push(self.any(head, depth + 1)?);
                }
                Value::List(list)
            }
            Head::Map(mut left) => {
                let mut entries = Vec::new();
                while self.reader.more(&mut left) {
                    let name = Name::Owned(self.key(depth)?);
                    let head = self.untagged(depth)?;
                    entries.push((name, self.any(head, depth + 1)?));
                }
                Value::Map(last_of_each(entries))
            }
            Head::Tag(_) | Head::Break => return Err(Fail::malformed("Unexpected break in CBOR.")),
        })
    }
}

fn int(head: Head) -> Option<i64> {
    match head {
        Head::Unsigned(n) => i64::try_from(n).ok(),
        Head::Negative(n) => i64::try_from(n).ok().map(|n| -1 - n),
        _ => None,
    }
}

fn bounded(kind: &Kind, head: Head) -> Result<Value, Fail> {
    let int = int(head).filter(|i| matches!(kind, Kind::Long) || i32::try_from(*i).is_ok());
    int.map(Value::Int).ok_or_else(|| Fail::new(ParseErrorKind::Number, "A number is out of range."))
}

fn bad_time() -> Fail {
    Fail::new(ParseErrorKind::Timestamp, "A timestamp is out of range.")
}

fn mismatch(head: Head, expected: &str) -> Fail {
    let found = match head {
        Head::Break => return Fail::malformed("Unexpected break in CBOR."),
        Head::Unsigned(_) | Head::Negative(_) => "integer",
        Head::Bytes(_) => "byte string",
        Head::Text(_) => "text string",
        Head::Array(_) => "list",
        Head::Map(_) => "map",
        Head::Tag(_) => "tag",
        Head::Bool(_) => "boolean",
        Head::Null => "null",
        Head::Float(_) => "float",
    };
    Fail::new(ParseErrorKind::Type, format!("Found a {found} where a {expected} is expected."))
}
