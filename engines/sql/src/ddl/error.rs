//! What is wrong with the text of a statement.

use std::fmt;

use crate::error::Position;

/// Why a text is no statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DdlError {
    /// In Hive's words: the query fails with it. Columns are counted from 0.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html>
    Parse {
        /// The line, from 1.
        line: u32,
        /// The character in the line, from 0.
        column: u32,
        /// Such as `missing EOF at '-' near 'name'`.
        message: String,
    },
    /// In Trino's words: the query is not accepted.
    Syntax {
        /// Where.
        at: Position,
        /// Such as `mismatched input 'x'. Expecting: 'TABLE'`.
        message: String,
    },
    /// In Hive's words: the text is a statement that makes no sense.
    Semantic(String),
}

impl fmt::Display for DdlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse { line, column, message } => write!(f, "FAILED: ParseException line {line}:{column} {message}"),
            Self::Syntax { at, message } => write!(f, "line {at}: {message}"),
            Self::Semantic(message) => write!(f, "FAILED: SemanticException {message}"),
        }
    }
}

impl std::error::Error for DdlError {}
