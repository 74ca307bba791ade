//! From text to words, by Hive's rules: strings in either quotes with escapes, names in backquotes.
//!
//! <https://cwiki.apache.org/confluence/display/Hive/LanguageManual+Types#LanguageManualTypes-Strings>

use super::error::DdlError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A word without quotes; keywords are words too.
    Word,
    /// A name in backquotes.
    Back(String),
    /// Text in single quotes.
    Single(String),
    /// Text in double quotes; a name where Trino reads.
    Double(String),
    Number,
    Symbol,
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// As it is written.
    pub(super) text: &'a str,
    /// Where it begins in the statement, in bytes.
    pub(super) start: usize,
    pub(super) line: u32,
    /// From 0.
    pub(super) column: u32,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// As Hive's messages cite it.
    pub(super) fn shown(&self) -> &str {
        if self.kind == Kind::End { "<EOF>" } else { self.text }
    }
}

const SYMBOLS: &[&str] = &["<=", ">=", "<>", "!="];

/// Whose strings there are: Hive's have escapes, Trino's have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strings {
    Hive,
    Trino,
}

/// Splits a statement.
///
/// # Errors
/// A quote that does not end.
pub(super) fn tokens(text: &str, strings: Strings) -> Result<Vec<Token<'_>>, DdlError> {
    let mut lexer = Lexer { text, escapes: strings == Strings::Hive, at: 0, line: 1, column: 0 };
    let mut all = Vec::new();
    loop {
        lexer.blank();
        let token = lexer.token()?;
        let ends = token.kind == Kind::End;
        all.push(token);
        if ends {
            return Ok(all);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    escapes: bool,
    at: usize,
    line: u32,
    column: u32,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, bytes: usize) {
        for c in self.text[self.at..self.at + bytes].chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 0;
            } else {
                self.column += 1;
            }
        }
        self.at += bytes;
    }

    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let space = rest.len() - rest.trim_start().len();
            let comment = match &rest[space..] {
                after if after.starts_with("--") => after.find('\n').unwrap_or(after.len()),
                after if after.starts_with("/*") => after.find("*/").map_or(after.len(), |end| end + 2),
                _ => 0,
            };
            self.skip(space + comment);
            if comment == 0 {
                return;
            }
        }
    }

    fn token(&mut self) -> Result<Token<'a>, DdlError> {
        let (start, line, column, rest) = (self.at, self.line, self.column, self.rest());
        let (kind, length) = match rest.chars().next() {
            None => (Kind::End, 0),
            Some('`') => {
                let (text, length) = self.quoted('`', false)?;
                (Kind::Back(text), length)
            }
            Some('\'') => {
                let (text, length) = self.quoted('\'', self.escapes)?;
                (Kind::Single(text), length)
            }
            Some('"') => {
                let (text, length) = self.quoted('"', self.escapes)?;
                (Kind::Double(text), length)
            }
            Some(c) if c.is_alphanumeric() || c == '_' => {
                let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                let number = rest[..length].bytes().all(|b| b.is_ascii_digit());
                let point = if number { fraction(&rest[length..]) } else { 0 };
                (if number { Kind::Number } else { Kind::Word }, length + point)
            }
            Some(c) => {
                let long = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
                (Kind::Symbol, long.map_or(c.len_utf8(), |symbol| symbol.len()))
            }
        };
        self.skip(length);
        Ok(Token { kind, text: &rest[..length], start, line, column })
    }

    /// What stands between quotes, and the length with them. A doubled quote is one.
    fn quoted(&self, quote: char, escapes: bool) -> Result<(String, usize), DdlError> {
        let rest = self.rest();
        let mut raw = String::new();
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                if chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                    // An escaped quote is kept as such: it is no end, and is unescaped with the rest.
                    raw.extend(escapes.then_some('\\'));
                    raw.push(quote);
                    continue;
                }
                return Ok((if escapes { unescape(&raw) } else { raw }, at + c.len_utf8()));
            }
            raw.push(c);
            if escapes && c == '\\' {
                raw.extend(chars.next().map(|(_, c)| c));
            }
        }
        let message = format!("character '<EOF>' not supported here: the text that begins with {quote} does not end");
        Err(DdlError::Parse { line: self.line, column: self.column, message })
    }
}

/// Length of the fraction of a number.
fn fraction(rest: &str) -> usize {
    match rest.strip_prefix('.') {
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => {
            1 + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())
        }
        _ => 0,
    }
}

/// Hive's escapes: `\t`, `\001`, `\u0001`; before any other character a backslash stands for nothing.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let octal = rest
            .get(..3)
            .filter(|digits| digits.starts_with(['0', '1']) && digits.bytes().all(|b| (b'0'..=b'7').contains(&b)));
        if let Some(code) = octal.and_then(|digits| u32::from_str_radix(digits, 8).ok()).and_then(char::from_u32) {
            text.push(code);
            rest = &rest[3..];
            continue;
        }
        let hex = rest.strip_prefix('u').and_then(|rest| rest.get(..4));
        if let Some(code) = hex.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32) {
            text.push(code);
            rest = &rest[5..];
            continue;
        }
        let mut chars = rest.chars();
        match chars.next() {
            None => {}
            Some('0') => text.push('\0'),
            Some('b') => text.push('\u{8}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('Z') => text.push('\u{1a}'),
            // These two are for patterns of LIKE, which read the backslash themselves.
            Some(c @ ('%' | '_')) => text.extend(['\\', c]),
            Some(c) => text.push(c),
        }
        rest = chars.as_str();
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_have_hives_escapes() {
        assert_eq!(unescape(r"\t\001\u0041\\s\'\%\q"), "\t\u{1}A\\s'\\%q");
    }

    #[test]
    fn words_know_where_they_are() {
        let all = tokens("-- a\nSELECT `x y` , \"a\"\"b\"", Strings::Hive).expect("words");
        assert_eq!((all[0].line, all[0].column), (2, 0));
        assert_eq!(all[1].kind, Kind::Back("x y".into()));
        assert_eq!(all[3].kind, Kind::Double("a\"b".into()));
        assert!(tokens("'x", Strings::Hive).is_err());
        assert!(tokens(r"'\'", Strings::Hive).is_err());
        assert_eq!(tokens(r"'\'", Strings::Trino).expect("words")[0].kind, Kind::Single(r"\".into()));
    }
}
