//! Receipt handles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Result, Timestamp};

use crate::errors::ReceiptHandleIsInvalid;
use crate::message::{Contents, Message, MessageId};

/// What a receipt handle says: which message, and which time it was received. Sealed, so that no one makes one up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    queue: u64,
    purges: u32,
    sent: Timestamp,
    tail: u64,
    count: u32,
}

/// Context of the seal.
const CONTEXT: &str = "sqs receipt handle";

impl Receipt {
    /// The receipt of a message that was just received.
    pub(crate) fn of(message: &Message) -> Self {
        let Contents { queue, purges } = message.contents;
        let MessageId { sent, tail } = message.id;
        Self { queue, purges, sent, tail, count: message.receive_count() }
    }

    /// The handle.
    pub(crate) fn seal(&self, cx: &Cx) -> Result<String> {
        let plain = rmp_serde::to_vec(self).map_err(Error::internal)?;
        Ok(STANDARD.encode(cx.sealer().seal(cx.chance(), CONTEXT, &plain)?))
    }

    /// Reads a handle of a message in the queue with these `contents`; `None` if the queue was purged since.
    ///
    /// # Errors
    /// `ReceiptHandleIsInvalid`
    pub(crate) fn open(cx: &Cx, handle: &str, contents: Contents) -> Result<Option<Self>> {
        let read = || {
            let sealed = STANDARD.decode(handle).ok()?;
            rmp_serde::from_slice::<Self>(&cx.sealer().open(CONTEXT, &sealed)?).ok()
        };
        let invalid =
            || ReceiptHandleIsInvalid::because(format!("The input receipt handle \"{handle}\" is not valid."));
        let receipt = read().filter(|receipt| receipt.queue == contents.queue).ok_or_else(invalid)?;
        Ok((receipt.purges == contents.purges).then_some(receipt))
    }

    /// Id of the message.
    pub(crate) fn id(&self) -> MessageId {
        MessageId { sent: self.sent, tail: self.tail }
    }

    /// Whether it is the receipt of the last time that `message` was received.
    pub(crate) fn is_latest(&self, message: &Message) -> bool {
        self.count == message.receive_count()
    }
}
