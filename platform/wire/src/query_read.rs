//! Requests of the query and ec2 protocols to [`Value`].

use welkin_model::{Kind, Member, Protocol, Service, Shape, Structure, TimestampFormat};

use crate::form::{self, Node};
use crate::json::{last_of_each, union_fail};
use crate::parse_error::{Fail, ParseErrorKind};
use crate::query_names::{is_flattened, is_parameter, list_segment};
use crate::route::Finder;
use crate::scalar;
use crate::{MAX_DEPTH, Map, Name, Value};

/// Reads an input from the body and the query string of a request.
pub(crate) fn read(
    service: &'static Service,
    protocol: Protocol,
    input: &'static Structure,
    query: &str,
    body: &[u8],
) -> Result<Map, Fail> {
    let body = std::str::from_utf8(body).map_err(|_| Fail::malformed("The body is not UTF-8."))?;
    let mut pairs = form::pairs(query)?;
    pairs.extend(form::pairs(body)?);
    form::sort(&mut pairs);
    Read { service, protocol }.structure(input, Node::root(&pairs), 0)
}

struct Read {
    service: &'static Service,
    protocol: Protocol,
}

impl Read {
    fn structure(&self, structure: &'static Structure, node: Node<'_>, depth: usize) -> Result<Map, Fail> {
        let mut map = Map::with_capacity(structure.members.len().min(8));
        let mut finder = Finder::new(structure);
        for (segment, child) in node.children() {
            let Some(member) = finder.find(|m| is_parameter(self.service, self.protocol, m, segment)) else {
                continue;
            };
            let value = self.value(self.service.shape(member.shape), Some(member), child, depth + 1)?;
            map.insert(member.name, value);
        }
        if structure.union && map.len() != 1 {
            return Err(union_fail(map.len()).of(node.name(), ""));
        }
        Ok(map)
    }

    fn value(
        &self,
        shape: &'static Shape,
        member: Option<&'static Member>,
        node: Node<'_>,
        depth: usize,
    ) -> Result<Value, Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::too_deep());
        }
        match &shape.kind {
            Kind::Structure(structure) => self.structure(structure, node, depth).map(Value::Map),
            Kind::List { member: item, .. } => {
                let items = match list_segment(self.protocol, &shape.kind, member) {
                    Some(segment) => node.child(segment),
                    None => Some(node),
                };
                let item_shape = self.service.shape(item.shape);
                let items = items.map(Node::numbered).unwrap_or_default().into_iter();
                items
                    .map(|n| self.value(item_shape, Some(item), n, depth + 1))
                    .collect::<Result<_, _>>()
                    .map(Value::List)
            }
            Kind::Map { key, value, .. } => {
                let flat = is_flattened(&shape.kind, member);
                let entries = if flat { Some(node) } else { node.child("entry") };
                self.map(key, value, entries.map(Node::numbered).unwrap_or_default(), depth)
            }
            _ => {
                let text = node.text().ok_or_else(|| unexpected(node))?;
                scalar::from_text(shape, member, text, TimestampFormat::Iso8601)
                    .map_err(|f| named(f, node.name(), text))
            }
        }
    }

    fn map(
        &self,
        key: &'static Member,
        value: &'static Member,
        nodes: Vec<Node<'_>>,
        depth: usize,
    ) -> Result<Value, Fail> {
        let (key_name, value_name) = (key.location_name.unwrap_or("key"), value.location_name.unwrap_or("value"));
        let value_shape = self.service.shape(value.shape);
        let mut entries = Vec::with_capacity(nodes.len());
        for node in nodes {
            let name = node.child(key_name).and_then(|n| n.text()).ok_or_else(|| unexpected(node))?;
            let value = match node.child(value_name) {
                Some(node) => self.value(value_shape, Some(value), node, depth + 1)?,
                None => Value::Null,
            };
            entries.push((Name::Owned(name.to_owned()), value));
        }
        Ok(Value::Map(last_of_each(entries)))
    }
}

fn unexpected(node: Node<'_>) -> Fail {
    Fail::new(ParseErrorKind::Type, format!("Unexpected complex element termination at {}.", node.name()))
}

fn named(mut fail: Fail, name: &str, text: &str) -> Fail {
    fail.parameter = None;
    fail.of(name, text)
}
