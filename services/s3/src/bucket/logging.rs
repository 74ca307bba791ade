//! Server access logs: who asked what of a bucket, in files that S3 puts into another one.
//!
//! A bucket without logging pays nothing for it: its row, which every access reads, says that there is none. Where
//! there is, each request leaves a [`line::Line`] when it is answered, and a job puts lines into a file.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html>

pub(crate) mod deed;
pub(crate) mod deliver;
mod file;
pub(crate) mod line;
mod operation;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Place, Result};

use super::Bucket;
use crate::acl::xml::{GivenGrant, ShownGrant};
use crate::acl::{Grant, Permission};
use crate::errors::{
    AccessControlListNotSupported, CrossLocationLoggingProhibitted, InvalidTargetBucketForLogging, MalformedXML,
};
use file::Format;
use line::Line;

/// Where the access log of a bucket goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logging {
    target: String,
    prefix: String,
    /// What is granted of the files, beside what the owner has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grants: Vec<Grant>,
    /// `None` is as [`Format::Simple`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
}

/// A configuration as the API takes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    logging_enabled: Option<GivenLogging>,
}

/// The log of a bucket, as the API takes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GivenLogging {
    target_bucket: Option<String>,
    target_prefix: Option<String>,
    #[serde(default)]
    target_grants: Vec<GivenGrant>,
    target_object_key_format: Option<KeyFormat>,
}

/// How the keys of files are made, as the API has it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyFormat {
    simple_prefix: Option<Nothing>,
    partitioned_prefix: Option<Partitioned>,
}

/// An element without content.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Nothing {}

/// Keys in folders of accounts, Regions, buckets and days.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Partitioned {
    partition_date_source: Option<String>,
}

/// Answer of [`GetBucketLogging`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketLoggingOutput {
    logging_enabled: Option<ShownLogging>,
}

/// The log of a bucket, as the API tells it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownLogging {
    target_bucket: String,
    target_prefix: String,
    target_grants: Option<Vec<ShownGrant>>,
    target_object_key_format: Option<KeyFormat>,
}

impl KeyFormat {
    fn read(&self) -> Result<Format> {
        match (&self.simple_prefix, &self.partitioned_prefix) {
            (Some(_), None) => Ok(Format::Simple),
            (None, Some(partitioned)) => match partitioned.partition_date_source.as_deref() {
                Some("EventTime") => Ok(Format::ByEvent),
                // UNVERIFIED: that files go by the time of delivery where nothing is said.
                None | Some("DeliveryTime") => Ok(Format::ByDelivery),
                Some(_) => Err(MalformedXML.into()),
            },
            _ => Err(MalformedXML.into()),
        }
    }

    fn of(format: Format) -> Self {
        let by = |source: &str| Partitioned { partition_date_source: Some(source.to_owned()) };
        match format {
            Format::Simple => Self { simple_prefix: Some(Nothing {}), partitioned_prefix: None },
            Format::ByEvent => Self { simple_prefix: None, partitioned_prefix: Some(by("EventTime")) },
            Format::ByDelivery => Self { simple_prefix: None, partitioned_prefix: Some(by("DeliveryTime")) },
        }
    }
}

impl GivenLogging {
    fn read(&self) -> Result<Logging> {
        let (Some(target), Some(prefix)) = (&self.target_bucket, &self.target_prefix) else {
            return Err(MalformedXML.into());
        };
        let grants = self.target_grants.iter().map(|grant| {
            let grant = grant.read()?;
            let takes = matches!(grant.permission, Permission::FullControl | Permission::Read | Permission::Write);
            if takes { Ok(grant) } else { Err(Error::from(MalformedXML)) }
        });
        Ok(Logging {
            target: target.clone(),
            prefix: prefix.clone(),
            grants: grants.collect::<Result<_>>()?,
            format: self.target_object_key_format.as_ref().map(KeyFormat::read).transpose()?,
        })
    }
}

impl Logging {
    /// Makes sure that the files can go where they are to go. Whether S3 may put them there is seen when it does.
    ///
    /// # Errors
    /// `InvalidTargetBucketForLogging`, `CrossLocationLoggingProhibitted`, `AccessControlListNotSupported`
    async fn check(&self, cx: &mut Cx, source: &Bucket) -> Result<()> {
        let here = cx.here();
        let refused = |message: &str| {
            Err(InvalidTargetBucketForLogging::because(message).with("TargetBucket", self.target.as_str()))
        };
        let Some(target) = cx.get::<Bucket>(here, (&self.target,)).await? else {
            return refused("The target bucket for logging does not exist");
        };
        if target.owner != source.owner {
            return refused("The owner for the bucket to be logged and the target bucket must be the same.");
        }
        if target.region != source.region {
            return Err(Error::from(CrossLocationLoggingProhibitted)
                .with("SourceBucketLocation", source.region.name())
                .with("TargetBucketLocation", target.region.name()));
        }
        if !self.grants.is_empty() && !target.takes_lists() {
            // UNVERIFIED: that grants cannot be given there is documented, not the error.
            return Err(AccessControlListNotSupported.into());
        }
        Ok(())
    }

    fn shown(&self) -> ShownLogging {
        let grants: Vec<ShownGrant> = self.grants.iter().map(ShownGrant::of).collect();
        ShownLogging {
            target_bucket: self.target.clone(),
            target_prefix: self.prefix.clone(),
            target_grants: Some(grants).filter(|grants| !grants.is_empty()),
            target_object_key_format: self.format.map(KeyFormat::of),
        }
    }
}

/// Says where the access log of a bucket goes, or that there is none.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketLogging {
    bucket: String,
    bucket_logging_status: Given,
}

impl Operation for PutBucketLogging {
    const NAME: &str = "PutBucketLogging";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketLogging"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let logging = self.bucket_logging_status.logging_enabled.as_ref().map(GivenLogging::read).transpose()?;
        if let Some(logging) = &logging {
            logging.check(cx, &bucket).await?;
        }
        bucket.logging = logging;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells where the access log of a bucket goes.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketLogging {
    bucket: String,
}

impl Operation for GetBucketLogging {
    const NAME: &str = "GetBucketLogging";
    type Output = GetBucketLoggingOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketLogging"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketLoggingOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        Ok(GetBucketLoggingOutput { logging_enabled: bucket.logging.as_ref().map(Logging::shown) })
    }
}

/// Removes what is to be logged yet of a bucket that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.delete_all::<Line>(place, (bucket,))
}
