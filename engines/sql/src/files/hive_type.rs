//! The names of types in a table's description: `struct<a:int,b:array<string>>`, `decimal(10,2)`.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/data-types.html>,
//! <https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html>

use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// Types within types deeper than this are refused.
const DEPTH: usize = 100;

/// Parses the type of a column as Glue and the Hive DDL write it.
///
/// # Errors
/// `HIVE_METASTORE_ERROR` for what is no type, `NOT_SUPPORTED` for `uniontype`.
pub fn hive_type(text: &str) -> Result<Type> {
    let mut parser = Parser { text, at: 0 };
    let ty = parser.of(0)?;
    parser.space();
    if parser.at < text.len() { Err(parser.expected("end of type")) } else { Ok(ty) }
}

/// The name of a type in Hive, by which Glue has it. What Hive does not know is a `string`.
pub fn hive_name(ty: &Type) -> String {
    match ty {
        Type::Integer => "int".into(),
        Type::Real => "float".into(),
        Type::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
        Type::Varbinary => "binary".into(),
        Type::Timestamp(_) | Type::TimestampTz(_) => "timestamp".into(),
        Type::Array(of) => format!("array<{}>", hive_name(of)),
        Type::Map(key, value) => format!("map<{},{}>", hive_name(key), hive_name(value)),
        Type::Row(fields) => {
            let field = |(n, (name, ty)): (usize, &(Option<String>, Type))| {
                format!("{}:{}", name.as_deref().map_or_else(|| format!("field{n}"), field_name), hive_name(ty))
            };
            format!("struct<{}>", fields.iter().enumerate().map(field).collect::<Vec<_>>().join(","))
        }
        Type::Varchar(Some(length)) => format!("varchar({length})"),
        Type::Char(length) => format!("char({length})"),
        Type::Boolean | Type::Tinyint | Type::Smallint | Type::Bigint | Type::Double | Type::Date => ty.to_string(),
        _ => "string".into(),
    }
}

