//! Signatures as Trino's documentation writes them, with variables: `(array(E), bigint) -> E`.
//!
//! A letter stands for any type, but for `D`, any decimal, `I`, any integer, and `O`, any type that has an order. `varchar(x)` keeps its bound, `varchar`
//! loses it; times keep their digits. A last argument with `...` may come again.

use std::collections::HashMap;

use crate::types::Type;
use crate::types::coerce::{as_decimal, coerces, common};

/// A type with variables.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Variable(char),
    Exact(Type),
    Varchar(bool),
    Timestamp,
    TimestampTz,
    Time,
    Row,
    Array(Box<Pattern>),
    Map(Box<Pattern>, Box<Pattern>),
    Function(Vec<Pattern>, Box<Pattern>),
}

#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) args: Vec<Pattern>,
    pub(crate) variadic: bool,
    pub(crate) result: Pattern,
    text: String,
}

/// What variables stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Binding(HashMap<char, Type>);

impl Signature {
    /// Parses what this crate itself wrote.
    pub(crate) fn parse(text: &str) -> Self {
        let mut reader = Reader { rest: text };
        reader.eat("(");
        let mut args = Vec::new();
        let mut variadic = false;
        while !reader.eat(")") && !reader.rest.is_empty() {
            args.push(reader.pattern());
            variadic |= reader.eat("...");
            reader.eat(",");
        }
        reader.eat("->");
        Self { args, variadic, result: reader.pattern(), text: text.split(" -> ").next().unwrap_or(text).to_owned() }
    }

    /// As error messages list it.
    pub(crate) fn shown(&self, name: &str) -> String {
        format!("{name}{}", self.text)
    }

    /// The pattern of an argument.
    pub(crate) fn arg(&self, n: usize) -> Option<&Pattern> {
        self.args.get(n).or_else(|| if self.variadic { self.args.last() } else { None })
    }

    /// Whether so many arguments can be given.
    pub(crate) fn takes(&self, count: usize) -> bool {
        count == self.args.len() || (self.variadic && count + 1 >= self.args.len())
    }
}

impl Binding {
    /// Makes variables so that an argument of this type fits.
    pub(crate) fn fit(&mut self, pattern: &Pattern, actual: &Type, coerce: bool) -> bool {
        let unknown = *actual == Type::Unknown && coerce;
        match pattern {
            Pattern::Variable(name) => self.fit_variable(*name, actual, coerce),
            Pattern::Exact(wanted) => actual == wanted || (coerce && coerces(actual, wanted)),
            Pattern::Varchar(_) => unknown || self.fit_text(actual, coerce),
            Pattern::Timestamp => {
                unknown || self.fit_digits('p', actual, |of| matches!(of, Type::Timestamp(_)), coerce, &Type::Date)
            }
            Pattern::TimestampTz => {
                if let (true, Type::Timestamp(digits)) = (coerce, actual) {
                    return self.fit(pattern, &Type::TimestampTz(*digits), coerce);
                }
                unknown
                    || (coerce && *actual == Type::Date)
                    || self.fit_digits('q', actual, |of| matches!(of, Type::TimestampTz(_)), coerce, &Type::Unknown)
            }
            Pattern::Time => {
                unknown || self.fit_digits('t', actual, |of| matches!(of, Type::Time(_)), coerce, &Type::Unknown)
            }
            Pattern::Row => match actual {
                Type::Row(_) => {
                    self.0.insert('r', actual.clone());
                    true
                }
                _ => false,
            },
            Pattern::Array(element) => match actual {
                Type::Array(of) => self.fit(element, of, coerce),
                _ => unknown,
            },
            Pattern::Map(key, value) => match actual {
                Type::Map(k, v) => self.fit(key, k, coerce) && self.fit(value, v, coerce),
                _ => unknown,
            },
            Pattern::Function(args, result) => match actual {
                Type::Function(given, of) => {
                    args.len() == given.len()
                        && args.iter().zip(given).all(|(pattern, given)| self.fit(pattern, given, coerce))
                        && self.fit(result, of, coerce)
                }
                _ => false,
            },
        }
    }

    fn fit_variable(&mut self, name: char, actual: &Type, coerce: bool) -> bool {
        let actual = match (name, actual) {
            ('D', Type::Decimal(..)) | ('D', Type::Unknown) => actual.clone(),
            ('D', number) if coerce && number.is_integer() => as_decimal(number).unwrap_or(Type::Unknown),
            ('I', number) if number.is_integer() => actual.clone(),
            ('D' | 'I', _) => return false,
            ('O', other) if !other.is_orderable() => return false,
            _ => actual.clone(),
        };
        match self.0.get(&name) {
            None => {
                self.0.insert(name, actual);
                true
            }
            Some(bound) if *bound == actual => true,
            Some(bound) => match common(bound, &actual) {
                Some(both) if coerce => {
                    self.0.insert(name, both);
                    true
                }
                _ => false,
            },
        }
    }

