//! `UpdateTrail`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Trail;
use super::settings::{Features, TrailSettings, prefix};
use crate::errors::{InvalidParameterCombinationException, NotOrganizationMasterAccountException};
use crate::{bucket, digest, notice, organization};

/// Changes a trail; it keeps logging.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateTrail {
    name: String,
    #[serde(rename = "S3BucketName")]
    bucket: Option<String>,
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
}

impl UpdateTrail {
    /// An empty text takes a feature away, which was never there.
    fn features(&self) -> Features {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        Features { logs: given(&self.cloud_watch_logs_log_group_arn) || given(&self.cloud_watch_logs_role_arn) }
    }

    fn change(&self, trail: &mut Trail) -> Result<()> {
        if let Some(bucket) = &self.bucket {
            trail.bucket.clone_from(bucket);
        }
        if self.prefix.is_some() {
            trail.prefix = prefix(self.prefix.as_deref())?;
        }
        trail.multi_region = self.is_multi_region_trail.unwrap_or(trail.multi_region);
        trail.global_services = self.include_global_service_events.unwrap_or(trail.global_services);
        trail.validation = self.enable_log_file_validation.unwrap_or(trail.validation);
        if trail.multi_region && !trail.global_services {
            return Err(InvalidParameterCombinationException::because(
                "Multi-Region trail must include global service events.",
            ));
        }
        Ok(())
    }
}

impl UpdateTrail {
    /// The organization whose trail a trail becomes: only the management account's can.
    async fn organization(&self, cx: &mut Cx, trail: &Trail) -> Result<String> {
        let membership = organization::for_trail(cx).await?;
        if trail.owner != membership.manager {
            return Err(NotOrganizationMasterAccountException.into());
        }
        Ok(membership.organization.clone())
    }
}

impl Operation for UpdateTrail {
    const NAME: &'static str = "UpdateTrail";
    type Output = TrailSettings;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:UpdateTrail", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<TrailSettings> {
        self.features().refuse()?;
        let mut trail = Trail::find_to_change(cx, &self.name).await?;
        let validated = trail.validation;
        self.change(&mut trail)?;
        match self.is_organization_trail {
            None => {}
            Some(false) => trail.organization = None,
            Some(true) if trail.organization.is_some() => {}
            Some(true) => trail.organization = Some(self.organization(cx, &trail).await?),
        }
        match self.kms_key_id.as_deref() {
            None => {}
            Some("") => trail.kms_key = None,
            Some(key_id) => trail.kms_key = Some(trail.encrypted().key(cx, key_id).await?),
        }
        bucket::check(cx, &trail).await?;
        if self.sns_topic_name.is_some() {
            trail.topic = notice::topic(self.sns_topic_name.as_deref(), cx.here())?;
            notice::check(cx, &trail).await?;
        }
        trail.save(cx).await?;
        if trail.validation && !validated && trail.is_logging {
            digest::restart(cx, &trail).await?;
        }
        Ok(TrailSettings::of(&trail))
    }
}
