//! Dashboards.

mod body;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Scope, Timestamp, page,
};

use crate::errors::{
    DashboardInvalidInputError, DashboardNotFoundError, InvalidNextToken, invalid_value, not_implemented,
};

/// A dashboard. It is its account's, whatever the Region.
#[derive(Debug, Serialize, Deserialize)]
struct Dashboard {
    name: String,
    body: String,
    modified: Timestamp,
}

impl Resource for Dashboard {
    const KIND: &'static str = "cloudwatch/dashboard";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// Dashboards on a page.
const SIZE: usize = 1_000;

fn arn(place: Place, name: &str) -> Arn {
    let account: Option<AccountId> = Some(place.account);
    Arn::from_parts(place.region.partition(), "cloudwatch", None, account, format_args!("dashboard/{name}"))
}

fn check_name(name: &str) -> Result<()> {
    let ok = (1..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    // UNVERIFIED: the wording.
    if ok {
        Ok(())
    } else {
        Err(invalid_value("The value for field DashboardName is not valid: letters, digits, - and _"))
    }
}

fn missing(name: &str) -> welkin_kernel::Error {
    DashboardNotFoundError::because(format!("Dashboard {name} does not exist"))
}

/// Writes a dashboard.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutDashboard {
    dashboard_name: String,
    dashboard_body: String,
    #[serde(default)]
    tags: Vec<crate::tags::Tag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutDashboardOutput {
    dashboard_validation_messages: Vec<DashboardValidationMessage>,
}

/// What is to be said of a part of a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DashboardValidationMessage {
    data_path: String,
    message: String,
}

impl Operation for PutDashboard {
    const NAME: &'static str = "PutDashboard";
    type Output = PutDashboardOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:PutDashboard").on(arn(cx.here(), &self.dashboard_name)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutDashboardOutput> {
        check_name(&self.dashboard_name)?;
        if !self.tags.is_empty() {
            return Err(not_implemented("tags of dashboards"));
        }
        let (name, body, modified) = (self.dashboard_name.clone(), self.dashboard_body.clone(), cx.now());
        let checked = body::check(&body)?;
        cx.put(cx.here(), &Dashboard { name, body, modified }).await?;
        Ok(PutDashboardOutput { dashboard_validation_messages: checked })
    }
}

/// Reads a dashboard.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDashboard {
    dashboard_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDashboardOutput {
    dashboard_arn: Arn,
    dashboard_body: String,
    dashboard_name: String,
}

impl Operation for GetDashboard {
    const NAME: &'static str = "GetDashboard";
    type Output = GetDashboardOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:GetDashboard").on(arn(cx.here(), &self.dashboard_name)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDashboardOutput> {
        check_name(&self.dashboard_name)?;
        let place = cx.here();
        let found = cx.get::<Dashboard>(place, self.dashboard_name.as_str()).await?;
        let dashboard = found.ok_or_else(|| missing(&self.dashboard_name))?;
        Ok(GetDashboardOutput {
            dashboard_arn: arn(place, &dashboard.name),
            dashboard_body: dashboard.body,
            dashboard_name: dashboard.name,
        })
    }
}

/// Lists dashboards.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDashboards {
    dashboard_name_prefix: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDashboardsOutput {
    dashboard_entries: Vec<DashboardEntry>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DashboardEntry {
    dashboard_name: String,
    dashboard_arn: Arn,
    last_modified: Timestamp,
    size: u64,
}

impl Operation for ListDashboards {
    const NAME: &'static str = "ListDashboards";
    type Output = ListDashboardsOutput;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:ListDashboards"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListDashboardsOutput> {
        let place = cx.here();
        let mut all: Vec<Dashboard> = cx.list(place, (), Page::ALL).await?;
        all.retain(|it| self.dashboard_name_prefix.as_ref().is_none_or(|prefix| it.name.starts_with(prefix)));
        let refusal = || InvalidNextToken.into();
        let (all, next_token) = page::cut(all, SIZE, self.next_token.as_deref(), |it| &it.name, refusal)?;
        let entries = all.into_iter().map(|it| DashboardEntry {
            dashboard_arn: arn(place, &it.name),
            last_modified: it.modified,
            size: it.body.len() as u64,
            dashboard_name: it.name,
        });
        Ok(ListDashboardsOutput { dashboard_entries: entries.collect(), next_token })
    }
}

/// Deletes dashboards: all that are named, or none.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteDashboards.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteDashboards {
    dashboard_names: Vec<String>,
}

impl Operation for DeleteDashboards {
    const NAME: &'static str = "DeleteDashboards";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let demand = |name: &String| Access::to("cloudwatch:DeleteDashboards").on(arn(cx.here(), name));
        let all = self.dashboard_names.iter().map(demand).reduce(Access::and);
        Ok(all.unwrap_or_else(|| Access::to("cloudwatch:DeleteDashboards")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = cx.here();
        for name in &self.dashboard_names {
            check_name(name)?;
            if cx.delete::<Dashboard>(place, name.as_str()).await?.is_none() {
                return Err(missing(name));
            }
        }
        Ok(Empty {})
    }
}

/// The error of a body that is no dashboard.
fn refused(messages: &[DashboardValidationMessage]) -> welkin_kernel::Error {
    let shown = serde_json::json!(
        messages
            .iter()
            .map(|it| serde_json::json!({ "dataPath": it.data_path, "message": it.message }))
            .collect::<Vec<_>>()
    );
    let count = messages.len();
    let text = serde_json::to_string_pretty(&shown).unwrap_or_default();
    let message = format!("The dashboard body is invalid, there are {count} validation errors:\n{text}");
    let error = DashboardInvalidInputError::because(message);
    match welkin_kernel::wire::to_value(messages) {
        Ok(messages) => error.with("dashboardValidationMessages", messages),
        Err(_) => error,
    }
}
