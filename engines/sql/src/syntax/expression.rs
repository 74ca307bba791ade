//! Expressions, by rising precedence.

use super::ast::*;
use super::lexer::{Token, syntax};
use super::parser::{CHAIN, Parser};
use super::reserved::is_reserved;
use crate::error::{Position, Result, SqlError};

fn at(kind: Kind, at: Position) -> Expr {
    Expr { kind, at }
}

impl Parser {
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.nested(|parser| {
            let mut terms = vec![parser.conjunction()?];
            while parser.word("OR") {
                terms.push(parser.conjunction()?);
            }
            Ok(balanced(terms, Kind::Or))
        })
    }

    fn conjunction(&mut self) -> Result<Expr> {
        let mut terms = vec![self.negation()?];
        while self.word("AND") {
            terms.push(self.negation()?);
        }
        Ok(balanced(terms, Kind::And))
    }

    fn negation(&mut self) -> Result<Expr> {
        let place = self.at();
        if self.word("NOT") {
            let of = self.nested(Self::negation)?;
            return Ok(at(Kind::Not(Box::new(of)), place));
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expr> {
        let of = self.value()?;
        let place = self.at();
        if let Some(op) = self.comparison() {
            return self.compared(of, op, place);
        }
        if self.word("IS") {
            let not = self.word("NOT");
            let of = Box::new(of);
            if self.word("NULL") {
                return Ok(at(Kind::IsNull { of, not }, place));
            }
            if self.word("DISTINCT FROM") {
                return Ok(at(Kind::DistinctFrom { left: of, right: Box::new(self.value()?), not }, place));
            }
            return Err(self.unexpected("'DISTINCT', 'NOT', 'NULL'"));
        }
        let not = self.is_word(0, "NOT") && ["BETWEEN", "IN", "LIKE"].iter().any(|word| self.is_word(1, word));
        if not {
            self.next += 1;
        }
        let of = Box::new(of);
        if self.word("BETWEEN") {
            let low = Box::new(self.value()?);
            self.expect_word("AND")?;
            return Ok(at(Kind::Between { of, low, high: Box::new(self.value()?), not }, place));
        }
        if self.word("IN") {
            if self.opens_query(0) {
                let query = Box::new(self.subquery()?);
                return Ok(at(Kind::InQuery { of, query, not }, place));
            }
            self.expect("(")?;
            let list = self.list(Self::expression)?;
            self.expect(")")?;
            return Ok(at(Kind::In { of, list, not }, place));
        }
        if self.word("LIKE") {
            let pattern = Box::new(self.value()?);
            let escape = if self.word("ESCAPE") { Some(Box::new(self.value()?)) } else { None };
            return Ok(at(Kind::Like { of, pattern, escape, not }, place));
        }
        Ok(*of)
    }

    fn comparison(&mut self) -> Option<CompareOp> {
        const OPS: &[(&str, CompareOp)] = &[
            ("=", CompareOp::Equal),
            ("<>", CompareOp::NotEqual),
            ("<=", CompareOp::LessOrEqual),
            (">=", CompareOp::GreaterOrEqual),
            ("<", CompareOp::Less),
            (">", CompareOp::Greater),
        ];
        OPS.iter().find(|(symbol, _)| self.symbol(symbol)).map(|(_, op)| *op)
    }

    fn compared(&mut self, left: Expr, op: CompareOp, place: Position) -> Result<Expr> {
        let left = Box::new(left);
        for (word, all) in [("ALL", true), ("ANY", false), ("SOME", false)] {
            if self.is_word(0, word) && self.is_symbol(1, "(") && self.is_query(2) {
                self.next += 1;
                let query = Box::new(self.subquery()?);
                return Ok(at(Kind::Quantified { op, all, left, query }, place));
            }
        }
        Ok(at(Kind::Compare(op, left, Box::new(self.value()?)), place))
    }

    fn subquery(&mut self) -> Result<Query> {
        self.expect("(")?;
        let query = self.query()?;
        self.expect(")")?;
        Ok(query)
    }

    /// `||`, which everything else goes before.
    pub(super) fn value(&mut self) -> Result<Expr> {
        self.chain(&[("||", BinaryOp::Concat)], Self::sum)
    }

    fn sum(&mut self) -> Result<Expr> {
        self.chain(&[("+", BinaryOp::Add), ("-", BinaryOp::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expr> {
        let ops = &[("*", BinaryOp::Multiply), ("/", BinaryOp::Divide), ("%", BinaryOp::Modulus)];
        self.chain(ops, Self::signed)
    }

    fn chain(&mut self, ops: &[(&str, BinaryOp)], operand: fn(&mut Self) -> Result<Expr>) -> Result<Expr> {
        let mut left = operand(self)?;
        for _ in 0..CHAIN {
            let place = self.at();
            let Some((_, op)) = ops.iter().find(|(symbol, _)| self.symbol(symbol)) else { return Ok(left) };
            let right = operand(self)?;
            left = at(Kind::Binary(*op, Box::new(left), Box::new(right)), place);
        }
        Err(syntax(self.at(), "statement is too large (stack overflow during parsing)"))
    }

    fn signed(&mut self) -> Result<Expr> {
        let place = self.at();
        let minus = self.is_symbol(0, "-");
        if !minus && !self.is_symbol(0, "+") {
            return self.zoned();
        }
        self.next += 1;
        let of = self.nested(Self::signed)?;
        Ok(at(Kind::Unary { minus, of: Box::new(of) }, place))
    }

    fn zoned(&mut self) -> Result<Expr> {
        let mut of = self.postfix()?;
        for _ in 0..CHAIN {
            let place = self.at();
            if !self.word("AT TIME ZONE") {
                return Ok(of);
            }
            let zone = self.postfix()?;
            of = at(Kind::AtTimeZone(Box::new(of), Box::new(zone)), place);
        }
        Err(syntax(self.at(), "statement is too large (stack overflow during parsing)"))
    }

    fn postfix(&mut self) -> Result<Expr> {
        let mut of = self.primary()?;
        for _ in 0..CHAIN {
            let place = of.at;
            if self.symbol("[") {
                let index = self.value()?;
                self.expect("]")?;
                of = at(Kind::Subscript(Box::new(of), Box::new(index)), place);
            } else if self.is_symbol(0, ".") && self.is_name(1) {
                self.next += 1;
                of = at(Kind::Field(Box::new(of), self.name()?), place);
            } else {
                return Ok(of);
            }
        }
        Err(syntax(self.at(), "statement is too large (stack overflow during parsing)"))
    }

    fn primary(&mut self) -> Result<Expr> {
        let place = self.at();
        match self.peek().token.clone() {
            Token::Integer(digits) => self.literal(Kind::Integer(digits)),
            Token::Decimal(digits) => self.literal(Kind::Decimal(digits)),
            Token::Double(digits) => self.literal(Kind::Double(digits)),
            Token::Text(text) => self.literal(Kind::Text(text)),
            Token::Binary(bytes) => self.literal(Kind::Bytes(bytes)),
            Token::Symbol("(") => self.parenthesis(place),
            Token::Symbol("?") => Err(SqlError::unsupported(place, "A parameter that was not given")),
            Token::Word(word) => self.word_primary(&word.to_ascii_uppercase(), place),
            Token::Quoted(_) => self.name_primary(place),
            _ => Err(self.unexpected("<expression>")),
        }
    }

    fn literal(&mut self, kind: Kind) -> Result<Expr> {
        let place = self.at();
        self.advance();
        Ok(at(kind, place))
    }

    fn parenthesis(&mut self, place: Position) -> Result<Expr> {
        if self.opens_query(0) {
            return Ok(at(Kind::Subquery(Box::new(self.subquery()?)), place));
        }
        if let Some(parameters) = self.lambda_parameters() {
            let body = Box::new(self.expression()?);
            return Ok(at(Kind::Lambda(parameters, body), place));
        }
        self.expect("(")?;
        let first = self.expression()?;
        if self.symbol(")") {
            return Ok(first);
        }
        let mut fields = vec![first];
        while self.symbol(",") {
            fields.push(self.expression()?);
        }
        self.expect(")")?;
        Ok(at(Kind::Row(fields), place))
    }

    /// `(a, b) ->` or `() ->`.
    fn lambda_parameters(&mut self) -> Option<Vec<Name>> {
        let mut by = 1;
        while !self.is_symbol(by, ")") {
            if !self.is_name(by) {
                return None;
            }
            by += if self.is_symbol(by + 1, ",") { 2 } else { 1 };
        }
        if !self.is_symbol(by + 1, "->") {
            return None;
        }
        let names = if by == 1 { Vec::new() } else { self.names().ok()? };
        if by == 1 {
            self.next += 2;
        }
        self.next += 1;
        Some(names)
    }

    fn word_primary(&mut self, word: &str, place: Position) -> Result<Expr> {
        if let Some(kind) = self.keyword(word, place)? {
            return Ok(at(kind, place));
        }
        if word == "INTERVAL"
            && (!matches!(self.ahead(1).token, Token::Symbol(_)) || matches!(self.ahead(2).token, Token::Text(_)))
            && let Some(kind) = self.interval()?
        {
            return Ok(at(kind, place));
        }
        if matches!(self.ahead(1).token, Token::Text(_)) && !is_reserved(word) {
            self.advance();
            return match self.advance() {
                Token::Text(text) => Ok(at(Kind::Typed(word.to_ascii_lowercase(), text), place)),
                _ => Err(self.unexpected("<string>")),
            };
        }
        self.name_primary(place)
    }

    fn keyword(&mut self, word: &str, place: Position) -> Result<Option<Kind>> {
        let calls = self.is_symbol(1, "(");
        let simple = match word {
            "NULL" => Some(Kind::Null),
            "TRUE" => Some(Kind::Boolean(true)),
            "FALSE" => Some(Kind::Boolean(false)),
            _ => None,
        };
        if simple.is_some() {
            self.advance();
            return Ok(simple);
        }
        Ok(Some(match word {
            "CASE" => self.case()?,
            "CAST" => self.cast(false)?,
            "TRY_CAST" if calls => self.cast(true)?,
            "EXTRACT" if calls => self.extract()?,
            "EXISTS" => {
                self.advance();
                Kind::Exists(Box::new(self.subquery()?))
            }
            "ARRAY" if self.is_symbol(1, "[") => {
                self.next += 2;
                let list = if self.is_symbol(0, "]") { Vec::new() } else { self.list(Self::expression)? };
                self.expect("]")?;
                Kind::Array(list)
            }
            "ROW" if calls => {
                self.next += 2;
                let fields = self.list(Self::expression)?;
                self.expect(")")?;
                Kind::Row(fields)
            }
            "GROUPING" if calls => {
                self.next += 2;
                let args = self.list(Self::expression)?;
                self.expect(")")?;
                Kind::Grouping(args)
            }
            "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_TIMESTAMP" | "LOCALTIME" | "LOCALTIMESTAMP" => {
                self.current(word)?
            }
            "TRIM" | "NORMALIZE" | "LISTAGG" => self.special(word)?,
            "SUBSTRING" | "POSITION" if calls => match self.standard_call(word)? {
                Some(kind) => kind,
                None => return Ok(None),
            },
            "JSON_EXISTS" | "JSON_VALUE" | "JSON_QUERY" | "JSON_OBJECT" | "JSON_ARRAY" | "JSON_TABLE" if calls => {
                return Err(SqlError::unsupported(place, word));
            }
            _ => return Ok(None),
        }))
    }

    fn current(&mut self, word: &str) -> Result<Kind> {
        self.advance();
        let mut precision = None;
        if self.is_symbol(0, "(") && matches!(self.ahead(1).token, Token::Integer(_)) {
            self.advance();
            if let Token::Integer(digits) = self.advance() {
                precision = digits.parse().ok();
            }
            self.expect(")")?;
        }
        Ok(Kind::Current(
            match word {
                "CURRENT_DATE" => "current_date",
                "CURRENT_TIME" => "current_time",
                "CURRENT_TIMESTAMP" => "current_timestamp",
                "LOCALTIME" => "localtime",
                _ => "localtimestamp",
            },
            precision,
        ))
    }

    fn case(&mut self) -> Result<Kind> {
        self.advance();
        let of = if self.is_word(0, "WHEN") { None } else { Some(Box::new(self.expression()?)) };
        let mut when = Vec::new();
        while self.word("WHEN") {
            let condition = self.expression()?;
            self.expect_word("THEN")?;
            when.push((condition, self.expression()?));
        }
        if when.is_empty() {
            return Err(self.unexpected("'WHEN'"));
        }
        let otherwise = if self.word("ELSE") { Some(Box::new(self.expression()?)) } else { None };
        self.expect_word("END")?;
        Ok(Kind::Case { of, when, otherwise })
    }

    fn cast(&mut self, safe: bool) -> Result<Kind> {
        self.advance();
        self.expect("(")?;
        let of = Box::new(self.expression()?);
        self.expect_word("AS")?;
        let to = self.type_name()?;
        self.expect(")")?;
        Ok(Kind::Cast { of, to, safe })
    }

    fn extract(&mut self) -> Result<Kind> {
        self.next += 2;
        let field = self.name()?;
        self.expect_word("FROM")?;
        let of = Box::new(self.value()?);
        self.expect(")")?;
        Ok(Kind::Extract(field.lower(), of))
    }

    fn interval(&mut self) -> Result<Option<Kind>> {
        let start = self.next;
        self.advance();
        let negative = self.symbol("-");
        if !negative {
            self.symbol("+");
        }
        let Token::Text(text) = self.peek().token.clone() else {
            self.next = start;
            return Ok(None);
        };
        self.advance();
        let from = self.unit()?;
        let to = if self.word("TO") { Some(self.unit()?) } else { None };
        Ok(Some(Kind::Interval { negative, text, from, to }))
    }

    fn unit(&mut self) -> Result<Unit> {
        const UNITS: &[(&str, Unit)] = &[
            ("YEAR", Unit::Year),
            ("MONTH", Unit::Month),
            ("DAY", Unit::Day),
            ("HOUR", Unit::Hour),
            ("MINUTE", Unit::Minute),
            ("SECOND", Unit::Second),
        ];
        match UNITS.iter().find(|(word, _)| self.word(word)) {
            Some((_, unit)) => Ok(*unit),
            None => Err(self.unexpected("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'")),
        }
    }

    /// `substring(a FROM b FOR c)` and `position(a IN b)`, unless it is a plain call.
    fn standard_call(&mut self, word: &str) -> Result<Option<Kind>> {
        let start = self.next;
        self.next += 2;
        let first = self.value();
        let joint = if word == "SUBSTRING" { "FROM" } else { "IN" };
        let (Ok(first), true) = (first, self.word(joint)) else {
            self.next = start;
            return Ok(None);
        };
        let mut args = vec![first, self.value()?];
        if word == "SUBSTRING" && self.word("FOR") {
            args.push(self.value()?);
        }
        self.expect(")")?;
        if word == "POSITION" {
            args.reverse();
        }
        Ok(Some(call(if word == "POSITION" { "strpos" } else { "substring" }, args)))
    }

    fn special(&mut self, word: &str) -> Result<Kind> {
        self.advance();
        self.expect("(")?;
        if word == "LISTAGG" {
            return self.listagg();
        }
        let mut args = Vec::new();
        let mut name = word.to_ascii_lowercase();
        if word == "TRIM" {
            let sides = [("BOTH", "trim"), ("LEADING", "ltrim"), ("TRAILING", "rtrim")];
            let side = sides.iter().find(|(word, _)| self.is_word(0, word) && !self.is_symbol(1, ")"));
            if let Some((word, function)) = side {
                self.word(word);
                name = (*function).into();
            }
            if self.word("FROM") {
                args.push(self.value()?);
            } else {
                args.push(self.value()?);
                if self.word("FROM") {
                    // The set comes before the text.
                    args.insert(0, self.value()?);
                } else if side.is_none() && self.symbol(",") {
                    args.push(self.value()?);
                }
            }
        } else {
            args.push(self.value()?);
            if self.symbol(",") {
                let form = self.name()?;
                args.push(at(Kind::Text(form.text.to_ascii_uppercase()), form.at));
            }
        }
        self.expect(")")?;
        Ok(call(&name, args))
    }
}

/// A chain of one operator as a tree that is only as deep as it must be.
fn balanced(mut terms: Vec<Expr>, join: fn(Box<Expr>, Box<Expr>) -> Kind) -> Expr {
    while terms.len() > 1 {
        let mut next = Vec::with_capacity(terms.len().div_ceil(2));
        let mut rest = terms.into_iter();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => Expr { at: left.at, kind: join(Box::new(left), Box::new(right)) },
                None => left,
            });
        }
        terms = next;
    }
    // INVARIANT: there is always at least one term.
    terms.pop().unwrap_or(Expr { kind: Kind::Null, at: Position { line: 1, column: 1 } })
}

pub(super) fn call(name: &str, args: Vec<Expr>) -> Kind {
    Kind::Call(Box::new(Call { name: name.into(), args, ..Call::default() }))
}
