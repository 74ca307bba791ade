//! Events that services publish.

use serde::{Deserialize, Serialize};

use crate::{Arn, Job, Place, Timestamp};

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
