//! `DescribeTrails`, and a trail as it is shown.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Region, Result};

use super::Trail;
use crate::errors::CloudTrailARNInvalidException;
use crate::selector::Selectors;

/// Shows trails: those that are named, or all that are seen in the Region.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeTrails {
    #[serde(default)]
    trail_name_list: Vec<String>,
    include_shadow_trails: Option<bool>,
}

/// Trails.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeTrailsResponse {
    trail_list: Vec<Shown>,
}

/// A trail as it is shown.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
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
    home_region: Region,
    #[serde(rename = "TrailARN")]
    arn: String,
    log_file_validation_enabled: bool,
    kms_key_id: Option<String>,
    has_custom_event_selectors: bool,
    has_insight_selectors: bool,
    is_organization_trail: bool,
}

impl Shown {
    /// Shows a trail.
    pub(crate) fn of(trail: Trail) -> Self {
        Self {
            arn: trail.arn().into(),
            has_custom_event_selectors: trail.selectors != Selectors::default(),
            name: trail.name,
            bucket: trail.bucket,
            prefix: trail.prefix,
            sns_topic_name: trail.topic.as_ref().map(|topic| topic.resource().to_owned()),
            topic: trail.topic.map(String::from),
            include_global_service_events: trail.global_services,
            is_multi_region_trail: trail.multi_region,
            home_region: trail.home,
            log_file_validation_enabled: trail.validation,
            kms_key_id: trail.kms_key,
            has_insight_selectors: !trail.insights.selectors.is_empty(),
            is_organization_trail: trail.organization.is_some(),
        }
    }
}

impl DescribeTrails {
    /// A trail that is named and not there is left out of the answer.
    async fn named(&self, cx: &mut Cx) -> Result<Vec<Trail>> {
        let mut trails = Vec::new();
        for name in &self.trail_name_list {
            match Trail::find(cx, name).await {
                Ok(trail) => trails.push(trail),
                Err(error) if error.is("TrailNotFoundException") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(trails)
    }
}

impl Operation for DescribeTrails {
    const NAME: &'static str = "DescribeTrails";
    type Output = DescribeTrailsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:DescribeTrails"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeTrailsResponse> {
        let here = cx.here();
        let shadows = self.include_shadow_trails.unwrap_or(true);
        let trails = if self.trail_name_list.is_empty() {
            let mut trails = Trail::all(cx).await?;
            trails.retain(|trail| trail.is_seen_in(here.region));
            trails
        } else {
            let by_arn = self.trail_name_list.iter().filter(|name| name.starts_with("arn:")).count();
            if by_arn > 0 && by_arn < self.trail_name_list.len() {
                // The reference: names or ARNs, not both.
                return Err(CloudTrailARNInvalidException::because("Trail names and ARNs cannot be mixed."));
            }
            self.named(cx).await?
        };
        let shown = trails.into_iter().filter(|trail| shadows || trail.home == here.region);
        Ok(DescribeTrailsResponse { trail_list: shown.map(Shown::of).collect() })
    }
}
