//! Events that services publish.

use serde::{Deserialize, Serialize};

use crate::{Arn, Cx, Job, Place, Result as CallResult, Schedule, Timestamp};

/// Something that happened in a service, of EventBridge's form.
///
/// Reference: <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// Unique id.
    pub id: String,
    /// Where it happened.
    pub place: Place,
    /// When.
    pub time: Timestamp,
    /// Source, e.g. `aws.organizations`.
    pub source: String,
    /// What happened, e.g. `CreateAccountResult`.
    pub detail_type: String,
    /// Resources concerned.
    pub resources: Vec<Arn>,
    /// The facts.
    pub detail: serde_json::Value,
    /// Whether it tells of a call that only reads: those who listen must ask for such events.
    #[serde(default)]
    pub read_only: bool,
}

impl ServiceEvent {
    /// Something that happens now, where the call or job runs.
    pub fn new(cx: &Cx, source: &str, detail_type: &str, detail: serde_json::Value) -> Self {
        Self {
            id: cx.chance().uuid(),
            place: cx.here(),
            time: cx.now(),
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            resources: Vec::new(),
            detail,
            read_only: false,
        }
    }

    /// The same elsewhere: in the place of the resource that it is about.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The same about these resources.
    #[must_use]
    pub fn about(self, resources: impl IntoIterator<Item = Arn>) -> Self {
        Self { resources: resources.into_iter().collect(), ..self }
    }
}

impl Cx {
    /// Publishes an event: see [`emit`](Self::emit).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn publish(&mut self, source: &str, detail_type: &str, detail: serde_json::Value) -> CallResult<()> {
        let event = ServiceEvent::new(self, source, detail_type, detail);
        self.emit(event).await
    }

    /// Publishes an event, in the transaction of the call or job: every job that subscribes to it is enqueued, and it
    /// is brought to the event buses of its account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn emit(&mut self, event: ServiceEvent) -> CallResult<()> {
        self.tell(&event).await?;
        let kernel = std::sync::Arc::clone(&self.kernel);
        match &kernel.registry().event_buses {
            Some(buses) => buses.bring(self, &event).await,
            None => Ok(()),
        }
    }

    /// Whether anybody would get an event of this kind: for those whose events cost more to make than to ask this.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_listened_to(&mut self, place: Place, source: &str, detail_type: &str) -> CallResult<bool> {
        let kernel = std::sync::Arc::clone(&self.kernel);
        let is_of = |it: &Subscription| it.source == source && it.detail_type == detail_type;
        if kernel.registry().subscriptions().iter().any(is_of) {
            return Ok(true);
        }
        match &kernel.registry().event_buses {
            Some(buses) => buses.is_listened_to(self, place).await,
            None => Ok(false),
        }
    }

    /// Enqueues every job that subscribes to an event. What happens in Welkin, and not in AWS, goes no further.
    pub(crate) async fn tell(&mut self, event: &ServiceEvent) -> CallResult<()> {
        let kernel = std::sync::Arc::clone(&self.kernel);
        for subscription in kernel.registry().subscriptions() {
            if subscription.source == event.source && subscription.detail_type == event.detail_type {
                let payload = (subscription.payload)(event.clone()).map_err(crate::Error::internal)?;
                self.enqueue_raw(event.place, subscription.job, payload, Schedule::now()).await?;
            }
        }
        Ok(())
    }
}

/// A job that a published event enqueues, in the transaction that published it.
#[derive(Clone, Copy)]
pub(crate) struct Subscription {
    pub(crate) source: &'static str,
    pub(crate) detail_type: &'static str,
    pub(crate) job: &'static str,
    pub(crate) payload: fn(ServiceEvent) -> Result<Vec<u8>, rmp_serde::encode::Error>,
}

impl Subscription {
    pub(crate) fn of<J: Job + From<ServiceEvent>>(source: &'static str, detail_type: &'static str) -> Self {
        let payload = |event| rmp_serde::to_vec_named(&J::from(event));
        Self { source, detail_type, job: J::NAME, payload }
    }
}
