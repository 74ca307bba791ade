//! From text to words.

use crate::select::error::{Result, SelectError};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word without quotes: a keyword or a name.
    Word(String),
    /// In double quotes.
    Quoted(String),
    /// In single quotes.
    Text(String),
    /// Between backquotes: a literal of Ion.
    Ion(String),
    Number(String),
    Symbol(&'static str),
    End,
}

impl Token {
    /// As errors cite it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => text.clone(),
            Self::Quoted(text) => format!("\"{text}\""),
            Self::Text(text) => format!("'{text}'"),
            Self::Ion(text) => format!("`{text}`"),
            Self::Symbol(text) => (*text).to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

const SYMBOLS: &[&str] =
    &["<>", "!=", "<=", ">=", "||", "(", ")", "[", "]", ",", ".", "*", "+", "-", "/", "%", "=", "<", ">", ";"];

/// Splits an expression.
///
/// # Errors
/// `LexerInvalidChar`, `LexerInvalidLiteral`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let (mut all, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '-' if rest.starts_with("--") => {
                rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default().trim_start();
                continue;
            }
            '\'' | '"' | '`' => {
                let (text, after) = quoted(rest, first)?;
                let token = match first {
                    '\'' => Token::Text(text),
                    '"' => Token::Quoted(text),
                    _ => Token::Ion(text),
                };
                (token, after)
            }
            '0'..='9' => number(rest),
            '.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => number(rest),
            c if c.is_alphabetic() || c == '_' || c == '$' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (Token::Word(word.to_owned()), after)
            }
            _ => match SYMBOLS.iter().find_map(|symbol| Some((*symbol, rest.strip_prefix(symbol)?))) {
                Some((symbol, after)) => (Token::Symbol(if symbol == "!=" { "<>" } else { symbol }), after),
                None => {
                    let message = format!("The SQL expression contains an invalid character: {first}");
                    return Err(SelectError::new("LexerInvalidChar", message));
                }
            },
        };
        all.push(token);
        rest = after.trim_start();
    }
    all.push(Token::End);
    Ok(all)
}

fn number(rest: &str) -> (Token, &str) {
    let digits = |from: usize| rest.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if rest.as_bytes().get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(rest.as_bytes().get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.as_bytes().get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let (number, after) = rest.split_at(end);
    (Token::Number(number.to_owned()), after)
}

/// What stands in quotes, of which two stand for one, and what follows.
fn quoted(rest: &str, quote: char) -> Result<(String, &str)> {
    let unterminated = || SelectError::new("LexerInvalidLiteral", "The SQL expression contains an invalid literal.");
    let (mut text, mut rest) = (String::new(), rest.get(1..).unwrap_or_default());
    loop {
        let (part, after) = rest.split_once(quote).ok_or_else(unterminated)?;
        text.push_str(part);
        match after.strip_prefix(quote) {
            Some(more) => {
                text.push(quote);
                rest = more;
            }
            None => return Ok((text, after)),
        }
    }
}
