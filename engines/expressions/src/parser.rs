//! What all expressions have in common: words, placeholders, paths.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::lexer::{Token, words};
use crate::reserved::is_reserved;
use crate::{Invalid, Path, Step, Value};

/// Longest expression in bytes.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const LONGEST: usize = 4096;
/// Parentheses within one another at most.
const DEPTH: usize = 64;

/// The names and values that placeholders stand for, and which have been used.
#[derive(Debug, Default)]
pub struct Placeholders {
    /// `ExpressionAttributeNames`
    pub names: BTreeMap<String, String>,
    /// `ExpressionAttributeValues`
    pub values: BTreeMap<String, Value>,
    used: Mutex<BTreeSet<String>>,
}

impl Placeholders {
    /// Of a call.
    pub fn new(names: BTreeMap<String, String>, values: BTreeMap<String, Value>) -> Self {
        Self { names, values, used: Mutex::default() }
    }

    fn used(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses placeholders that no expression has used.
    ///
    /// # Errors
    /// There are some.
    pub fn check_used(&self) -> Result<(), Invalid> {
        let used = self.used();
        let unused = |keys: Vec<&String>| -> Option<String> {
            let unused: Vec<&str> = keys.into_iter().filter(|key| !used.contains(*key)).map(String::as_str).collect();
            (!unused.is_empty()).then(|| unused.join(", "))
        };
        for (member, keys) in [
            ("ExpressionAttributeNames", self.names.keys().collect()),
            ("ExpressionAttributeValues", self.values.keys().collect()),
        ] {
            if let Some(keys) = unused(keys) {
                return Err(Invalid::new(format!(
                    "Value provided in {member} unused in expressions: keys: {{{keys}}}"
                )));
            }
        }
        Ok(())
    }
}

/// An expression that is being read.
pub(crate) struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    placeholders: &'a Placeholders,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &str, placeholders: &'a Placeholders) -> Result<Self, Invalid> {
        if text.len() > LONGEST {
            let size = text.len();
            return Err(Invalid::new(format!(
                "Expression size has exceeded the maximum allowed size; expression size: {size}"
            )));
        }
        let tokens = words(text)?;
        if tokens.is_empty() {
            return Err(Invalid::new("The expression can not be empty;"));
        }
        Ok(Self { tokens, at: 0, depth: 0, placeholders })
    }

    pub(crate) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Whether the word after the next one is this sign.
    pub(crate) fn follows(&self, sign: &str) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| *token == Token::Sign(sign_of(sign)))
    }

    pub(crate) fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Takes a sign, if it comes next.
    pub(crate) fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(there);
        there
    }

    pub(crate) fn expect(&mut self, sign: &str) -> Result<(), Invalid> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Takes a keyword in whichever case, if it comes next.
    pub(crate) fn keyword(&mut self, keyword: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(keyword));
        self.at += usize::from(there);
        there
    }

    pub(crate) fn end(&self) -> Result<(), Invalid> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The error of the word that comes next.
    pub(crate) fn unexpected(&self) -> Invalid {
        let from = self.at.saturating_sub(1);
        let near: Vec<&str> = self.tokens.iter().skip(from).take(3).map(Token::text).collect();
        let token = self.peek().map_or("<EOF>", Token::text);
        Invalid::new(format!("Syntax error; token: \"{token}\", near: \"{}\"", near.join(" ")))
    }

    /// Reads something within parentheses or the like.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Invalid>) -> Result<T, Invalid> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Invalid::new("The expression has too many levels of nesting;"));
        }
        let done = read(self);
        self.depth -= 1;
        done
    }

    /// The value that a placeholder stands for, if one comes next.
    pub(crate) fn value(&mut self) -> Result<Option<Value>, Invalid> {
        let Some(Token::Word(word)) = self.peek() else { return Ok(None) };
        if !word.starts_with(':') {
            return Ok(None);
        }
        let value = self.placeholders.values.get(word).cloned().ok_or_else(|| {
            Invalid::new(format!(
                "An expression attribute value used in expression is not defined; attribute value: {word}"
            ))
        })?;
        self.placeholders.used().insert(word.clone());
        self.at += 1;
        Ok(Some(value))
    }

    /// A path.
    pub(crate) fn path(&mut self) -> Result<Path, Invalid> {
        let attribute = self.name()?;
        let mut steps = Vec::new();
        loop {
            if self.sign(".") {
                steps.push(Step::Name(self.name()?));
            } else if self.sign("[") {
                let Some(Token::Number(digits)) = self.peek().cloned() else { return Err(self.unexpected()) };
                steps.push(Step::Index(digits.parse().map_err(|_| self.unexpected())?));
                self.at += 1;
                self.expect("]")?;
            } else {
                return Ok(Path { attribute, steps });
            }
        }
    }

    fn name(&mut self) -> Result<String, Invalid> {
        let Some(Token::Word(word)) = self.peek().cloned() else { return Err(self.unexpected()) };
        if word.starts_with(':') || word.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.unexpected());
        }
        let name = if word.starts_with('#') {
            let name = self.placeholders.names.get(&word).cloned().ok_or_else(|| {
                Invalid::new(format!(
                    "An expression attribute name used in the document path is not defined; attribute name: {word}"
                ))
            })?;
            self.placeholders.used().insert(word);
            name
        } else if is_reserved(&word) {
            return Err(Invalid::new(format!("Attribute name is a reserved keyword; reserved keyword: {word}")));
        } else {
            word
        };
        self.at += 1;
        Ok(name)
    }
}

/// The only signs that are looked for ahead.
fn sign_of(sign: &str) -> &'static str {
    if sign == "(" { "(" } else { "." }
}
