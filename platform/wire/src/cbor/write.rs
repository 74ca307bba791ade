//! [`Value`] to CBOR, by the model.

use welkin_model::{Kind, Service, Shape, Structure};

use crate::route::Finder;
use crate::serialise_error::{Problem, SerialiseError};
use crate::{MAX_DEPTH, Map, Value};

type Result<T = ()> = std::result::Result<T, SerialiseError>;

const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

/// Writes the members of a structure as one CBOR map.
pub(crate) fn write_members(service: &'static Service, structure: &'static Structure, map: &Map) -> Result<Vec<u8>> {
    let mut write = Write { service, out: Vec::with_capacity(256) };
    write.structure(structure, map, 0)?;
    Ok(write.out)
}

/// Writes a map whose members may be unknown to `structure` or of other shapes.
pub(crate) fn write_lenient(service: &'static Service, structure: Option<&'static Structure>, map: &Map) -> Vec<u8> {
    let mut write = Write { service, out: vec![0xbf] };
    for (name, value) in map.iter().filter(|(_, v)| !v.is_null()) {
        let before = write.out.len();
        write.text(name);
        let member = structure.and_then(|s| s.members.iter().find(|m| m.name == name));
        let written = match member {
            Some(member) => write.value(service.shape(member.shape), value, 0),
            None => write.any(value, 0),
        };
        if written.is_err() {
            write.out.truncate(before);
        }
    }
    write.out.push(0xff);
    write.out
}

struct Write {
    service: &'static Service,
    out: Vec<u8>,
}

impl Write {
    fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        match n {
            0..=23 => self.out.push(major | n as u8),
            24..=0xff => self.out.extend_from_slice(&[major | 24, n as u8]),
            0x100..=0xffff => {
                self.out.push(major | 25);
                self.out.extend_from_slice(&(n as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.out.push(major | 26);
                self.out.extend_from_slice(&(n as u32).to_be_bytes());
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend_from_slice(&n.to_be_bytes());
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn int(&mut self, int: i64) {
        if int < 0 { self.head(1, !int as u64) } else { self.head(0, int as u64) }
    }

    fn float(&mut self, float: f64) {
        self.out.push(0xfb);
        self.out.extend_from_slice(&float.to_be_bytes());
    }

    fn single(&mut self, float: f64) {
        self.out.push(0xfa);
        self.out.extend_from_slice(&(float as f32).to_be_bytes());
    }

    fn structure(&mut self, s: &'static Structure, map: &Map, depth: usize) -> Result {
        let count = map.iter().filter(|(_, value)| !value.is_null()).count();
        self.head(MAP, count as u64);
        let mut finder = Finder::new(s);
        for (name, value) in map.iter() {
            let member = finder.find(|m| m.name == name).ok_or_else(|| SerialiseError::unknown(name))?;
            if value.is_null() {
                continue;
            }
            self.text(member.name);
            self.value(self.service.shape(member.shape), value, depth + 1).map_err(|e| e.within(name))?;
        }
        Ok(())
    }

    fn value(&mut self, shape: &'static Shape, value: &Value, depth: usize) -> Result {
        if depth > MAX_DEPTH {
            return Err(SerialiseError::new(Problem::TooDeep));
        }
        match (&shape.kind, value) {
            (Kind::Structure(s), value) if s.document => self.any(value, depth)?,
            (Kind::Structure(s), Value::Map(map)) => {
                if s.union && map.iter().filter(|(_, v)| !v.is_null()).count() != 1 {
                    return Err(SerialiseError::new(Problem::Union));
                }
                self.structure(s, map, depth)?;
            }
            (Kind::List { member, sparse, .. }, Value::List(list)) => {
                self.head(ARRAY, list.len() as u64);
                let shape = self.service.shape(member.shape);
                for (index, item) in list.iter().enumerate() {
                    self.item(shape, *sparse, item, depth).map_err(|e| e.at(index))?;
                }
            }
            (Kind::Map { value: member, sparse, .. }, Value::Map(map)) => {
                self.head(MAP, map.len() as u64);
                let shape = self.service.shape(member.shape);
                for (name, item) in map.iter() {
                    self.text(name);
                    self.item(shape, *sparse, item, depth).map_err(|e| e.within(name))?;
                }
            }
            (kind, value) => self.scalar(kind, value).ok_or_else(|| SerialiseError::kind(shape, value))?,
        }
        Ok(())
    }

    fn item(&mut self, shape: &'static Shape, sparse: bool, item: &Value, depth: usize) -> Result {
        match item {
            Value::Null if sparse => self.out.push(0xf6),
            Value::Null => return Err(SerialiseError::new(Problem::Null)),
            item => self.value(shape, item, depth + 1)?,
        }
        Ok(())
    }

    fn scalar(&mut self, kind: &Kind, value: &Value) -> Option<()> {
        match (kind, value) {
            (Kind::String { .. }, Value::String(text)) => self.text(text),
            (Kind::Boolean, Value::Bool(bool)) => self.out.push(if *bool { 0xf5 } else { 0xf4 }),
            (Kind::Integer | Kind::Long, Value::Int(int)) => self.int(*int),
            (Kind::Float, Value::Float(float)) => self.single(*float),
            (Kind::Double, Value::Float(float)) => self.float(*float),
            (Kind::Float | Kind::Double, Value::Int(int)) => self.float(*int as f64),
            (Kind::Float | Kind::Double, Value::Decimal(text)) => self.float(text.parse().ok()?),
            (Kind::Blob { .. }, Value::Blob(bytes)) => {
                self.head(BYTES, bytes.len() as u64);
                self.out.extend_from_slice(bytes);
            }
            (Kind::Timestamp { .. }, Value::Timestamp(timestamp)) => {
                self.out.push(0xc1);
                match timestamp.micros() % 1_000_000 {
                    0 => self.int(timestamp.micros() / 1_000_000),
                    _ => self.float(timestamp.micros() as f64 / 1e6),
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Writes a value of no shape.
    fn any(&mut self, value: &Value, depth: usize) -> Result {
        if depth > MAX_DEPTH {
            return Err(SerialiseError::new(Problem::TooDeep));
        }
        match value {
            Value::Null => self.out.push(0xf6),
            Value::Bool(bool) => self.out.push(if *bool { 0xf5 } else { 0xf4 }),
            Value::Int(int) => self.int(*int),
            Value::Float(float) => self.float(*float),
            Value::Decimal(text) => self.float(text.parse().unwrap_or(f64::NAN)),
            Value::String(text) => self.text(text),
            Value::Blob(bytes) => {
                self.head(BYTES, bytes.len() as u64);
                self.out.extend_from_slice(bytes);
            }
            Value::Timestamp(timestamp) => {
                self.out.push(0xc1);
                self.float(timestamp.micros() as f64 / 1e6);
            }
            Value::Document(value) => self.any(value, depth)?,
            Value::List(list) => {
                self.head(ARRAY, list.len() as u64);
                for (index, item) in list.iter().enumerate() {
                    self.any(item, depth + 1).map_err(|e| e.at(index))?;
                }
            }
            Value::Map(map) => {
                self.head(MAP, map.len() as u64);
                for (name, item) in map.iter() {
                    self.text(name);
                    self.any(item, depth + 1).map_err(|e| e.within(name))?;
                }
            }
            Value::Stream(_) => {
                return Err(SerialiseError::new(Problem::Kind { shape: "document", found: "stream" }));
            }
        }
        Ok(())
    }
}
