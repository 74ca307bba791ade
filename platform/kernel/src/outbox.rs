//! What services send to people: mail and text messages.
//!
//! Nothing leaves Welkin. The operator reads the messages, for instance for the codes that are in them.

use serde::{Deserialize, Serialize};
use welkin_store::{KeyRange, RangeOptions};

use crate::resource::{decode, row_range};
use crate::{AccountId, Cx, IntoKey, Kernel, Key, Place, Region, Resource, Result, Scope, Timestamp};

/// A message to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When it was sent.
    pub sent: Timestamp,
    /// Address or telephone number.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    id: String,
}

/// Messages kept at most; then the oldest go.
const MOST: usize = 1_000;

impl Resource for Message {
    const KIND: &'static str = "kernel/outbox";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        (self.sent, &self.id).into_key()
    }
}

impl Cx {
    /// Sends a message when the call commits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn send_message(
        &mut self,
        to: impl Into<String>,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<()> {
        let (here, now) = (self.here(), self.now());
        let message =
            Message { sent: now, to: to.into(), subject: subject.into(), text: text.into(), id: self.chance().uuid() };
        let kept = self.glance_between::<Message>(here, Timestamp::from_micros(0), now, MOST).await?;
        if let Some(oldest) = kept.first().filter(|_| kept.len() >= MOST) {
            self.discard::<Message>(here, oldest.key())?;
        }
        self.insert(here, &message)
    }
}

impl Kernel {
    /// The messages that were sent, in order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn messages(&self) -> Result<Vec<Message>> {
        let place = Place::new(AccountId::DEFAULT, Region::US_EAST_1);
        let range: KeyRange = row_range::<Message>(place, &());
        let mut transaction = self.store().begin().await?;
        let rows = transaction.range_snapshot(range, RangeOptions::default()).await?;
        rows.iter().map(|(_, stored)| decode(stored)).collect()
    }
}
