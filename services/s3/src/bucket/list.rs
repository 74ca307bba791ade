//! ListBuckets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{OwnedBucket, Owner, accelerate, arn_of};
use crate::errors::invalid_argument;
use crate::manner;
use crate::object::list::order;

/// Buckets on a page, at most.
const MOST: u32 = 10_000;

/// Lists the buckets of the caller's account.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListBuckets {
    max_buckets: Option<i64>,
    continuation_token: Option<String>,
    prefix: Option<String>,
    bucket_region: Option<String>,
}

/// Answer of [`ListBuckets`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListBucketsOutput {
    buckets: Vec<Listed>,
    owner: Owner,
    continuation_token: Option<String>,
    prefix: Option<String>,
}

/// A bucket of the list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    creation_date: Timestamp,
    /// Only in answers that come in pages: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html>
    bucket_region: Option<String>,
    bucket_arn: Option<String>,
}

impl Operation for ListBuckets {
    const NAME: &str = "ListBuckets";
    type Output = ListBucketsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        accelerate::check_operation(cx, "")?;
        Ok(manner::keys(cx, Access::to("s3:ListAllMyBuckets").on("*")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListBucketsOutput> {
        let most = match self.max_buckets {
            None => MOST,
            Some(most) => match u32::try_from(most) {
                Ok(most @ 1..=MOST) => most,
                _ => {
                    let message = format!("Argument max-buckets must be an integer between 1 and {MOST}");
                    return Err(invalid_argument(message, "max-buckets", most.to_string()));
                }
            },
        };
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let after = self.after()?;
        let mut from = order::after(&after).max(prefix.as_bytes().to_vec());
        let to = order::end_of(prefix.as_bytes());
        let (here, most) = (cx.here(), most as usize);
        let mut buckets: Vec<OwnedBucket> = Vec::new();
        // A Region may leave out most of what is read, so pages are read until one is full.
        while buckets.len() <= most {
            let page = cx.between::<OwnedBucket>(here, (&from[..],), (&to[..],), 1000, false).await?;
            let Some(last) = page.last() else { break };
            from = order::after(&last.name);
            let region = self.bucket_region.as_deref();
            buckets
                .extend(page.into_iter().filter(|bucket| region.is_none_or(|region| bucket.region.name() == region)));
        }
        let more = buckets.len() > most;
        buckets.truncate(most);
        let token = buckets.last().filter(|_| more).map(|last| BASE64.encode(&last.name));
        let paged = self.is_paged();
        Ok(ListBucketsOutput {
            buckets: buckets.into_iter().map(|bucket| Listed::of(bucket, paged)).collect(),
            owner: Owner::of(cx.account()),
            continuation_token: token,
            prefix: self.prefix.clone(),
        })
    }
}

impl ListBuckets {
    fn is_paged(&self) -> bool {
        self.max_buckets.is_some()
            || self.continuation_token.is_some()
            || self.prefix.is_some()
            || self.bucket_region.is_some()
    }

    /// The name after which the page begins.
    fn after(&self) -> Result<String> {
        let Some(token) = &self.continuation_token else { return Ok(String::new()) };
        match BASE64.decode(token).ok().and_then(|name| String::from_utf8(name).ok()) {
            Some(name) => Ok(name),
            None => Err(invalid_argument("The continuation token provided is incorrect", "continuation-token", token)),
        }
    }
}

impl Listed {
    fn of(bucket: OwnedBucket, paged: bool) -> Self {
        Self {
            bucket_region: paged.then(|| bucket.region.name().to_owned()),
            bucket_arn: Some(arn_of(bucket.region, &bucket.name)),
            creation_date: bucket.created,
            name: bucket.name,
        }
    }
}
