//! The condition of a row filter: comparisons of columns, joined by AND, OR and NOT.
//!
//! "PartiQL support in row filter expressions": comparison operators, AND, OR, NOT, IN, LIKE, BETWEEN and IS NULL on
//! literals and columns; no functions, no queries:
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/partiql-support.html>. What is understood is written anew, as SQL
//! in which every name is quoted, so that nothing else can come to be part of a query.

use std::collections::BTreeSet;

/// How deep parentheses and NOT may go.
const DEPTH: usize = 64;

/// A condition that was understood.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    sql: String,
    columns: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A word in lower case.
    Word(String),
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Longer signs stand before those that they begin with.
const SIGNS: [&str; 16] = ["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "+", "-", "*", "/", "%"];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if first == '\'' || first == '"' {
            let (inside, after) = quoted(rest, first)?;
            (if first == '"' { Token::Name(inside.to_lowercase()) } else { Token::Text(inside) }, after)
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            number.parse::<f64>().map_err(|_| format!("{number} is not a number"))?;
            (Token::Number(number.to_owned()), after)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            (Token::Word(word.to_lowercase()), after)
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("{first} is not expected"))?;
            (Token::Sign(sign), rest.strip_prefix(sign).unwrap_or_default())
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// What stands between quotes, of which two stand for one, and the rest.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let mut inside = String::new();
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        let (part, after) = rest.split_once(quote).ok_or_else(|| format!("{quote} is not closed"))?;
        inside.push_str(part);
        match after.strip_prefix(quote) {
            Some(more) => {
                inside.push(quote);
                rest = more;
            }
            None => return Ok((inside, after)),
        }
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    columns: BTreeSet<String>,
    depth: usize,
}

const KEYWORDS: [&str; 11] = ["and", "or", "not", "in", "like", "between", "is", "null", "true", "false", "escape"];

impl Condition {
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what| format!("Unsupported row filter expression: {what}");
        let tokens = tokens(text).map_err(wrong)?.into_iter().peekable();
        let mut parser = Parser { tokens, columns: BTreeSet::new(), depth: 0 };
        let sql = parser.any().map_err(wrong)?;
        match parser.tokens.next() {
            None => Ok(Self { sql, columns: parser.columns }),
            Some(_) => Err(wrong("it does not end where it should".to_owned())),
        }
    }

    /// As SQL.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// The columns that it names, in lower case.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &String> {
        self.columns.iter()
    }
}

