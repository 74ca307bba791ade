//! A job: what was asked for, and how far it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, IntoKey, Key, Place, Principal, Region, Resource, Result, Scope, Timestamp,
};

use super::PRINCIPAL;
use super::generator::JobManifestGenerator;
use super::manifest::{JobManifest, JobManifestLocation};
use super::operation::JobOperation;
use super::prepare::Read;
use super::report::{JobReport, Written};
use crate::control::errors::NoSuchJobException;
use crate::role::{self, Taking};
use crate::tags::Tags;

/// The name of the sessions in which tasks are done.
const SESSION: &str = "s3-batch-operations";

/// How long before its end a session is replaced by another one.
const SPARE: Duration = Duration::from_secs(5 * 60);

/// The index by id.
const BY_ID: &str = "id";

/// The index by the client's token.
const BY_TOKEN: &str = "token";

/// The index of jobs that are to have a turn, those first that are to have it first.
pub(super) const WAITING: &str = "waiting";

/// The index of the job that is active.
pub(super) const ACTIVE: &str = "active";

/// A job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BatchJob {
    pub(super) id: String,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) created: Timestamp,
    /// The client's own token: what comes with it again is the same request.
    pub(super) token: String,
    /// A digest of the request.
    pub(super) asked: String,
    pub(super) confirmation: bool,
    pub(super) description: Option<String>,
    pub(super) operation: JobOperation,
    pub(super) report: JobReport,
    pub(super) manifest: Option<JobManifest>,
    pub(super) generator: Option<JobManifestGenerator>,
    pub(super) priority: u32,
    pub(super) role: String,
    pub(super) tags: Tags,
    pub(super) status: Status,
    /// Changes of the job that a step must know of; a step is for one number only.
    pub(super) steps: u64,
    pub(super) status_reason: Option<String>,
    pub(super) suspended: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) failures: Vec<Failure>,
    /// Tasks, and those of them that are done.
    pub(super) total: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    /// Tasks that were begun.
    pub(super) begun: u64,
    /// Tasks whose outcome was waited for and came.
    pub(super) settled: u64,
    /// Microseconds for which it has been active, before the present time.
    pub(super) active_micros: u64,
    pub(super) active_since: Option<Timestamp>,
    /// The manifest that was generated and written.
    pub(super) generated: Option<JobManifestLocation>,
    pub(super) read: Read,
    pub(super) written: Written,
    /// The session of the role, until it expires.
    pub(super) session: Option<Session>,
}

/// A session of the job's role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    principal: Principal,
    expires: Timestamp,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Failure {
    pub(super) failure_code: String,
    pub(super) failure_reason: String,
}

/// The status of a job.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    New,
    Preparing,
    Suspended,
    Ready,
    Active,
    Pausing,
    Paused,
    Completing,
    Complete,
    Cancelling,
    Cancelled,
    Failing,
    Failed,
}

impl Status {
    /// Whether it is the last one of a job.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Cancelled | Self::Failed)
    }

    /// Whether the job is on its way out of a status, which does not wait for other jobs.
    fn is_passing(self) -> bool {
        matches!(self, Self::Pausing | Self::Completing | Self::Cancelling | Self::Failing)
    }

    /// Whether a job may still be cancelled.
    pub(super) fn can_be_cancelled(self) -> bool {
        !self.is_final() && !matches!(self, Self::Completing | Self::Cancelling | Self::Failing)
    }
}

impl Failure {
    /// A failure; what is told of it has a limit.
    pub(super) fn new(code: &str, reason: impl Into<String>) -> Self {
        let mut failure_reason: String = reason.into();
        failure_reason = failure_reason.chars().take(256).collect();
        Self { failure_code: code.to_owned(), failure_reason }
    }
}

impl Resource for BatchJob {
    const KIND: &'static str = "s3/batch-job";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_ID, BY_TOKEN, WAITING, ACTIVE];

    fn key(&self) -> Key {
        row(self.created, &self.id)
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        let mut indexes = vec![(BY_ID, (&self.id,).into_key()), (BY_TOKEN, (&self.token,).into_key())];
        if !self.status.is_final() && self.status != Status::Suspended {
            let turn = (!self.status.is_passing(), u32::MAX - self.priority, self.created, &self.id);
            indexes.push((WAITING, turn.into_key()));
        }
        if self.status == Status::Active {
            indexes.push((ACTIVE, ().into_key()));
        }
        indexes
    }
}

/// Where a job is among the jobs of its account, the newest first.
pub(super) fn row(created: Timestamp, id: &str) -> Key {
    (i64::MAX - created.micros(), id).into_key()
}

