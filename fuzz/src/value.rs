//! Values of any shape of the model.

use bytes::Bytes;
use welkin_model::{Kind, Member, Service, Shape};
use welkin_wire::{Body, Map, Stream, Timestamp, Value};

use crate::chance::Chance;

/// Structures, lists and maps nest no deeper.
const DEEPEST: usize = 6;

/// A value of a shape, with its required members and some of the others.
pub(crate) fn of(service: &'static Service, shape: &'static Shape, depth: usize, chance: &mut Chance) -> Value {
    match &shape.kind {
        Kind::Structure(structure) if structure.document => Value::Document(Box::new(text(chance))),
        Kind::Structure(structure) => {
            let mut map = Map::new();
            let only = structure.union.then(|| chance.below(structure.members.len()));
            for (place, member) in structure.members.iter().enumerate() {
                let wanted = match only {
                    Some(only) => only == place,
                    None => member.required || (depth < DEEPEST && chance.one_in(2)),
                };
                if wanted {
                    map.push(member.name, member_value(service, member, depth, chance));
                }
            }
            Value::Map(map)
        }
        Kind::List { member, .. } => {
            let count = if depth < DEEPEST { chance.below(4) } else { 0 };
            Value::List((0..count).map(|_| member_value(service, member, depth, chance)).collect())
        }
        Kind::Map { value, .. } => {
            let count = if depth < DEEPEST { chance.below(4) } else { 0 };
            let mut map = Map::new();
            for number in 0..count {
                map.push(format!("key{number}"), member_value(service, value, depth, chance));
            }
            Value::Map(map)
        }
        Kind::String { values } if !values.is_empty() => Value::String((*chance.pick(values)).to_owned()),
        Kind::String { .. } => text(chance),
        Kind::Integer => Value::Int(chance.below(1_000) as i64 - 100),
        Kind::Long => Value::Int(i64::from_le_bytes(chance.next().to_le_bytes())),
        Kind::Float | Kind::Double => Value::Float(chance.below(1_000) as f64 / 8.0),
        Kind::Boolean => Value::Bool(chance.one_in(2)),
        Kind::Blob { .. } => Value::Blob(Bytes::from(chance.next().to_le_bytes().to_vec())),
        Kind::Timestamp { .. } => Value::Timestamp(Timestamp::from_secs(chance.below(2_000_000_000) as i64)),
    }
}

fn member_value(service: &'static Service, member: &'static Member, depth: usize, chance: &mut Chance) -> Value {
    let shape = service.shape(member.shape);
    let streams = member.streaming || matches!(shape.kind, Kind::Blob { streaming: true, .. });
    if streams || shape.structure().is_some_and(|structure| structure.event_stream) {
        return Value::Stream(Stream::new(Body::Full(Bytes::from_static(b"a body"))));
    }
    if member.json_value {
        return Value::String("{\"a\":1}".to_owned());
    }
    of(service, shape, depth + 1, chance)
}

fn text(chance: &mut Chance) -> Value {
    let texts = ["a", "value", "with space", "ü€𐍈", "a/b", "a&b=c<d>\"e\"", "arn:aws:iam::111111111111:role/r", "42"];
    Value::String((*chance.pick(&texts)).to_owned())
}
