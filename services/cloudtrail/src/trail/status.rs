//! `GetTrailStatus`, and how deliveries went.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Place, Resource, Result, Scope, Timestamp};

use super::Trail;
use crate::time::iso;

/// How the deliveries of a trail went in one Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    /// ARN of the trail.
    trail: String,
    attempted: Option<Timestamp>,
    delivered: Option<Timestamp>,
    /// Code of S3's error, if the last attempt failed.
    error: Option<String>,
    #[serde(default)]
    digest_delivered: Option<Timestamp>,
    /// Code of S3's error, if the last digest was refused.
    #[serde(default)]
    digest_error: Option<String>,
    #[serde(default)]
    told_attempted: Option<Timestamp>,
    #[serde(default)]
    told: Option<Timestamp>,
    /// Code of SNS's error, if the last notice was refused.
    #[serde(default)]
    told_error: Option<String>,
}

impl Resource for Status {
    const KIND: &'static str = "cloudtrail/status";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.trail.as_str().into_key()
    }
}

impl Status {
    /// Of a trail that has delivered nothing yet.
    pub(crate) fn of(trail: &str) -> Self {
        Self {
            trail: trail.to_owned(),
            attempted: None,
            delivered: None,
            error: None,
            digest_delivered: None,
            digest_error: None,
            told_attempted: None,
            told: None,
            told_error: None,
        }
    }

    /// Notes an attempt, and the code of the error if it failed.
    pub(crate) fn attempted(&mut self, now: Timestamp, error: Option<String>) {
        self.attempted = Some(now);
        if error.is_none() {
            self.delivered = Some(now);
        }
        self.error = error;
    }

    /// Notes an attempt to deliver a digest, and the code of the error if it failed.
    pub(crate) fn digest_attempted(&mut self, now: Timestamp, error: Option<String>) {
        if error.is_none() {
            self.digest_delivered = Some(now);
        }
        self.digest_error = error;
    }

    /// Notes an attempt to tell the topic of a file, and the code of the error if it failed.
    pub(crate) fn told(&mut self, now: Timestamp, error: Option<String>) {
        self.told_attempted = Some(now);
        if error.is_none() {
            self.told = Some(now);
        }
        self.told_error = error;
    }
}

/// Tells whether a trail logs, and how its deliveries went in this Region.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrailStatus {
    name: String,
}

/// Whether and how.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrailStatusResponse {
    is_logging: bool,
    latest_delivery_error: Option<String>,
    latest_notification_error: Option<String>,
    latest_notification_time: Option<Timestamp>,
    latest_digest_delivery_time: Option<Timestamp>,
    latest_digest_delivery_error: Option<String>,
    latest_delivery_time: Option<Timestamp>,
    start_logging_time: Option<Timestamp>,
    stop_logging_time: Option<Timestamp>,
    latest_delivery_attempt_time: String,
    latest_notification_attempt_time: String,
    latest_notification_attempt_succeeded: String,
    latest_delivery_attempt_succeeded: String,
    time_logging_started: String,
    time_logging_stopped: String,
}

impl Operation for GetTrailStatus {
    const NAME: &'static str = "GetTrailStatus";
    type Output = GetTrailStatusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:GetTrailStatus", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTrailStatusResponse> {
        let trail = Trail::find(cx, &self.name).await?;
        let arn = String::from(trail.arn());
        let at = Place::new(trail.owner, cx.region());
        let status = cx.get::<Status>(at, &arn).await?.unwrap_or_else(|| Status::of(&arn));
        // The members that are text are there for old clients: empty where there is nothing to tell.
        let text = |time: Option<Timestamp>| time.map(iso).unwrap_or_default();
        Ok(GetTrailStatusResponse {
            is_logging: trail.is_logging,
            latest_delivery_attempt_time: text(status.attempted),
            latest_delivery_attempt_succeeded: text(status.delivered),
            latest_delivery_time: status.delivered,
            latest_delivery_error: status.error,
            latest_digest_delivery_time: status.digest_delivered,
            latest_digest_delivery_error: status.digest_error,
            start_logging_time: trail.started,
            stop_logging_time: trail.stopped,
            latest_notification_attempt_time: text(status.told_attempted),
            latest_notification_attempt_succeeded: text(status.told),
            latest_notification_time: status.told,
            latest_notification_error: status.told_error,
            time_logging_started: text(trail.started),
            time_logging_stopped: text(trail.stopped),
        })
    }
}
