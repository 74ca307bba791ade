//! Rows as CSV or JSON.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_OutputSerialization.html>

use super::csv::too_long;
use super::error::Result;
use super::query::Row;
use super::value::write_object;

/// How rows are written.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Csv { always: bool, quote: String, escape: String, record: String, field: String },
    Json { record: String },
}

impl Output {
    /// Adds a row.
    ///
    /// # Errors
    /// `OverMaxRecordSize`.
    pub(super) fn write(&self, row: &Row, out: &mut Vec<u8>) -> Result<()> {
        let mut text = String::new();
        match self {
            Self::Json { record } => {
                // INVARIANT: writing to a string never fails.
                let _ = write_object(row.iter().map(|(name, value)| (name.as_str(), value)), &mut text);
                text.push_str(record);
            }
            Self::Csv { always, quote, escape, record, field } => {
                for (n, (_, value)) in row.iter().enumerate() {
                    text.push_str(if n > 0 { field } else { "" });
                    let shown = value.show();
                    let special =
                        |mark: &String| !mark.is_empty() && (shown.contains(mark.as_str()) || shown.contains('\n'));
                    if *always || [field, record, quote].into_iter().any(special) {
                        let escaped =
                            if quote.is_empty() { shown } else { shown.replace(quote, &format!("{escape}{quote}")) };
                        text.push_str(quote);
                        text.push_str(&escaped);
                        text.push_str(quote);
                    } else {
                        text.push_str(&shown);
                    }
                }
                text.push_str(record);
            }
        }
        too_long(text.len())?;
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::select::value::Value;

    #[test]
    fn values_are_quoted_where_it_is_needed_or_always() {
        let row: Row = vec![
            ("a".to_owned(), Value::text("x,\"y\"")),
            ("b".to_owned(), Value::Missing),
            ("c".to_owned(), Value::Null),
            ("d".to_owned(), Value::List(vec![Value::Int(1), Value::Int(2)])),
        ];
        let csv = |always, escape: &str| Output::Csv {
            always,
            quote: "\"".to_owned(),
            escape: escape.to_owned(),
            record: "\n".to_owned(),
            field: ",".to_owned(),
        };
        for (output, expected) in [
            (csv(false, "\""), "\"x,\"\"y\"\"\",,,\"[1,2]\"\n"),
            (csv(true, "\\"), "\"x,\\\"y\\\"\",\"\",\"\",\"[1,2]\"\n"),
            (Output::Json { record: ";".to_owned() }, r#"{"a":"x,\"y\"","c":null,"d":[1,2]};"#),
        ] {
            let mut out = Vec::new();
            output.write(&row, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
