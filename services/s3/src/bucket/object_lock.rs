//! Object Lock of buckets: versions that nobody may remove before their time.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result, Timestamp};

use super::Bucket;
use super::versioning::Versioning;
use crate::errors::{
    InvalidArgument, InvalidBucketState, MalformedXML, ObjectLockConfigurationNotFoundError, not_implemented,
};
use crate::object::lock::{Mode, Retention};

/// Longest default retention.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html>
const MOST_DAYS: i64 = 36_500;

/// A year of retention, in days.
const YEAR: i64 = 365;

/// Object Lock is enabled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectLock {
    /// What holds for new versions that say nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<DefaultRetention>,
}

/// Default retention, as the API has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DefaultRetention {
    mode: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    years: Option<i64>,
}

impl ObjectLock {
    /// Whether new versions are retained that say nothing else.
    pub(crate) fn is_by_default(&self) -> bool {
        self.default.is_some()
    }

    /// The retention of a version that is new now and says nothing else.
    pub(crate) fn retention(&self, now: Timestamp) -> Option<Retention> {
        let default = self.default.as_ref()?;
        let days = default.days.or_else(|| Some(default.years?.saturating_mul(YEAR)))?;
        let seconds = u64::try_from(days).unwrap_or(0).saturating_mul(24 * 60 * 60);
        Some(Retention { mode: default.mode?, until: now.plus(Duration::from_secs(seconds)) })
    }
}

impl DefaultRetention {
    fn check(&self) -> Result<()> {
        let days = match (self.days, self.years) {
            (Some(days), None) => days,
            (None, Some(years)) => years.saturating_mul(YEAR),
            _ => return Err(MalformedXML.into()),
        };
        match days {
            _ if self.mode.is_none() => Err(MalformedXML.into()),
            ..=0 => Err(InvalidArgument::because("Default retention period must be a positive integer value.")),
            MOST_DAYS.. if days > MOST_DAYS => Err(InvalidArgument::because("Default retention period too large.")),
            _ => Ok(()),
        }
    }
}

/// The configuration as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Configuration {
    object_lock_enabled: Option<String>,
    rule: Option<Rule>,
}

/// The rule.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    default_retention: Option<DefaultRetention>,
}

/// Has a bucket lock versions, and sets what holds for new ones.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutObjectLockConfiguration {
    bucket: String,
    object_lock_configuration: Option<Configuration>,
    token: Option<String>,
}

impl Operation for PutObjectLockConfiguration {
    const NAME: &str = "PutObjectLockConfiguration";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketObjectLockConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        if self.token.is_some() {
            return Err(not_implemented("tokens of Object Lock"));
        }
        let configuration = self.object_lock_configuration.as_ref().ok_or(MalformedXML)?;
        if configuration.object_lock_enabled.as_deref() != Some("Enabled") {
            return Err(MalformedXML.into());
        }
        if bucket.versioning != Some(Versioning::Enabled) {
            return Err(InvalidBucketState::because(
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
            ));
        }
        let default = match &configuration.rule {
            Some(rule) => Some(rule.default_retention.clone().ok_or(MalformedXML)?),
            None => None,
        };
        default.as_ref().map_or(Ok(()), DefaultRetention::check)?;
        bucket.object_lock = Some(ObjectLock { default });
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells whether a bucket locks versions.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectLockConfiguration {
    bucket: String,
}

/// Answer of [`GetObjectLockConfiguration`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectLockConfigurationOutput {
    object_lock_configuration: Configuration,
}

impl Operation for GetObjectLockConfiguration {
    const NAME: &str = "GetObjectLockConfiguration";
    type Output = GetObjectLockConfigurationOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketObjectLockConfiguration"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetObjectLockConfigurationOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let Some(lock) = bucket.object_lock else {
            return Err(Error::from(ObjectLockConfigurationNotFoundError).with("BucketName", bucket.name));
        };
        Ok(GetObjectLockConfigurationOutput {
            object_lock_configuration: Configuration {
                object_lock_enabled: Some("Enabled".to_owned()),
                rule: lock.default.map(|default| Rule { default_retention: Some(default) }),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_retention_has_one_period() {
        let mode = Some(Mode::Governance);
        let check = |days, years| DefaultRetention { mode, days, years }.check();
        assert!(check(Some(1), None).is_ok() && check(None, Some(100)).is_ok() && check(Some(36_500), None).is_ok());
        for (days, years) in [(None, None), (Some(1), Some(1))] {
            assert!(check(days, years).is_err_and(|error| error.is("MalformedXML")));
        }
        for (days, years) in [(Some(0), None), (None, Some(-1)), (Some(36_501), None), (None, Some(101))] {
            assert!(check(days, years).is_err_and(|error| error.is("InvalidArgument")));
        }
    }
}
