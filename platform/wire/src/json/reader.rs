//! A pull reader of JSON text (RFC 8259).

use std::borrow::Cow;

use crate::MAX_DEPTH;
use crate::parse_error::Fail;

/// What the next value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Null,
    True,
    False,
    Number,
    String,
    Array,
    Object,
}

/// Reads one JSON text from front to back without copying what needs no unescaping.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Fail> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fail::malformed("The body is not UTF-8."))?;
        Ok(Self { text, at: 0 })
    }

    fn fail(&self, what: &str) -> Fail {
        Fail::malformed(format!("{what} at byte {}.", self.at))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What comes next.
    pub(crate) fn peek(&mut self) -> Result<Token, Fail> {
        self.skip_space();
        match self.byte() {
            Some(b'"') => Ok(Token::String),
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') => Ok(Token::True),
            Some(b'f') => Ok(Token::False),
            Some(b'n') => Ok(Token::Null),
            Some(_) => Err(self.fail("Unexpected character")),
            None => Err(self.fail("Unexpected end of input")),
        }
    }

    /// Takes `null`, `true` or `false`.
    pub(crate) fn literal(&mut self, literal: &str) -> Result<(), Fail> {
        match self.text.as_bytes().get(self.at..) {
            Some(rest) if rest.starts_with(literal.as_bytes()) => {
                self.at += literal.len();
                Ok(())
            }
            _ => Err(self.fail("Unrecognized token")),
        }
    }

    /// Takes a number's text.
    pub(crate) fn number(&mut self) -> Result<&'a str, Fail> {
        let start = self.at;
        self.take(b'-');
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Result<(), Fail> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.fail("Malformed number")) } else { Ok(()) }
    }

    /// Takes a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Fail> {
        if !self.take(b'"') {
            return Err(self.fail("Expected a string"));
        }
        let run = self.run()?;
        if self.take(b'"') {
            return Ok(Cow::Borrowed(run));
        }
        let mut string = String::with_capacity(run.len() + 16);
        string.push_str(run);
        loop {
            if self.take(b'"') {
                return Ok(Cow::Owned(string));
            }
            string.push(self.escape()?);
            string.push_str(self.run()?);
        }
    }

    /// Characters up to the next quote or escape.
    fn run(&mut self) -> Result<&'a str, Fail> {
        let start = self.at;
        loop {
            match self.byte() {
                Some(b'"' | b'\\') => return Ok(&self.text[start..self.at]),
                Some(0..=0x1f) => return Err(self.fail("Control character in a string")),
                Some(_) => self.at += 1,
                None => return Err(self.fail("Unexpected end of input in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fail> {
        self.at += 1;
        let byte = self.byte().ok_or_else(|| self.fail("Unexpected end of input in a string"))?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.fail("Unrecognized character escape")),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, Fail> {
        let unit = self.hex4()?;
        if !(0xd800..0xe000).contains(&unit) {
            return char::from_u32(unit).ok_or_else(|| self.fail("Malformed escape"));
        }
        if unit < 0xdc00 && self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u")) {
            self.at += 2;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return char::from_u32(code).ok_or_else(|| self.fail("Malformed escape"));
            }
        }
        Err(self.fail("Unpaired surrogate in a string"))
    }

    fn hex4(&mut self) -> Result<u32, Fail> {
        let hex = self.text.as_bytes().get(self.at..self.at + 4);
        let mut unit = 0;
        for byte in hex.ok_or_else(|| self.fail("Malformed escape"))? {
            let digit = char::from(*byte).to_digit(16).ok_or_else(|| self.fail("Malformed escape"))?;
            unit = unit * 16 + digit;
        }
        self.at += 4;
        Ok(unit)
    }

    /// Enters an object or array; whether it has anything in it.
    pub(crate) fn open(&mut self, close: u8) -> Result<bool, Fail> {
        self.at += 1;
        self.skip_space();
        Ok(!self.take(close))
    }

    /// Takes the name of an object's member, up to its value.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>, Fail> {
        self.skip_space();
        let name = self.string()?;
        self.skip_space();
        if !self.take(b':') {
            return Err(self.fail("Expected a colon"));
        }
        Ok(name)
    }

    /// After a value: whether another follows before `close`.
    pub(crate) fn more(&mut self, close: u8) -> Result<bool, Fail> {
        self.skip_space();
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(close) { Ok(false) } else { Err(self.fail("Expected a comma or the end of a collection")) }
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self, depth: usize) -> Result<(), Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::too_deep());
        }
        match self.peek()? {
            Token::Null => self.literal("null"),
            Token::True => self.literal("true"),
            Token::False => self.literal("false"),
            Token::Number => self.number().map(drop),
            Token::String => self.string().map(drop),
            Token::Array => {
                let mut more = self.open(b']')?;
                while more {
                    self.skip(depth + 1)?;
                    more = self.more(b']')?;
                }
                Ok(())
            }
            Token::Object => {
                let mut more = self.open(b'}')?;
                while more {
                    self.name()?;
                    self.skip(depth + 1)?;
                    more = self.more(b'}')?;
                }
                Ok(())
            }
        }
    }

    /// Whether nothing but space is left.
    pub(crate) fn at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// The text since `start`, a position that [`Self::position`] gave.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// The position, after space.
    pub(crate) fn position(&mut self) -> usize {
        self.skip_space();
        self.at
    }
}
