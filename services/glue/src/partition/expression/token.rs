//! The words of an expression.

use super::Wrong;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a keyword, as written.
    Word(String),
    /// A name in quotes: never a keyword.
    Name(String),
    /// A text between apostrophes.
    Text(String),
    /// Digits, perhaps with a fraction.
    Number(String),
    /// A comparison, a bracket, a comma, or arithmetic.
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: [&str; 15] = ["<>", "!=", "<=", ">=", "||", "=", "<", ">", "(", ")", ",", "-", "+", "*", "/"];

/// The words of a text.
///
/// # Errors
/// An apostrophe or quote that is never closed, or a character that stands for nothing.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '\'' => quoted(rest, '\'').map(|(text, after)| (Token::Text(text), after))?,
            '"' | '`' => quoted(rest, first).map(|(name, after)| (Token::Name(name), after))?,
            c if c.is_ascii_digit() => {
                let (number, after) = span(rest, |c| c.is_ascii_digit() || c == '.');
                (Token::Number(number.to_owned()), after)
            }
            c if c.is_alphabetic() || c == '_' => {
                let (word, after) = span(rest, |c| c.is_alphanumeric() || matches!(c, '_' | '$' | '@' | '#'));
                (Token::Word(word.to_owned()), after)
            }
            _ => sign(rest)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn sign(rest: &str) -> Result<(Token, &str), Wrong> {
    for sign in SIGNS {
        if let Some(after) = rest.strip_prefix(sign) {
            return Ok((Token::Sign(sign), after));
        }
    }
    Err(unexpected(rest))
}

fn span(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// A quoted text and what follows it; the quote twice stands for itself.
fn quoted(text: &str, quote: char) -> Result<(String, &str), Wrong> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            content.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            chars.next();
            content.push(quote);
        } else {
            return Ok((content, &text[at + c.len_utf8()..]));
        }
    }
    Err(unexpected(text))
}

/// The parser met something that it does not take.
// UNVERIFIED: what follows; "Invalid partition expression!" is in reports of users of bare dates.
pub(super) fn unexpected(rest: &str) -> Wrong {
    let rest: String = rest.chars().take(32).collect();
    if rest.is_empty() {
        return Wrong("Invalid partition expression! It ends too early.".to_owned());
    }
    Wrong(format!("Invalid partition expression! Unexpected '{rest}'."))
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) | Self::Number(text) => f.write_str(text),
            Self::Name(name) => write!(f, "\"{name}\""),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Sign(sign) => f.write_str(sign),
        }
    }
}
