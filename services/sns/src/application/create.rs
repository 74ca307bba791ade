//! Creating an application.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::platform::Platform;
use super::{Application, is_name};
use crate::errors::{invalid, invalid_because};

/// Creates an application; or finds the one of that name, if it has the attributes asked for.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePlatformApplication {
    name: String,
    platform: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePlatformApplicationResponse {
    platform_application_arn: String,
}

impl Operation for CreatePlatformApplication {
    const NAME: &'static str = "CreatePlatformApplication";
    type Output = CreatePlatformApplicationResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:CreatePlatformApplication"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreatePlatformApplicationResponse> {
        // UNVERIFIED: the wording of these refusals.
        let platform = Platform::parse(&self.platform)
            .ok_or_else(|| invalid_because("Platform", format_args!("{} is not supported", self.platform)))?;
        if !is_name(&self.name) {
            return Err(invalid(
                "Name Reason: Application names must be made up of only uppercase and lowercase ASCII letters, numbers, \
                 underscores, hyphens, and periods, and must be between 1 and 256 characters long.",
            ));
        }
        let here = cx.here();
        let made = Application::new(cx, platform, &self.name, &self.attributes)?;
        match cx.get::<Application>(here, (platform.as_str(), &self.name)).await? {
            Some(existing) if !existing.has(cx, &self.attributes) => {
                let reason = "An application with the same name already exists but with different properties";
                return Err(invalid_because("Attributes", reason));
            }
            Some(_) => {}
            None => cx.put(here, &made).await?,
        }
        Ok(CreatePlatformApplicationResponse { platform_application_arn: made.arn(here).into() })
    }
}
