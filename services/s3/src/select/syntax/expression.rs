//! Expressions, by the documented precedence of operators.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-operators.html>

use super::lexer::Token;
use super::parser::{Parser, unexpected};
use super::{Binary, Expr, What};
use crate::select::error::{Result, SelectError};
use crate::select::time::Time;
use crate::select::value::{Number, Value};

impl Parser {
    /// An expression: alternatives first.
    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.nested(|parser| {
            let mut left = parser.conjunction()?;
            while parser.word("or") {
                left = binary(Binary::Or, left, parser.conjunction()?);
            }
            Ok(left)
        })
    }

    fn conjunction(&mut self) -> Result<Expr> {
        let mut left = self.negation()?;
        while self.word("and") {
            left = binary(Binary::And, left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr> {
        if self.word("not") {
            return self.nested(|parser| Ok(Expr::Not(Box::new(parser.negation()?))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr> {
        let mut left = self.condition()?;
        while let Some(op) = self.comparing() {
            left = binary(op, left, self.condition()?);
        }
        Ok(left)
    }

    fn comparing(&mut self) -> Option<Binary> {
        let ops = [
            ("=", Binary::Equal),
            ("<>", Binary::Unequal),
            ("<=", Binary::LessOrEqual),
            (">=", Binary::GreaterOrEqual),
            ("<", Binary::Less),
            (">", Binary::Greater),
        ];
        ops.into_iter().find(|(symbol, _)| self.symbol(symbol)).map(|(_, op)| op)
    }

    /// `BETWEEN`, `IN`, `LIKE` and `IS`, with `NOT` before them.
    fn condition(&mut self) -> Result<Expr> {
        let mut of = self.concatenation()?;
        loop {
            if self.word("is") {
                let not = self.word("not");
                of = Expr::Is { of: Box::new(of), what: self.what()?, not };
                continue;
            }
            let follows = |word: &str| matches!(self.ahead(), Token::Word(own) if own.eq_ignore_ascii_case(word));
            let not = self.is_word("not") && ["between", "in", "like"].into_iter().any(follows);
            if not {
                self.word("not");
            }
            of = if self.word("between") {
                let low = Box::new(self.concatenation()?);
                self.expect_word("and")?;
                Expr::Between { of: Box::new(of), low, high: Box::new(self.concatenation()?), not }
            } else if self.word("in") {
                Expr::In { of: Box::new(of), list: self.list()?, not }
            } else if self.word("like") {
                let pattern = Box::new(self.concatenation()?);
                let escape = if self.word("escape") { Some(Box::new(self.concatenation()?)) } else { None };
                Expr::Like { of: Box::new(of), pattern, escape, not }
            } else {
                return Ok(of);
            };
        }
    }

    fn what(&mut self) -> Result<What> {
        for (word, what) in
            [("null", What::Null), ("missing", What::Missing), ("true", What::Bool(true)), ("false", What::Bool(false))]
        {
            if self.word(word) {
                return Ok(what);
            }
        }
        Err(unexpected(self.peek()))
    }

    fn list(&mut self) -> Result<Vec<Expr>> {
        self.expect("(", "ParseExpectedLeftParenValueConstructor")?;
        let mut list = vec![self.expr()?];
        while self.symbol(",") {
            list.push(self.expr()?);
        }
        self.expect(")", "ParseExpectedTokenType")?;
        Ok(list)
    }

    fn concatenation(&mut self) -> Result<Expr> {
        let mut left = self.sum()?;
        while self.symbol("||") {
            left = binary(Binary::Concat, left, self.sum()?);
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expr> {
        let mut left = self.product()?;
        loop {
            let op = if self.symbol("+") {
                Binary::Plus
            } else if self.symbol("-") {
                Binary::Minus
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Expr> {
        let mut left = self.unary()?;
        loop {
            let op = if self.symbol("*") {
                Binary::Times
            } else if self.symbol("/") {
                Binary::Divided
            } else if self.symbol("%") {
                Binary::Modulo
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.unary()?);
        }
    }

    fn unary(&mut self) -> Result<Expr> {
        if self.symbol("-") {
            return self.nested(|parser| {
                // A number's sign is its own, so that the least integer can be written.
                if let Token::Number(digits) = parser.peek().clone() {
                    parser.next();
                    return literal(&format!("-{digits}"));
                }
                Ok(Expr::Negate(Box::new(parser.unary()?)))
            });
        }
        if self.symbol("+") {
            return self.nested(Self::unary);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expr> {
        match self.peek().clone() {
            Token::Number(digits) => {
                self.next();
                literal(&digits)
            }
            Token::Text(text) => {
                self.next();
                Ok(Expr::Literal(Value::Text(text)))
            }
            Token::Ion(text) => {
                self.next();
                ion(&text)
            }
            Token::Symbol("(") => {
                self.next();
                let expr = self.expr()?;
                self.expect(")", "ParseExpectedTokenType")?;
                Ok(expr)
            }
            Token::Word(word) => self.named(&word),
            Token::Quoted(_) => self.path(),
            other => Err(unexpected(&other)),
        }
    }

    /// What begins with a word: a constant, a call, CASE, or a path.
    fn named(&mut self, word: &str) -> Result<Expr> {
        let constant = match word.to_ascii_lowercase().as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            "missing" => Some(Value::Missing),
            "case" => return self.case(),
            "cast" => return self.cast(),
            _ => None,
        };
        if let Some(constant) = constant {
            self.next();
            return Ok(Expr::Literal(constant));
        }
        if matches!(self.ahead(), Token::Symbol("(")) {
            self.next();
            self.next();
            return self.nested(|parser| parser.call(word));
        }
        self.path()
    }

    fn path(&mut self) -> Result<Expr> {
        let Some(name) = self.name() else { return Err(unexpected(self.peek())) };
        Ok(Expr::Path(name, self.steps(false)?))
    }

    fn case(&mut self) -> Result<Expr> {
        self.next();
        self.nested(|parser| {
            let of = if parser.is_word("when") { None } else { Some(Box::new(parser.expr()?)) };
            let mut when = Vec::new();
            while parser.word("when") {
                let condition = parser.expr()?;
                parser.expect_word("then")?;
                when.push((condition, parser.expr()?));
            }
            if when.is_empty() {
                let message = "Did not find the expected WHEN clause in the SQL expression. CASE is not supported.";
                return Err(SelectError::new("ParseExpectedWhenClause", message));
            }
            let otherwise = if parser.word("else") { Some(Box::new(parser.expr()?)) } else { None };
            parser.expect_word("end")?;
            Ok(Expr::Case { of, when, otherwise })
        })
    }
}

fn binary(op: Binary, left: Expr, right: Expr) -> Expr {
    Expr::Binary(op, Box::new(left), Box::new(right))
}

fn literal(digits: &str) -> Result<Expr> {
    let invalid = || SelectError::new("LexerInvalidLiteral", "The SQL expression contains an invalid literal.");
    Ok(Expr::Literal(Number::parse(digits).ok_or_else(invalid)?.into()))
}

/// A literal between backquotes: a timestamp or a number.
fn ion(text: &str) -> Result<Expr> {
    let value = Time::parse(text.trim()).map(Value::Time).or_else(|| Number::parse(text).map(Value::from));
    let invalid = || SelectError::new("LexerInvalidIONLiteral", "The SQL expression contains an invalid operand.");
    value.map(Expr::Literal).ok_or_else(invalid)
}
