//! [`Value`] to XML, by the model.

use welkin_model::{Kind, Member, Protocol, Service, Shape, Structure, TimestampFormat, XmlNamespace};

use crate::query_names::is_flattened;
use crate::route::{Finder, wire_name};
use crate::scalar;
use crate::serialise_error::{Problem, SerialiseError};
use crate::{Fraction, MAX_DEPTH, Map, Value};

type Result<T = ()> = std::result::Result<T, SerialiseError>;

/// Whether names of flattened lists are those that servers write or those that clients write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Answers: a flattened list goes by its items' name, if that is given.
    Server,
    /// Requests: a flattened list goes by its member's name.
    Client,
}

/// Writes XML text by the model.
pub(crate) struct Writer {
    service: &'static Service,
    side: Side,
    fraction: Fraction,
    out: String,
}

impl Writer {
    pub(crate) fn new(service: &'static Service, protocol: Protocol, side: Side) -> Self {
        let fraction = match side {
            Side::Server => scalar::fraction(service.id, protocol),
            Side::Client => Fraction::AsNeeded,
        };
        Self { service, side, fraction, out: String::with_capacity(512) }
    }

    pub(crate) fn declaration(&mut self) {
        self.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// Starts an element with, perhaps, a default namespace.
    pub(crate) fn open(&mut self, name: &str, namespace: Option<&str>) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some(uri) = namespace {
            self.attribute("xmlns", uri);
        }
        self.out.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Writes an element of text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.open(name, None);
        escape(&mut self.out, text);
        self.close(name);
    }

    /// Writes text.
    pub(crate) fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value);
        self.out.push('"');
    }

    fn start(&mut self, name: &str, namespace: Option<XmlNamespace>) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some(namespace) = namespace {
            match namespace.prefix {
                Some(prefix) => self.attribute(&format!("xmlns:{prefix}"), namespace.uri),
                None => self.attribute("xmlns", namespace.uri),
            }
        }
    }

    /// Writes a payload structure as the root element, in the service's namespace if it has none of its own.
    pub(crate) fn root(
        &mut self,
        name: &str,
        namespace: Option<&str>,
        member: &'static Member,
        structure: &'static Structure,
        map: &Map,
    ) -> Result {
        self.start(name, member.xml_namespace.or(structure.xml_namespace));
        if let (None, None, Some(uri)) = (member.xml_namespace, structure.xml_namespace, namespace) {
            self.attribute("xmlns", uri);
        }
        self.attributes(structure, map)?;
        self.out.push('>');
        self.members(structure, map, |_| true, 0)?;
        self.close(name);
        Ok(())
    }

    /// Writes the members of `map` that `wanted` picks as child elements.
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
            if value.is_null() || member.xml_attribute || !wanted(member) {
                continue;
            }
            self.member(member, value, depth).map_err(|e| e.within(name))?;
        }
        Ok(())
    }

    /// Writes a member; nothing if the value does not fit.
    pub(crate) fn try_member(&mut self, member: &'static Member, value: &Value) {
        let before = self.out.len();
        if self.member(member, value, 0).is_err() {
            self.out.truncate(before);
        }
    }

    fn member(&mut self, member: &'static Member, value: &Value, depth: usize) -> Result {
        let shape = self.service.shape(member.shape);
        if !is_flattened(&shape.kind, Some(member)) {
            return self.value(wire_name(member), shape, Some(member), value, depth + 1);
        }
        match (&shape.kind, value) {
            (Kind::List { member: item, .. }, Value::List(list)) => {
                let name = match self.side {
                    Side::Server => item.location_name.unwrap_or(wire_name(member)),
                    Side::Client => wire_name(member),
                };
                self.items(name, item, list, depth)
            }
            (Kind::Map { key, value, .. }, Value::Map(map)) => self.entries(wire_name(member), key, value, map, depth),
            _ => Err(SerialiseError::kind(shape, value)),
        }
    }

    /// Writes a value as the element `name`.
    pub(crate) fn value(
        &mut self,
        name: &str,
        shape: &'static Shape,
        member: Option<&'static Member>,
        value: &Value,
        depth: usize,
    ) -> Result {
        if depth > MAX_DEPTH {
            return Err(SerialiseError::new(Problem::TooDeep));
        }
        let namespace = member.and_then(|m| m.xml_namespace);
        match (&shape.kind, value) {
            (Kind::Structure(s), Value::Map(map)) => {
                if s.union && map.iter().filter(|(_, v)| !v.is_null()).count() != 1 {
                    return Err(SerialiseError::new(Problem::Union));
                }
                self.start(name, namespace.or(s.xml_namespace));
                self.attributes(s, map)?;
                self.out.push('>');
                self.members(s, map, |_| true, depth)?;
            }
            (Kind::List { member: item, .. }, Value::List(list)) => {
                self.start(name, namespace);
                self.out.push('>');
                self.items(item.location_name.unwrap_or("member"), item, list, depth)?;
            }
            (Kind::Map { key, value, .. }, Value::Map(map)) => {
                self.start(name, namespace);
                self.out.push('>');
                self.entries("entry", key, value, map, depth)?;
            }
            _ => {
                let text = scalar::to_text(shape, member, value, TimestampFormat::Iso8601, self.fraction);
                let text = text.ok_or_else(|| SerialiseError::kind(shape, value))?;
                self.start(name, namespace);
                self.out.push('>');
                escape(&mut self.out, &text);
            }
        }
        self.close(name);
        Ok(())
    }

    fn attributes(&mut self, structure: &'static Structure, map: &Map) -> Result {
        for member in structure.members.iter().filter(|m| m.xml_attribute) {
            let Some(value) = map.get(member.name).filter(|v| !v.is_null()) else { continue };
            let shape = self.service.shape(member.shape);
            let text = scalar::to_text(shape, Some(member), value, TimestampFormat::Iso8601, self.fraction);
            let text = text.ok_or_else(|| SerialiseError::kind(shape, value).within(member.name))?;
            self.attribute(wire_name(member), &text);
        }
        Ok(())
    }

    fn items(&mut self, name: &str, item: &'static Member, list: &[Value], depth: usize) -> Result {
        let shape = self.service.shape(item.shape);
        for (index, value) in list.iter().enumerate() {
            if value.is_null() {
                return Err(SerialiseError::new(Problem::Null).at(index));
            }
            self.value(name, shape, Some(item), value, depth + 1).map_err(|e| e.at(index))?;
        }
        Ok(())
    }

    fn entries(&mut self, name: &str, key: &'static Member, item: &'static Member, map: &Map, depth: usize) -> Result {
        let shape = self.service.shape(item.shape);
        let (key_name, value_name) = (key.location_name.unwrap_or("key"), item.location_name.unwrap_or("value"));
        for (entry, value) in map.iter() {
            if value.is_null() {
                return Err(SerialiseError::new(Problem::Null).within(entry));
            }
            self.open(name, None);
            self.leaf(key_name, entry);
            self.value(value_name, shape, Some(item), value, depth + 1).map_err(|e| e.within(entry))?;
            self.close(name);
        }
        Ok(())
    }
}

/// Escapes text for elements and attributes. Characters that XML 1.0 cannot hold become U+FFFD.
fn escape(out: &mut String, text: &str) {
    let mut start = 0;
    for (at, char) in text.char_indices() {
        let replacement = match char {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\r' => "&#13;",
            '\n' => "&#10;",
            '\t' => "&#9;",
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            _ => continue,
        };
        out.push_str(&text[start..at]);
        out.push_str(replacement);
        start = at + char.len_utf8();
    }
    out.push_str(&text[start..]);
}
