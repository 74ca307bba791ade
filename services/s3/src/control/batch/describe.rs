//! DescribeJob and ListJobs.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Page, Place, Result, Timestamp};

use super::generator::JobManifestGenerator;
use super::job::{self, BatchJob, Failure, Status};
use super::manifest::{JobManifest, JobManifestLocation};
use super::operation::JobOperation;
use super::report::JobReport;
use crate::control::errors::InvalidNextToken;
use crate::control::{of_account, token};

/// Jobs in an answer, at most.
const MOST: usize = 1000;

/// Why a job is suspended.
// UNVERIFIED: the wording of `SuspendedCause`; the condition key has this value in the user guide.
pub(super) const AWAITING: &str = "AWAITING_CONFIRMATION";

/// Tells of a job.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeJob.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeJob {
    account_id: AccountId,
    job_id: String,
}

/// Answer of [`DescribeJob`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeJobOutput {
    job: JobDescriptor,
}

/// A job as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobDescriptor {
    job_id: String,
    confirmation_required: bool,
    description: Option<String>,
    job_arn: String,
    status: Status,
    manifest: Option<JobManifest>,
    operation: JobOperation,
    priority: u32,
    progress_summary: JobProgressSummary,
    status_update_reason: Option<String>,
    failure_reasons: Vec<Failure>,
    report: JobReport,
    creation_time: Timestamp,
    termination_date: Option<Timestamp>,
    role_arn: String,
    suspended_date: Option<Timestamp>,
    suspended_cause: Option<String>,
    manifest_generator: Option<JobManifestGenerator>,
    generated_manifest_descriptor: Option<S3GeneratedManifestDescriptor>,
}

/// How far a job is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobProgressSummary {
    total_number_of_tasks: u64,
    number_of_tasks_succeeded: u64,
    number_of_tasks_failed: u64,
    timers: JobTimers,
}

/// For how long it has been active.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobTimers {
    elapsed_time_in_active_seconds: u64,
}

/// A manifest that was generated and written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3GeneratedManifestDescriptor {
    format: String,
    location: JobManifestLocation,
}

impl JobProgressSummary {
    fn of(job: &BatchJob, now: Timestamp) -> Self {
        Self {
            total_number_of_tasks: job.total,
            number_of_tasks_succeeded: job.succeeded,
            number_of_tasks_failed: job.failed,
            timers: JobTimers { elapsed_time_in_active_seconds: job.active_seconds(now) },
        }
    }
}

impl JobDescriptor {
    fn of(job: BatchJob, now: Timestamp) -> Self {
        let is_suspended = job.status == Status::Suspended;
        Self {
            job_arn: job.arn(),
            progress_summary: JobProgressSummary::of(&job, now),
            job_id: job.id,
            confirmation_required: job.confirmation,
            description: job.description,
            status: job.status,
            manifest: job.manifest,
            operation: job.operation,
            priority: job.priority,
            status_update_reason: job.status_reason,
            failure_reasons: job.failures,
            report: job.report,
            creation_time: job.created,
            termination_date: job.ended,
            role_arn: job.role,
            suspended_date: job.suspended,
            suspended_cause: is_suspended.then(|| AWAITING.to_owned()),
            manifest_generator: job.generator,
            generated_manifest_descriptor: job.generated.map(|location| S3GeneratedManifestDescriptor {
                format: "S3InventoryReport_CSV_20211130".to_owned(),
                location,
            }),
        }
    }
}

impl Operation for DescribeJob {
    const NAME: &str = "DescribeJob";
    type Output = DescribeJobOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        job::access(cx, "s3:DescribeJob", self.account_id, &self.job_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeJobOutput> {
        let job = BatchJob::open(cx, Place::new(self.account_id, cx.region()), &self.job_id).await?;
        Ok(DescribeJobOutput { job: JobDescriptor::of(job, cx.now()) })
    }
}

/// Lists the jobs of an account in a Region, the newest first.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListJobs.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListJobs {
    account_id: AccountId,
    #[serde(default)]
    job_statuses: Vec<Status>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Answer of [`ListJobs`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListJobsOutput {
    next_token: Option<String>,
    jobs: Vec<JobListDescriptor>,
}

/// A job of the list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobListDescriptor {
    job_id: String,
    description: Option<String>,
    operation: String,
    priority: u32,
    status: Status,
    creation_time: Timestamp,
    termination_date: Option<Timestamp>,
    progress_summary: JobProgressSummary,
}

impl JobListDescriptor {
    fn of(job: BatchJob, now: Timestamp) -> Self {
        Self {
            progress_summary: JobProgressSummary::of(&job, now),
            job_id: job.id,
            description: job.description,
            operation: job.operation.name().to_owned(),
            priority: job.priority,
            status: job.status,
            creation_time: job.created,
            termination_date: job.ended,
        }
    }
}

impl Operation for ListJobs {
    const NAME: &str = "ListJobs";
    type Output = ListJobsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:ListJobs", self.account_id))
    }

    // UNVERIFIED: the order.
    async fn run(&self, cx: &mut Cx) -> Result<ListJobsOutput> {
        let place = Place::new(self.account_id, cx.region());
        let most = self.max_results.unwrap_or(MOST).clamp(1, MOST);
        let mut after = self.next_token.as_deref().map(place_of_token).transpose()?;
        let (mut jobs, mut next_token) = (Vec::new(), None);
        'pages: loop {
            let page = cx.list::<BatchJob>(place, (), Page::of(most + 1, after.as_ref())).await?;
            let is_last = page.len() <= most;
            after = page.last().map(|job| job::row(job.created, &job.id));
            for job in page {
                if !self.job_statuses.is_empty() && !self.job_statuses.contains(&job.status) {
                    continue;
                }
                if jobs.len() == most {
                    next_token = jobs.last().map(token_of);
                    break 'pages;
                }
                jobs.push(job);
            }
            if is_last {
                break;
            }
        }
        let now = cx.now();
        Ok(ListJobsOutput { next_token, jobs: jobs.into_iter().map(|job| JobListDescriptor::of(job, now)).collect() })
    }
}

/// A token that says after which job a listing goes on.
fn token_of(job: &BatchJob) -> String {
    token::of(&format!("{} {}", job.created.micros(), job.id))
}

/// After which job a listing goes on.
///
/// # Errors
/// `InvalidNextToken`
fn place_of_token(given: &str) -> Result<welkin_kernel::Key> {
    let told = token::read(given)?;
    let place = told.split_once(' ').and_then(|(micros, id)| Some((micros.parse::<i64>().ok()?, id)));
    match place {
        Some((micros, id)) => Ok(job::row(Timestamp::from_micros(micros), id)),
        None => Err(InvalidNextToken.into()),
    }
}
