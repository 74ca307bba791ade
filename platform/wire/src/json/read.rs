//! JSON to [`Value`], by the model.

use std::collections::HashSet;

use welkin_model::{Kind, Member, Service, Shape, Structure, TimestampFormat};

use super::reader::{Reader, Token};
use crate::parse_error::{Fail, ParseErrorKind};
use crate::route::{Finder, wire_name};
use crate::scalar;
use crate::{MAX_DEPTH, Map, Name, Timestamp, Value};

/// Reads the members of `structure` that `wanted` picks from a whole JSON text.
pub(crate) fn read_members(
    service: &'static Service,
    structure: &'static Structure,
    wanted: fn(&Member) -> bool,
    bytes: &[u8],
) -> Result<Map, Fail> {
    let mut read = Read { service, reader: Reader::new(bytes)? };
    if read.reader.at_end() {
        return Ok(Map::new());
    }
    let map = match read.reader.peek()? {
        Token::Null => read.reader.literal("null").map(|()| Map::new())?,
        Token::Object => read.object(structure, wanted, 0)?,
        token => return Err(mismatch(token, "Structure")),
    };
    read.end()?;
    Ok(map)
}

/// Reads a value of `shape` from a whole JSON text.
pub(crate) fn read(
    service: &'static Service,
    shape: &'static Shape,
    member: Option<&'static Member>,
    bytes: &[u8],
) -> Result<Value, Fail> {
    let mut read = Read { service, reader: Reader::new(bytes)? };
    let value = read.value(shape, member, 0)?;
    read.end()?;
    Ok(value)
}

/// Reads any JSON text as a document.
pub(crate) fn read_document(bytes: &[u8]) -> Result<Value, Fail> {
    let mut reader = Reader::new(bytes)?;
    let value = document(&mut reader, 0)?;
    if reader.at_end() { Ok(value) } else { Err(Fail::malformed("Text after the end of the value.")) }
}

struct Read<'a> {
    service: &'static Service,
    reader: Reader<'a>,
}

impl Read<'_> {
    fn end(&mut self) -> Result<(), Fail> {
        if self.reader.at_end() { Ok(()) } else { Err(Fail::malformed("Text after the end of the value.")) }
    }

    fn value(&mut self, shape: &'static Shape, member: Option<&'static Member>, depth: usize) -> Result<Value, Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::too_deep());
        }
        let token = self.reader.peek()?;
        if token == Token::Null {
            return self.reader.literal("null").map(|()| Value::Null);
        }
        match (&shape.kind, token) {
            (Kind::Structure(s), _) if s.document => Ok(Value::Document(Box::new(document(&mut self.reader, depth)?))),
            (Kind::Structure(s), Token::Object) => self.structure(s, depth),
            (Kind::List { member, .. }, Token::Array) => self.list(member, depth),
            (Kind::Map { value, .. }, Token::Object) => self.map(value, depth),
            _ => self.scalar(shape, member, token),
        }
    }

    fn structure(&mut self, structure: &'static Structure, depth: usize) -> Result<Value, Fail> {
        let map = self.object(structure, |_| true, depth)?;
        if structure.union && map.len() != 1 {
            return Err(union_fail(map.len()));
        }
        Ok(Value::Map(map))
    }

    fn object(
        &mut self,
        structure: &'static Structure,
        wanted: fn(&Member) -> bool,
        depth: usize,
    ) -> Result<Map, Fail> {
        let mut map = Map::with_capacity(structure.members.len().min(8));
        let mut finder = Finder::new(structure);
        let mut more = self.reader.open(b'}')?;
        while more {
            let name = self.reader.name()?;
            match finder.find(|m| wanted(m) && wire_name(m) == name) {
                Some(member) => {
                    let value = self.value(self.service.shape(member.shape), Some(member), depth + 1);
                    let value = value.map_err(|fail| fail.of(member.name, ""))?;
                    if !value.is_null() {
                        map.insert(member.name, value);
                    }
                }
                None => self.reader.skip(depth + 1)?,
            }
            more = self.reader.more(b'}')?;
        }
        Ok(map)
    }

    fn list(&mut self, member: &'static Member, depth: usize) -> Result<Value, Fail> {
        let shape = self.service.shape(member.shape);
        let mut list = Vec::new();
        let mut more = self.reader.open(b']')?;
        while more {
            list.push(self.value(shape, Some(member), depth + 1)?);
            more = self.reader.more(b']')?;
        }
        Ok(Value::List(list))
    }

    fn map(&mut self, member: &'static Member, depth: usize) -> Result<Value, Fail> {
        let shape = self.service.shape(member.shape);
        let mut entries = Vec::new();
        let mut more = self.reader.open(b'}')?;
        while more {
            let name = Name::Owned(self.reader.name()?.into_owned());
            entries.push((name, self.value(shape, Some(member), depth + 1)?));
            more = self.reader.more(b'}')?;
        }
        Ok(Value::Map(last_of_each(entries)))
    }

    fn scalar(&mut self, shape: &'static Shape, member: Option<&'static Member>, token: Token) -> Result<Value, Fail> {
        match (&shape.kind, token) {
            (Kind::String { .. }, Token::String) => Ok(Value::String(self.reader.string()?.into_owned())),
            // A string that the model calls JSON may come as that JSON.
            (Kind::String { .. }, _) if member.is_some_and(|m| m.json_value) => {
                let start = self.reader.position();
                self.reader.skip(0)?;
                Ok(Value::String(self.reader.since(start).to_owned()))
            }
            (Kind::Boolean, Token::True) => self.reader.literal("true").map(|()| Value::Bool(true)),
            (Kind::Boolean, Token::False) => self.reader.literal("false").map(|()| Value::Bool(false)),
            (Kind::Integer | Kind::Long, Token::Number) => {
                scalar::integer(&shape.kind, self.reader.number()?).map(Value::Int)
            }
            (Kind::Float | Kind::Double, Token::Number) => scalar::float(self.reader.number()?).map(Value::Float),
            (Kind::Float | Kind::Double, Token::String) => match scalar::special_float(&self.reader.string()?) {
                Some(float) => Ok(Value::Float(float)),
                None => Err(mismatch(token, kind_name(&shape.kind))),
            },
            (Kind::Blob { .. }, Token::String) => scalar::decode_base64(&self.reader.string()?).map(Value::Blob),
            (Kind::Timestamp { .. }, Token::Number | Token::String) => self.timestamp(shape, member, token),
            _ => Err(mismatch(token, kind_name(&shape.kind))),
        }
    }

    fn timestamp(&mut self, shape: &Shape, member: Option<&'static Member>, token: Token) -> Result<Value, Fail> {
        let format = scalar::timestamp_format(member, shape, TimestampFormat::UnixTimestamp);
        let number = format == TimestampFormat::UnixTimestamp;
        if number != (token == Token::Number) {
            return Err(mismatch(token, "Timestamp"));
        }
        let text = if number { self.reader.number()?.into() } else { self.reader.string()? };
        Timestamp::parse(format, &text).map(Value::Timestamp).ok_or_else(|| scalar::bad_timestamp(&text))
    }
}

