//! CreateJob.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Error, Operation, Place, Result};

use super::PRINCIPAL;
use super::generator::JobManifestGenerator;
use super::job::{BatchJob, Status};
use super::manifest::JobManifest;
use super::operation::JobOperation;
use super::report::JobReport;
use super::turn;
use crate::control::errors::{AccessDenied, IdempotencyException, InvalidRequest};
use crate::role;
use crate::tags::{self, MOST_OF_BUCKET, Tag};

/// Makes a job, which begins at once.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html>
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateJob {
    account_id: AccountId,
    confirmation_required: Option<bool>,
    operation: JobOperation,
    report: JobReport,
    client_request_token: String,
    manifest: Option<JobManifest>,
    description: Option<String>,
    priority: u32,
    role_arn: String,
    tags: Option<Vec<Tag>>,
    manifest_generator: Option<JobManifestGenerator>,
}

/// Answer of [`CreateJob`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateJobOutput {
    job_id: String,
}

impl Operation for CreateJob {
    const NAME: &str = "CreateJob";
    type Output = CreateJobOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        let tags = tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?;
        let create = Access::to("s3:CreateJob")
            .owned_by(self.account_id)
            .key("s3:RequestJobPriority", self.priority.to_string())
            .key("s3:RequestJobOperation", self.operation.name())
            .request_tags(&tags);
        let pass = Access::to("iam:PassRole").on(self.role()?).key("iam:PassedToService", PRINCIPAL);
        Ok(create.and(pass))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateJobOutput> {
        let place = Place::new(self.account_id, cx.region());
        let asked = self.digest()?;
        if let Some(job) = BatchJob::by_token(cx, place, &self.client_request_token).await? {
            return match job.asked == asked {
                true => Ok(CreateJobOutput { job_id: job.id }),
                false => Err(IdempotencyException.into()),
            };
        }
        self.check()?;
        let job = BatchJob {
            id: cx.chance().uuid(),
            account: place.account,
            region: place.region,
            created: cx.now(),
            token: self.client_request_token.clone(),
            asked,
            // UNVERIFIED: that jobs are to be confirmed where nothing is said of it, as the AWS CLI's guide has it.
            confirmation: self.confirmation_required.unwrap_or(true),
            description: self.description.clone(),
            operation: self.operation.clone(),
            report: self.report.clone(),
            manifest: self.manifest.clone(),
            generator: self.manifest_generator.clone(),
            priority: self.priority,
            role: self.role_arn.clone(),
            tags: tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?,
            status: Status::New,
            steps: 0,
            status_reason: None,
            suspended: None,
            ended: None,
            failures: Vec::new(),
            total: 0,
            begun: 0,
            succeeded: 0,
            failed: 0,
            settled: 0,
            active_micros: 0,
            active_since: None,
            generated: None,
            read: Default::default(),
            written: Default::default(),
            session: None,
        };
        job.save(cx).await?;
        turn::wake(cx, place).await?;
        Ok(CreateJobOutput { job_id: job.id })
    }
}

impl CreateJob {
    /// The role, which must be one of the job's account.
    ///
    /// # Errors
    /// `InvalidRequest`, `AccessDenied`
    // UNVERIFIED: the codes and the wording.
    fn role(&self) -> Result<Arn> {
        let arn: Option<Arn> = self.role_arn.parse().ok().filter(role::is_role);
        match arn {
            Some(arn) if arn.account() == Some(self.account_id) => Ok(arn),
            Some(_) => Err(AccessDenied::because("Cross-account pass role is not allowed.")),
            None => Err(InvalidRequest::because("Invalid role ARN")),
        }
    }

    fn check(&self) -> Result<()> {
        self.operation.check()?;
        self.report.check()?;
        match (&self.manifest, &self.manifest_generator) {
            (Some(manifest), None) => manifest.check(),
            (None, Some(generator)) => generator.check(),
            // UNVERIFIED: the wording.
            _ => Err(InvalidRequest::because("Exactly one of Manifest and ManifestGenerator must be specified")),
        }
    }

    /// By which a request is known again that comes with the same token.
    fn digest(&self) -> Result<String> {
        let request = serde_json::to_vec(self).map_err(Error::internal)?;
        Ok(hex::encode(digest::digest(&digest::SHA256, &request)))
    }
}
