//! The expression language of DynamoDB: values, conditions, updates and projections.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>. What messages say
//! is what the service's clients report; an [`Invalid`] is the text of a `ValidationException`.

mod condition;
mod key_condition;
mod lexer;
mod number;
mod parser;
mod path;
mod projection;
mod reserved;
mod update;
mod value;

pub use condition::Condition;
pub use key_condition::{KeyCondition, Range};
pub use number::Number;
pub use parser::Placeholders;
pub use path::{Path, Step};
pub use projection::Projection;
pub use update::Update;
pub use value::{Item, Value, item_size};

/// Why something is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    /// With this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The message, after the name of the expression that it is about.
    #[must_use]
    pub fn within(self, expression: &str) -> Self {
        Self(format!("Invalid {expression}: {}", self.0))
    }
}
