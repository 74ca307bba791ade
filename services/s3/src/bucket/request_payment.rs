//! Who pays for requests: the bucket's owner, or the requester.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Principal, Result};

use super::Bucket;
use crate::errors::{AccessDenied, MalformedXML};

/// By which a requester says that it pays.
const PAYER: &str = "x-amz-request-payer";

/// By which the answer says that it does.
const CHARGED: HeaderName = HeaderName::from_static("x-amz-request-charged");

/// Who pays, as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Configuration {
    payer: Option<String>,
}

impl Bucket {
    /// Charges the requester, if it is to pay: it must have said so, and be somebody.
    ///
    /// To be called for every request for objects and lists of them. Services act for the owner.
    ///
    /// # Errors
    /// `AccessDenied`
    pub(crate) fn charge(&self, cx: &mut Cx) -> Result<()> {
        let exempt = match cx.principal() {
            Principal::Service(_) => true,
            principal => principal.account() == Some(self.owner),
        };
        if !self.requester_pays || exempt {
            return Ok(());
        }
        let agreed = cx.facts().headers.get(PAYER).is_some_and(|payer| payer.as_bytes() == b"requester");
        if !agreed || *cx.principal() == Principal::Anonymous {
            return Err(AccessDenied.into());
        }
        cx.reply_header(CHARGED, HeaderValue::from_static("requester"));
        Ok(())
    }

    /// The bucket that a request for objects, or for lists of them, addresses; the requester is charged.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`charge`](Self::charge)
    pub(crate) async fn open_charged(cx: &mut Cx, name: &str) -> Result<Self> {
        let bucket = Self::open(cx, name).await?;
        bucket.charge(cx)?;
        Ok(bucket)
    }
}

/// Says who pays.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketRequestPayment {
    bucket: String,
    request_payment_configuration: Configuration,
}

impl Operation for PutBucketRequestPayment {
    const NAME: &str = "PutBucketRequestPayment";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketRequestPayment"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.requester_pays = match self.request_payment_configuration.payer.as_deref() {
            Some("Requester") => true,
            Some("BucketOwner") => false,
            _ => return Err(MalformedXML.into()),
        };
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells who pays.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketRequestPayment {
    bucket: String,
}

impl Operation for GetBucketRequestPayment {
    const NAME: &str = "GetBucketRequestPayment";
    type Output = Configuration;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketRequestPayment"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Configuration> {
        let requester_pays = Bucket::open(cx, &self.bucket).await?.requester_pays;
        Ok(Configuration { payer: Some(if requester_pays { "Requester" } else { "BucketOwner" }.to_owned()) })
    }
}
