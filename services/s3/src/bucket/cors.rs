//! Cross-origin rules of buckets: which web pages may see answers.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>

pub(crate) mod admit;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, IntoKey, Key, Operation, Place, Resource, Result, Scope};

use super::Bucket;
use crate::errors::{InvalidRequest, MalformedXML, NoSuchCORSConfiguration};

/// Rules that a bucket may have.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>
const MOST: usize = 100;

/// Characters that an id may have.
const LONGEST_ID: usize = 255;

/// Methods that a rule may allow.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// The rules of a bucket, in a row of their own: only answers to web pages need them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cors {
    bucket: String,
    rules: Vec<Rule>,
}

/// A rule, as the API has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Rule {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default)]
    allowed_headers: Vec<String>,
    #[serde(default)]
    allowed_methods: Vec<String>,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    expose_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age_seconds: Option<i32>,
}

impl Resource for Cors {
    const KIND: &'static str = "s3/cors";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket,).into_key()
    }
}

/// The rules as the API has them.
#[derive(Debug, Deserialize)]
struct Configuration {
    #[serde(rename = "CORSRules", default)]
    rules: Vec<Rule>,
}

impl Rule {
    fn check(&self) -> Result<()> {
        if let Some(method) = self.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
            return Err(InvalidRequest::because(message));
        }
        let too_wild = |value: &&String| value.matches('*').count() > 1;
        if let Some(origin) = self.allowed_origins.iter().find(too_wild) {
            let message = format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.");
            return Err(InvalidRequest::because(message));
        }
        if let Some(header) = self.allowed_headers.iter().find(too_wild) {
            let message = format!("AllowedHeader \"{header}\" can not have more than one wildcard.");
            return Err(InvalidRequest::because(message));
        }
        if let Some(header) = self.expose_headers.iter().find(|header| header.contains('*')) {
            return Err(InvalidRequest::because(format!(
                "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            )));
        }
        let is_whole = !self.allowed_methods.is_empty() && !self.allowed_origins.is_empty();
        let is_named = self.id.as_ref().is_none_or(|id| id.chars().count() <= LONGEST_ID);
        if is_whole && is_named { Ok(()) } else { Err(MalformedXML.into()) }
    }
}

/// Sets the rules of a bucket, in place of those it had.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketCors {
    bucket: String,
    #[serde(rename = "CORSConfiguration")]
    configuration: Configuration,
}

impl Operation for PutBucketCors {
    const NAME: &str = "PutBucketCors";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketCORS"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let rules = &self.configuration.rules;
        if rules.is_empty() || rules.len() > MOST {
            return Err(MalformedXML.into());
        }
        rules.iter().try_for_each(Rule::check)?;
        cx.put(bucket.place(), &Cors { bucket: bucket.name.clone(), rules: rules.clone() }).await?;
        Ok(Empty {})
    }
}

/// Tells the rules of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketCors {
    bucket: String,
}

/// Answer of [`GetBucketCors`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GetBucketCorsOutput {
    #[serde(rename = "CORSRules")]
    rules: Vec<Rule>,
}

impl Operation for GetBucketCors {
    const NAME: &str = "GetBucketCors";
    type Output = GetBucketCorsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketCORS"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketCorsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        match cx.get::<Cors>(bucket.place(), (&bucket.name,)).await? {
            Some(cors) => Ok(GetBucketCorsOutput { rules: cors.rules }),
            None => Err(Error::from(NoSuchCORSConfiguration).with("BucketName", bucket.name)),
        }
    }
}

/// Removes the rules of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketCors {
    bucket: String,
}

impl Operation for DeleteBucketCors {
    const NAME: &str = "DeleteBucketCors";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketCORS"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        forget(cx, bucket.place(), &bucket.name)?;
        Ok(Empty {})
    }
}

/// Removes the rules of a bucket that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.discard::<Cors>(place, (bucket,))
}
