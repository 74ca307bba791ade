//! Queries: WITH, SELECT, set operations, ORDER BY and LIMIT.

use super::ast::*;
use super::lexer::{Lexeme, Token, syntax, words};
use super::reserved::is_reserved;
use crate::error::{Code, Position, Result, SqlError};

/// How deep expressions and queries may nest.
const DEPTH: u32 = 120;
/// How many operators may follow each other without parentheses; planning takes the cube of their number.
pub(super) const CHAIN: usize = 150;

/// Parses a statement, which is a query.
///
/// # Errors
/// `SYNTAX_ERROR` with its place; `NOT_SUPPORTED` for statements other than queries.
pub(crate) fn parse(text: &str) -> Result<Query> {
    let mut parser = Parser::of(text)?;
    if let Token::Word(first) = &parser.peek().token {
        const STATEMENTS: &[&str] = &[
            "ALTER",
            "ANALYZE",
            "CALL",
            "COMMENT",
            "COMMIT",
            "CREATE",
            "DEALLOCATE",
            "DELETE",
            "DENY",
            "DESC",
            "DESCRIBE",
            "DROP",
            "EXECUTE",
            "EXPLAIN",
            "GRANT",
            "INSERT",
            "MERGE",
            "MSCK",
            "OPTIMIZE",
            "PREPARE",
            "REFRESH",
            "RESET",
            "REVOKE",
            "ROLLBACK",
            "SET",
            "SHOW",
            "START",
            "TRUNCATE",
            "UNLOAD",
            "UPDATE",
            "USE",
            "VACUUM",
        ];
        let first = first.to_ascii_uppercase();
        if STATEMENTS.contains(&first.as_str()) {
            return Err(SqlError::unsupported(parser.at(), first));
        }
    }
    let query = parser.query()?;
    parser.symbol(";");
    match parser.peek().token {
        Token::End => Ok(query),
        _ => Err(parser.unexpected("<EOF>")),
    }
}

pub(super) struct Parser {
    pub(super) words: Vec<Lexeme>,
    pub(super) next: usize,
    /// Where the parenthesis that a word opens is closed; 0 for other words, and where it is not.
    pub(super) closed: Vec<usize>,
    depth: u32,
}

/// A text is at most this long.
///
/// <https://trino.io/docs/current/admin/properties-query-management.html#query-max-length>
const LONGEST: usize = 1_000_000;

/// Finds where parentheses are closed.
fn closed(words: &[Lexeme]) -> Vec<usize> {
    let (mut closed, mut open) = (vec![0; words.len()], Vec::new());
    for (n, word) in words.iter().enumerate() {
        match word.token {
            Token::Symbol("(") => open.push(n),
            Token::Symbol(")") => {
                if let Some(place) = open.pop() {
                    closed[place] = n;
                }
            }
            _ => (),
        }
    }
    closed
}

impl Parser {
    pub(super) fn of(text: &str) -> Result<Self> {
        let length = text.chars().count();
        if length > LONGEST {
            let message = format!("Query text length ({length}) exceeds the maximum length ({LONGEST})");
            return Err(SqlError::new(Code::QueryTextTooLarge, message));
        }
        let words = words(text)?;
        Ok(Self { closed: closed(&words), words, next: 0, depth: 0 })
    }

    pub(super) fn peek(&self) -> &Lexeme {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, by: usize) -> &Lexeme {
        // INVARIANT: the last word is End, and is never passed.
        &self.words[(self.next + by).min(self.words.len() - 1)]
    }

    pub(super) fn at(&self) -> Position {
        self.peek().at
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek().token.clone();
        self.next = (self.next + 1).min(self.words.len() - 1);
        token
    }

    pub(super) fn is_word(&self, by: usize, word: &str) -> bool {
        matches!(&self.ahead(by).token, Token::Word(it) if it.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_symbol(&self, by: usize, symbol: &str) -> bool {
        self.ahead(by).token == Token::Symbol(SYMBOL_NAMES.iter().find(|it| **it == symbol).copied().unwrap_or(""))
    }

    /// Takes these words if they are next.
    pub(super) fn word(&mut self, phrase: &str) -> bool {
        let parts: Vec<&str> = phrase.split(' ').collect();
        let there = parts.iter().enumerate().all(|(n, part)| self.is_word(n, part));
        if there {
            self.next += parts.len();
        }
        there
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let there = self.is_symbol(0, symbol);
        if there {
            self.next += 1;
        }
        there
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected(&format!("'{word}'"))) }
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    pub(super) fn unexpected(&self, expected: &str) -> SqlError {
        let word = self.peek();
        syntax(word.at, format!("mismatched input '{}'. Expecting: {expected}", word.token.shown()))
    }

    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(syntax(self.at(), "statement is too large (stack overflow during parsing)"));
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }

