//! Types as Hive writes them, in one form: lower case, no blanks.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/data-types.html>

use super::cursor::{Cursor, Parsed};
use super::lexer::Kind;

/// How deep types nest.
const DEPTH: u32 = 64;

const PLAIN: &[&str] = &[
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "integer",
    "bigint",
    "float",
    "real",
    "string",
    "binary",
    "date",
    "timestamp",
];

impl Cursor<'_> {
    /// A type: `struct<a:int,b:array<string>>`.
    pub(super) fn hive_type(&mut self) -> Parsed<String> {
        self.hive_type_at(0)
    }

    fn hive_type_at(&mut self, depth: u32) -> Parsed<String> {
        if depth > DEPTH {
            return Err(self.error("the type is nested too deeply"));
        }
        let token = self.peek(0);
        let name = if token.kind == Kind::Word { token.text.to_lowercase() } else { return Err(self.no_type()) };
        match name.as_str() {
            // Hive's name for it: `int` in DDL, `integer` in queries.
            "integer" => self.plain("int"),
            // A catalog that has `real` in it cannot be read by Hive.
            "real" => self.plain("float"),
            "double" => {
                self.advance();
                self.take("precision");
                Ok("double".into())
            }
            "decimal" | "dec" | "numeric" => self.decimal(),
            "char" | "varchar" => {
                self.advance();
                self.expect_symbol("(")?;
                let length = self.number()?;
                self.expect_symbol(")")?;
                Ok(format!("{name}({length})"))
            }
            "array" => {
                self.advance();
                self.expect_symbol("<")?;
                let of = self.hive_type_at(depth + 1)?;
                self.expect_symbol(">")?;
                Ok(format!("array<{of}>"))
            }
            "map" => {
                self.advance();
                self.expect_symbol("<")?;
                let key = self.hive_type_at(depth + 1)?;
                self.expect_symbol(",")?;
                let value = self.hive_type_at(depth + 1)?;
                self.expect_symbol(">")?;
                Ok(format!("map<{key},{value}>"))
            }
            "struct" => self.structure(depth),
            "uniontype" => Err(self.error("Unsupported type: uniontype")),
            plain if PLAIN.contains(&plain) => {
                self.advance();
                Ok(name)
            }
            _ => Err(self.no_type()),
        }
    }

    fn no_type(&self) -> super::DdlError {
        let near: Vec<_> = (0..3).map(|by| format!("'{}'", self.peek(by).shown())).collect();
        self.error(format!("cannot recognize input near {} in column type", near.join(" ")))
    }

    fn plain(&mut self, name: &str) -> Parsed<String> {
        self.advance();
        Ok(name.to_owned())
    }

    fn decimal(&mut self) -> Parsed<String> {
        self.advance();
        if !self.symbol("(") {
            return Ok("decimal(10,0)".into());
        }
        let precision = self.number()?;
        let scale = if self.symbol(",") { self.number()? } else { 0 };
        self.expect_symbol(")")?;
        if !(1..=38).contains(&precision) {
            return Err(self.error(format!("Decimal precision out of allowed range [1,38]: {precision}")));
        }
        if scale > precision {
            return Err(self.error("Decimal scale must be less than or equal to precision"));
        }
        Ok(format!("decimal({precision},{scale})"))
    }

    fn structure(&mut self, depth: u32) -> Parsed<String> {
        self.advance();
        self.expect_symbol("<")?;
        let mut fields = Vec::new();
        loop {
            let name = self.name()?;
            self.expect_symbol(":")?;
            let ty = self.hive_type_at(depth + 1)?;
            if self.take("comment") {
                self.string()?;
            }
            fields.push(format!("{name}:{ty}"));
            if !self.symbol(",") {
                break;
            }
        }
        self.expect_symbol(">")?;
        Ok(format!("struct<{}>", fields.join(",")))
    }
}
