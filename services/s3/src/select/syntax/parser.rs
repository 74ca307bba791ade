//! From words to a query.

use super::lexer::{Token, tokens};
use super::{Aggregate, Expr, From, Item, Items, Name, Select, Step};
use crate::select::error::{Result, SelectError};

/// Bytes of an expression at most: "the maximum length of a SQL expression is 256 KB" in
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html>
const LONGEST: usize = 256 * 1024;

/// How deep expressions may be in one another.
const DEPTH: usize = 100;

/// Words that are no names without quotes, as far as the grammar would take them for names.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-keyword-list.html>
const RESERVED: &[&str] = &[
    "all",
    "and",
    "any",
    "as",
    "asc",
    "between",
    "both",
    "by",
    "case",
    "cast",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "false",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "leading",
    "left",
    "like",
    "limit",
    "missing",
    "natural",
    "not",
    "null",
    "on",
    "or",
    "order",
    "outer",
    "right",
    "select",
    "some",
    "then",
    "trailing",
    "true",
    "union",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// What SQL has after FROM or WHERE, and S3 Select has not.
const CLAUSES: &[&str] = &[
    "group",
    "order",
    "having",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "natural",
    "union",
    "intersect",
    "except",
    "offset",
];

/// Parses a query.
///
/// # Errors
/// The documented ones of lexer and parser.
pub(in crate::select) fn parse(text: &str) -> Result<Select> {
    if text.len() > LONGEST {
        let message = "The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB.";
        return Err(SelectError::new("ExpressionTooLong", message));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, aggregates: Vec::new(), within_aggregate: false };
    let select = parser.select()?;
    parser.symbol(";");
    match parser.peek() {
        Token::End => Ok(select),
        other => Err(unexpected(other)),
    }
}

pub(super) fn unexpected(token: &Token) -> SelectError {
    let message = format!("Found an unexpected token in the SQL expression: {}", token.shown());
    SelectError::new("ParseUnexpectedToken", message)
}

pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) within_aggregate: bool,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    pub(super) fn ahead(&self) -> &Token {
        self.tokens.get(self.at + 1).unwrap_or(&Token::End)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(own) if own.eq_ignore_ascii_case(word))
    }

    /// Takes a keyword, if it is next.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Takes a symbol, if it is next.
    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(own) if *own == symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.word(word) {
            return Ok(());
        }
        let message = format!("Did not find the expected keyword in the SQL expression: {}", word.to_uppercase());
        Err(SelectError::new("ParseExpectedKeyword", message))
    }

    pub(super) fn expect(&mut self, symbol: &str, code: &'static str) -> Result<()> {
        if self.symbol(symbol) {
            return Ok(());
        }
        let message = format!("Did not find the expected {symbol} in the SQL expression, but {}", self.peek().shown());
        Err(SelectError::new(code, message))
    }

    /// Goes one level deeper.
    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH {
            return Err(SelectError::unsupported("expressions within expressions too deep"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn select(&mut self) -> Result<Select> {
        if !self.word("select") {
            let message = "The SQL expression must be a SELECT.";
            return Err(SelectError::new("ParseUnsupportedSelect", message));
        }
        if self.is_word("distinct") {
            return Err(SelectError::unsupported("DISTINCT"));
        }
        let items = self.items()?;
        if !self.word("from") {
            let message = "The SQL expression contains a missing FROM after SELECT list.";
            return Err(SelectError::new("ParseSelectMissingFrom", message));
        }
        let from = self.from()?;
        let aggregates = std::mem::take(&mut self.aggregates);
        let filter = if self.word("where") { Some(self.expr()?) } else { None };
        if !self.aggregates.is_empty() {
            return Err(SelectError::unsupported("an aggregate in WHERE"));
        }
        self.refuse_clauses()?;
        let limit = if self.word("limit") { Some(self.limit()?) } else { None };
        Ok(Select { items, from, filter, limit, aggregates })
    }

    fn refuse_clauses(&self) -> Result<()> {
        match self.peek() {
            Token::Word(word) if CLAUSES.contains(&word.to_lowercase().as_str()) => {
                Err(SelectError::unsupported(&word.to_uppercase()))
            }
            _ => Ok(()),
        }
    }

    fn limit(&mut self) -> Result<u64> {
        if self.symbol("-") {
            return Err(SelectError::new("EvaluatorNegativeLimit", "LIMIT must not be negative."));
        }
        match self.next() {
            Token::Number(digits) => digits.parse().map_err(|_| expected_number()),
            _ => Err(expected_number()),
        }
    }

    fn items(&mut self) -> Result<Items> {
        let alone = || {
            let message = "Other expressions are not allowed in the SELECT list when * is used without dot notation in \
                           the SQL expression.";
            SelectError::new("ParseAsteriskIsNotAloneInSelectList", message)
        };
        if self.symbol("*") {
            return if matches!(self.peek(), Token::Symbol(",")) { Err(alone()) } else { Ok(Items::All) };
        }
        if self.is_word("from") || *self.peek() == Token::End {
            let message = "The SQL expression contains an empty SELECT clause.";
            return Err(SelectError::new("ParseEmptySelect", message));
        }
        let mut items = Vec::new();
        loop {
            if matches!(self.peek(), Token::Symbol("*")) {
                return Err(alone());
            }
            items.push(self.item()?);
            if !self.symbol(",") {
                break;
            }
        }
        let is_all = |item: &Item| matches!(&item.expr, Expr::Path(_, steps) if steps.contains(&Step::Each));
        match items.iter().any(is_all) {
            false => Ok(Items::List(items)),
            true if items.len() == 1 => Ok(Items::All),
            true => Err(alone()),
        }
    }

    fn item(&mut self) -> Result<Item> {
        let expr = self.expr()?;
        if self.symbol(".") {
            // What is left of `alias.*`.
            self.expect("*", "ParseInvalidPathComponent")?;
            let Expr::Path(name, steps) = expr else { return Err(unexpected(&Token::Symbol("*"))) };
            let steps = steps.into_iter().chain([Step::Each]).collect();
            return Ok(Item { expr: Expr::Path(name, steps), name: None });
        }
        let name = match self.alias()? {
            Some(alias) => Some(alias.text),
            None => implied(&expr),
        };
        Ok(Item { expr, name })
    }

    /// A name with AS before it or without.
    fn alias(&mut self) -> Result<Option<Name>> {
        if self.word("as") {
            return match self.name() {
                Some(name) => Ok(Some(name)),
                None => Err(SelectError::new(
                    "ParseExpectedIdentForAlias",
                    "Did not find the expected identifier for the alias in the SQL expression.",
                )),
            };
        }
        let is_clause = matches!(self.peek(), Token::Word(word) if CLAUSES.contains(&word.to_lowercase().as_str()));
        Ok(if is_clause { None } else { self.name() })
    }

    /// A name, if one is next.
    pub(super) fn name(&mut self) -> Option<Name> {
        let name = match self.peek() {
            Token::Word(word) if !RESERVED.contains(&word.to_lowercase().as_str()) => {
                Name { text: word.clone(), quoted: false }
            }
            Token::Quoted(text) => Name { text: text.clone(), quoted: true },
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    fn from(&mut self) -> Result<From> {
        if matches!(self.peek(), Token::Symbol("(")) {
            return Err(SelectError::unsupported("a query within a query"));
        }
        if !self.name().is_some_and(|name| name.is("S3Object")) {
            let message = "The SQL expression must be of S3Object.";
            return Err(SelectError::new("InvalidDataSource", message));
        }
        let path = self.steps(true)?;
        let alias = self.alias()?;
        if self.symbol(",") {
            let message = "Multiple data sources are not supported.";
            return Err(SelectError::new("MultipleDataSourcesUnsupported", message));
        }
        self.refuse_clauses()?;
        let implied = path.iter().rev().find_map(|step| match step {
            Step::Name(name) => Some(name.clone()),
            _ => None,
        });
        Ok(From { path, alias: alias.or(implied) })
    }

    /// Steps: `.name`, `[0]`, and `[*]` in FROM.
    pub(super) fn steps(&mut self, in_from: bool) -> Result<Vec<Step>> {
        let invalid = |what: &str| {
            let message = format!("The SQL expression contains an invalid path component: {what}");
            SelectError::new("ParseInvalidPathComponent", message)
        };
        let mut steps = Vec::new();
        loop {
            if matches!(self.peek(), Token::Symbol(".")) {
                if matches!(self.ahead(), Token::Symbol("*")) {
                    return Ok(steps);
                }
                self.at += 1;
                // After a dot a keyword is a name.
                steps.push(Step::Name(match self.next() {
                    Token::Word(text) => Name { text, quoted: false },
                    Token::Quoted(text) => Name { text, quoted: true },
                    other => return Err(invalid(&other.shown())),
                }));
            } else if self.symbol("[") {
                steps.push(match self.next() {
                    Token::Symbol("*") if in_from => Step::Each,
                    Token::Symbol("*") => {
                        let message = "Invalid use of * in SELECT list in the SQL expression.";
                        return Err(SelectError::new("ParseInvalidContextForWildcardInSelectList", message));
                    }
                    Token::Number(digits) => Step::Index(digits.parse().map_err(|_| invalid(&digits))?),
                    Token::Text(text) => Step::Name(Name { text, quoted: true }),
                    other => return Err(invalid(&other.shown())),
                });
                self.expect("]", "ParseInvalidPathComponent")?;
            } else {
                return Ok(steps);
            }
        }
    }
}

fn expected_number() -> SelectError {
    let message = "Did not find the expected number in the SQL expression.";
    SelectError::new("ParseExpectedNumber", message)
}

/// The name that an expression has in the output: the last one of its path.
fn implied(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(name, steps) => match steps.last() {
            None => Some(name.text.clone()),
            Some(Step::Name(name)) => Some(name.text.clone()),
            Some(_) => None,
        },
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_query_is_refused_by_its_code() {
        for (text, code) in [
            ("DELETE FROM S3Object", "ParseUnsupportedSelect"),
            ("SELECT FROM S3Object", "ParseEmptySelect"),
            ("SELECT * S3Object", "ParseSelectMissingFrom"),
            ("SELECT *, a FROM S3Object", "ParseAsteriskIsNotAloneInSelectList"),
            ("SELECT a, * FROM S3Object", "ParseAsteriskIsNotAloneInSelectList"),
            ("SELECT * FROM other", "InvalidDataSource"),
            ("SELECT * FROM S3Object a, S3Object b", "MultipleDataSourcesUnsupported"),
            ("SELECT * FROM S3Object GROUP BY a", "UnsupportedSqlStructure"),
            ("SELECT * FROM S3Object s ORDER BY a", "UnsupportedSqlStructure"),
            ("SELECT * FROM S3Object JOIN S3Object", "UnsupportedSqlStructure"),
            ("SELECT DISTINCT a FROM S3Object", "UnsupportedSqlStructure"),
            ("SELECT * FROM (SELECT * FROM S3Object)", "UnsupportedSqlStructure"),
            ("SELECT * FROM S3Object LIMIT x", "ParseExpectedNumber"),
            ("SELECT * FROM S3Object LIMIT -1", "EvaluatorNegativeLimit"),
            ("SELECT a AS 1 FROM S3Object", "ParseExpectedIdentForAlias"),
            ("SELECT 'a FROM S3Object", "LexerInvalidLiteral"),
            ("SELECT a ~ b FROM S3Object", "LexerInvalidChar"),
            ("SELECT a[*] FROM S3Object", "ParseInvalidContextForWildcardInSelectList"),
            ("SELECT a.1 FROM S3Object", "ParseSelectMissingFrom"),
            ("SELECT s.*, a FROM S3Object s", "ParseAsteriskIsNotAloneInSelectList"),
            ("SELECT frob(a) FROM S3Object", "UnsupportedFunction"),
            ("SELECT cast a FROM S3Object", "ParseExpectedLeftParenAfterCast"),
            ("SELECT cast(a AS blob) FROM S3Object", "ParseExpectedTypeName"),
            ("SELECT * FROM S3Object WHERE count(*) > 1", "UnsupportedSqlStructure"),
            ("SELECT sum(count(*)) FROM S3Object", "UnsupportedSqlStructure"),
            ("SELECT sum(*) FROM S3Object", "ParseUnsupportedCallWithStar"),
            ("SELECT * FROM S3Object WHERE", "ParseUnexpectedToken"),
            ("SELECT * FROM S3Object extra tokens", "ParseUnexpectedToken"),
            (&format!("SELECT {}1{} FROM S3Object", "(".repeat(500), ")".repeat(500)), "UnsupportedSqlStructure"),
            (&" ".repeat(300_000), "ExpressionTooLong"),
        ] {
            assert_eq!(parse(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn paths_and_aliases_are_read() {
        let select =
            parse("SELECT s.a.\"B c\"[0] x, s.limit FROM s3object[*].Rules[*].id AS s -- all\nLIMIT 5;").unwrap();
        assert_eq!((select.limit, select.from.path.len()), (Some(5), 4));
        assert!(select.from.alias.unwrap().is("S"));
        let Items::List(items) = select.items else { panic!() };
        assert_eq!(items[0].name.as_deref(), Some("x"));
        assert_eq!(items[1].name.as_deref(), Some("limit"));
        assert_eq!(parse("SELECT s.* FROM S3Object s").unwrap().items, Items::All);
        let implied = parse("SELECT id FROM S3Object[*].Rules[*].id").unwrap().from.alias.unwrap();
        assert_eq!(implied.text, "id");
    }
}
