//! The credential report: who has which credentials, and how old they are.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

mod content;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Job, Key, Operation, Resource, Result, Schedule, Scope, Timestamp};

use crate::access;
use crate::errors::{
    CredentialReportExpiredException, CredentialReportNotPresentException, CredentialReportNotReadyException,
};

/// How long a report is current, in seconds.
const CURRENT: u64 = 4 * 3_600;

/// The account's report.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Report {
    /// When it was made; `None` while it is being made.
    made: Option<Timestamp>,
    /// As CSV.
    content: String,
}

impl Resource for Report {
    const KIND: &'static str = "iam/credential-report";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

impl Report {
    fn is_current(&self, now: Timestamp) -> bool {
        self.made.is_some_and(|made| now.since(made).as_secs() < CURRENT)
    }
}

/// How far a report is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Started,
    InProgress,
    Complete,
}

/// Has a report made, unless there is one that is not older than four hours.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GenerateCredentialReport {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateCredentialReportResponse {
    state: State,
    description: Option<String>,
}

impl Operation for GenerateCredentialReport {
    const NAME: &'static str = "GenerateCredentialReport";
    type Output = GenerateCredentialReportResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GenerateCredentialReport")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateCredentialReportResponse> {
        let present = cx.get::<Report>(cx.here(), ()).await?;
        let (state, description) = match &present {
            Some(report) if report.is_current(cx.now()) => (State::Complete, None),
            Some(Report { made: None, .. }) => (State::InProgress, None),
            Some(_) => (State::Started, Some("No current report exists. Starting a new report generation task")),
            None => (State::Started, Some("No report exists. Starting a new report generation task")),
        };
        if matches!(state, State::Started) {
            cx.put(cx.here(), &Report { made: None, content: String::new() }).await?;
            cx.enqueue(&Generation {}, Schedule::now().id("credential-report")).await?;
        }
        Ok(GenerateCredentialReportResponse { state, description: description.map(str::to_owned) })
    }
}

/// Makes the account's report.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Generation {}

impl Job for Generation {
    const NAME: &'static str = "iam/credential-report";
    const PRINCIPAL: &'static str = "iam.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let content = content::of(cx).await?;
        cx.put(cx.here(), &Report { made: Some(cx.now().whole_secs()), content }).await
    }
}

/// Gives the report, which must not be older than four hours.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GetCredentialReport {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCredentialReportResponse {
    content: Bytes,
    report_format: String,
    generated_time: Timestamp,
}

impl Operation for GetCredentialReport {
    const NAME: &'static str = "GetCredentialReport";
    type Output = GetCredentialReportResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GetCredentialReport")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCredentialReportResponse> {
        let report = cx.get::<Report>(cx.here(), ()).await?.ok_or(CredentialReportNotPresentException)?;
        let Some(made) = report.made else { return Err(CredentialReportNotReadyException.into()) };
        if !report.is_current(cx.now()) {
            return Err(CredentialReportExpiredException.into());
        }
        Ok(GetCredentialReportResponse {
            content: report.content.into(),
            report_format: "text/csv".to_owned(),
            generated_time: made,
        })
    }
}
