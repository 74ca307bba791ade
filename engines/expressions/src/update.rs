//! Update expressions.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>

use crate::parser::Parser;
use crate::path::check_apart;
use crate::{Invalid, Item, Path, Placeholders, Step, Value};

/// What is done to an item.
#[derive(Clone, Debug)]
pub struct Update(Vec<Action>);

#[derive(Clone, Debug)]
enum Action {
    Set(Path, Term),
    Remove(Path),
    Add(Path, Value),
    Delete(Path, Value),
}

/// What a path is set to.
#[derive(Clone, Debug)]
enum Term {
    Value(Value),
    Path(Path),
    IfNotExists(Path, Box<Term>),
    Append(Box<Term>, Box<Term>),
    Plus(Box<Term>, Box<Term>),
    Minus(Box<Term>, Box<Term>),
}

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

impl Update {
    /// Reads an expression.
    ///
    /// # Errors
    /// It is none, or its paths overlap.
    pub fn parse(text: &str, placeholders: &Placeholders) -> Result<Self, Invalid> {
        Self::read(text, placeholders).map_err(|invalid| invalid.within("UpdateExpression"))
    }

    fn read(text: &str, placeholders: &Placeholders) -> Result<Self, Invalid> {
        let mut parser = Parser::new(text, placeholders)?;
        let mut actions = Vec::new();
        let mut seen = Vec::new();
        while parser.peek().is_some() {
            let Some(section) = SECTIONS.into_iter().find(|section| parser.keyword(section)) else {
                return Err(parser.unexpected());
            };
            if seen.contains(&section) {
                let fault = format!("The \"{section}\" section can only be used once in an update expression;");
                return Err(Invalid::new(fault));
            }
            seen.push(section);
            actions.push(action(&mut parser, section)?);
            while parser.sign(",") {
                actions.push(action(&mut parser, section)?);
            }
        }
        check_apart(&actions.iter().map(Action::path).collect::<Vec<_>>())?;
        Ok(Self(actions))
    }

    /// The paths that it changes.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(Action::path)
    }

    /// Attributes that it changes or reads.
    pub fn attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for action in &self.0 {
            found.push(action.path().attribute.as_str());
            if let Action::Set(_, term) = action {
                term.collect(&mut found);
            }
        }
        found
    }

    /// The item that it makes of `item`: every operand is as it was before.
    ///
    /// # Errors
    /// An operand is missing or has a type that it cannot have, or a path leads nowhere.
    pub fn apply(&self, item: &Item) -> Result<Item, Invalid> {
        let mut new = item.clone();
        let mut removed = Vec::new();
        for action in &self.0 {
            match action {
                Action::Set(path, term) => set(&mut new, path, term.of(item)?)?,
                Action::Remove(path) => removed.push(path),
                Action::Add(path, value) => set(&mut new, path, added(path.find(item), value)?)?,
                Action::Delete(path, value) => match without(path.find(item), value)? {
                    Some(rest) => set(&mut new, path, rest)?,
                    None => removed.push(path),
                },
            }
        }
        // Elements of lists are removed from the last to the first: the others keep their places until then.
        removed.sort_by_key(|path| std::cmp::Reverse(last_index(path)));
        for path in removed {
            remove(&mut new, path)?;
        }
        Ok(new)
    }
}

impl Action {
    fn path(&self) -> &Path {
        match self {
            Self::Set(path, _) | Self::Remove(path) | Self::Add(path, _) | Self::Delete(path, _) => path,
        }
    }
}

impl Term {
    fn collect<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Value(_) => {}
            Self::Path(path) => found.push(&path.attribute),
            Self::IfNotExists(path, other) => {
                found.push(&path.attribute);
                other.collect(found);
            }
            Self::Append(a, b) | Self::Plus(a, b) | Self::Minus(a, b) => {
                a.collect(found);
                b.collect(found);
            }
        }
    }

    fn of(&self, item: &Item) -> Result<Value, Invalid> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Path(path) => path.find(item).cloned().ok_or_else(|| {
                Invalid::new("The provided expression refers to an attribute that does not exist in the item")
            }),
            Self::IfNotExists(path, other) => path.find(item).cloned().map_or_else(|| other.of(item), Ok),
            Self::Append(a, b) => match (a.of(item)?, b.of(item)?) {
                (Value::L(mut list), Value::L(more)) => {
                    list.extend(more);
                    Ok(Value::L(list))
                }
                _ => Err(wrong_type()),
            },
            Self::Plus(a, b) => match (a.of(item)?, b.of(item)?) {
                (Value::N(a), Value::N(b)) => a.plus(&b).map(Value::N),
                _ => Err(wrong_type()),
            },
            Self::Minus(a, b) => match (a.of(item)?, b.of(item)?) {
                (Value::N(a), Value::N(b)) => a.minus(&b).map(Value::N),
                _ => Err(wrong_type()),
            },
        }
    }
}

