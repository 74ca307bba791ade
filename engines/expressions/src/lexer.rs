//! Words of expressions.

use crate::Invalid;

/// A word of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name, keyword or function, or a placeholder `#name`, `:value`.
    Word(String),
    /// Digits.
    Number(String),
    /// Punctuation or an operator.
    Sign(&'static str),
}

impl Token {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Number(text) => text,
            Self::Sign(text) => text,
        }
    }
}

const SIGNS: [&str; 15] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*"];

/// Cuts an expression into words.
pub(crate) fn words(text: &str) -> Result<Vec<Token>, Invalid> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after_mark = usize::from(matches!(first, '#' | ':'));
        let length = rest
            .char_indices()
            .skip(after_mark)
            .find(|(_, c)| !(c.is_ascii_alphanumeric() || *c == '_'))
            .map_or(rest.len(), |(at, _)| at);
        let taken = if length > after_mark {
            let word = rest[..length].to_owned();
            let digits = word.bytes().all(|byte| byte.is_ascii_digit());
            tokens.push(if digits { Token::Number(word) } else { Token::Word(word) });
            length
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else {
            let near: String = rest.chars().take(12).collect();
            return Err(Invalid::new(format!("Syntax error; token: \"{first}\", near: \"{near}\"")));
        };
        rest = rest[taken..].trim_start();
    }
    Ok(tokens)
}