/// The ARN of a job.
pub(super) fn arn(place: Place, id: &str) -> String {
    format!("arn:{}:s3:{}:{}:job/{id}", place.region.partition(), place.region, place.account)
}

impl BatchJob {
    pub(super) fn place(&self) -> Place {
        Place::new(self.account, self.region)
    }

    pub(super) fn arn(&self) -> String {
        arn(self.place(), &self.id)
    }

    /// The job of this id.
    pub(super) async fn find(cx: &mut Cx, place: Place, id: &str) -> Result<Option<Self>> {
        Ok(cx.find::<Self>(place, BY_ID, (id,), 1).await?.pop())
    }

    /// The job of this id.
    ///
    /// # Errors
    /// `NoSuchJobException`
    pub(super) async fn open(cx: &mut Cx, place: Place, id: &str) -> Result<Self> {
        Self::find(cx, place, id).await?.ok_or_else(|| NoSuchJobException.into())
    }

    /// The job that was made with this token.
    pub(super) async fn by_token(cx: &mut Cx, place: Place, token: &str) -> Result<Option<Self>> {
        Ok(cx.find::<Self>(place, BY_TOKEN, (token,), 1).await?.pop())
    }

    /// Stores it.
    pub(super) async fn save(&self, cx: &mut Cx) -> Result<()> {
        cx.put(self.place(), self).await
    }

    /// Gives it another status.
    pub(super) fn turn_to(&mut self, status: Status, now: Timestamp) {
        if let Some(since) = self.active_since.take() {
            let micros = u64::try_from(now.since(since).as_micros()).unwrap_or(u64::MAX);
            self.active_micros = self.active_micros.saturating_add(micros);
        }
        if status == Status::Active {
            self.active_since = Some(now);
        }
        if status == Status::Suspended {
            self.suspended = Some(now);
        }
        if status.is_final() {
            (self.ended, self.session) = (Some(now), None);
        }
        self.status = status;
        self.steps += 1;
    }

    /// Has it fail.
    pub(super) fn fail(&mut self, failure: Failure, now: Timestamp) {
        self.failures.push(failure);
        self.turn_to(Status::Failing, now);
    }

    /// Whole seconds for which it has been active.
    pub(super) fn active_seconds(&self, now: Timestamp) -> u64 {
        let present = self.active_since.map(|since| now.since(since)).unwrap_or_default();
        (Duration::from_micros(self.active_micros) + present).as_secs()
    }

    /// The session in which its tasks are done; the job fails if the role cannot be taken on.
    pub(super) async fn session(&mut self, cx: &mut Cx) -> Result<Result<Principal, Failure>> {
        if let Some(session) = self.session.as_ref().filter(|session| cx.after(SPARE) < session.expires) {
            return Ok(Ok(session.principal.clone()));
        }
        let (source, place) = (self.arn(), self.place());
        let role = self.role.clone();
        let account = self.account;
        let taken = cx
            .stage(async |cx| {
                let taking = Taking {
                    role: &role,
                    session: SESSION,
                    service: PRINCIPAL,
                    account,
                    source: &source,
                    place,
                    narrowed: None,
                };
                match role::assume(cx, taking).await {
                    Ok(credentials) => {
                        let principal = credentials.principal(cx)?;
                        Ok(Ok(Session { principal, expires: credentials.expiration }))
                    }
                    // UNVERIFIED: the code and the wording.
                    Err(error) => failed(error, "AssumeRoleFailed").map(Err),
                }
            })
            .await?;
        Ok(taken.map(|session| {
            self.session = Some(session.clone());
            session.principal
        }))
    }
}

/// What a service answered, as a failure of the job; what is no answer is an error still.
pub(super) fn failed(error: welkin_kernel::Error, code: &str) -> Result<Failure> {
    match error.answer() {
        Some(answer) if answer.status.is_none_or(|status| status < 500) => {
            Ok(Failure::new(code, format!("{}: {}", answer.code, answer.message)))
        }
        _ => Err(error),
    }
}

/// What it takes to do `action` to a job, which need not be there.
pub(super) async fn access(cx: &mut Cx, action: &'static str, account: AccountId, id: &str) -> Result<Access> {
    let place = Place::new(account, cx.region());
    let access = Access::to(action).on(arn(place, id)).owned_by(account);
    Ok(match BatchJob::find(cx, place, id).await? {
        Some(job) => {
            let access = access
                .key("s3:ExistingJobPriority", job.priority.to_string())
                .key("s3:ExistingJobOperation", job.operation.name())
                .resource_tags(&job.tags);
            match job.status == Status::Suspended {
                true => access.key("s3:JobSuspendedCause", super::describe::AWAITING),
                false => access,
            }
        }
        None => access,
    })
}