fn wrong_type() -> Invalid {
    Invalid::new("An operand in the update expression has an incorrect data type")
}

fn nowhere() -> Invalid {
    Invalid::new("The document path provided in the update expression is invalid for update")
}

fn last_index(path: &Path) -> usize {
    if let Some(Step::Index(index)) = path.steps.last() { *index } else { 0 }
}

/// The map or list that holds the end of a path; `None` for an attribute of the item itself.
fn holder<'a>(item: &'a mut Item, path: &Path) -> Result<Option<&'a mut Value>, Invalid> {
    let Some((_, within)) = path.steps.split_last() else { return Ok(None) };
    let mut at = item.get_mut(&path.attribute).ok_or_else(nowhere)?;
    for step in within {
        at = match (at, step) {
            (Value::M(map), Step::Name(name)) => map.get_mut(name),
            (Value::L(list), Step::Index(index)) => list.get_mut(*index),
            _ => None,
        }
        .ok_or_else(nowhere)?;
    }
    Ok(Some(at))
}

fn set(item: &mut Item, path: &Path, value: Value) -> Result<(), Invalid> {
    match (holder(item, path)?, path.steps.last()) {
        (Some(Value::M(map)), Some(Step::Name(name))) => {
            map.insert(name.clone(), value);
        }
        (Some(Value::L(list)), Some(Step::Index(index))) => match list.get_mut(*index) {
            Some(element) => *element = value,
            None => list.push(value),
        },
        (None, None) => {
            item.insert(path.attribute.clone(), value);
        }
        _ => return Err(nowhere()),
    }
    Ok(())
}

fn remove(item: &mut Item, path: &Path) -> Result<(), Invalid> {
    match (holder(item, path)?, path.steps.last()) {
        (Some(Value::M(map)), Some(Step::Name(name))) => {
            map.remove(name);
        }
        (Some(Value::L(list)), Some(Step::Index(index))) => {
            if *index < list.len() {
                list.remove(*index);
            }
        }
        (None, None) => {
            item.remove(&path.attribute);
        }
        _ => return Err(nowhere()),
    }
    Ok(())
}

fn united<T: Clone + Ord>(a: &[T], b: &[T]) -> Vec<T> {
    let mut set: Vec<T> = a.iter().chain(b).cloned().collect();
    set.sort();
    set.dedup();
    set
}

fn added(old: Option<&Value>, value: &Value) -> Result<Value, Invalid> {
    match (old, value) {
        (None, value) => Ok(value.clone()),
        (Some(Value::N(a)), Value::N(b)) => a.plus(b).map(Value::N),
        (Some(Value::SS(a)), Value::SS(b)) => Ok(Value::SS(united(a, b))),
        (Some(Value::NS(a)), Value::NS(b)) => Ok(Value::NS(united(a, b))),
        (Some(Value::BS(a)), Value::BS(b)) => Ok(Value::BS(united(a, b))),
        _ => Err(wrong_type()),
    }
}

fn less<T: Clone + PartialEq>(a: &[T], b: &[T]) -> Option<Vec<T>> {
    let rest: Vec<T> = a.iter().filter(|one| !b.contains(one)).cloned().collect();
    (!rest.is_empty()).then_some(rest)
}

/// A set without these elements; an empty one is removed.
fn without(old: Option<&Value>, value: &Value) -> Result<Option<Value>, Invalid> {
    match (old, value) {
        (None, _) => Ok(None),
        (Some(Value::SS(a)), Value::SS(b)) => Ok(less(a, b).map(Value::SS)),
        (Some(Value::NS(a)), Value::NS(b)) => Ok(less(a, b).map(Value::NS)),
        (Some(Value::BS(a)), Value::BS(b)) => Ok(less(a, b).map(Value::BS)),
        _ => Err(wrong_type()),
    }
}

fn action(parser: &mut Parser<'_>, section: &'static str) -> Result<Action, Invalid> {
    let path = parser.path()?;
    if section == "REMOVE" {
        return Ok(Action::Remove(path));
    }
    if section == "SET" {
        parser.expect("=")?;
        return Ok(Action::Set(path, sum(parser)?));
    }
    let Some(value) = parser.value()? else { return Err(parser.unexpected()) };
    let set = matches!(value, Value::SS(_) | Value::NS(_) | Value::BS(_));
    match (section, &value) {
        ("ADD", Value::N(_)) => Ok(Action::Add(path, value)),
        ("ADD", _) if set => Ok(Action::Add(path, value)),
        ("DELETE", _) if set => Ok(Action::Delete(path, value)),
        _ => Err(Invalid::new(format!(
            "Incorrect operand type for operator or function; operator: {section}, operand type: {}, typeSet: {}",
            value.type_name(),
            if section == "ADD" { "ALLOWED_FOR_ADD_OPERAND" } else { "ALLOWED_FOR_DELETE_OPERAND" }
        ))),
    }
}