/// Reads any value.
fn document(reader: &mut Reader<'_>, depth: usize) -> Result<Value, Fail> {
    if depth > MAX_DEPTH {
        return Err(Fail::too_deep());
    }
    Ok(match reader.peek()? {
        Token::Null => reader.literal("null").map(|()| Value::Null)?,
        Token::True => reader.literal("true").map(|()| Value::Bool(true))?,
        Token::False => reader.literal("false").map(|()| Value::Bool(false))?,
        Token::Number => scalar::any_number(reader.number()?),
        Token::String => Value::String(reader.string()?.into_owned()),
        Token::Array => {
            let mut list = Vec::new();
            let mut more = reader.open(b']')?;
            while more {
                list.push(document(reader, depth + 1)?);
                more = reader.more(b']')?;
            }
            Value::List(list)
        }
        Token::Object => {
            let mut entries = Vec::new();
            let mut more = reader.open(b'}')?;
            while more {
                let name = Name::Owned(reader.name()?.into_owned());
                entries.push((name, document(reader, depth + 1)?));
                more = reader.more(b'}')?;
            }
            Value::Map(last_of_each(entries))
        }
    })
}

/// A map in which the last of several equal names counts, without comparing all with all.
pub(crate) fn last_of_each(mut entries: Vec<(Name, Value)>) -> Map {
    if entries.len() > 1 {
        let mut seen = HashSet::with_capacity(entries.len());
        let distinct = entries.iter().all(|(name, _)| seen.insert(name.as_ref()));
        if !distinct {
            let mut seen: HashSet<String> = HashSet::new();
            entries.reverse();
            entries.retain(|(name, _)| seen.insert(name.to_string()));
            entries.reverse();
        }
    }
    entries.into_iter().collect()
}

pub(crate) fn union_fail(members: usize) -> Fail {
    let what = if members == 0 { "no known member" } else { "more than one member" };
    Fail::new(ParseErrorKind::Union, format!("A union must have exactly one member, but {what} is set."))
}

// DynamoDB answers "NUMBER_VALUE cannot be converted to String"; UNVERIFIED: that all services do, and the
// words for the other kinds.
fn mismatch(token: Token, expected: &str) -> Fail {
    let message = match (token, expected) {
        (Token::Object, _) => "Start of structure or map found where not expected".to_owned(),
        (Token::Array, _) => "Start of list found where not expected".to_owned(),
        (_, "Structure" | "List" | "Map") => format!("Expected {} or null", expected.to_lowercase()),
        (Token::String, _) => format!("STRING_VALUE cannot be converted to {expected}"),
        (Token::Number, _) => format!("NUMBER_VALUE cannot be converted to {expected}"),
        (Token::True, _) => format!("TRUE_VALUE cannot be converted to {expected}"),
        _ => format!("FALSE_VALUE cannot be converted to {expected}"),
    };
    Fail::new(ParseErrorKind::Type, message)
}

pub(crate) fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure(_) => "Structure",
        Kind::List { .. } => "List",
        Kind::Map { .. } => "Map",
        Kind::String { .. } => "String",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Float => "Float",
        Kind::Double => "Double",
        Kind::Boolean => "Boolean",
        Kind::Blob { .. } => "Blob",
        Kind::Timestamp { .. } => "Timestamp",
    }
}
