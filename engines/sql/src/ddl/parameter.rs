//! Parameters of a statement: the question marks.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html>

use super::error::DdlError;
use super::lexer::{Strings, tokens};
use crate::error::Position;

/// The statement with its question marks replaced by these expressions, in order.
///
/// # Errors
/// There are more or fewer of them than question marks.
pub fn substitute(statement: &str, parameters: &[String]) -> Result<String, DdlError> {
    let words = tokens(statement, Strings::Trino)?;
    let marks: Vec<_> = words.iter().filter(|word| word.is_symbol("?")).collect();
    if marks.len() != parameters.len() {
        let at = Position { line: 1, column: 1 };
        let message =
            format!("Incorrect number of parameters: expected {} but found {}", marks.len(), parameters.len());
        return Err(DdlError::Syntax { at, message });
    }
    let mut text = String::with_capacity(statement.len());
    let mut from = 0;
    for (mark, parameter) in marks.iter().zip(parameters) {
        text.push_str(&statement[from..mark.start]);
        text.push_str(parameter);
        from = mark.end();
    }
    text.push_str(&statement[from..]);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_marks_outside_of_text_are_replaced_in_order() {
        let parameters = ["'a?'".to_owned(), "2".to_owned()];
        let text = substitute("SELECT '?', ?, \"?\" -- ?\nWHERE x = ?", &parameters).expect("text");
        assert_eq!(text, "SELECT '?', 'a?', \"?\" -- ?\nWHERE x = 2");
        let error = substitute("SELECT ?", &parameters).expect_err("one too many");
        assert_eq!(error.to_string(), "line 1:1: Incorrect number of parameters: expected 1 but found 2");
    }
}