fn sum(parser: &mut Parser<'_>) -> Result<Term, Invalid> {
    let left = term(parser)?;
    for sign in ["+", "-"] {
        if parser.sign(sign) {
            let right = term(parser)?;
            for side in [&left, &right] {
                if let Term::Value(value) = side
                    && !matches!(value, Value::N(_))
                {
                    return Err(operand_type(sign, value));
                }
            }
            let (left, right) = (Box::new(left), Box::new(right));
            return Ok(if sign == "+" { Term::Plus(left, right) } else { Term::Minus(left, right) });
        }
    }
    Ok(left)
}

fn operand_type(operator: &str, value: &Value) -> Invalid {
    Invalid::new(format!(
        "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {}",
        value.type_name()
    ))
}

fn term(parser: &mut Parser<'_>) -> Result<Term, Invalid> {
    if let Some(value) = parser.value()? {
        return Ok(Term::Value(value));
    }
    if parser.sign("(") {
        return parser.nested(|parser| {
            let term = sum(parser)?;
            parser.expect(")")?;
            Ok(term)
        });
    }
    if !parser.follows("(") {
        return Ok(Term::Path(parser.path()?));
    }
    let name = parser.take().map(|token| token.text().to_owned()).unwrap_or_default();
    parser.expect("(")?;
    parser.nested(|parser| {
        let first = term(parser)?;
        parser.expect(",")?;
        let second = term(parser)?;
        parser.expect(")")?;
        function(&name, first, second)
    })
}

fn function(name: &str, first: Term, second: Term) -> Result<Term, Invalid> {
    match (name, first) {
        ("if_not_exists", Term::Path(path)) => Ok(Term::IfNotExists(path, Box::new(second))),
        ("if_not_exists", _) => {
            Err(Invalid::new("Operator or function requires a document path; operator or function: if_not_exists"))
        }
        ("list_append", first) => {
            for side in [&first, &second] {
                if let Term::Value(value) = side
                    && !matches!(value, Value::L(_))
                {
                    return Err(operand_type(name, value));
                }
            }
            Ok(Term::Append(Box::new(first), Box::new(second)))
        }
        _ => Err(Invalid::new(format!("Invalid function name; function: {name}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn number(text: &str) -> Value {
        Value::N(text.parse().unwrap())
    }

    fn placeholders() -> Placeholders {
        let values = [
            (":one", number("1")),
            (":l", Value::L(vec![number("3")])),
            (":s", Value::SS(vec!["b".into()])),
            (":text", Value::S("t".into())),
        ];
        Placeholders::new(Default::default(), values.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }

    fn update(text: &str) -> Result<Item, Invalid> {
        let item = Item::from([
            ("n".into(), number("41")),
            ("l".into(), Value::L(["0", "1", "2"].map(number).to_vec())),
            ("s".into(), Value::SS(vec!["a".into()])),
            ("m".into(), Value::M(Item::from([("x".into(), number("7"))]))),
        ]);
        Update::parse(text, &placeholders())?.apply(&item)
    }

    #[test]
    fn what_the_documentation_describes_is_done() {
        let new =
            update("SET n = n + :one, m.y = n, fresh = if_not_exists(fresh, :one), l = list_append(l, :l) ADD s :s");
        let new = new.unwrap();
        assert_eq!((&new["n"], &new["fresh"]), (&number("42"), &number("1")));
        assert_eq!(new["m"], Value::M(Item::from([("x".into(), number("7")), ("y".into(), number("41"))])));
        assert_eq!(new["l"], Value::L(["0", "1", "2", "3"].map(number).to_vec()));
        assert_eq!(new["s"], Value::SS(vec!["a".into(), "b".into()]));
        let new = update("REMOVE l[0], l[1], m.x SET l[9] = :one DELETE gone :s").unwrap();
        assert_eq!(new["l"], Value::L(["2", "1"].map(number).to_vec()));
        assert!(!new.contains_key("gone"));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for (text, message) in [
            ("SET n = gone", "The provided expression refers to an attribute that does not exist in the item"),
            ("SET n = l + :one", "An operand in the update expression has an incorrect data type"),
            ("SET gone.x = :one", "The document path provided in the update expression is invalid for update"),
            (
                "SET a = :one SET b = :one",
                "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;",
            ),
            (
                "ADD n :text",
                "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: S, typeSet: ALLOWED_FOR_ADD_OPERAND",
            ),
        ] {
            assert_eq!(update(text).unwrap_err().to_string(), message);
        }
    }
}
