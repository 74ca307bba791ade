//! Subscriptions that nobody confirmed in time, and those of topics that are deleted.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Page, Result, Schedule, Timestamp};

use super::{State, Subscription};
use crate::topic::Address;

/// Removes a subscription whose token has expired.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {
    topic: Address,
    topic_id: u64,
    id: String,
}

/// Sees to it that a subscription goes when its token has expired.
pub(super) async fn schedule(
    cx: &mut Cx,
    topic: &Address,
    subscription: &Subscription,
    expires: Timestamp,
) -> Result<()> {
    let id = subscription.id.clone();
    let job = Expire { topic: topic.clone(), topic_id: subscription.topic, id };
    let schedule = Schedule::at(expires).id(format!("sns/expire/{}", job.id));
    cx.enqueue_at(topic.place, &job, schedule).await.map(|_| ())
}

impl Job for Expire {
    const NAME: &'static str = "sns/expire";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let found = cx.get::<Subscription>(self.topic.place, (self.topic_id, &self.id)).await?;
        match found {
            Some(subscription) => match &subscription.state {
                State::Pending(token) | State::Ended(token) if token.expires <= cx.now() => {
                    subscription.remove(cx, &self.topic).await
                }
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }
}

/// Removes the subscriptions of a topic that is deleted, some in each run. Nobody can reach them any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct Clear {
    pub(crate) topic: Address,
    pub(crate) topic_id: u64,
}

/// Subscriptions that one run removes at most.
const BATCH: usize = 200;

impl Job for Clear {
    const NAME: &'static str = "sns/clear";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let some = cx.list::<Subscription>(self.topic.place, self.topic_id, Page::of(BATCH, None)).await?;
        for subscription in &some {
            subscription.remove(cx, &self.topic).await?;
        }
        if some.len() == BATCH {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}
