//! Projection expressions.

use crate::parser::Parser;
use crate::path::check_apart;
use crate::{Invalid, Item, Path, Placeholders, Step, Value};

/// Which parts of an item are asked for.
#[derive(Clone, Debug)]
pub struct Projection(pub Vec<Path>);

impl Projection {
    /// Reads an expression.
    ///
    /// # Errors
    /// It is none, or its paths overlap.
    pub fn parse(text: &str, placeholders: &Placeholders) -> Result<Self, Invalid> {
        Self::read(text, placeholders).map_err(|invalid| invalid.within("ProjectionExpression"))
    }

    fn read(text: &str, placeholders: &Placeholders) -> Result<Self, Invalid> {
        let mut parser = Parser::new(text, placeholders)?;
        let mut paths = vec![parser.path()?];
        while parser.sign(",") {
            paths.push(parser.path()?);
        }
        parser.end()?;
        check_apart(&paths.iter().collect::<Vec<_>>())?;
        Ok(Self(paths))
    }

    /// Attributes that it reads.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|path| path.attribute.as_str())
    }

    /// The parts of an item that it has; elements of lists follow one another as in the item.
    pub fn of(&self, item: &Item) -> Item {
        let part = |(name, value): (&String, &Value)| {
            let paths = self.0.iter().filter(|path| path.attribute == *name);
            let paths: Vec<&[Step]> = paths.map(|path| path.steps.as_slice()).collect();
            Some((name.clone(), project(value, &paths)?))
        };
        item.iter().filter_map(part).collect()
    }
}

/// What of a value lies at the ends of `paths`.
fn project(value: &Value, paths: &[&[Step]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    let within = |step: Step, value: &Value| -> Option<Value> {
        let rest = |path: &&'_ [Step]| path.first() == Some(&step);
        let paths: Vec<&[Step]> = paths.iter().filter(|path| rest(path)).filter_map(|path| path.get(1..)).collect();
        project(value, &paths)
    };
    match value {
        Value::M(map) => {
            let part =
                |(name, value): (&String, &Value)| Some((name.clone(), within(Step::Name(name.clone()), value)?));
            let found: Item = map.iter().filter_map(part).collect();
            (!found.is_empty()).then_some(Value::M(found))
        }
        Value::L(list) => {
            let parts = list.iter().enumerate();
            let found: Vec<Value> = parts.filter_map(|(at, value)| within(Step::Index(at), value)).collect();
            (!found.is_empty()).then_some(Value::L(found))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn parts_of_maps_and_lists_keep_their_order_and_leave_no_gaps() {
        let list = Value::L(["a", "b", "c"].map(|text| Value::S(text.into())).to_vec());
        let item = Item::from([("l".into(), list), ("m".into(), Value::M(Item::from([("x".into(), Value::Null)])))]);
        let projection = Projection::parse("l[2], m.x, l[0], gone", &Placeholders::default()).unwrap();
        let found = projection.of(&item);
        assert_eq!(found["l"], Value::L(vec![Value::S("a".into()), Value::S("c".into())]));
        assert_eq!(found["m"], item["m"]);
        assert_eq!(found.len(), 2);
        let overlap = Projection::parse("a, a.b", &Placeholders::default()).unwrap_err();
        assert_eq!(
            overlap.to_string(),
            "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of \
             these paths; path one: [a], path two: [a, b]"
        );
    }
}
