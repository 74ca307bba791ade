//! Calls of functions, with the words that some have among their arguments.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html>

use super::lexer::Token;
use super::parser::{Parser, unexpected};
use super::{Aggregate, AggregateKind, Expr, Function, Side, Type};
use crate::select::error::{Result, SelectError};
use crate::select::time::Part;
use crate::select::value::Value;

impl Parser {
    /// A call, from after its opening parenthesis on.
    pub(super) fn call(&mut self, name: &str) -> Result<Expr> {
        let function = match name.to_ascii_lowercase().as_str() {
            "avg" => return self.aggregate(AggregateKind::Avg),
            "count" => return self.aggregate(AggregateKind::Count),
            "max" => return self.aggregate(AggregateKind::Max),
            "min" => return self.aggregate(AggregateKind::Min),
            "sum" => return self.aggregate(AggregateKind::Sum),
            "substring" => return self.substring(),
            "trim" => return self.trim(),
            "extract" => return self.extract(),
            "date_add" => Function::DateAdd(self.leading_part()?),
            "date_diff" => Function::DateDiff(self.leading_part()?),
            "coalesce" => Function::Coalesce,
            "nullif" => Function::NullIf,
            "to_string" => Function::ToString,
            "to_timestamp" => Function::ToTimestamp,
            "utcnow" => Function::UtcNow,
            "char_length" | "character_length" => Function::CharLength,
            "lower" => Function::Lower,
            "upper" => Function::Upper,
            _ => {
                let message = format!("Encountered an unsupported SQL function: {name}");
                return Err(SelectError::new("UnsupportedFunction", message));
            }
        };
        let args = self.arguments()?;
        let fits = match function {
            Function::Coalesce => !args.is_empty(),
            Function::UtcNow => args.is_empty(),
            Function::ToTimestamp | Function::CharLength | Function::Lower | Function::Upper => args.len() == 1,
            _ => args.len() == 2,
        };
        if !fits {
            let message = format!("Incorrect number of arguments in the function call in the SQL expression: {name}");
            return Err(SelectError::new("EvaluatorInvalidArguments", message));
        }
        Ok(Expr::Call(function, args))
    }

    /// Arguments up to the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<Expr>> {
        let mut args = Vec::new();
        if self.symbol(")") {
            return Ok(args);
        }
        loop {
            args.push(self.expr()?);
            if self.symbol(")") {
                return Ok(args);
            }
            self.expect(",", "ParseExpectedArgumentDelimiter")?;
        }
    }

    fn close(&mut self) -> Result<()> {
        self.expect(")", "ParseExpectedRightParenBuiltinFunctionCall")
    }

    fn aggregate(&mut self, kind: AggregateKind) -> Result<Expr> {
        if self.within_aggregate {
            return Err(SelectError::unsupported("an aggregate of an aggregate"));
        }
        let of = if self.symbol("*") {
            if kind != AggregateKind::Count {
                let message = "Only COUNT with (*) as a parameter is supported in the SQL expression.";
                return Err(SelectError::new("ParseUnsupportedCallWithStar", message));
            }
            None
        } else {
            self.within_aggregate = true;
            let of = self.expr();
            self.within_aggregate = false;
            Some(of?)
        };
        if matches!(self.peek(), Token::Symbol(",")) {
            let message = "Only one argument is supported for aggregate functions in the SQL expression.";
            return Err(SelectError::new("ParseNonUnaryAgregateFunctionCall", message));
        }
        self.close()?;
        self.aggregates.push(Aggregate { kind, of });
        Ok(Expr::Aggregate(self.aggregates.len() - 1))
    }

    fn part(&mut self) -> Result<Part> {
        let part = match self.next() {
            Token::Word(word) => Part::parse(&word),
            _ => None,
        };
        let message = "Did not find the expected date part in the SQL expression.";
        part.ok_or_else(|| SelectError::new("ParseExpectedDatePart", message))
    }

    fn leading_part(&mut self) -> Result<Part> {
        let part = self.part()?;
        self.expect(",", "ParseExpectedArgumentDelimiter")?;
        Ok(part)
    }

    /// `EXTRACT(part FROM time)`
    fn extract(&mut self) -> Result<Expr> {
        let part = self.part()?;
        self.expect_word("from")?;
        let of = self.expr()?;
        self.close()?;
        Ok(Expr::Call(Function::Extract(part), vec![of]))
    }

    /// `SUBSTRING(text, start, length)` or `SUBSTRING(text FROM start FOR length)`
    fn substring(&mut self) -> Result<Expr> {
        let mut args = vec![self.expr()?];
        let words = self.word("from");
        if !words {
            self.expect(",", "ParseExpectedArgumentDelimiter")?;
        }
        args.push(self.expr()?);
        if if words { self.word("for") } else { self.symbol(",") } {
            args.push(self.expr()?);
        }
        self.close()?;
        Ok(Expr::Call(Function::Substring, args))
    }

    /// `TRIM(text)` or `TRIM(LEADING 'x' FROM text)`
    fn trim(&mut self) -> Result<Expr> {
        let sides = [("leading", Side::Leading), ("trailing", Side::Trailing), ("both", Side::Both)];
        let side = sides.into_iter().find(|(word, _)| self.word(word)).map(|(_, side)| side);
        let mut chars = Expr::Literal(Value::text(" "));
        let text = if side.is_some() && self.word("from") {
            self.expr()?
        } else {
            let first = self.expr()?;
            if self.word("from") {
                chars = first;
                self.expr()?
            } else {
                first
            }
        };
        self.close()?;
        Ok(Expr::Call(Function::Trim(side.unwrap_or(Side::Both)), vec![text, chars]))
    }

    /// `CAST(value AS type)`
    pub(super) fn cast(&mut self) -> Result<Expr> {
        self.next();
        self.expect("(", "ParseExpectedLeftParenAfterCast")?;
        let of = self.expr()?;
        self.expect_word("as")?;
        let to = self.type_name()?;
        self.expect(")", "ParseExpectedRightParenBuiltinFunctionCall")?;
        Ok(Expr::Cast(Box::new(of), to))
    }

    fn type_name(&mut self) -> Result<Type> {
        let Token::Word(name) = self.next() else { return Err(unexpected(self.peek())) };
        Ok(match name.to_ascii_lowercase().as_str() {
            "bool" | "boolean" => Type::Bool,
            "int" | "integer" => Type::Int,
            "float" => Type::Float,
            "decimal" | "numeric" => Type::Decimal(self.precision()?),
            "string" => Type::Text,
            "timestamp" => Type::Time,
            _ => {
                let message = format!("Did not find the expected type name in the SQL expression, but {name}");
                return Err(SelectError::new("ParseExpectedTypeName", message));
            }
        })
    }

    /// `(precision, scale)`
    fn precision(&mut self) -> Result<Option<(u32, u32)>> {
        if !self.symbol("(") {
            return Ok(None);
        }
        let precision = self.digits()?;
        let scale = if self.symbol(",") { self.digits()? } else { 0 };
        self.expect(")", "ParseExpectedTokenType")?;
        if precision == 0 || precision > 38 || scale > precision {
            let message = "The SQL expression contains an invalid parameter value of a type.";
            return Err(SelectError::new("ParseInvalidTypeParam", message));
        }
        Ok(Some((precision, scale)))
    }

    fn digits(&mut self) -> Result<u32> {
        let digits = match self.next() {
            Token::Number(digits) => digits.parse().ok(),
            _ => None,
        };
        let message = "Did not find the expected number in the SQL expression.";
        digits.ok_or_else(|| SelectError::new("ParseExpectedNumber", message))
    }
}
