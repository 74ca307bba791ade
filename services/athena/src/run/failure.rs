//! How queries fail: `AthenaError` and its reason.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/error-reference.html>

use welkin_kernel::{Answer, Error, Result};
use welkin_sql::{Code, SqlError};

use crate::execution::Failure;

/// "User error".
pub(super) const USER: u16 = 1000;
/// "Data error".
const DATA: u16 = 1001;
/// "DDL task failed".
pub(super) const DDL_FAILED: u16 = 1003;
// UNVERIFIED: that this is the type of syntax errors.
const SYNTAX: u16 = 1006;
/// "Query exhausted resources at this scale factor".
const RESOURCES: u16 = 0;

/// Why the engine gave up.
pub(super) fn of_engine(error: &SqlError) -> Failure {
    let mut message = error.to_string();
    if error.code == Code::ColumnNotFound {
        message.push_str(" or requester is not authorized to access requested resources");
    }
    match error.code {
        Code::GenericInternalError => Failure::system(message),
        // Source of the wording: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
        Code::ExceededLocalMemoryLimit => {
            Failure::user(RESOURCES, format!("Query exhausted resources at this scale factor. {message}"))
        }
        Code::ExceededFunctionMemoryLimit => Failure::user(RESOURCES, message),
        Code::SyntaxError => Failure::user(SYNTAX, message),
        Code::HiveBadData | Code::HiveCannotOpenSplit | Code::HiveInvalidMetadata => Failure::user(DATA, message),
        _ => Failure::user(USER, message),
    }
}

/// What a statement asks for and Welkin does not do, by its name.
pub(super) fn not_supported(what: &str) -> Failure {
    Failure::user(USER, format!("NOT_SUPPORTED: Welkin does not support {what} in Athena yet"))
}

/// Hive's own words for a task that failed.
pub(super) fn of_task(message: impl std::fmt::Display) -> Failure {
    let task = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask.";
    Failure::user(DDL_FAILED, format!("{task} {message}"))
}

/// Hive's own words for a statement that makes no sense.
pub(super) fn of_meaning(message: impl std::fmt::Display) -> Failure {
    Failure::user(DDL_FAILED, format!("FAILED: SemanticException {message}"))
}

/// What another service answered.
///
/// # Errors
/// What is no answer.
pub(super) fn answer(error: Error) -> Result<Answer> {
    match error.answer() {
        Some(answer) => Ok(answer.clone()),
        None => Err(error),
    }
}

/// Whether an answer says that the caller may not.
pub(super) fn is_denial(answer: &Answer) -> bool {
    answer.code.starts_with("AccessDenied")
}

/// What Glue refused in a statement of definitions.
pub(super) fn of_glue(answer: &Answer) -> Failure {
    if is_denial(answer) {
        let message =
            format!("{} (Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException)", answer.message);
        return of_task(format_args!("MetaException(message:{message})"));
    }
    of_task(format_args!("{}(message:{})", answer.code, answer.message))
}
