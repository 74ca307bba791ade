//! `RegexSerDe`: the groups of a pattern that a whole line matches.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/regex-serde.html>

use super::Serde;
use super::field;
use super::text::{Decoder, Wanted};
use crate::error::{Code, Result, SqlError};
use crate::value::Value;

/// Decodes lines.
pub(super) struct Pattern {
    wanted: Vec<Wanted>,
    pattern: fancy_regex::Regex,
}

impl Pattern {
    pub(super) fn new(serde: &Serde, wanted: &[Wanted], count: usize) -> Result<Self> {
        let invalid = |message: String| SqlError::new(Code::HiveInvalidMetadata, message);
        let text = serde
            .property("input.regex")
            .ok_or_else(|| invalid("This table does not have serde property \"input.regex\"!".to_owned()))?;
        let folds = serde.property("input.regex.case.insensitive").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let whole = format!("{}\\A(?:{text})\\z", if folds { "(?i)" } else { "" });
        let pattern = fancy_regex::Regex::new(&whole)
            .map_err(|why| invalid(format!("Invalid pattern in serde property \"input.regex\": {why}")))?;
        if pattern.captures_len() - 1 != count {
            let message = "Number of matching groups doesn't match the number of columns";
            return Err(SqlError::new(Code::HiveCursorError, message));
        }
        Ok(Self { wanted: wanted.to_vec(), pattern })
    }
}

impl Decoder for Pattern {
    /// A line that does not match is a row of NULLs, and so is a value that is none of its type.
    fn decode(&mut self, record: &[u8], row: &mut Vec<Value>) -> Result<()> {
        let text = String::from_utf8_lossy(record);
        let found = self.pattern.captures(&text).map_err(|why| {
            SqlError::new(Code::HiveCursorError, format!("The pattern of the table cannot be matched: {why}"))
        })?;
        for column in &self.wanted {
            let group = found.as_ref().and_then(|found| found.get(column.place + 1));
            row.push(group.and_then(|group| field::read(group.as_str(), &column.ty)).unwrap_or(Value::Null));
        }
        Ok(())
    }
}
