//! From text to words.

use crate::error::{Code, Position, Result, SqlError};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A word without quotes; keywords are words too.
    Word(String),
    Quoted(String),
    Text(String),
    Binary(Vec<u8>),
    Integer(String),
    Decimal(String),
    Double(String),
    Symbol(&'static str),
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) at: Position,
}

impl Token {
    /// As error messages cite it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Token::Word(it) | Token::Integer(it) | Token::Decimal(it) | Token::Double(it) => it.clone(),
            Token::Quoted(it) => format!("\"{}\"", it.replace('"', "\"\"")),
            Token::Text(it) => format!("'{}'", it.replace('\'', "''")),
            Token::Binary(it) => format!("X'{}'", hex::encode_upper(it)),
            Token::Symbol(it) => (*it).into(),
            Token::End => "<EOF>".into(),
        }
    }
}

const SYMBOLS: &[&str] = &[
    "->", "=>", "<>", "!=", "<=", ">=", "||", "(", ")", "[", "]", "{", "}", ",", ".", ";", "+", "-", "*", "/", "%",
    "=", "<", ">", "?", ":", "|", "^", "$",
];

/// Splits a statement.
///
/// # Errors
/// `SYNTAX_ERROR` for what is no word of SQL.
pub(crate) fn words(text: &str) -> Result<Vec<Lexeme>> {
    let mut lexer = Lexer { rest: text, line: 1, column: 1 };
    let mut all = Vec::new();
    loop {
        lexer.blank()?;
        let at = lexer.position();
        let token = lexer.token(at)?;
        let end = token == Token::End;
        all.push(Lexeme { token, at });
        if end {
            return Ok(all);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    column: u32,
}

impl<'a> Lexer<'a> {
    fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        for c in taken.chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn blank(&mut self) -> Result<()> {
        loop {
            let space = self.rest.len() - self.rest.trim_start().len();
            self.take(space);
            if self.rest.starts_with("--") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.take(end);
            } else if self.rest.starts_with("/*") {
                let at = self.position();
                let end = self.rest.find("*/").ok_or_else(|| syntax(at, "mismatched input '/*'. Expecting: '*/'"))?;
                self.take(end + 2);
            } else if space == 0 {
                return Ok(());
            }
        }
    }

    fn token(&mut self, at: Position) -> Result<Token> {
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        let second = self.rest[first.len_utf8()..].chars().next();
        match first {
            '\'' => Ok(Token::Text(self.quoted('\'', at)?)),
            '"' => Ok(Token::Quoted(self.quoted('"', at)?)),
            '`' => Err(syntax(at, "backquoted identifiers are not supported; use double quotes to quote identifiers")),
            'x' | 'X' if second == Some('\'') => self.binary(at),
            'u' | 'U' if self.rest[1..].starts_with("&'") => {
                self.take(2);
                let text = self.quoted('\'', at)?;
                Ok(Token::Text(unicode(&text).ok_or_else(|| syntax(at, "Invalid Unicode escape"))?))
            }
            '0'..='9' => self.number(at),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(at),
            '_' | 'a'..='z' | 'A'..='Z' => {
                let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
                Ok(Token::Word(self.take(end).to_owned()))
            }
            _ => match SYMBOLS.iter().find(|symbol| self.rest.starts_with(**symbol)) {
                Some(symbol) => {
                    self.take(symbol.len());
                    Ok(Token::Symbol(if *symbol == "!=" { "<>" } else { symbol }))
                }
                None => Err(syntax(at, format!("mismatched input '{first}'"))),
            },
        }
    }

    fn quoted(&mut self, quote: char, at: Position) -> Result<String> {
        let mut text = String::new();
        self.take(1);
        loop {
            let end = self.rest.find(quote).ok_or_else(|| syntax(at, format!("mismatched input '{quote}'")))?;
            text.push_str(&self.rest[..end]);
            self.take(end + 1);
            if !self.rest.starts_with(quote) {
                return Ok(text);
            }
            text.push(quote);
            self.take(1);
        }
    }

    fn binary(&mut self, at: Position) -> Result<Token> {
        self.take(1);
        let digits: String = self.quoted('\'', at)?.split_whitespace().collect();
        if digits.len() % 2 == 1 {
            return Err(syntax(at, "Binary literal must contain an even number of digits"));
        }
        hex::decode(&digits)
            .map(Token::Binary)
            .map_err(|_| syntax(at, "Binary literal can only contain hexadecimal digits"))
    }

    fn number(&mut self, at: Position) -> Result<Token> {
        let bytes = self.rest.as_bytes();
        if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1] | 32, b'x' | b'o' | b'b') {
            return self.radix(at);
        }
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
        let mut end = digits(0);
        let mut point = false;
        if bytes.get(end) == Some(&b'.') {
            point = true;
            end += 1;
            end += digits(end);
        }
        let mut exponent = false;
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let count = digits(end + 1 + sign);
            if count > 0 {
                exponent = true;
                end += 1 + sign + count;
            }
        }
        let text = self.take(end).replace('_', "");
        if self.rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return Err(syntax(
                at,
                "identifiers must not start with a digit; surround the identifier with double quotes",
            ));
        }
        Ok(match (exponent, point) {
            (true, _) => Token::Double(text),
            (false, true) => Token::Decimal(text),
            (false, false) => Token::Integer(text),
        })
    }

    fn radix(&mut self, at: Position) -> Result<Token> {
        let radix = match self.rest.as_bytes()[1] | 32 {
            b'x' => 16,
            b'o' => 8,
            _ => 2,
        };
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let digits = self.take(end)[2..].replace('_', "");
        let number = i64::from_str_radix(&digits, radix)
            .map_err(|_| syntax(at, format!("Invalid numeric literal: {digits}")))?;
        Ok(Token::Integer(number.to_string()))
    }
}

/// Decodes `\0041` and `\+000041`.
fn unicode(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('\\') {
            out.push('\\');
            rest = after;
            continue;
        }
        let (skip, length) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
        let digits = rest.get(skip..skip + length)?;
        out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        rest = &rest[skip + length..];
    }
    out.push_str(rest);
    Some(out)
}

pub(crate) fn syntax(at: Position, message: impl Into<String>) -> SqlError {
    SqlError::at(Code::SyntaxError, at, message)
}
