//! Document paths: `a.b[3]`.

use std::fmt;

use crate::{Invalid, Item, Value};

/// A path to a value within an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Name of the attribute.
    pub attribute: String,
    /// Steps within its value.
    pub steps: Vec<Step>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a map.
    Name(String),
    /// Into a list.
    Index(usize),
}

impl Path {
    /// The value there, if there is one.
    pub fn find<'a>(&self, item: &'a Item) -> Option<&'a Value> {
        self.steps.iter().try_fold(item.get(&self.attribute)?, |value, step| match (value, step) {
            (Value::M(map), Step::Name(name)) => map.get(name),
            (Value::L(list), Step::Index(index)) => list.get(*index),
            _ => None,
        })
    }

    /// Whether one path leads to the other's value or through it.
    fn overlaps(&self, other: &Self) -> bool {
        self.attribute == other.attribute && self.steps.iter().zip(&other.steps).all(|(a, b)| a == b)
    }

    /// Whether one path takes for a map what the other takes for a list.
    fn conflicts(&self, other: &Self) -> bool {
        let parting = self.steps.iter().zip(&other.steps).find(|(a, b)| a != b);
        self.attribute == other.attribute
            && parting.is_some_and(|(a, b)| matches!(a, Step::Name(_)) != matches!(b, Step::Name(_)))
    }
}

/// Refuses paths of one expression that overlap.
pub(crate) fn check_apart(paths: &[&Path]) -> Result<(), Invalid> {
    for (at, one) in paths.iter().enumerate() {
        for two in paths.iter().skip(at + 1) {
            let fault = match (one.overlaps(two), one.conflicts(two)) {
                (true, _) => "overlap",
                (_, true) => "conflict",
                _ => continue,
            };
            return Err(Invalid::new(format!(
                "Two document paths {fault} with each other; must remove or rewrite one of these paths; path one: \
                 {one}, path two: {two}"
            )));
        }
    }
    Ok(())
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.attribute)?;
        for step in &self.steps {
            match step {
                Step::Name(name) => write!(f, ", {name}")?,
                Step::Index(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}
