//! Static web sites: what a bucket shows to browsers.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html>

mod check;
mod page;
mod rule;
pub(crate) mod site;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, IntoKey, Key, Operation, Place, Resource, Result, Scope};

use super::Bucket;
use crate::errors::NoSuchWebsiteConfiguration;
use rule::RoutingRule;

/// The web site of a bucket, in a row of its own: only visitors need it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Website {
    bucket: String,
    configuration: Configuration,
}

impl Resource for Website {
    const KIND: &'static str = "s3/website";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket,).into_key()
    }
}

impl Website {
    /// The web site of a bucket.
    ///
    /// # Errors
    /// `NoSuchWebsiteConfiguration`
    async fn of(cx: &mut Cx, bucket: &Bucket) -> Result<Self> {
        match cx.get::<Self>(bucket.place(), (&bucket.name,)).await? {
            Some(website) => Ok(website),
            None => Err(Error::from(NoSuchWebsiteConfiguration).with("BucketName", bucket.name.as_str())),
        }
    }
}

/// A web site as the API has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Configuration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect_all_requests_to: Option<RedirectAll>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index_document: Option<IndexDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_document: Option<ErrorDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    routing_rules: Option<Vec<RoutingRule>>,
}

/// Where all visitors are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RedirectAll {
    host_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
}

/// What is shown of folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexDocument {
    suffix: Option<String>,
}

/// What is shown in place of errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDocument {
    key: Option<String>,
}

/// Makes a bucket a web site, or changes it.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketWebsite {
    bucket: String,
    website_configuration: Configuration,
}

impl Operation for PutBucketWebsite {
    const NAME: &str = "PutBucketWebsite";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketWebsite"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        self.website_configuration.check()?;
        let configuration = self.website_configuration.clone();
        cx.put(bucket.place(), &Website { bucket: bucket.name.clone(), configuration }).await?;
        Ok(Empty {})
    }
}

/// Tells the web site of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketWebsite {
    bucket: String,
}

impl Operation for GetBucketWebsite {
    const NAME: &str = "GetBucketWebsite";
    type Output = Configuration;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketWebsite"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Configuration> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        Ok(Website::of(cx, &bucket).await?.configuration)
    }
}

/// Ends the web site of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketWebsite.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketWebsite {
    bucket: String,
}

impl Operation for DeleteBucketWebsite {
    const NAME: &str = "DeleteBucketWebsite";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:DeleteBucketWebsite"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        forget(cx, bucket.place(), &bucket.name)?;
        Ok(Empty {})
    }
}

/// Removes the web site of a bucket that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.discard::<Website>(place, (bucket,))
}
