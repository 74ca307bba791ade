//! Constraints of the model: required, length, range, pattern, enumeration, unions.

mod pattern;
mod wording;

use welkin_model::{Kind, Service, Shape, ShapeId, Structure};

pub use pattern::compiles;
pub use wording::validation_error;

use crate::{MAX_DEPTH, Map, Value};

/// Violations after which the rest of an input is not looked at.
const MAX_VIOLATIONS: usize = 50;

/// A constraint of the model that a value does not meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Name of the top-level member, as the model has it.
    pub member: &'static str,
    /// Path as AWS writes it, e.g. `attributeDefinitions.1.member.attributeName`.
    pub path: String,
    /// The value as AWS shows it; `None` for null, and for values that must not be shown.
    pub value: Option<String>,
    /// Whether the value must not be shown.
    pub sensitive: bool,
    /// What it does not meet.
    pub constraint: Constraint,
}

/// A constraint of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// Must be there.
    Required,
    /// Least length (characters, bytes, entries).
    MinLength(f64),
    /// Greatest length.
    MaxLength(f64),
    /// Least value.
    MinValue(f64),
    /// Greatest value.
    MaxValue(f64),
    /// Regular expression.
    Pattern(&'static str),
    /// Permitted values.
    Enum(&'static [&'static str]),
    /// Exactly one member of a union.
    Union,
    /// Constraints of all items of a list of simple values.
    Items(Vec<Constraint>),
    /// Constraints of all keys of a map.
    Keys(Vec<Constraint>),
    /// Constraints of all values of a map of simple values.
    Values(Vec<Constraint>),
}

/// Whether a service checks its inputs by the model before it looks at them. S3 does not: it answers
/// each fault in its own way.
pub fn validates(service: &Service) -> bool {
    service.id != "s3"
}

/// Whether the model lists all values that a service takes. SQS's does not: `ReceiveMessage` takes attributes
/// of messages where it lists those of queues; SQS itself answers those that it does not know.
fn knows_its_values(service: &Service) -> bool {
    service.id != "sqs"
}

/// Holds `value` against the constraints of `shape`, all the way down.
pub fn validate(service: &'static Service, shape: ShapeId, value: &Value) -> Result<(), Vec<Violation>> {
    if !validates(service) {
        return Ok(());
    }
    let mut check = Check { service, steps: Vec::new(), found: Vec::new() };
    check.value(service.shape(shape), value, 0);
    if check.found.is_empty() { Ok(()) } else { Err(check.found) }
}

/// A step of a path.
#[derive(Clone, Copy)]
enum Step<'v> {
    Member(&'static str),
    Item(usize),
    Key(&'v str),
}

struct Check<'v> {
    service: &'static Service,
    steps: Vec<Step<'v>>,
    found: Vec<Violation>,
}

impl<'v> Check<'v> {
    fn value(&mut self, shape: &'static Shape, value: &'v Value, depth: usize) {
        if value.is_null() || depth > MAX_DEPTH || self.found.len() >= MAX_VIOLATIONS {
            return;
        }
        match (&shape.kind, value) {
            (Kind::Structure(structure), Value::Map(map)) if !structure.document => {
                self.structure(structure, map, depth);
            }
            (Kind::List { member, sparse, .. }, Value::List(list)) => {
                self.own(shape, value);
                self.list(self.service.shape(member.shape), *sparse, list, value, depth);
            }
            (Kind::Map { key, value: item, .. }, Value::Map(map)) => {
                self.own(shape, value);
                self.map(self.service.shape(key.shape), self.service.shape(item.shape), map, value, depth);
            }
            _ => self.own(shape, value),
        }
    }

    fn structure(&mut self, structure: &'static Structure, map: &'v Map, depth: usize) {
        if structure.union && map.iter().filter(|(_, v)| !v.is_null()).count() != 1 {
            self.add(None, false, Constraint::Union);
        }
        for member in structure.members.iter().filter(|m| m.required) {
            if map.get(member.name).is_none_or(Value::is_null) {
                self.steps.push(Step::Member(member.name));
                self.add(None, false, Constraint::Required);
                self.steps.pop();
            }
        }
        let mut finder = crate::route::Finder::new(structure);
        for (name, value) in map.iter() {
            if let Some(member) = finder.find(|m| m.name == name) {
                self.steps.push(Step::Member(member.name));
                self.value(self.service.shape(member.shape), value, depth + 1);
                self.steps.pop();
            }
        }
    }

