//! One-time codes that are sent to people.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Timestamp};

/// How long a code is good.
// UNVERIFIED: the documentation says that it is for a limited time.
const LASTS: Duration = Duration::from_secs(24 * 3600);

/// Wrong tries at most.
const TRIES: u32 = 5;

/// A code that somebody was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    text: String,
    until: Timestamp,
    wrong: u32,
}

impl Code {
    /// A fresh one.
    pub(crate) fn new(cx: &Cx) -> Self {
        Self { text: cx.chance().text(6, b"0123456789"), until: cx.after(LASTS), wrong: 0 }
    }

    /// What to send.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is the code, and still good. A wrong try counts.
    pub(crate) fn is(&mut self, given: &str, now: Timestamp) -> bool {
        let good = self.wrong < TRIES && now < self.until && self.text == given;
        self.wrong += u32::from(!good);
        good
    }
}
