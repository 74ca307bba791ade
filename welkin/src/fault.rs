//! What is told to the operator when something is wrong: message, detail, hint.

use std::fmt;

use crate::screen;

/// Something the operator has to know, and what to do about it.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) detail: String,
    pub(crate) hint: String,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, detail: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self { message: message.into(), detail: detail.to_string(), hint: hint.into() }
    }

    /// Tells a person, or with `--json` a program.
    pub(crate) fn print(&self, json: bool) {
        if json {
            let fault = serde_json::json!({ "message": self.message, "detail": self.detail, "hint": self.hint });
            screen::error(&fault.to_string());
            return;
        }
        screen::error(&format!("{} {}", screen::red("error:"), self.message));
        if !self.detail.is_empty() {
            screen::error(&format!("  {}", self.detail));
        }
        if !self.hint.is_empty() {
            screen::error(&format!("{} {}", screen::bold("hint:"), self.hint));
        }
    }
}

impl From<welkin_store::OpenError> for Fault {
    fn from(error: welkin_store::OpenError) -> Self {
        Self { message: error.message, detail: error.detail, hint: error.hint }
    }
}
