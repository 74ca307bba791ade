//! The names of types: `varchar(10)`, `row(a integer)`, `timestamp(3) with time zone`.
//!
//! <https://trino.io/docs/current/language/types.html>

use super::ast::TypeName;
use super::lexer::Token;
use super::parser::Parser;
use crate::error::{Code, Position, Result, SqlError};
use crate::types::{Sketch, Spatial, Type};

impl Parser {
    pub(super) fn type_name(&mut self) -> Result<TypeName> {
        Ok(TypeName { of: self.nested(Self::type_inner)? })
    }

    fn type_inner(&mut self) -> Result<Type> {
        let at = self.at();
        let mut of = self.base_type(at)?;
        while self.word("ARRAY") {
            of = Type::array(of);
        }
        Ok(of)
    }

    fn base_type(&mut self, at: Position) -> Result<Type> {
        let name = match self.advance() {
            Token::Word(word) => word.to_ascii_lowercase(),
            Token::Quoted(word) => word.to_lowercase(),
            _ => {
                self.next -= 1;
                return Err(self.unexpected("<type>"));
            }
        };
        Ok(match name.as_str() {
            "boolean" => Type::Boolean,
            "tinyint" => Type::Tinyint,
            "smallint" => Type::Smallint,
            "int" | "integer" => Type::Integer,
            "bigint" => Type::Bigint,
            "real" => Type::Real,
            "double" => {
                self.word("PRECISION");
                Type::Double
            }
            "decimal" | "dec" | "numeric" => self.decimal(at)?,
            "varchar" => Type::Varchar(self.size(at)?.map(|(n, _)| n)),
            // Athena's own DDL says `string`; its queries do too, as another name of varchar.
            // <https://docs.aws.amazon.com/athena/latest/ug/data-types.html>
            "string" => Type::VARCHAR,
            "char" => Type::Char(self.size(at)?.map_or(1, |(n, _)| n)),
            "varbinary" => Type::Varbinary,
            "date" => Type::Date,
            "time" => {
                let precision = self.precision(at)?;
                if self.word("WITH TIME ZONE") {
                    return Err(SqlError::unsupported(at, "Type time with time zone"));
                }
                self.word("WITHOUT TIME ZONE");
                Type::Time(precision)
            }
            "timestamp" => {
                let precision = self.precision(at)?;
                if self.word("WITH TIME ZONE") {
                    return Ok(Type::TimestampTz(precision));
                }
                self.word("WITHOUT TIME ZONE");
                Type::Timestamp(precision)
            }
            "interval" if self.word("YEAR TO MONTH") => Type::IntervalYearToMonth,
            "interval" if self.word("DAY TO SECOND") => Type::IntervalDayToSecond,
            "json" => Type::Json,
            "uuid" => Type::Uuid,
            "ipaddress" => Type::Ipaddress,
            "unknown" => Type::Unknown,
            "array" => Type::array(self.arguments(1)?.remove(0)),
            "map" => {
                let mut arguments = self.arguments(2)?;
                let value = arguments.remove(1);
                Type::map(arguments.remove(0), value)
            }
            "row" => self.row()?,
            "hyperloglog" => Type::Sketch(Sketch::HyperLogLog),
            "p4hyperloglog" => Type::Sketch(Sketch::P4HyperLogLog),
            "setdigest" => Type::Sketch(Sketch::SetDigest),
            "tdigest" => Type::Sketch(Sketch::TDigest),
            "qdigest" => match self.arguments(1)?.remove(0) {
                of @ (Type::Bigint | Type::Double | Type::Real) => Type::Sketch(Sketch::QDigest(Box::new(of))),
                other => return Err(SqlError::at(Code::TypeNotFound, at, format!("Unknown type: qdigest({other})"))),
            },
            "geometry" => Type::Spatial(Spatial::Geometry),
            "sphericalgeography" => Type::Spatial(Spatial::SphericalGeography),
            "bingtile" => Type::Spatial(Spatial::BingTile),
            "color" => {
                return Err(SqlError::unsupported(at, format!("Type {name}")));
            }
            _ => return Err(SqlError::at(Code::TypeNotFound, at, format!("Unknown type: {name}"))),
        })
    }

    fn arguments(&mut self, count: usize) -> Result<Vec<Type>> {
        let angle = self.is_symbol(0, "<");
        self.expect(if angle { "<" } else { "(" })?;
        let arguments = self.list(|parser| parser.nested(Self::type_inner))?;
        self.expect(if angle { ">" } else { ")" })?;
        if arguments.len() == count { Ok(arguments) } else { Err(self.unexpected("<type>")) }
    }

    fn row(&mut self) -> Result<Type> {
        self.expect("(")?;
        let fields = self.list(|parser| {
            // A field with a name has a type after it; one without is followed by what ends a field.
            let ends = |by| parser.is_symbol(by, ",") || parser.is_symbol(by, ")") || parser.is_symbol(by, "(");
            let unnamed =
                ends(1) || parser.is_word(0, "interval") || parser.is_word(1, "precision") || parser.is_word(1, "with");
            let name = if unnamed { None } else { Some(parser.name()?) };
            let name = name.map(|name| if name.quoted { name.text } else { name.text.to_lowercase() });
            Ok((name, parser.nested(Self::type_inner)?))
        })?;
        self.expect(")")?;
        Ok(Type::Row(fields))
    }

    /// `(n)` or `(n, m)`, if it is there.
    fn size(&mut self, at: Position) -> Result<Option<(u32, Option<u32>)>> {
        if !self.symbol("(") {
            return Ok(None);
        }
        let first = self.number(at)?;
        let second = if self.symbol(",") { Some(self.number(at)?) } else { None };
        self.expect(")")?;
        Ok(Some((first, second)))
    }

    fn number(&mut self, at: Position) -> Result<u32> {
        match self.advance() {
            Token::Integer(digits) => digits.parse().map_err(|_| type_error(at, "size is out of range")),
            _ => {
                self.next -= 1;
                Err(self.unexpected("<integer>"))
            }
        }
    }

    fn decimal(&mut self, at: Position) -> Result<Type> {
        let (precision, scale) = self.size(at)?.map_or((38, 0), |(precision, scale)| (precision, scale.unwrap_or(0)));
        match (u8::try_from(precision), u8::try_from(scale)) {
            (Ok(p @ 1..=38), Ok(s)) if s <= p => Ok(Type::Decimal(p, s)),
            (Ok(1..=38), _) => Err(type_error(at, "DECIMAL scale must be in range [0, precision]")),
            _ => Err(type_error(at, "DECIMAL precision must be in range [1, 38]")),
        }
    }

    /// Digits of a second, 3 when not said. More than microseconds are not kept.
    fn precision(&mut self, at: Position) -> Result<u8> {
        match self.size(at)?.map_or(3, |(precision, _)| precision) {
            precision @ 0..=6 => Ok(u8::try_from(precision).unwrap_or(6)),
            precision @ 7..=12 => Err(SqlError::unsupported(at, format!("Precision {precision} of time types"))),
            _ => Err(type_error(at, "Invalid TIMESTAMP precision")),
        }
    }
}

fn type_error(at: Position, message: &str) -> SqlError {
    SqlError::at(Code::TypeMismatch, at, message)
}

/// Parses the name of a type alone.
///
/// # Errors
/// As for a type in a statement.
pub(crate) fn parse_type(text: &str) -> Result<Type> {
    let mut parser = Parser::of(text)?;
    let name = parser.type_name()?;
    if parser.peek().token == Token::End { Ok(name.of) } else { Err(parser.unexpected("<EOF>")) }
}
