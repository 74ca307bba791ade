//! Finding applications and their endpoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Key, Operation, Page, Result};

use super::endpoint::Endpoint;
use super::{Application, ApplicationArn};
use crate::page;

/// Lists the applications of the account in the Region, by platform and name.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListPlatformApplications.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPlatformApplications {
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPlatformApplicationsResponse {
    platform_applications: Vec<ListedApplication>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedApplication {
    platform_application_arn: String,
    attributes: BTreeMap<String, String>,
}

impl Operation for ListPlatformApplications {
    const NAME: &'static str = "ListPlatformApplications";
    type Output = ListPlatformApplicationsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:ListPlatformApplications"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPlatformApplicationsResponse> {
        let here = cx.here();
        let after = page::read_token(self.next_token.as_deref())?.as_deref().and_then(application_key);
        let mut found = cx.list::<Application>(here, (), Page::of(page::SIZE + 1, after.as_ref())).await?;
        let more = found.len() > page::SIZE;
        found.truncate(page::SIZE);
        let token = |last: &Application| page::token(&format!("{}/{}", last.platform.as_str(), last.name));
        let next_token = found.last().filter(|_| more).map(token);
        let listed = |one: &Application| ListedApplication {
            platform_application_arn: one.arn(here).into(),
            attributes: one.to_text(),
        };
        Ok(ListPlatformApplicationsResponse { platform_applications: found.iter().map(listed).collect(), next_token })
    }
}

/// The key of the application that a token names.
fn application_key(token: &str) -> Option<Key> {
    token.split_once('/').map(IntoKey::into_key)
}

/// Lists the endpoints of an application.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListEndpointsByPlatformApplication.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEndpointsByPlatformApplication {
    platform_application_arn: ApplicationArn,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEndpointsByPlatformApplicationResponse {
    endpoints: Vec<ListedEndpoint>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedEndpoint {
    endpoint_arn: String,
    attributes: BTreeMap<String, String>,
}

impl Operation for ListEndpointsByPlatformApplication {
    const NAME: &'static str = "ListEndpointsByPlatformApplication";
    type Output = ListEndpointsByPlatformApplicationResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:ListEndpointsByPlatformApplication"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListEndpointsByPlatformApplicationResponse> {
        let here = cx.here();
        let application = self.platform_application_arn.application(cx).await?;
        let after = page::read_token(self.next_token.as_deref())?.map(|last| (application.id, last).into_key());
        let page = Page::of(page::SIZE + 1, after.as_ref());
        let mut found = cx.list::<Endpoint>(here, application.id, page).await?;
        let more = found.len() > page::SIZE;
        found.truncate(page::SIZE);
        let next_token = found.last().filter(|_| more).map(|last| page::token(&last.id));
        let listed = |one: &Endpoint| ListedEndpoint {
            endpoint_arn: one.arn(here, &application).into(),
            attributes: one.to_text(),
        };
        Ok(ListEndpointsByPlatformApplicationResponse { endpoints: found.iter().map(listed).collect(), next_token })
    }
}
