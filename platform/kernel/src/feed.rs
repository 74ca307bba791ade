//! Answers that go on: events that come one after the other, long after the call has committed.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use welkin_wire::Body;

use crate::cx::{Reply, Run};
use crate::error::Failure;
use crate::gate::Closed;
use crate::{Cx, Error, Kernel, Result};

/// The events of an answer, such as those of a subscription: where they have come to, and how the next one is found.
///
/// Each is found in a transaction of its own, which may [wait](Cx::wait). Nothing is held open between them, and an
/// event is looked for only when the client has taken the one before.
pub trait Feed: Send + Sync + Sized + 'static {
    /// The next event, encoded, and the feed after it; `None` at the end. It may run several times, as operations do.
    ///
    /// # Errors
    /// They break the answer off. What a client is to be told is an event.
    fn next(&self, cx: &mut Cx) -> impl Future<Output = Result<Option<(Bytes, Self)>>> + Send;
}

impl Cx {
    /// Answers with the events of a feed in the output's streaming member, as the caller and in the place of the call.
    pub fn reply_feed(&mut self, feed: impl Feed) {
        let cx = Self {
            kernel: Arc::clone(&self.kernel),
            facts: Arc::clone(&self.facts),
            caller: Arc::clone(&self.caller),
            here: self.here,
            now: self.now,
            service: self.service,
            operation: self.operation,
            request_id: self.request_id.clone(),
            run: Run::default(),
            body: Default::default(),
            reply: Reply::default(),
        };
        let events = stream::try_unfold((cx, feed), |(mut cx, feed)| async move {
            // As a call does: none looks while all state is removed or replaced.
            let kernel = Arc::clone(&cx.kernel);
            let next =
                kernel.gate.pass(next(&mut cx, &feed)).await.unwrap_or_else(|Closed| Err(Kernel::unavailable()))?;
            Ok::<_, Error>(next.map(|(event, feed)| (Frame::data(event), (cx, feed))))
        });
        self.reply_stream(Body::stream(StreamBody::new(events)));
    }
}

/// Looks for the next event until that commits: again after a conflict, and after waiting.
async fn next<F: Feed>(cx: &mut Cx, feed: &F) -> Result<Option<(Bytes, F)>> {
    cx.run = Run::default();
    loop {
        cx.now = cx.kernel.clock().now();
        let transaction = cx.kernel.store().begin().await?;
        cx.run.rewind(transaction);
        let again = match feed.next(cx).await {
            Ok(found) => match crate::chain::commit(cx).await {
                Ok(()) => return Ok(found),
                Err(error) => error,
            },
            Err(error) => error,
        };
        match again.into_failure() {
            Failure::Again(again) => {
                // Others may write meanwhile: nothing of this look is held.
                cx.run.transaction = None;
                crate::chain::before_next(cx, again).await?;
            }
            other => return Err(Error::of(other)),
        }
    }
}
