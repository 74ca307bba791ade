//! Which requests are counted apart: filters of request metrics.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-configurations.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use super::Bucket;
use super::configured::{self, Configuration, configurations};
use super::selection::Tag;
use crate::errors::{InvalidArgument, MalformedXML};

/// A filter with its id, as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricsConfiguration {
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
}

/// Which requests: those that meet one criterion, or several.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_point_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    and: Option<All>,
}

/// Several criteria.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct All {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_point_arn: Option<String>,
}

impl Filter {
    fn check(&self) -> Result<()> {
        match (&self.prefix, &self.tag, &self.access_point_arn, &self.and) {
            (Some(_), None, None, None) => Ok(()),
            (None, Some(tag), None, None) => tag.check(),
            (None, None, Some(arn), None) => check_point(arn),
            (None, None, None, Some(all)) => all.check(),
            _ => Err(MalformedXML.into()),
        }
    }
}

impl All {
    fn check(&self) -> Result<()> {
        let criteria =
            self.tags.len() + usize::from(self.prefix.is_some()) + usize::from(self.access_point_arn.is_some());
        if criteria < 2 {
            return Err(MalformedXML.into());
        }
        self.tags.iter().try_for_each(Tag::check)?;
        self.access_point_arn.as_deref().map_or(Ok(()), check_point)
    }
}

/// Refuses what is no ARN of an access point.
// UNVERIFIED: the message.
fn check_point(arn: &str) -> Result<()> {
    match arn.parse::<Arn>() {
        Ok(arn) if arn.service() == "s3" && arn.resource().starts_with("accesspoint/") => Ok(()),
        _ => Err(InvalidArgument::because("The access point ARN is not valid.")),
    }
}

impl Configuration for MetricsConfiguration {
    const KIND: &'static str = "s3/metrics";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn check(&self) -> Result<()> {
        self.filter.as_ref().map_or(Ok(()), Filter::check)
    }
}

configurations!(
    MetricsConfiguration, metrics_configuration, metrics_configuration_list,
    reads: "s3:GetMetricsConfiguration", writes: "s3:PutMetricsConfiguration",
    PutBucketMetricsConfiguration,
    GetBucketMetricsConfiguration -> GetBucketMetricsConfigurationOutput,
    ListBucketMetricsConfigurations -> ListBucketMetricsConfigurationsOutput,
    DeleteBucketMetricsConfiguration
);