impl Parser {
    fn word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(own) if own == word)).is_some()
    }

    fn sign(&mut self, any_of: &[&str]) -> Option<&'static str> {
        match self.tokens.next_if(|token| matches!(token, Token::Sign(sign) if any_of.contains(sign)))? {
            Token::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), String> {
        self.sign(&[sign]).map(drop).ok_or_else(|| format!("{sign} is expected"))
    }

    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        let parsed = inside(self);
        self.depth -= 1;
        parsed
    }

    fn any(&mut self) -> Result<String, String> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(parts.join(" OR "))
    }

    fn all(&mut self) -> Result<String, String> {
        let mut parts = vec![self.not()?];
        while self.word("and") {
            parts.push(self.not()?);
        }
        Ok(parts.join(" AND "))
    }

    fn not(&mut self) -> Result<String, String> {
        if self.word("not") {
            return self.deeper(|own| Ok(format!("NOT ({})", own.not()?)));
        }
        if self.sign(&["("]).is_some() {
            let inside = self.deeper(Self::any)?;
            self.expect(")")?;
            return Ok(format!("({inside})"));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<String, String> {
        let left = self.sum()?;
        if let Some(sign) = self.sign(&["=", "<>", "!=", "<", "<=", ">", ">="]) {
            return Ok(format!("{left} {sign} {}", self.sum()?));
        }
        if self.word("is") {
            let not = if self.word("not") { "NOT " } else { "" };
            return match self.word("null") {
                true => Ok(format!("{left} IS {not}NULL")),
                false => Err("NULL is expected".to_owned()),
            };
        }
        let not = if self.word("not") { "NOT " } else { "" };
        if self.word("in") {
            self.expect("(")?;
            let mut values = vec![self.sum()?];
            while self.sign(&[","]).is_some() {
                values.push(self.sum()?);
            }
            self.expect(")")?;
            return Ok(format!("{left} {not}IN ({})", values.join(", ")));
        }
        if self.word("like") {
            return Ok(format!("{left} {not}LIKE {}", self.sum()?));
        }
        if self.word("between") {
            let low = self.sum()?;
            return match self.word("and") {
                true => Ok(format!("{left} {not}BETWEEN {low} AND {}", self.sum()?)),
                false => Err("AND is expected".to_owned()),
            };
        }
        match left.as_str() {
            // A condition by itself.
            "TRUE" | "FALSE" if not.is_empty() => Ok(left),
            _ => Err("a comparison is expected".to_owned()),
        }
    }

    fn sum(&mut self) -> Result<String, String> {
        let mut sum = self.value()?;
        while let Some(sign) = self.sign(&["+", "-", "*", "/", "%"]) {
            sum = format!("{sum} {sign} {}", self.value()?);
        }
        Ok(sum)
    }

    fn value(&mut self) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Number(number)) => Ok(number),
            Some(Token::Text(text)) => Ok(literal(&text)),
            Some(Token::Sign("-")) => self.deeper(|own| Ok(format!("-({})", own.value()?))),
            Some(Token::Word(word)) if word == "true" || word == "false" => Ok(word.to_uppercase()),
            Some(Token::Word(word)) if word == "date" || word == "timestamp" => {
                match self.tokens.next_if(|token| matches!(token, Token::Text(_))) {
                    Some(Token::Text(text)) => Ok(format!("{} {}", word.to_uppercase(), literal(&text))),
                    _ => self.column(word),
                }
            }
            Some(Token::Word(word)) if !KEYWORDS.contains(&word.as_str()) => self.column(word),
            Some(Token::Name(name)) => self.column(name),
            _ => Err("a value is expected".to_owned()),
        }
    }

    /// A column, or a field of one: `column.field`.
    fn column(&mut self, first: String) -> Result<String, String> {
        let mut sql = name(&first);
        while self.sign(&["."]).is_some() {
            match self.tokens.next() {
                Some(Token::Word(field) | Token::Name(field)) => sql = format!("{sql}.{}", name(&field)),
                _ => return Err("the name of a field is expected".to_owned()),
            }
        }
        self.columns.insert(first);
        Ok(sql)
    }
}

fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn sql(text: &str) -> String {
        Condition::parse(text).unwrap().sql
    }

    #[test]
    fn what_is_understood_is_written_anew() {
        assert_eq!(sql("Country = 'US'"), "\"country\" = 'US'");
        assert_eq!(
            sql("a<>1 AND (b LIKE 'x%' or not c is null)"),
            "\"a\" <> 1 AND (\"b\" LIKE 'x%' OR NOT (\"c\" IS NULL))"
        );
        assert_eq!(sql("a NOT IN (1, -2.5)"), "\"a\" NOT IN (1, -(2.5))");
        assert_eq!(
            sql("d BETWEEN DATE '2024-01-01' AND date '2024-02-01'"),
            "\"d\" BETWEEN DATE '2024-01-01' AND DATE '2024-02-01'"
        );
        assert_eq!(sql("\"My col\" = 'it''s'"), "\"my col\" = 'it''s'");
        assert_eq!(sql("date = '2024-01-01' and s.f > 1"), "\"date\" = '2024-01-01' AND \"s\".\"f\" > 1");
        assert_eq!(sql("TRUE"), "TRUE");
        let columns: Vec<String> = Condition::parse("b = 1 or a.x = 2").unwrap().columns().cloned().collect();
        assert_eq!(columns, ["a", "b"]);
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "",
            "a",
            "a = ",
            "a = 1 UNION SELECT 1",
            "a IN (SELECT b FROM c)",
            "length(a) = 1",
            "a = 'x",
            "a = 1; DROP TABLE t",
            "a is 1",
            "(a = 1",
            "1.2.3 = a",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
        assert!(Condition::parse(&format!("{}a = 1", "not ".repeat(1000))).is_err());
        assert!(Condition::parse(&"(".repeat(100_000)).is_err());
    }
}
