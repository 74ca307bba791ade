//! Rows as lines of files: of CTAS, INSERT INTO and UNLOAD.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::catalog::Column;
use crate::show;
use crate::types::Type;
use crate::value::Value;

mod avro;
mod bucket;
mod compress;
mod file;
mod orc;
mod parquet;

pub use bucket::Buckets;
pub use file::{Codec, Encoding, FileFormat, RowFile, storable};

/// How a row becomes a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lines {
    /// As `LazySimpleSerDe` reads it.
    Text {
        /// What stands between fields.
        field: String,
        /// What NULL is.
        null: String,
        /// What stands before a character that would be taken for something else.
        escape: Option<char>,
    },
    /// As JSON objects whose members are the columns.
    Json,
}

impl Lines {
    /// Hive's own text: fields between `\u{1}`, NULL as `\N`.
    pub fn text() -> Self {
        Self::Text { field: "\u{1}".into(), null: "\\N".into(), escape: None }
    }

    /// Adds a row to a file. It has a value for each column.
    pub fn append(&self, file: &mut Vec<u8>, columns: &[Column], row: &[Value]) {
        let mut line = String::new();
        match self {
            Self::Text { field, null, escape } => {
                for (n, (column, value)) in columns.iter().zip(row).enumerate() {
                    if n > 0 {
                        line.push_str(field);
                    }
                    let text = Text { null, escape: *escape, field };
                    text.add(&mut line, &column.ty, value, 2);
                }
            }
            Self::Json => {
                line.push('{');
                for (n, (column, value)) in columns.iter().zip(row).enumerate() {
                    if n > 0 {
                        line.push(',');
                    }
                    quote(&mut line, &column.name);
                    line.push(':');
                    json(&mut line, &column.ty, value);
                }
                line.push('}');
            }
        }
        line.push('\n');
        file.extend_from_slice(line.as_bytes());
    }
}

struct Text<'a> {
    null: &'a str,
    escape: Option<char>,
    field: &'a str,
}

impl Text<'_> {
    /// Adds a value; what is within it stands between the separators of this level and of those below.
    fn add(&self, line: &mut String, ty: &Type, value: &Value, level: u8) {
        let separator = char::from(level);
        match (ty, value) {
            (_, Value::Null) => line.push_str(self.null),
            (Type::Array(of), Value::Array(all)) => {
                for (n, value) in all.iter().enumerate() {
                    line.extend((n > 0).then_some(separator));
                    self.add(line, of, value, level.saturating_add(1));
                }
            }
            (Type::Map(of_key, of_value), Value::Map(all)) => {
                for (n, (key, value)) in all.iter().enumerate() {
                    line.extend((n > 0).then_some(separator));
                    self.add(line, of_key, key, level.saturating_add(2));
                    line.push(char::from(level.saturating_add(1)));
                    self.add(line, of_value, value, level.saturating_add(2));
                }
            }
            (Type::Row(fields), Value::Row(all)) => {
                for (n, ((_, of), value)) in fields.iter().zip(all.iter()).enumerate() {
                    line.extend((n > 0).then_some(separator));
                    self.add(line, of, value, level.saturating_add(1));
                }
            }
            (Type::Varbinary, Value::Bytes(bytes)) => line.push_str(&STANDARD.encode(bytes)),
            _ => self.escaped(line, &show(ty, value)),
        }
    }

    fn escaped(&self, line: &mut String, text: &str) {
        let Some(escape) = self.escape else { return line.push_str(text) };
        for c in text.chars() {
            if c == escape || self.field.contains(c) {
                line.push(escape);
            }
            line.push(c);
        }
    }
}

fn quote(line: &mut String, text: &str) {
    line.push_str(&serde_json::Value::from(text).to_string());
}

fn json(line: &mut String, ty: &Type, value: &Value) {
    match (ty, value) {
        (_, Value::Null) => line.push_str("null"),
        (Type::Array(of), Value::Array(all)) => {
            line.push('[');
            for (n, value) in all.iter().enumerate() {
                line.extend((n > 0).then_some(','));
                json(line, of, value);
            }
            line.push(']');
        }
        (Type::Map(of_key, of), Value::Map(all)) => {
            line.push('{');
            for (n, (key, value)) in all.iter().enumerate() {
                line.extend((n > 0).then_some(','));
                quote(line, &show(of_key, key));
                line.push(':');
                json(line, of, value);
            }
            line.push('}');
        }
        (Type::Row(fields), Value::Row(all)) => {
            line.push('{');
            for (n, ((name, of), value)) in fields.iter().zip(all.iter()).enumerate() {
                line.extend((n > 0).then_some(','));
                quote(line, name.as_deref().unwrap_or_default());
                line.push(':');
                json(line, of, value);
            }
            line.push('}');
        }
        (Type::Real, Value::Real(it)) if !it.is_finite() => quote(line, &show(ty, value)),
        (Type::Double, Value::Double(it)) if !it.is_finite() => quote(line, &show(ty, value)),
        (Type::Boolean | Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint, _) => {
            line.push_str(&show(ty, value));
        }
        (Type::Real | Type::Double | Type::Decimal(..), _) => line.push_str(&show(ty, value)),
        (Type::Varbinary, Value::Bytes(bytes)) => quote(line, &STANDARD.encode(bytes)),
        _ => quote(line, &show(ty, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_lines() {
        let types = [Type::Integer, Type::VARCHAR, Type::array(Type::VARCHAR), Type::map(Type::VARCHAR, Type::Integer)];
        let named = |(name, ty): (&str, Type)| Column { name: name.to_owned(), ty };
        let columns: Vec<Column> = ["n", "s", "l", "m"].into_iter().zip(types).map(named).collect();
        let map = Value::Map(vec![(Value::text("k"), Value::Integer(2))].into());
        let list = Value::array(vec![Value::text("x"), Value::Null]);
        let row = [Value::Integer(1), Value::text("a,\"b"), list, map];
        let line = |lines: &Lines| {
            let mut file = Vec::new();
            lines.append(&mut file, &columns, &row);
            String::from_utf8(file).expect("text")
        };
        assert_eq!(line(&Lines::text()), "1\u{1}a,\"b\u{1}x\u{2}\\N\u{1}k\u{3}2\n");
        let csv = Lines::Text { field: ",".into(), null: String::new(), escape: Some('\\') };
        assert_eq!(line(&csv), "1,a\\,\"b,x\u{2},k\u{3}2\n");
        assert_eq!(line(&Lines::Json), "{\"n\":1,\"s\":\"a,\\\"b\",\"l\":[\"x\",null],\"m\":{\"k\":2}}\n");
    }
}
