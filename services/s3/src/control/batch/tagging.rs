//! Tags of jobs.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-tags.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Place, Result};

use super::job::{self, BatchJob};
use crate::control::errors::TooManyTagsException;
use crate::tags::{self, MOST_OF_BUCKET, Tag, Tags};

/// Tags that a job may have.
const MOST: usize = MOST_OF_BUCKET;

/// Gives a job tags, in place of those it has.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutJobTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutJobTagging {
    account_id: AccountId,
    job_id: String,
    tags: Vec<Tag>,
}

/// Answer of [`PutJobTagging`] and of [`DeleteJobTagging`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tagged {}

impl PutJobTagging {
    fn tags(&self) -> Result<Tags> {
        match self.tags.len() > MOST {
            true => Err(TooManyTagsException.into()),
            false => tags::from_list(&self.tags, MOST),
        }
    }
}

async fn set(cx: &mut Cx, account: AccountId, id: &str, tags: Tags) -> Result<Tagged> {
    let mut job = BatchJob::open(cx, Place::new(account, cx.region()), id).await?;
    job.tags = tags;
    job.save(cx).await?;
    Ok(Tagged {})
}

impl Operation for PutJobTagging {
    const NAME: &str = "PutJobTagging";
    type Output = Tagged;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = self.tags()?;
        Ok(job::access(cx, "s3:PutJobTagging", self.account_id, &self.job_id).await?.request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Tagged> {
        set(cx, self.account_id, &self.job_id, self.tags()?).await
    }
}

/// Tells the tags of a job.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetJobTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetJobTagging {
    account_id: AccountId,
    job_id: String,
}

/// Answer of [`GetJobTagging`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetJobTaggingOutput {
    tags: Vec<Tag>,
}

impl Operation for GetJobTagging {
    const NAME: &str = "GetJobTagging";
    type Output = GetJobTaggingOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        job::access(cx, "s3:GetJobTagging", self.account_id, &self.job_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetJobTaggingOutput> {
        let job = BatchJob::open(cx, Place::new(self.account_id, cx.region()), &self.job_id).await?;
        Ok(GetJobTaggingOutput { tags: tags::to_list(&job.tags) })
    }
}

/// Removes the tags of a job.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteJobTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteJobTagging {
    account_id: AccountId,
    job_id: String,
}

impl Operation for DeleteJobTagging {
    const NAME: &str = "DeleteJobTagging";
    type Output = Tagged;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        job::access(cx, "s3:DeleteJobTagging", self.account_id, &self.job_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Tagged> {
        set(cx, self.account_id, &self.job_id, Tags::new()).await
    }
}
