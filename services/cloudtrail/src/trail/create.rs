//! `CreateTrail`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::settings::{Features, TrailSettings, prefix};
use super::{Trail, name};
use crate::errors::{
    InvalidParameterCombinationException, MaximumNumberOfTrailsExceededException, TrailAlreadyExistsException,
};
use crate::insight::selector::Insights;
use crate::selector::Selectors;
use crate::tag::{self, Tag};
use crate::{bucket, notice, organization};

/// Makes a trail; it does not log until StartLogging.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTrail {
    name: String,
    #[serde(rename = "S3BucketName")]
    bucket: String,
    #[serde(rename = "S3KeyPrefix")]
    prefix: Option<String>,
    sns_topic_name: Option<String>,
    include_global_service_events: Option<bool>,
    is_multi_region_trail: Option<bool>,
    enable_log_file_validation: Option<bool>,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    kms_key_id: Option<String>,
    is_organization_trail: Option<bool>,
    #[serde(default)]
    tags_list: Vec<Tag>,
}

/// Trails of an account that are seen in one Region, at most.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST: usize = 5;

impl CreateTrail {
    fn features(&self) -> Features {
        Features { logs: self.cloud_watch_logs_log_group_arn.is_some() || self.cloud_watch_logs_role_arn.is_some() }
    }

    fn trail(&self, cx: &Cx) -> Result<Trail> {
        name::check(&self.name)?;
        let multi_region = self.is_multi_region_trail.unwrap_or_default();
        let global_services = self.include_global_service_events.unwrap_or(true);
        if multi_region && !global_services {
            return Err(InvalidParameterCombinationException::because(
                "Multi-Region trail must include global service events.",
            ));
        }
        Ok(Trail {
            owner: cx.account(),
            organization: None,
            name: self.name.clone(),
            home: cx.region(),
            bucket: self.bucket.clone(),
            prefix: prefix(self.prefix.as_deref())?,
            kms_key: None,
            multi_region,
            global_services,
            selectors: Selectors::default(),
            insights: Insights::default(),
            tags: tag::map(&self.tags_list)?,
            validation: self.enable_log_file_validation.unwrap_or_default(),
            topic: notice::topic(self.sns_topic_name.as_deref(), cx.here())?,
            is_logging: false,
            started: None,
            stopped: None,
        })
    }
}

impl Operation for CreateTrail {
    const NAME: &'static str = "CreateTrail";
    type Output = TrailSettings;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let trail = self.trail(cx)?;
        Ok(Access::to("cloudtrail:CreateTrail").on(trail.arn()).request_tags(&trail.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<TrailSettings> {
        let mut trail = self.trail(cx)?;
        self.features().refuse()?;
        let account = cx.account();
        if self.is_organization_trail == Some(true) {
            // A trail that a delegated administrator makes is the management account's.
            let membership = organization::for_trail(cx).await?;
            trail.owner = membership.manager;
            trail.organization = Some(membership.organization.clone());
        }
        let trails = match trail.owner {
            owner if owner == account => Trail::all(cx).await?,
            owner => Trail::of_account(cx, owner).await?,
        };
        if trails.iter().any(|other| other.name == trail.name && other.is_seen_in(trail.home)) {
            let message = format!("Trail {} already exists for customer: {account}", trail.name);
            return Err(TrailAlreadyExistsException::because(message));
        }
        if trails.iter().filter(|other| other.is_seen_in(trail.home)).count() >= MOST {
            let message = format!("User: {account} already has {MOST} trails in {}.", trail.home);
            return Err(MaximumNumberOfTrailsExceededException::because(message));
        }
        if let Some(key_id) = &self.kms_key_id {
            trail.kms_key = Some(trail.encrypted().key(cx, key_id).await?);
        }
        bucket::check(cx, &trail).await?;
        notice::check(cx, &trail).await?;
        trail.save(cx).await?;
        Ok(TrailSettings::of(&trail))
    }
}
