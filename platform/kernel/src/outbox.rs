//! What services send to people: mail and text messages.
//!
//! Nothing leaves Welkin. The operator reads the messages, for instance for the codes that are in them, and may answer
//! one in place of its receiver: services hear of it by an event, as of what happens in other services.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_store::{KeyRange, RangeOptions};

use crate::resource::{decode, row_range};
use crate::{
    AccountId, Cx, Error, IntoKey, Kernel, Key, Place, Region, Resource, Result, Scope, ServiceEvent, Timestamp,
};

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
    /// Its id.
    pub id: String,
    /// On behalf of whose account, and where, it was sent; `None` in messages of Welkins that did not know it.
    #[serde(default)]
    pub from: Option<Place>,
}

/// Source and type of the event by which services hear that a message was answered. Its detail has what the answer
/// is `by`, the address to which the message went, and its `text`.
pub const ANSWERED: (&str, &str) = ("welkin.outbox", "Message Answered");

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
        let message = Message {
            sent: now,
            to: to.into(),
            subject: subject.into(),
            text: text.into(),
            id: self.chance().uuid(),
            from: Some(here),
        };
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

    /// Answers a message in place of its receiver; `false` if there is none with this id.
    ///
    /// # Errors
    /// When the store fails, or all state is being replaced.
    pub async fn answer_message(self: &Arc<Self>, id: &str, text: &str) -> Result<bool> {
        let Some(message) = self.messages().await?.into_iter().find(|message| message.id == id) else {
            return Ok(false);
        };
        let place = message.from.unwrap_or(Place::new(AccountId::DEFAULT, Region::US_EAST_1));
        let detail = json!({ "by": message.to, "text": text });
        let answering = async {
            loop {
                let mut cx = self.observe(place).await?;
                let event = ServiceEvent::new(&cx, ANSWERED.0, ANSWERED.1, detail.clone());
                cx.tell(&event).await?;
                let Some(transaction) = cx.run.transaction.take() else { return Ok(true) };
                match transaction.commit().await {
                    Err(error) if error.is_conflict() => {}
                    done => return done.map(|_| true).map_err(Into::into),
                }
            }
        };
        self.gate.pass(answering).await.unwrap_or_else(|_| Err(Error::internal("all state is being replaced")))
    }
}
