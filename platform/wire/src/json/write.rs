//! [`Value`] to JSON, by the model.

use std::io::Write;

use welkin_model::{Kind, Member, Service, Shape, Structure, TimestampFormat};

use crate::route::{Finder, wire_name};
use crate::scalar;
use crate::serialise_error::{Problem, SerialiseError};
use crate::{Fraction, MAX_DEPTH, Map, Value};

type Result<T = ()> = std::result::Result<T, SerialiseError>;

/// Writes JSON text by the model.
pub(crate) struct Writer {
    service: &'static Service,
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(service: &'static Service) -> Self {
        Self { service, out: Vec::with_capacity(256) }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    /// Opens an object for [`Self::field`] and [`Self::members`].
    pub(crate) fn begin(&mut self) {
        self.out.push(b'{');
    }

    pub(crate) fn end(&mut self) {
        self.out.push(b'}');
    }

    /// Writes one string member.
    pub(crate) fn field(&mut self, name: &str, text: &str) {
        self.name(name);
        string(&mut self.out, text);
    }

    /// Writes a member of no shape; nothing if JSON cannot hold the value.
    pub(crate) fn try_document(&mut self, name: &str, value: &Value) {
        let before = self.out.len();
        self.name(name);
        if document(&mut self.out, value, 0).is_err() {
            self.out.truncate(before);
        }
    }

    /// Writes a member; nothing if the value does not fit.
    pub(crate) fn try_member(&mut self, member: &'static Member, value: &Value) {
        let before = self.out.len();
        self.name(wire_name(member));
        if self.value(self.service.shape(member.shape), Some(member), value, 0).is_err() {
            self.out.truncate(before);
        }
    }

    fn name(&mut self, name: &str) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        string(&mut self.out, name);
        self.out.push(b':');
    }

    /// Writes the members of `map` that `wanted` picks.
    pub(crate) fn members(
        &mut self,
        s: &'static Structure,
        map: &Map,
        wanted: fn(&Member) -> bool,
        depth: usize,
    ) -> Result {
        let mut finder = Finder::new(s);
        for (name, value) in map.iter() {
            let member = finder.find(|m| m.name == name).ok_or_else(|| SerialiseError::unknown(name))?;
            if value.is_null() || !wanted(member) {
                continue;
            }
            self.name(wire_name(member));
            let shape = self.service.shape(member.shape);
            self.value(shape, Some(member), value, depth + 1).map_err(|e| e.within(name))?;
        }
        Ok(())
    }

    /// Writes a value of `shape`.
    pub(crate) fn value(
        &mut self,
        shape: &'static Shape,
        member: Option<&'static Member>,
        value: &Value,
        depth: usize,
    ) -> Result {
        if depth > MAX_DEPTH {
            return Err(SerialiseError::new(Problem::TooDeep));
        }
        match (&shape.kind, value) {
            (Kind::Structure(s), value) if s.document => return document(&mut self.out, value, depth),
            (Kind::Structure(s), Value::Map(map)) => {
                if s.union && map.iter().filter(|(_, v)| !v.is_null()).count() != 1 {
                    return Err(SerialiseError::new(Problem::Union));
                }
                self.begin();
                self.members(s, map, |_| true, depth)?;
                self.end();
            }
            (Kind::List { member, sparse, .. }, Value::List(list)) => self.list(member, *sparse, list, depth)?,
            (Kind::Map { value: member, sparse, .. }, Value::Map(map)) => self.map(member, *sparse, map, depth)?,
            _ => self.scalar(shape, member, value)?,
        }
        Ok(())
    }

    fn list(&mut self, member: &'static Member, sparse: bool, list: &[Value], depth: usize) -> Result {
        let shape = self.service.shape(member.shape);
        self.out.push(b'[');
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.item(shape, member, sparse, item, depth).map_err(|e| e.at(index))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn map(&mut self, member: &'static Member, sparse: bool, map: &Map, depth: usize) -> Result {
        let shape = self.service.shape(member.shape);
        self.begin();
        for (name, item) in map.iter() {
            self.name(name);
            self.item(shape, member, sparse, item, depth).map_err(|e| e.within(name))?;
        }
        self.end();
        Ok(())
    }

    fn item(&mut self, s: &'static Shape, m: &'static Member, sparse: bool, item: &Value, depth: usize) -> Result {
        match item {
            Value::Null if sparse => self.out.extend_from_slice(b"null"),
            Value::Null if !matches!(&s.kind, Kind::Structure(s) if s.document) => {
                return Err(SerialiseError::new(Problem::Null));
            }
            item => self.value(s, Some(m), item, depth + 1)?,
        }
        Ok(())
    }

    fn scalar(&mut self, shape: &'static Shape, member: Option<&'static Member>, value: &Value) -> Result {
        let out = &mut self.out;
        match (&shape.kind, value) {
            (Kind::String { .. }, Value::String(text)) => string(out, text),
            (Kind::Boolean, Value::Bool(bool)) => boolean(out, *bool),
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, Value::Int(int)) => integer(out, *int),
            (Kind::Float | Kind::Double, Value::Float(float)) => number(out, *float),
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, Value::Decimal(text)) => {
                out.extend_from_slice(text.as_bytes());
            }
            (Kind::Timestamp { .. }, Value::Timestamp(timestamp)) => {
                let format = scalar::timestamp_format(member, shape, TimestampFormat::UnixTimestamp);
                let text = timestamp.format(format, Fraction::AsNeeded);
                match format {
                    TimestampFormat::UnixTimestamp => out.extend_from_slice(text.as_bytes()),
                    _ => string(out, &text),
                }
            }
            (Kind::Blob { .. }, Value::Blob(bytes)) => {
                out.push(b'"');
                out.extend_from_slice(scalar::encode_base64(bytes).as_bytes());
                out.push(b'"');
            }
            _ => return Err(SerialiseError::kind(shape, value)),
        }
        Ok(())
    }
}

fn boolean(out: &mut Vec<u8>, bool: bool) {
    out.extend_from_slice(if bool { b"true" } else { b"false" });
}

fn integer(out: &mut Vec<u8>, int: i64) {
    let _ = write!(out, "{int}");
}

fn number(out: &mut Vec<u8>, float: f64) {
    let text = scalar::float_text(float);
    if float.is_finite() { out.extend_from_slice(text.as_bytes()) } else { string(out, &text) }
}

/// Writes any value as JSON has it.
pub(crate) fn document(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result {
    if depth > MAX_DEPTH {
        return Err(SerialiseError::new(Problem::TooDeep));
    }
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(bool) => boolean(out, *bool),
        Value::Int(int) => integer(out, *int),
        Value::Float(float) => number(out, *float),
        Value::Decimal(text) => out.extend_from_slice(text.as_bytes()),
        Value::String(text) => string(out, text),
        Value::Blob(bytes) => string(out, &scalar::encode_base64(bytes)),
        Value::Timestamp(timestamp) => out.extend_from_slice(timestamp.to_epoch().as_bytes()),
        Value::Document(value) => document(out, value, depth)?,
        Value::List(list) => {
            out.push(b'[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                document(out, item, depth + 1).map_err(|e| e.at(index))?;
            }
            out.push(b']');
        }
        Value::Map(map) => {
            out.push(b'{');
            for (index, (name, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                document(out, item, depth + 1).map_err(|e| e.within(name))?;
            }
            out.push(b'}');
        }
        Value::Stream(_) => return Err(SerialiseError::new(Problem::Kind { shape: "document", found: "stream" })),
    }
    Ok(())
}

/// Writes a string with its quotes.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[start..at]);
        start = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}