    pub(super) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.symbol(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    /// Whether the next word can be a name.
    pub(super) fn is_name(&self, by: usize) -> bool {
        match &self.ahead(by).token {
            Token::Quoted(_) => true,
            Token::Word(word) => !is_reserved(word),
            _ => false,
        }
    }

    pub(super) fn name(&mut self) -> Result<Name> {
        if !self.is_name(0) {
            return Err(self.unexpected("<identifier>"));
        }
        let at = self.at();
        Ok(match self.advance() {
            Token::Quoted(text) if text.is_empty() => {
                return Err(syntax(at, "Zero-length delimited identifier not allowed"));
            }
            Token::Quoted(text) => Name { text, quoted: true, at },
            Token::Word(text) => Name { text, quoted: false, at },
            _ => return Err(self.unexpected("<identifier>")),
        })
    }

    pub(super) fn path(&mut self) -> Result<Vec<Name>> {
        let mut path = vec![self.name()?];
        while self.symbol(".") {
            path.push(self.name()?);
        }
        Ok(path)
    }

    pub(super) fn names(&mut self) -> Result<Vec<Name>> {
        self.expect("(")?;
        let names = self.list(Self::name)?;
        self.expect(")")?;
        Ok(names)
    }

    pub(super) fn is_query(&self, by: usize) -> bool {
        ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|word| self.is_word(by, word))
    }

    pub(super) fn query(&mut self) -> Result<Query> {
        self.nested(Self::query_inner)
    }

    fn query_inner(&mut self) -> Result<Query> {
        let at = self.at();
        let (mut recursive, mut with) = (false, Vec::new());
        if self.word("WITH") {
            recursive = self.word("RECURSIVE");
            with = self.list(|parser| {
                let name = parser.name()?;
                let columns = if parser.is_symbol(0, "(") { parser.names()? } else { Vec::new() };
                parser.expect_word("AS")?;
                parser.expect("(")?;
                let query = parser.query()?;
                parser.expect(")")?;
                Ok(With { name, columns, query })
            })?;
        }
        let body = self.body()?;
        let order = self.order()?;
        let (offset, limit) = self.limits()?;
        Ok(Query { recursive, with, body, order, offset, limit, at })
    }

    pub(super) fn order(&mut self) -> Result<Vec<SortItem>> {
        if self.word("ORDER BY") { self.list(Self::sort_item) } else { Ok(Vec::new()) }
    }

    pub(super) fn sort_item(&mut self) -> Result<SortItem> {
        let expr = self.expression()?;
        let descending = self.word("DESC");
        if !descending {
            self.word("ASC");
        }
        let nulls_first = self.word("NULLS FIRST");
        if !nulls_first {
            self.word("NULLS LAST");
        }
        Ok(SortItem { expr, descending, nulls_first })
    }

    fn limits(&mut self) -> Result<(Option<Expr>, Option<Limit>)> {
        let offset = if self.word("OFFSET") {
            let count = self.row_count()?;
            let _ = self.word("ROWS") || self.word("ROW");
            Some(count)
        } else {
            None
        };
        if self.word("LIMIT") {
            if self.word("ALL") {
                return Ok((offset, None));
            }
            let count = self.row_count()?;
            return Ok((offset, Some(Limit { count, ties: false })));
        }
        if self.word("FETCH") {
            let at = self.at();
            if !(self.word("FIRST") || self.word("NEXT")) {
                return Err(self.unexpected("'FIRST', 'NEXT'"));
            }
            let count = if self.is_word(0, "ROW") || self.is_word(0, "ROWS") {
                Expr { kind: Kind::Integer("1".into()), at }
            } else {
                self.row_count()?
            };
            if !(self.word("ROWS") || self.word("ROW")) {
                return Err(self.unexpected("'ROW', 'ROWS'"));
            }
            let ties = self.word("WITH TIES");
            if !ties {
                self.expect_word("ONLY")?;
            }
            return Ok((offset, Some(Limit { count, ties })));
        }
        Ok((offset, None))
    }

    fn row_count(&mut self) -> Result<Expr> {
        let at = self.at();
        match self.peek().token.clone() {
            Token::Integer(digits) => {
                self.advance();
                Ok(Expr { kind: Kind::Integer(digits), at })
            }
            Token::Symbol("?") => Err(SqlError::unsupported(at, "A parameter that was not given")),
            _ => Err(self.unexpected("'?', <integer>")),
        }
    }

    /// UNION and EXCEPT, which INTERSECT goes before.
    fn body(&mut self) -> Result<Body> {
        let mut left = self.intersection()?;
        for _ in 0..CHAIN {
            let at = self.at();
            let op = if self.word("UNION") {
                SetOp::Union
            } else if self.word("EXCEPT") {
                SetOp::Except
            } else {
                return Ok(left);
            };
            let all = self.quantifier();
            left = Body::Set { op, all, left: Box::new(left), right: Box::new(self.intersection()?), at };
        }
        Err(SqlError::at(Code::SyntaxError, self.at(), "statement is too large"))
    }

