//! XML to [`Value`], by the model.

use welkin_model::{Kind, Member, Service, Shape, Structure, TimestampFormat};

use super::pull::{Pull, Start};
use crate::json::{last_of_each, union_fail};
use crate::parse_error::{Fail, ParseErrorKind};
use crate::query_names::is_flattened;
use crate::route::{Finder, wire_name};
use crate::scalar;
use crate::{Map, Name, Value};

/// Reads elements by the model. The depth is bounded by [`Pull`].
pub(crate) struct Read<'a> {
    service: &'static Service,
    pub(crate) pull: Pull<'a>,
}

impl<'a> Read<'a> {
    pub(crate) fn new(service: &'static Service, bytes: &'a [u8]) -> Result<Self, Fail> {
        Ok(Self { service, pull: Pull::new(bytes)? })
    }

    /// Reads a value from the element that has started.
    pub(crate) fn value(
        &mut self,
        shape: &'static Shape,
        member: Option<&'static Member>,
        start: &Start<'_>,
    ) -> Result<Value, Fail> {
        match &shape.kind {
            Kind::Structure(structure) => {
                let map = self.structure(structure, |_| true, start)?;
                if structure.union && map.len() != 1 {
                    return Err(union_fail(map.len()));
                }
                Ok(Value::Map(map))
            }
            Kind::List { member: item, .. } => {
                let (name, shape) = (item.location_name.unwrap_or("member"), self.service.shape(item.shape));
                let mut list = Vec::new();
                while let Some(start) = self.pull.child()? {
                    if start.name() == name {
                        list.push(self.value(shape, Some(item), &start)?);
                    } else {
                        self.pull.skip()?;
                    }
                }
                Ok(Value::List(list))
            }
            Kind::Map { key, value, .. } => {
                let mut entries = Vec::new();
                while let Some(_entry) = self.pull.child()? {
                    entries.push(self.entry(key, value)?);
                }
                Ok(Value::Map(last_of_each(entries)))
            }
            _ => {
                let text = self.pull.text()?;
                let value = scalar::from_text(shape, member, &text, TimestampFormat::Iso8601);
                value.map_err(|fail| Fail { parameter: None, ..fail })
            }
        }
    }

    /// Reads the members of a structure that `wanted` picks.
    pub(crate) fn structure(
        &mut self,
        structure: &'static Structure,
        wanted: fn(&Member) -> bool,
        start: &Start<'_>,
    ) -> Result<Map, Fail> {
        let mut map = Map::with_capacity(structure.members.len().min(8));
        for member in structure.members.iter().filter(|m| m.xml_attribute) {
            if let Some(text) = start.attribute(wire_name(member))? {
                let shape = self.service.shape(member.shape);
                map.push(member.name, scalar::from_text(shape, Some(member), &text, TimestampFormat::Iso8601)?);
            }
        }
        let mut finder = Finder::new(structure);
        let mut flat_maps: Vec<(&'static str, Vec<(Name, Value)>)> = Vec::new();
        while let Some(start) = self.pull.child()? {
            let service = self.service;
            let wanted = |m: &Member| wanted(m) && !m.xml_attribute && is_element_of(service, m, start.name());
            // Where a list took over the element of a single value (`Events` of `Event` in S3), it is the list's.
            let found = finder.find(|m| wanted(m) && (m.flattened || !shared(service, structure, m)));
            let found = found.or_else(|| finder.find(wanted));
            match found {
                Some(member) => self.member(member, &start, &mut map, &mut flat_maps)?,
                None => self.pull.skip()?,
            }
        }
        for (name, entries) in flat_maps {
            map.insert(name, last_of_each(entries));
        }
        Ok(map)
    }

    fn member(
        &mut self,
        member: &'static Member,
        start: &Start<'_>,
        map: &mut Map,
        flat_maps: &mut Vec<(&'static str, Vec<(Name, Value)>)>,
    ) -> Result<(), Fail> {
        let shape = self.service.shape(member.shape);
        let flat = is_flattened(&shape.kind, Some(member));
        match &shape.kind {
            Kind::List { member: item, .. } if flat => {
                let value = self.value(self.service.shape(item.shape), Some(item), start)?;
                match map.get_mut(member.name) {
                    Some(Value::List(list)) => list.push(value),
                    _ => map.insert(member.name, vec![value]),
                }
            }
            Kind::Map { key, value, .. } if flat => {
                let entry = self.entry(key, value)?;
                match flat_maps.iter_mut().find(|(name, _)| *name == member.name) {
                    Some((_, entries)) => entries.push(entry),
                    None => flat_maps.push((member.name, vec![entry])),
                }
            }
            _ => {
                let value = self.value(shape, Some(member), start)?;
                map.insert(member.name, value);
            }
        }
        Ok(())
    }

    /// Reads key and value of a map's entry that has started.
    fn entry(&mut self, key: &'static Member, value: &'static Member) -> Result<(Name, Value), Fail> {
        let (key_name, value_name) = (key.location_name.unwrap_or("key"), value.location_name.unwrap_or("value"));
        let (mut name, mut found) = (None, Value::Null);
        while let Some(start) = self.pull.child()? {
            if start.name() == key_name {
                name = Some(self.pull.text()?.into_owned());
            } else if start.name() == value_name {
                found = self.value(self.service.shape(value.shape), Some(value), &start)?;
            } else {
                self.pull.skip()?;
            }
        }
        let name = name.ok_or_else(|| Fail::new(ParseErrorKind::Malformed, "An entry of a map has no key."))?;
        Ok((Name::Owned(name), found))
    }
}

/// Whether a flattened list of the structure goes by the same element.
fn shared(service: &'static Service, structure: &'static Structure, member: &Member) -> bool {
    let name = wire_name(member);
    structure.members.iter().any(|m| m.flattened && m.name != member.name && is_element_of(service, m, name))
}

/// Whether an element called `name` holds `member`: flattened lists may go by their items' name.
fn is_element_of(service: &'static Service, member: &Member, name: &str) -> bool {
    if wire_name(member) == name {
        return true;
    }
    let kind = &service.shape(member.shape).kind;
    match kind {
        Kind::List { member: item, .. } => item.location_name == Some(name) && is_flattened(kind, Some(member)),
        _ => false,
    }
}
