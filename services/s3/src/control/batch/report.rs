//! The completion report: what became of the tasks, in files that the job's role writes.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html>

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{AccountId, Cx, Fraction, Principal, Result};

use super::file::{self, New};
use super::job::{BatchJob, Failure, failed};
use super::manifest::bucket_of;
use super::task::Task;
use crate::bucket::report::ReportFile;
use crate::control::errors::InvalidRequest;

/// Tasks in a file of a report.
const ROWS: u64 = 10_000;

/// The columns of a report.
const SCHEMA: &str = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage";

/// What is to be reported, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JobReport {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report_scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected_bucket_owner: Option<AccountId>,
}

/// Which tasks are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Scope {
    AllTasks,
    FailedTasksOnly,
}

/// How far the report is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Written {
    pass: Pass,
    /// The next task.
    from: u64,
    results: Vec<(bool, ReportFile)>,
    /// The MD5 of `manifest.json`.
    digest: String,
}

/// What is written: the tasks that were done, those that were not, what names both, and its digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Pass {
    #[default]
    Succeeded,
    Failed,
    Manifest,
    Digest,
    Complete,
}

impl Pass {
    fn next(self) -> Self {
        match self {
            Self::Succeeded => Self::Failed,
            Self::Failed => Self::Manifest,
            Self::Manifest => Self::Digest,
            Self::Digest | Self::Complete => Self::Complete,
        }
    }
}

impl JobReport {
    /// What must be said of a report that is to be written.
    ///
    /// # Errors
    /// `InvalidRequest`
    // UNVERIFIED: the wording.
    pub(super) fn check(&self) -> Result<()> {
        if !self.enabled {
            return Ok(());
        }
        match (&self.bucket, &self.format, &self.report_scope) {
            (Some(bucket), Some(_), Some(_)) => bucket_of(bucket).map(drop),
            _ => Err(InvalidRequest::because("An enabled report must have a bucket, a format and a scope")),
        }
    }

    /// The folder of a job's report.
    fn folder(&self, job: &str) -> String {
        let prefix = self.prefix.as_deref().unwrap_or_default().trim_end_matches('/');
        match prefix.is_empty() {
            true => format!("job-{job}"),
            false => format!("{prefix}/job-{job}"),
        }
    }
}

/// Writes the report a bit further; `true` once it is complete.
///
/// # Errors
/// What is no fault of the job's.
pub(super) async fn step(cx: &mut Cx, job: &mut BatchJob) -> Result<Result<bool, Failure>> {
    let report = job.report.clone();
    let tried = job.succeeded.saturating_add(job.failed) > 0;
    let Some(bucket) = report.bucket.as_deref().filter(|_| report.enabled && tried) else { return Ok(Ok(true)) };
    let bucket = bucket_of(bucket)?;
    if !file::has_owner(cx, &bucket, report.expected_bucket_owner).await? {
        // UNVERIFIED: the code and the wording, here and below.
        let why = "The bucket for the report belongs to another account than was expected";
        return Ok(Err(Failure::new("ReportWriteFailed", why)));
    }
    let principal = match job.session(cx).await? {
        Ok(principal) => principal,
        Err(failure) => return Ok(Err(failure)),
    };
    match advance(cx, job, &report, &bucket, &principal).await {
        Ok(()) => Ok(Ok(job.written.pass == Pass::Complete)),
        Err(error) => failed(error, "ReportWriteFailed").map(Err),
    }
}

/// Writes the next file.
async fn advance(
    cx: &mut Cx,
    job: &mut BatchJob,
    report: &JobReport,
    bucket: &str,
    principal: &Principal,
) -> Result<()> {
    let folder = report.folder(&job.id);
    if job.written.pass == Pass::Succeeded && report.report_scope == Some(Scope::FailedTasksOnly) {
        job.written.pass = Pass::Failed;
    }
    let pass = job.written.pass;
    let (key, text) = match pass {
        Pass::Succeeded | Pass::Failed => {
            let rows = rows(cx, job, pass == Pass::Succeeded).await?;
            (format!("{folder}/results/{}.csv", file::name_of(rows.as_bytes())), rows)
        }
        Pass::Manifest => {
            // The time is that of the run, so the text is drawn once.
            let text = cx.once(|cx| manifest(cx, job, bucket));
            job.written.digest = ReportFile::of(String::new(), text.as_bytes()).md5;
            (format!("{folder}/manifest.json"), text)
        }
        Pass::Digest => (format!("{folder}/manifest.json.md5"), job.written.digest.clone()),
        Pass::Complete => return Ok(()),
    };
    if !text.is_empty() {
        let bytes = Bytes::from(text);
        let kept = ReportFile::of(key, &bytes);
        file::write(cx, principal, job.place(), New { bucket, key: &kept.key, bytes, kms_key: None }).await?;
        if matches!(pass, Pass::Succeeded | Pass::Failed) {
            job.written.results.push((pass == Pass::Succeeded, kept));
        }
    }
    if job.written.from >= job.total || !matches!(pass, Pass::Succeeded | Pass::Failed) {
        job.written.pass = pass.next();
        job.written.from = 0;
    }
    Ok(())
}

/// The next rows: of tasks that were done, or of those that were not.
async fn rows(cx: &mut Cx, job: &mut BatchJob, succeeded: bool) -> Result<String> {
    let (from, to) = (job.written.from, job.written.from.saturating_add(ROWS));
    let tasks = cx.between::<Task>(job.place(), (&job.id, from), (&job.id, to), 0, false).await?;
    job.written.from = to;
    Ok(tasks.iter().filter(|task| task.succeeded() == Some(succeeded)).filter_map(Task::reported).collect())
}

/// The file that names the others.
fn manifest(cx: &Cx, job: &BatchJob, bucket: &str) -> String {
    let results = job.written.results.iter().map(|(succeeded, kept)| {
        json!({
            "TaskExecutionStatus": if *succeeded { "succeeded" } else { "failed" },
            "Bucket": bucket,
            "MD5Checksum": kept.md5,
            "Key": kept.key,
        })
    });
    json!({
        "Format": "Report_CSV_20180820",
        "ReportCreationDate": cx.now().to_iso8601(Fraction::Millis),
        "Results": results.collect::<Vec<_>>(),
        "ReportSchema": SCHEMA,
    })
    .to_string()
}