    fn fit_text(&mut self, actual: &Type, coerce: bool) -> bool {
        match actual {
            Type::Varchar(_) => {
                self.0.entry('x').or_insert_with(|| actual.clone());
                true
            }
            Type::Char(n) => {
                self.0.entry('x').or_insert(Type::Varchar(Some(*n)));
                coerce
            }
            _ => false,
        }
    }

    fn fit_digits(&mut self, key: char, actual: &Type, is: fn(&Type) -> bool, coerce: bool, other: &Type) -> bool {
        if is(actual) {
            let bound = self.0.remove(&key).and_then(|bound| common(&bound, actual)).unwrap_or_else(|| actual.clone());
            self.0.insert(key, bound);
            return true;
        }
        coerce && actual == other
    }

    /// The type that a pattern stands for now; variables that nothing bound are unknown.
    pub(crate) fn resolve(&self, pattern: &Pattern) -> Type {
        let get = |name: char, otherwise: Type| self.0.get(&name).cloned().unwrap_or(otherwise);
        match pattern {
            Pattern::Variable(name) => get(*name, Type::Unknown),
            Pattern::Exact(of) => of.clone(),
            Pattern::Varchar(false) => Type::VARCHAR,
            Pattern::Varchar(true) => get('x', Type::VARCHAR),
            Pattern::Timestamp => get('p', Type::Timestamp(3)),
            Pattern::TimestampTz => match self.0.get(&'p') {
                Some(Type::Timestamp(digits)) => get('q', Type::TimestampTz(*digits)),
                _ => get('q', Type::TimestampTz(3)),
            },
            Pattern::Time => get('t', Type::Time(3)),
            Pattern::Row => get('r', Type::Row(Vec::new())),
            Pattern::Array(element) => Type::array(self.resolve(element)),
            Pattern::Map(key, value) => Type::map(self.resolve(key), self.resolve(value)),
            Pattern::Function(args, result) => {
                Type::Function(args.iter().map(|arg| self.resolve(arg)).collect(), Box::new(self.resolve(result)))
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn eat(&mut self, what: &str) -> bool {
        match self.rest.trim_start().strip_prefix(what) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        self.rest = &text[end..];
        text[..end].to_owned()
    }

    fn pattern(&mut self) -> Pattern {
        let word = self.word();
        let mut letters = word.chars();
        if let (Some(letter @ 'A'..='Z'), None) = (letters.next(), letters.next()) {
            return Pattern::Variable(letter);
        }
        match word.as_str() {
            "array" => {
                self.eat("(");
                let element = self.pattern();
                self.eat(")");
                Pattern::Array(Box::new(element))
            }
            "map" => {
                self.eat("(");
                let key = self.pattern();
                self.eat(",");
                let value = self.pattern();
                self.eat(")");
                Pattern::Map(Box::new(key), Box::new(value))
            }
            "function" => {
                self.eat("(");
                let mut all = Vec::new();
                while !self.eat(")") && !self.rest.is_empty() {
                    all.push(self.pattern());
                    self.eat(",");
                }
                let result = all.pop().unwrap_or(Pattern::Row);
                Pattern::Function(all, Box::new(result))
            }
            "row" if self.rest.trim_start().starts_with('(') => {
                let end = self.rest.find(')').map_or(self.rest.len(), |end| end + 1);
                let (fields, rest) = self.rest.split_at(end);
                self.rest = rest;
                Pattern::Exact(crate::syntax::parse_type(&format!("row{fields}")).unwrap_or(Type::Unknown))
            }
            "row" => Pattern::Row,
            "qdigest" => {
                self.eat("(");
                let of = self.word();
                self.eat(")");
                Pattern::Exact(crate::syntax::parse_type(&format!("qdigest({of})")).unwrap_or(Type::Unknown))
            }
            "varchar" if self.eat("(1)") => Pattern::Exact(Type::Varchar(Some(1))),
            "varchar" => Pattern::Varchar(self.eat("(x)")),
            "time" => Pattern::Time,
            "timestamp" => {
                if self.eat("with time zone") {
                    Pattern::TimestampTz
                } else {
                    Pattern::Timestamp
                }
            }
            "interval" if self.eat("year to month") => Pattern::Exact(Type::IntervalYearToMonth),
            "interval" => {
                self.eat("day to second");
                Pattern::Exact(Type::IntervalDayToSecond)
            }
            // INVARIANT: signatures are constants of this crate; a test reads them all.
            other => Pattern::Exact(crate::syntax::parse_type(other).unwrap_or(Type::Unknown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_take_the_common_type() {
        let signature = Signature::parse("(array(E), E) -> E");
        let mut binding = Binding::default();
        assert!(binding.fit(&signature.args[0], &Type::array(Type::Integer), true));
        assert!(binding.fit(&signature.args[1], &Type::Bigint, true));
        assert_eq!(binding.resolve(&signature.result), Type::Bigint);
    }

    #[test]
    fn bounds_of_text_are_kept_where_the_signature_says_so() {
        let signature = Signature::parse("(varchar(x)) -> varchar(x)");
        let mut binding = Binding::default();
        assert!(binding.fit(&signature.args[0], &Type::Varchar(Some(4)), false));
        assert_eq!(binding.resolve(&signature.result), Type::Varchar(Some(4)));
    }
}
