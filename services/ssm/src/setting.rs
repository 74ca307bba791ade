//! Settings of Parameter Store in an account and Region.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateServiceSetting.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope, Timestamp};

use crate::errors::{ServiceSettingNotFound, invalid, not_implemented};
use crate::parameter::Tier;

/// The tier of parameters for which none is asked.
const DEFAULT_TIER: &str = "/ssm/parameter-store/default-parameter-tier";

/// Whether Parameter Store takes more requests in a second.
const HIGH_THROUGHPUT: &str = "/ssm/parameter-store/high-throughput-enabled";

/// A setting that was changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Setting {
    id: String,
    value: String,
    modified: Timestamp,
    modified_by: String,
}

impl Resource for Setting {
    const KIND: &'static str = "ssm/setting";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}

/// The tier of parameters for which none is asked.
///
/// # Errors
/// When the store fails.
pub(crate) async fn default_tier(cx: &mut Cx) -> Result<Tier> {
    let here = cx.here();
    let setting = cx.get::<Setting>(here, DEFAULT_TIER).await?;
    Ok(match setting.as_ref().map(|setting| setting.value.as_str()) {
        Some("Advanced") => Tier::Advanced,
        Some("Intelligent-Tiering") => Tier::Intelligent,
        _ => Tier::Standard,
    })
}

/// What a caller named, by its path or its ARN, and its value by default.
fn read(text: &str) -> Result<(&'static str, &'static str)> {
    let id = text.split_once(":servicesetting").map_or(text, |(_, id)| id);
    match id {
        DEFAULT_TIER => Ok((DEFAULT_TIER, "Standard")),
        HIGH_THROUGHPUT => Ok((HIGH_THROUGHPUT, "false")),
        _ if id.starts_with("/ssm/") => Err(not_implemented(&format!("the service setting {id}"))),
        _ => Err(ServiceSettingNotFound::because(format!("The service setting {text} was not found."))),
    }
}

fn arn(cx: &Cx, id: &str) -> Arn {
    cx.here().arn("ssm", format_args!("servicesetting{id}"))
}

fn access(cx: &Cx, action: &'static str, id: &str) -> Result<Access> {
    Ok(Access::to(action).on(arn(cx, read(id)?.0)))
}

/// A setting as callers see it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    setting_id: String,
    setting_value: String,
    last_modified_date: Option<Timestamp>,
    last_modified_user: String,
    #[serde(rename = "ARN")]
    arn: String,
    status: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ServiceSettingResult {
    service_setting: Shown,
}

async fn shown(cx: &mut Cx, text: &str) -> Result<ServiceSettingResult> {
    let (here, (id, default)) = (cx.here(), read(text)?);
    let changed = cx.get::<Setting>(here, id).await?;
    let arn = arn(cx, id).into();
    let setting_id = id.to_owned();
    let service_setting = match changed {
        Some(changed) => Shown {
            setting_id,
            setting_value: changed.value,
            last_modified_date: Some(changed.modified),
            last_modified_user: changed.modified_by,
            arn,
            status: "Customized".to_owned(),
        },
        None => Shown {
            setting_id,
            setting_value: default.to_owned(),
            last_modified_date: None,
            last_modified_user: "System".to_owned(),
            arn,
            status: "Default".to_owned(),
        },
    };
    Ok(ServiceSettingResult { service_setting })
}

/// Tells a setting.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceSetting {
    setting_id: String,
}

impl Operation for GetServiceSetting {
    const NAME: &'static str = "GetServiceSetting";
    type Output = ServiceSettingResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "ssm:GetServiceSetting", &self.setting_id)
    }

    async fn run(&self, cx: &mut Cx) -> Result<ServiceSettingResult> {
        shown(cx, &self.setting_id).await
    }
}

/// Changes a setting.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateServiceSetting.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateServiceSetting {
    setting_id: String,
    setting_value: String,
}

impl Operation for UpdateServiceSetting {
    const NAME: &'static str = "UpdateServiceSetting";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "ssm:UpdateServiceSetting", &self.setting_id)
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (id, _) = read(&self.setting_id)?;
        let value = self.setting_value.as_str();
        let fits = match id {
            DEFAULT_TIER => matches!(value, "Standard" | "Advanced" | "Intelligent-Tiering"),
            _ => matches!(value, "true" | "false"),
        };
        if !fits {
            // UNVERIFIED: the wording.
            return Err(invalid(format!("The value {value} is not valid for the service setting {id}.")));
        }
        let modified_by = cx.principal().arn(cx.region().partition()).map_or_else(String::new, String::from);
        let setting = Setting { id: id.to_owned(), value: value.to_owned(), modified: cx.now(), modified_by };
        cx.put(cx.here(), &setting).await?;
        Ok(Empty {})
    }
}

/// Gives a setting its value by default again.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ResetServiceSetting.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResetServiceSetting {
    setting_id: String,
}

impl Operation for ResetServiceSetting {
    const NAME: &'static str = "ResetServiceSetting";
    type Output = ServiceSettingResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "ssm:ResetServiceSetting", &self.setting_id)
    }

    async fn run(&self, cx: &mut Cx) -> Result<ServiceSettingResult> {
        let (id, _) = read(&self.setting_id)?;
        cx.discard::<Setting>(cx.here(), id)?;
        shown(cx, id).await
    }
}
