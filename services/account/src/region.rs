//! The Regions of an account:
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>.
//!
//! Only Regions that an account does not have by default have a row, and only once they were asked for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{
    Access, AccountId, Cx, Empty, IntoKey, Job, Key, Operation, OptIns, Page, Place, Region, Resource, Result,
    Schedule, Scope,
};

use crate::errors::{ConflictException, TooManyRequestsException, ValidationException, field};
use crate::subject::Subject;

/// How long enabling and disabling take.
// UNVERIFIED: AWS says some minutes, up to hours.
const TAKES: Duration = Duration::from_secs(300);

/// Changes of an account's Regions that are under way, at most.
/// <https://docs.aws.amazon.com/accounts/latest/reference/quotas.html>
const AT_ONCE: usize = 6;

/// Whether an account has a Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
    #[serde(rename = "ENABLED")]
    Enabled,
    #[serde(rename = "ENABLING")]
    Enabling,
    #[serde(rename = "DISABLING")]
    Disabling,
    #[serde(rename = "DISABLED")]
    Disabled,
    #[serde(rename = "ENABLED_BY_DEFAULT")]
    EnabledByDefault,
}

/// A Region that an account has asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct OptIn {
    region: Region,
    status: Status,
}

impl Resource for OptIn {
    const KIND: &'static str = "account/region";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        self.region.into_key()
    }
}

fn home(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

async fn status(cx: &mut Cx, account: AccountId, region: Region) -> Result<Status> {
    if !region.is_opt_in() {
        return Ok(Status::EnabledByDefault);
    }
    Ok(cx.get::<OptIn>(home(account), region).await?.map_or(Status::Disabled, |option| option.status))
}

/// This service's side of the kernel's question whether an account has a Region.
pub(crate) struct Regions;

impl OptIns for Regions {
    fn enabled<'a>(&'a self, cx: &'a mut Cx, account: AccountId, region: Region) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { Ok(matches!(status(cx, account, region).await?, Status::Enabled)) })
    }
}

/// A Region by its name, in the partition of the call.
fn named(cx: &Cx, name: &str) -> Result<Region> {
    let region = name.parse::<Region>().ok().filter(|region| region.partition() == cx.region().partition());
    region.ok_or_else(|| field("regionName", "The Region does not exist."))
}

async fn demand(cx: &mut Cx, action: &'static str, subject: Option<Subject>, region: &str) -> Result<Access> {
    let access = subject.unwrap_or_default().demand(cx, action).await?;
    Ok(access.key("account:TargetRegion", region))
}

/// A Region in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegionView {
    region_name: Region,
    region_opt_status: Status,
}

/// Lists the Regions with their status.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRegions {
    account_id: Option<Subject>,
    max_results: Option<u32>,
    next_token: Option<String>,
    region_opt_status_contains: Option<Vec<Status>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRegionsResponse {
    next_token: Option<String>,
    regions: Vec<RegionView>,
}

impl ListRegions {
    /// The Region after which the page begins.
    fn after(&self) -> Result<Option<Region>> {
        let Some(token) = self.next_token.as_ref().filter(|token| !token.is_empty()) else { return Ok(None) };
        let name = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let region = name.and_then(|name| name.parse().ok());
        region.map(Some).ok_or_else(|| field("nextToken", "The token is not one that this operation gave."))
    }
}

impl Operation for ListRegions {
    const NAME: &'static str = "ListRegions";
    type Output = ListRegionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:ListRegions").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRegionsResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let (after, partition) = (self.after()?, cx.region().partition());
        let account = subject.account(cx);
        let asked = cx.list::<OptIn>(home(account), (), Page::ALL).await?;
        let status = |region: Region| match asked.iter().find(|option| option.region == region) {
            _ if !region.is_opt_in() => Status::EnabledByDefault,
            Some(option) => option.status,
            None => Status::Disabled,
        };
        let mut regions: Vec<RegionView> = Region::all()
            .filter(|region| region.partition() == partition && after.is_none_or(|after| *region > after))
            .map(|region| RegionView { region_name: region, region_opt_status: status(region) })
            .collect();
        if let Some(wanted) = self.region_opt_status_contains.as_ref().filter(|wanted| !wanted.is_empty()) {
            regions.retain(|region| wanted.contains(&region.region_opt_status));
        }
        let most = self.max_results.unwrap_or(50) as usize;
        let more = regions.len() > most;
        regions.truncate(most);
        let last = regions.last().filter(|_| more);
        Ok(ListRegionsResponse { next_token: last.map(|region| BASE64.encode(region.region_name.name())), regions })
    }
}