/// The name of a field, in quotes if it would not be read as one otherwise.
fn field_name(name: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, ':' | '<' | '>' | ',' | '`');
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { format!("`{}`", name.replace('`', "_")) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> SqlError {
        let found: String = self.rest().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let found = match (found.is_empty(), self.rest().chars().next()) {
            (true, Some(c)) => c.to_string(),
            (true, None) => "<EOF>".to_owned(),
            (false, _) => found,
        };
        let (at, text) = (self.at, self.text);
        let message = format!("Error: {what} expected at the position {at} of '{text}' but '{found}' is found.");
        SqlError::new(Code::HiveMetastoreError, message)
    }

    fn symbol(&mut self, symbol: char) -> bool {
        self.space();
        let there = self.rest().starts_with(symbol);
        self.at += if there { symbol.len_utf8() } else { 0 };
        there
    }

    fn expect(&mut self, symbol: char) -> Result<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.expected(&symbol.to_string())) }
    }

    /// What is there up to one of these characters.
    fn until(&mut self, ends: &[char]) -> &'a str {
        self.space();
        let rest = self.rest();
        let end = rest.find(|c: char| ends.contains(&c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("").trim_end()
    }

    fn of(&mut self, depth: usize) -> Result<Type> {
        if depth > DEPTH {
            return Err(SqlError::new(Code::NotSupported, "Column types that are nested so deeply"));
        }
        self.space();
        let start = self.at;
        let name = self.until(&['<', '>', '(', ')', ',', ':', ';']).to_ascii_lowercase();
        Ok(match name.as_str() {
            "boolean" => Type::Boolean,
            "tinyint" => Type::Tinyint,
            "smallint" => Type::Smallint,
            "int" | "integer" => Type::Integer,
            "bigint" | "long" => Type::Bigint,
            "float" | "real" => Type::Real,
            "double" | "double precision" => Type::Double,
            "decimal" | "dec" | "numeric" => self.decimal()?,
            "string" => Type::VARCHAR,
            "varchar" => Type::Varchar(self.numbers()?.first().copied()),
            "char" => Type::Char(self.numbers()?.first().copied().unwrap_or(1)),
            "binary" => Type::Varbinary,
            "date" => Type::Date,
            "timestamp" => Type::Timestamp(3),
            "array" => {
                self.expect('<')?;
                let element = self.of(depth + 1)?;
                self.expect('>')?;
                Type::array(element)
            }
            "map" => {
                self.expect('<')?;
                let key = self.of(depth + 1)?;
                self.expect(',')?;
                let value = self.of(depth + 1)?;
                self.expect('>')?;
                Type::map(key, value)
            }
            "struct" => self.structure(depth)?,
            "uniontype" => return Err(SqlError::new(Code::NotSupported, "Column type uniontype is not supported")),
            _ => {
                self.at = start;
                return Err(self.expected("type"));
            }
        })
    }

    fn structure(&mut self, depth: usize) -> Result<Type> {
        self.expect('<')?;
        let mut fields = Vec::new();
        loop {
            self.space();
            let name = if self.symbol('`') {
                let name = self.until(&['`']).to_owned();
                self.expect('`')?;
                name
            } else {
                self.until(&[':', '<', '>', ',']).to_owned()
            };
            if name.is_empty() {
                return Err(self.expected("name"));
            }
            self.expect(':')?;
            fields.push((Some(name.to_lowercase()), self.of(depth + 1)?));
            if !self.symbol(',') {
                break;
            }
        }
        self.expect('>')?;
        Ok(Type::Row(fields))
    }

    fn numbers(&mut self) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        if !self.symbol('(') {
            return Ok(numbers);
        }
        loop {
            self.space();
            let start = self.at;
            let Ok(number) = self.until(&[',', ')']).parse() else {
                self.at = start;
                return Err(self.expected("number"));
            };
            numbers.push(number);
            if !self.symbol(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok(numbers)
    }

    fn decimal(&mut self) -> Result<Type> {
        let numbers = self.numbers()?;
        let (precision, scale) = (numbers.first().copied().unwrap_or(10), numbers.get(1).copied().unwrap_or(0));
        match (u8::try_from(precision), u8::try_from(scale)) {
            (Ok(p @ 1..=38), Ok(s)) if s <= p => Ok(Type::Decimal(p, s)),
            _ => Err(SqlError::new(
                Code::HiveMetastoreError,
                format!("Error: Invalid decimal precision and scale in '{}'", self.text),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_glue_writes_them() {
        for (hive, trino) in [
            ("string", "varchar"),
            ("varchar(3)", "varchar(3)"),
            ("char(2)", "char(2)"),
            ("float", "real"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("decimal", "decimal(10,0)"),
            ("binary", "varbinary"),
            ("timestamp", "timestamp(3)"),
            ("STRUCT<a:INT, `b`: array<string>>", "row(a integer, b array(varchar))"),
            (
                "map<string,struct<x:decimal(38, 9),y:map<int,date>>>",
                "map(varchar, row(x decimal(38,9), y map(integer, date)))",
            ),
        ] {
            assert_eq!(hive_type(hive).map(|ty| ty.to_string()), Ok(trino.to_owned()), "{hive}");
        }
    }

    #[test]
    fn types_are_written_as_they_are_read() {
        for hive in [
            "int",
            "float",
            "decimal(10,2)",
            "binary",
            "timestamp",
            "varchar(3)",
            "map<string,struct<x:decimal(38,9),y:array<date>>>",
            "struct<`a b`:int,`c:d`:string>",
        ] {
            assert_eq!(hive_type(hive).map(|ty| hive_name(&ty)), Ok(hive.to_owned()));
        }
    }

    #[test]
    fn what_is_no_type_is_told_with_its_place() {
        for (text, message) in [
            ("strin", "Error: type expected at the position 0 of 'strin' but 'strin' is found."),
            ("array<>", "Error: type expected at the position 6 of 'array<>' but '>' is found."),
            ("struct<a int>", "Error: : expected at the position 12 of 'struct<a int>' but '>' is found."),
            ("array<int", "Error: > expected at the position 9 of 'array<int' but '<EOF>' is found."),
            ("int int", "Error: type expected at the position 0 of 'int int' but 'int' is found."),
            ("decimal(39,0)", "Error: Invalid decimal precision and scale in 'decimal(39,0)'"),
        ] {
            let error = hive_type(text).expect_err(text);
            assert_eq!((error.code, error.message.as_str()), (Code::HiveMetastoreError, message));
        }
        assert!(hive_type(&"array<".repeat(100_000)).is_err());
    }
}
