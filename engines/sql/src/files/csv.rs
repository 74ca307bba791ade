//! `OpenCSVSerde`: fields that may be quoted.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html>

use super::Serde;
use super::field::{self, bad};
use super::text::{Decoder, Wanted};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Decodes lines. Line ends within quotes are not supported, as the documentation has it.
pub(super) struct Csv {
    wanted: Vec<Wanted>,
    separator: char,
    quote: char,
    escape: char,
    null_for_invalid: bool,
}

impl Csv {
    pub(super) fn new(serde: &Serde, wanted: &[Wanted]) -> Result<Self> {
        let nested = |ty: &Type| matches!(ty, Type::Array(_) | Type::Map(..) | Type::Row(_) | Type::Varbinary);
        if let Some(column) = wanted.iter().find(|column| nested(&column.ty)) {
            // UNVERIFIED: how Athena words it.
            let message = format!("Unsupported column type for OpenCSVSerde: {} {}", column.name, column.ty);
            return Err(SqlError::new(Code::HiveUnsupportedFormat, message));
        }
        let character = |name: &str, default: char| match serde.property(name) {
            Some("\\t") => '\t',
            Some(text) => text.chars().next().unwrap_or(default),
            None => default,
        };
        Ok(Self {
            wanted: wanted.to_vec(),
            separator: character("separatorChar", ','),
            quote: character("quoteChar", '"'),
            escape: character("escapeChar", '\\'),
            null_for_invalid: serde
                .property("use.null.for.invalid.data")
                .is_some_and(|it| it.eq_ignore_ascii_case("true")),
        })
    }

    /// The fields of a line.
    fn fields(&self, line: &str) -> Vec<String> {
        let mut fields = Vec::new();
        let (mut field, mut quoted) = (String::new(), false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let special = next.is_some_and(|next| next == self.quote || next == self.escape);
            if c == self.escape && self.escape != self.quote {
                // It escapes quotes and itself, within quotes; elsewhere it is left out.
                if quoted && special {
                    field.extend(chars.next());
                }
            } else if c == self.quote && quoted && next == Some(self.quote) {
                field.extend(chars.next());
            } else if c == self.quote {
                if !quoted && field.chars().all(char::is_whitespace) {
                    field.clear();
                } else if !quoted || next.is_some_and(|next| next != self.separator) {
                    // A quote within a field that goes on is a part of it.
                    field.push(c);
                }
                quoted = !quoted;
            } else if c == self.separator && !quoted {
                fields.push(std::mem::take(&mut field));
            } else {
                field.push(c);
            }
        }
        fields.push(field);
        fields
    }
}

/// The value of a field. Texts are as they are; dates are days and times milliseconds since 1970.
fn value(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Varchar(_) | Type::Char(_) => field::read(text, ty),
        Type::Date => text.trim().parse().ok().map(Value::Date),
        Type::Timestamp(_) => text.trim().parse::<i64>().ok()?.checked_mul(1000).map(Value::Timestamp),
        // UNVERIFIED: that space around numbers is left out.
        _ => field::read(text.trim(), ty),
    }
}

impl Decoder for Csv {
    fn decode(&mut self, record: &[u8], row: &mut Vec<Value>) -> Result<()> {
        let fields = self.fields(&String::from_utf8_lossy(record));
        for column in &self.wanted {
            row.push(match fields.get(column.place) {
                None => Value::Null,
                Some(text) => match value(text, &column.ty) {
                    Some(value) => value,
                    None if self.null_for_invalid => Value::Null,
                    None => return Err(bad(text, column.place)),
                },
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn fields_are_found_as_opencsv_finds_them() {
        let serde = Serde::new(
            "org.apache.hadoop.hive.serde2.OpenCSVSerde",
            "org.apache.hadoop.mapred.TextInputFormat",
            &BTreeMap::new(),
            &BTreeMap::new(),
        );
        let csv = Csv::new(&serde.expect("a SerDe"), &[]).expect("a reader");
        for (line, fields) in [
            (r#"a,"b,c",d"#, &["a", "b,c", "d"][..]),
            (r#""say ""x""",1"#, &[r#"say "x""#, "1"]),
            (r#""a\"b","c\\d""#, &[r#"a"b"#, r"c\d"]),
            (r#"a, "b","#, &["a", "b", ""]),
            ("", &[""]),
            (",,", &["", "", ""]),
        ] {
            assert_eq!(csv.fields(line), fields, "{line}");
        }
    }
}