    fn list(&mut self, item: &'static Shape, sparse: bool, list: &'v [Value], whole: &Value, depth: usize) {
        if !sparse && list.iter().any(Value::is_null) {
            self.add(Some(whole), false, Constraint::Items(vec![Constraint::Required]));
        }
        if is_simple(item) {
            if list.iter().any(|value| !self.broken(item, value).is_empty()) {
                self.add(Some(whole), item.sensitive, Constraint::Items(self.all_of(item)));
            }
            return;
        }
        for (index, value) in list.iter().enumerate() {
            self.steps.push(Step::Item(index));
            self.value(item, value, depth + 1);
            self.steps.pop();
        }
    }

    fn map(&mut self, key: &'static Shape, item: &'static Shape, map: &'v Map, whole: &Value, depth: usize) {
        if constrained(key) {
            let bad = map.iter().any(|(name, _)| !self.broken(key, &Value::from(name)).is_empty());
            if bad {
                self.add(Some(whole), false, Constraint::Keys(self.all_of(key)));
            }
        }
        if is_simple(item) {
            if constrained(item) && map.iter().any(|(_, value)| !self.broken(item, value).is_empty()) {
                self.add(Some(whole), item.sensitive, Constraint::Values(self.all_of(item)));
            }
            return;
        }
        for (name, value) in map.iter() {
            self.steps.push(Step::Key(name));
            self.value(item, value, depth + 1);
            self.steps.pop();
        }
    }

    /// Checks the constraints of the value itself.
    fn own(&mut self, shape: &'static Shape, value: &Value) {
        for constraint in self.broken(shape, value) {
            self.add(Some(value), shape.sensitive, constraint);
        }
    }

    /// Constraints of `shape` that `value` does not meet.
    fn broken(&self, shape: &'static Shape, value: &Value) -> Vec<Constraint> {
        let mut broken = Vec::new();
        if !constrained(shape) {
            return broken;
        }
        let (measure, length) = match value {
            Value::String(text) => (text.chars().count() as f64, true),
            Value::Blob(bytes) => (bytes.len() as f64, true),
            Value::List(list) => (list.len() as f64, true),
            Value::Map(map) => (map.len() as f64, true),
            Value::Int(int) => (*int as f64, false),
            Value::Float(float) => (*float, false),
            _ => return broken,
        };
        if let Some(max) = shape.max.filter(|max| measure > *max) {
            broken.push(if length { Constraint::MaxLength(max) } else { Constraint::MaxValue(max) });
        }
        if let Some(min) = shape.min.filter(|min| measure < *min) {
            broken.push(if length { Constraint::MinLength(min) } else { Constraint::MinValue(min) });
        }
        if let Value::String(text) = value {
            if let Some(pattern) = shape.pattern.filter(|pattern| !pattern::matches(pattern, text)) {
                broken.push(Constraint::Pattern(pattern));
            }
            if let Kind::String { values } = &shape.kind
                && !values.is_empty()
                && !values.contains(&text.as_str())
                && knows_its_values(self.service)
            {
                broken.push(Constraint::Enum(values));
            }
        }
        broken
    }

    /// All constraints of a simple shape, as they are told of lists and maps.
    fn all_of(&self, shape: &'static Shape) -> Vec<Constraint> {
        let length = matches!(shape.kind, Kind::String { .. } | Kind::Blob { .. });
        let max = shape.max.map(|max| if length { Constraint::MaxLength(max) } else { Constraint::MaxValue(max) });
        let min = shape.min.map(|min| if length { Constraint::MinLength(min) } else { Constraint::MinValue(min) });
        let values = match &shape.kind {
            Kind::String { values } if !values.is_empty() => Some(Constraint::Enum(values)),
            _ => None,
        };
        max.into_iter().chain(min).chain(shape.pattern.map(Constraint::Pattern)).chain(values).collect()
    }

    fn add(&mut self, value: Option<&Value>, sensitive: bool, constraint: Constraint) {
        let member = match self.steps.first() {
            Some(Step::Member(name)) => name,
            _ => "",
        };
        let value = value.filter(|_| !sensitive).map(wording::shown);
        self.found.push(Violation { member, path: self.path(), value, sensitive, constraint });
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            if !path.is_empty() {
                path.push('.');
            }
            match step {
                Step::Member(name) => {
                    let mut chars = name.chars();
                    path.extend(chars.next().map(|c| c.to_ascii_lowercase()));
                    path.push_str(chars.as_str());
                }
                Step::Item(index) => path.push_str(&format!("{}.member", index + 1)),
                Step::Key(name) => path.push_str(&format!("{name}.member")),
            }
        }
        path
    }
}

fn is_simple(shape: &Shape) -> bool {
    !matches!(shape.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. })
}

fn constrained(shape: &Shape) -> bool {
    let values = matches!(&shape.kind, Kind::String { values } if !values.is_empty());
    values || shape.min.is_some() || shape.max.is_some() || shape.pattern.is_some()
}
