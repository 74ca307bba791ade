//! What CreateTrail and UpdateTrail have in common.

use serde::Deserialize;
use serde::Serialize;
use welkin_kernel::Result;

use super::Trail;
use crate::errors::{InvalidS3PrefixException, NotImplemented};

/// Features that a request asks for and Welkin does not have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Features {
    pub(crate) logs: bool,
}

impl Features {
    /// Refuses them by name.
    pub(crate) fn refuse(self) -> Result<()> {
        let refused = [(self.logs, "CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn")];
        match refused.into_iter().find(|(asked, _)| *asked) {
            Some((_, name)) => {
                Err(NotImplemented::because(format!("Welkin does not implement {name} of CloudTrail trails yet.")))
            }
            None => Ok(()),
        }
    }
}

/// The prefix that a request means: none if it is empty.
pub(crate) fn prefix(requested: Option<&str>) -> Result<Option<String>> {
    let prefix = requested.filter(|prefix| !prefix.is_empty());
    // Source: "The maximum length is 200 characters": CreateTrail, S3KeyPrefix.
    if prefix.is_some_and(|prefix| prefix.chars().count() > 200) {
        return Err(InvalidS3PrefixException::because("The S3 prefix must not be longer than 200 characters."));
    }
    Ok(prefix.map(|prefix| prefix.trim_end_matches('/').to_owned()))
}

/// A trail as CreateTrail and UpdateTrail answer it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailSettings {
    name: String,
    #[serde(rename = "S3BucketName")]
    bucket: String,
    #[serde(rename = "S3KeyPrefix")]
    prefix: Option<String>,
    sns_topic_name: Option<String>,
    #[serde(rename = "SnsTopicARN")]
    topic: Option<String>,
    include_global_service_events: bool,
    is_multi_region_trail: bool,
    #[serde(rename = "TrailARN")]
    arn: String,
    log_file_validation_enabled: bool,
    kms_key_id: Option<String>,
    is_organization_trail: bool,
}

impl TrailSettings {
    /// Shows a trail.
    pub(crate) fn of(trail: &Trail) -> Self {
        Self {
            arn: trail.arn().into(),
            name: trail.name.clone(),
            bucket: trail.bucket.clone(),
            prefix: trail.prefix.clone(),
            sns_topic_name: trail.topic.as_ref().map(|topic| topic.resource().to_owned()),
            topic: trail.topic.as_ref().map(|topic| topic.as_str().to_owned()),
            include_global_service_events: trail.global_services,
            is_multi_region_trail: trail.multi_region,
            log_file_validation_enabled: trail.validation,
            kms_key_id: trail.kms_key.clone(),
            is_organization_trail: trail.organization.is_some(),
        }
    }
}
