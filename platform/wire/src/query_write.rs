//! [`Value`] to parameters of the query and ec2 protocols, as clients send them.

use welkin_model::{Kind, Member, Protocol, Service, Shape, Structure, TimestampFormat};

use crate::binding::labels::encode;
use crate::query_names::{is_flattened, list_segment, parameter_name};
use crate::serialise_error::{Problem, SerialiseError};
use crate::{Fraction, MAX_DEPTH, Map, Value, scalar};

type Result<T = ()> = std::result::Result<T, SerialiseError>;

/// Writes the body of a request.
pub(crate) fn write(
    service: &'static Service,
    protocol: Protocol,
    operation: &str,
    input: Option<(&'static Structure, &Map)>,
) -> Result<String> {
    let mut write = Write { service, protocol, out: String::with_capacity(256) };
    write.pair("Action", operation);
    write.pair("Version", service.api_version);
    if let Some((structure, map)) = input {
        write.structure(structure, map, "", 0)?;
    }
    Ok(write.out)
}

struct Write {
    service: &'static Service,
    protocol: Protocol,
    out: String,
}

impl Write {
    fn pair(&mut self, name: &str, text: &str) {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        encode(&mut self.out, name, false);
        self.out.push('=');
        encode(&mut self.out, text, false);
    }

    fn structure(&mut self, structure: &'static Structure, map: &Map, prefix: &str, depth: usize) -> Result {
        for (name, value) in map.iter() {
            let member = structure.member(name).ok_or_else(|| SerialiseError::unknown(name))?;
            if value.is_null() {
                continue;
            }
            let key = joined(prefix, &parameter_name(self.service, self.protocol, member));
            let shape = self.service.shape(member.shape);
            self.value(shape, Some(member), value, &key, depth + 1).map_err(|e| e.within(name))?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        shape: &'static Shape,
        member: Option<&'static Member>,
        value: &Value,
        key: &str,
        depth: usize,
    ) -> Result {
        if depth > MAX_DEPTH {
            return Err(SerialiseError::new(Problem::TooDeep));
        }
        match (&shape.kind, value) {
            (Kind::Structure(structure), Value::Map(map)) => self.structure(structure, map, key, depth),
            (Kind::List { .. }, Value::List(list)) if list.is_empty() => {
                // The query protocol tells an empty list from none.
                if self.protocol == Protocol::Query {
                    self.pair(key, "");
                }
                Ok(())
            }
            (Kind::List { member: item, .. }, Value::List(list)) => {
                let prefix = match list_segment(self.protocol, &shape.kind, member) {
                    Some(segment) => joined(key, segment),
                    None => key.to_owned(),
                };
                let shape = self.service.shape(item.shape);
                for (index, value) in list.iter().enumerate() {
                    let key = joined(&prefix, &(index + 1).to_string());
                    self.value(shape, Some(item), value, &key, depth + 1).map_err(|e| e.at(index))?;
                }
                Ok(())
            }
            (Kind::Map { key: name, value: item, .. }, Value::Map(map)) => {
                let prefix = if is_flattened(&shape.kind, member) { key.to_owned() } else { joined(key, "entry") };
                let shape = self.service.shape(item.shape);
                for (index, (entry, value)) in map.iter().enumerate() {
                    let key = joined(&prefix, &(index + 1).to_string());
                    self.pair(&joined(&key, name.location_name.unwrap_or("key")), entry);
                    let key = joined(&key, item.location_name.unwrap_or("value"));
                    self.value(shape, Some(item), value, &key, depth + 1).map_err(|e| e.within(entry))?;
                }
                Ok(())
            }
            _ => {
                let text = scalar::to_text(shape, member, value, TimestampFormat::Iso8601, Fraction::AsNeeded);
                self.pair(key, &text.ok_or_else(|| SerialiseError::kind(shape, value))?);
                Ok(())
            }
        }
    }
}

fn joined(prefix: &str, segment: &str) -> String {
    if prefix.is_empty() { segment.to_owned() } else { format!("{prefix}.{segment}") }
}