    fn intersection(&mut self) -> Result<Body> {
        let mut left = self.term()?;
        loop {
            let at = self.at();
            if !self.word("INTERSECT") {
                return Ok(left);
            }
            let all = self.quantifier();
            left = Body::Set { op: SetOp::Intersect, all, left: Box::new(left), right: Box::new(self.term()?), at };
        }
    }

    fn quantifier(&mut self) -> bool {
        let all = self.word("ALL");
        if !all {
            self.word("DISTINCT");
        }
        all
    }

    fn term(&mut self) -> Result<Body> {
        let at = self.at();
        if self.word("VALUES") {
            return Ok(Body::Values(self.list(Self::expression)?, at));
        }
        if self.word("TABLE") {
            return Ok(Body::Table(self.path()?));
        }
        if self.symbol("(") {
            let query = self.query()?;
            self.expect(")")?;
            return Ok(Body::Query(Box::new(query)));
        }
        self.select().map(|select| Body::Select(Box::new(select)))
    }

    fn select(&mut self) -> Result<Select> {
        let at = self.at();
        if !self.word("SELECT") {
            return Err(self.unexpected("'(', 'SELECT', 'TABLE', 'VALUES'"));
        }
        let distinct = self.word("DISTINCT");
        if !distinct {
            self.word("ALL");
        }
        let items = self.list(Self::select_item)?;
        let from = if self.word("FROM") { self.list(Self::relation)? } else { Vec::new() };
        let filter = if self.word("WHERE") { Some(self.expression()?) } else { None };
        let group = if self.word("GROUP BY") { Some(self.group_by()?) } else { None };
        let having = if self.word("HAVING") { Some(self.expression()?) } else { None };
        let windows = if self.word("WINDOW") {
            self.list(|parser| {
                let name = parser.name()?;
                parser.expect_word("AS")?;
                parser.expect("(")?;
                Ok((name, parser.window()?))
            })?
        } else {
            Vec::new()
        };
        Ok(Select { distinct, items, from, filter, group, having, windows, at })
    }

    fn select_item(&mut self) -> Result<SelectItem> {
        let at = self.at();
        if self.symbol("*") {
            return Ok(SelectItem::All { of: None, aliases: Vec::new(), at });
        }
        let expr = self.expression()?;
        if self.is_symbol(0, ".") && self.is_symbol(1, "*") {
            self.next += 2;
            let aliases = if self.word("AS") { self.names()? } else { Vec::new() };
            return Ok(SelectItem::All { of: Some(expr), aliases, at });
        }
        let alias = if self.word("AS") || self.is_name(0) { Some(self.name()?) } else { None };
        Ok(SelectItem::Expr(expr, alias))
    }

    fn group_by(&mut self) -> Result<GroupBy> {
        let distinct = self.word("DISTINCT");
        if !distinct {
            self.word("ALL");
        }
        let elements = self.list(|parser| {
            let at = parser.at();
            if parser.word("GROUPING SETS") {
                return Ok(GroupElement::Sets(parser.grouping_sets()?));
            }
            if parser.word("ROLLUP") {
                return Ok(GroupElement::Rollup(parser.grouping_sets()?));
            }
            if parser.word("CUBE") {
                return Ok(GroupElement::Cube(parser.grouping_sets()?));
            }
            if parser.is_symbol(0, "(") && parser.is_symbol(1, ")") {
                parser.next += 2;
                return Ok(GroupElement::Simple(Vec::new()));
            }
            let expr = parser.expression()?;
            Ok(match expr.kind {
                Kind::Row(fields) if parser.words.get(parser.next).is_some() && expr.at == at => {
                    GroupElement::Simple(fields)
                }
                kind => GroupElement::Expr(Expr { kind, at: expr.at }),
            })
        })?;
        Ok(GroupBy { distinct, elements })
    }

    fn grouping_sets(&mut self) -> Result<Vec<Vec<Expr>>> {
        self.expect("(")?;
        let sets = self.list(|parser| {
            if parser.symbol("(") {
                let set = if parser.is_symbol(0, ")") { Vec::new() } else { parser.list(Self::expression)? };
                parser.expect(")")?;
                return Ok(set);
            }
            Ok(vec![parser.expression()?])
        })?;
        self.expect(")")?;
        Ok(sets)
    }
}

const SYMBOL_NAMES: &[&str] = &[
    "->", "=>", "<>", "<=", ">=", "||", "(", ")", "[", "]", "{", "}", ",", ".", ";", "+", "-", "*", "/", "%", "=", "<",
    ">", "?",
];