/// Tells whether an account has a Region.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRegionOptStatus {
    account_id: Option<Subject>,
    region_name: String,
}

impl Operation for GetRegionOptStatus {
    const NAME: &'static str = "GetRegionOptStatus";
    type Output = RegionView;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "account:GetRegionOptStatus", self.account_id, &self.region_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<RegionView> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let (region, account) = (named(cx, &self.region_name)?, subject.account(cx));
        Ok(RegionView { region_name: region, region_opt_status: status(cx, account, region).await? })
    }
}

/// Begins to enable or to disable a Region.
async fn begin(cx: &mut Cx, subject: Subject, name: &str, to: Status) -> Result<Empty> {
    subject.hold(cx).await?;
    let (region, account) = (named(cx, name)?, subject.account(cx));
    let now = status(cx, account, region).await?;
    match (now, to) {
        (Status::EnabledByDefault, _) => {
            let message = "The Region is enabled by default, and can be neither enabled nor disabled.";
            return Err(ValidationException::because(message).with("reason", "invalidRegionOptTarget"));
        }
        (Status::Disabling, Status::Enabling) | (Status::Enabling, Status::Disabling) => {
            return Err(ConflictException.into());
        }
        (Status::Enabled | Status::Enabling, Status::Enabling) => return Ok(Empty {}),
        (Status::Disabled | Status::Disabling, Status::Disabling) => return Ok(Empty {}),
        _ => {}
    }
    let asked = cx.list::<OptIn>(home(account), (), Page::ALL).await?;
    let under_way = |option: &&OptIn| matches!(option.status, Status::Enabling | Status::Disabling);
    // UNVERIFIED: the quota is documented, its error is not.
    if asked.iter().filter(under_way).count() >= AT_ONCE {
        let message = format!("An account can have {AT_ONCE} Regions being enabled or disabled at the same time.");
        return Err(TooManyRequestsException::because(message));
    }
    set(cx, account, OptIn { region, status: to }).await?;
    let schedule = Schedule::at(cx.after(TAKES)).id(format!("account/region/{account}/{region}"));
    cx.enqueue_at(home(account), &RegionJob { region }, schedule).await?;
    Ok(Empty {})
}

/// Stores a status, and tells whoever wants to know.
/// <https://docs.aws.amazon.com/accounts/latest/reference/monitoring-events.html>
async fn set(cx: &mut Cx, account: AccountId, option: OptIn) -> Result<()> {
    cx.put(home(account), &option).await?;
    let detail = json!({ "accountId": account, "regionName": option.region, "status": option.status });
    cx.publish("aws.account", "Region Opt-In Status Change", detail).await
}

/// Enables a Region.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableRegion {
    account_id: Option<Subject>,
    region_name: String,
}

impl Operation for EnableRegion {
    const NAME: &'static str = "EnableRegion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "account:EnableRegion", self.account_id, &self.region_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        begin(cx, self.account_id.unwrap_or_default(), &self.region_name, Status::Enabling).await
    }
}

/// Disables a Region: at once, nobody can use what the account has there.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_DisableRegion.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableRegion {
    account_id: Option<Subject>,
    region_name: String,
}

impl Operation for DisableRegion {
    const NAME: &'static str = "DisableRegion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "account:DisableRegion", self.account_id, &self.region_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        begin(cx, self.account_id.unwrap_or_default(), &self.region_name, Status::Disabling).await
    }
}

/// Finishes what was begun. It runs in the account whose Region it is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RegionJob {
    region: Region,
}

impl Job for RegionJob {
    const NAME: &'static str = "account/region";
    const PRINCIPAL: &'static str = "account.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let (account, region) = (cx.account(), self.region);
        let status = match status(cx, account, region).await? {
            Status::Enabling => Status::Enabled,
            Status::Disabling => Status::Disabled,
            Status::Enabled | Status::Disabled | Status::EnabledByDefault => return Ok(()),
        };
        set(cx, account, OptIn { region, status }).await
    }
}
