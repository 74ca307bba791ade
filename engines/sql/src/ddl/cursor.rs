//! Walking over the words of a statement.

use super::ast::TableReference;
use super::error::DdlError;
use super::lexer::{Kind, Strings, Token, tokens};
use crate::error::Position;

/// What functions of the parser answer.
pub(super) type Parsed<T> = Result<T, DdlError>;

pub(super) struct Cursor<'a> {
    pub(super) source: &'a str,
    words: Vec<Token<'a>>,
    at: usize,
    /// What is being parsed, for messages: `create table statement`.
    pub(super) what: &'static str,
    /// Whether errors are told in Trino's words.
    pub(super) trino: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str, strings: Strings) -> Parsed<Self> {
        let mut words = tokens(source, strings)?;
        // A semicolon may end a statement.
        let count = words.len();
        if count >= 2 && words[count - 2].is_symbol(";") {
            words.remove(count - 2);
        }
        Ok(Self { source, words, at: 0, what: "statement", trino: strings == Strings::Trino })
    }

    /// The same place, read as Trino reads.
    pub(super) fn as_trino(&self) -> Parsed<Self> {
        Ok(Self { at: self.at, ..Self::new(self.source, Strings::Trino)? })
    }

    /// The word `by` places further; the end when there is none.
    pub(super) fn peek(&self, by: usize) -> &Token<'a> {
        let last = self.words.len() - 1;
        &self.words[(self.at + by).min(last)]
    }

    pub(super) fn advance(&mut self) -> Token<'a> {
        let token = self.peek(0).clone();
        self.at = (self.at + 1).min(self.words.len() - 1);
        token
    }

    pub(super) fn is_end(&self) -> bool {
        self.peek(0).kind == Kind::End
    }

    /// Whether these words come next.
    pub(super) fn is(&self, words: &str) -> bool {
        words.split(' ').enumerate().all(|(by, word)| self.peek(by).is_word(word))
    }

    /// Takes these words, if they come next.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let found = self.is(words);
        if found {
            self.at += words.split(' ').count();
        }
        found
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek(0).is_symbol(symbol);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn expect(&mut self, words: &str) -> Parsed<()> {
        for word in words.split(' ') {
            if !self.take(word) {
                return Err(self.mismatch(&word.to_ascii_uppercase()));
            }
        }
        Ok(())
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.mismatch(symbol)) }
    }

    /// An error at the next word.
    pub(super) fn error(&self, message: impl Into<String>) -> DdlError {
        let (token, message) = (self.peek(0), message.into());
        if self.trino {
            DdlError::Syntax { at: Position { line: token.line, column: token.column + 1 }, message }
        } else {
            DdlError::Parse { line: token.line, column: token.column, message }
        }
    }

    fn before(&self) -> &str {
        self.at.checked_sub(1).map_or("<EOF>", |at| self.words[at].shown())
    }

    /// Something else was expected here.
    pub(super) fn mismatch(&self, expected: &str) -> DdlError {
        let shown = self.peek(0).shown();
        if self.trino {
            let expected = expected.trim_matches('\'');
            let expected = if expected.starts_with('<') { expected.to_owned() } else { format!("'{expected}'") };
            return self.error(format!("mismatched input '{shown}'. Expecting: {expected}"));
        }
        self.error(format!("mismatched input '{shown}' expecting {expected} near '{}' in {}", self.before(), self.what))
    }

    /// None of the alternatives comes here.
    pub(super) fn unrecognized(&self) -> DdlError {
        if self.trino {
            return self.error(format!("mismatched input '{}'", self.peek(0).shown()));
        }
        let near: Vec<_> = (0..3).map(|by| format!("'{}'", self.peek(by).shown())).collect();
        self.error(format!("cannot recognize input near {} in {}", near.join(" "), self.what))
    }

    pub(super) fn expect_end(&self) -> Parsed<()> {
        if self.is_end() {
            return Ok(());
        }
        if self.trino {
            return Err(self.mismatch("<EOF>"));
        }
        Err(self.error(format!("missing EOF at '{}' near '{}'", self.peek(0).shown(), self.before())))
    }

    /// A name, in lower case: names are not told apart by case.
    pub(super) fn name(&mut self) -> Parsed<String> {
        self.name_as_written().map(|name| name.to_lowercase())
    }

    pub(super) fn name_as_written(&mut self) -> Parsed<String> {
        let token = self.peek(0);
        let name = match &token.kind {
            Kind::Word => token.text.to_owned(),
            Kind::Back(name) => name.clone(),
            Kind::Double(name) if self.trino => name.clone(),
            _ if self.trino => return Err(self.mismatch("<identifier>")),
            _ => return Err(self.unrecognized()),
        };
        self.at += 1;
        Ok(name)
    }

    /// `table`, `database.table` or `catalog.database.table`.
    pub(super) fn table(&mut self) -> Parsed<TableReference> {
        let mut parts = vec![self.name()?];
        while parts.len() < 3 && self.symbol(".") {
            parts.push(self.name()?);
        }
        let table = parts.pop().unwrap_or_default();
        let database = parts.pop();
        Ok(TableReference { catalog: parts.pop(), database, table })
    }

    pub(super) fn string(&mut self) -> Parsed<String> {
        match self.peek(0).kind.clone() {
            Kind::Single(text) => {
                self.at += 1;
                Ok(text)
            }
            Kind::Double(text) if !self.trino => {
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.mismatch(if self.trino { "<string>" } else { "StringLiteral" })),
        }
    }

    pub(super) fn number(&mut self) -> Parsed<u64> {
        let token = self.peek(0);
        let number = if token.kind == Kind::Number { token.text.parse().ok() } else { None };
        let number = number.ok_or_else(|| self.mismatch(if self.trino { "<integer>" } else { "Number" }))?;
        self.at += 1;
        Ok(number)
    }

    /// Things between parentheses, with commas between them.
    pub(super) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect_symbol("(")?;
        let mut all = vec![one(self)?];
        while self.symbol(",") {
            all.push(one(self)?);
        }
        self.expect_symbol(")")?;
        Ok(all)
    }

    /// `('key' = 'value', …)`
    pub(super) fn properties(&mut self) -> Parsed<Vec<(String, String)>> {
        self.list(|cursor| {
            let key = cursor.string()?;
            cursor.expect_symbol("=")?;
            Ok((key, cursor.string()?))
        })
    }

    pub(super) fn if_not_exists(&mut self) -> bool {
        self.take("if not exists")
    }

    pub(super) fn if_exists(&mut self) -> bool {
        self.take("if exists")
    }

    /// What is left, as text at its place.
    pub(super) fn rest(&mut self) -> Parsed<String> {
        if self.is_end() {
            return Err(self.mismatch("<query>"));
        }
        let (start, end) = (self.peek(0).start, self.words[self.words.len() - 2].end());
        self.at = self.words.len() - 1;
        Ok(in_place(self.source, start, end))
    }

    /// What is within the parentheses that begin here, as text at its place.
    pub(super) fn parenthesized(&mut self) -> Parsed<String> {
        self.expect_symbol("(")?;
        let start = self.peek(0).start;
        let mut depth = 1u32;
        loop {
            if self.is_end() {
                return Err(self.mismatch(")"));
            }
            let token = self.advance();
            depth = if token.is_symbol("(") {
                depth + 1
            } else if token.is_symbol(")") {
                depth - 1
            } else {
                depth
            };
            if depth == 0 {
                return Ok(in_place(self.source, start, token.start));
            }
        }
    }

    /// Whether the last words are these, and takes them off.
    pub(super) fn ends_with(&mut self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        let Some(from) = (self.words.len() - 1).checked_sub(words.len()).filter(|from| *from > self.at) else {
            return false;
        };
        let found = words.iter().enumerate().all(|(by, word)| self.words[from + by].is_word(word));
        if found {
            self.words.drain(from..from + words.len());
        }
        found
    }
}

/// A part of a text with blanks for what stands before it, so that it stays in its place.
fn in_place(source: &str, start: usize, end: usize) -> String {
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    source[..start].chars().map(blank).chain(source[start..end].chars()).collect()
}
