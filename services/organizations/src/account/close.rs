//! Closing an account: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_close.html>.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, AccountId, Cx, Empty, Job, Operation, Page, Result, Schedule};

use super::{Account, Closing, Status, leave};
use crate::errors::{AccountAlreadyClosedException, ConflictException, constraint};
use crate::event::{self, Departure};
use crate::organization::{self, FeatureSet, Organization};
use crate::{delegation, membership};

/// How long closing takes.
// UNVERIFIED: AWS says a few minutes.
const TAKES: Duration = Duration::from_secs(120);

/// How long a closed account can be opened again.
const GRACE: Duration = Duration::from_secs(90 * 24 * 3600);

/// The quota of closures counts this long back.
const WINDOW: Duration = Duration::from_secs(30 * 24 * 3600);

/// Accounts that are being closed at the same time, at most.
// UNVERIFIED: the API reference names the quota, not its number.
const AT_ONCE: usize = 3;

/// Closures in a window, at most: the higher of 250 and a fifth of the members, up to 1,000.
fn quota(members: usize) -> usize {
    (members / 5).clamp(250, 1_000)
}

/// Closes a member account: its identities can do nothing any more, and nobody can use what it has.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CloseAccount {
    account_id: AccountId,
}

impl Operation for CloseAccount {
    const NAME: &'static str = "CloseAccount";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let account = |org: &Organization| org.arn("account", self.account_id);
        organization::demand(cx, "organizations:CloseAccount", account).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let mut account = Account::named(cx, &organization, self.account_id).await?;
        hold(cx, &organization, &account).await?;
        account.closing = Some(Closing { asked: cx.now(), closed: None });
        cx.put(organization.place(), &account).await?;
        let at = cx.after(TAKES);
        enqueue(cx, &organization, account.id, at).await?;
        Ok(Empty {})
    }
}

async fn hold(cx: &mut Cx, organization: &Organization, account: &Account) -> Result<()> {
    if organization.features != FeatureSet::All {
        let message = "You can close accounts only in an organization that has all features enabled.";
        return Err(constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message));
    }
    if account.id == organization.management {
        return Err(constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account."));
    }
    match account.status() {
        Status::Active => {}
        Status::PendingClosure => return Err(ConflictException.into()),
        Status::Suspended => return Err(AccountAlreadyClosedException.into()),
    }
    // UNVERIFIED: the user guide asks to deregister first; this is the reason of the like case.
    if !delegation::of_account(cx, organization, account.id).await?.is_empty() {
        return Err(delegation::cannot_go());
    }
    let accounts = cx.list::<Account>(organization.place(), (), Page::ALL).await?;
    let closing: Vec<_> = accounts.iter().filter_map(|account| account.closing).collect();
    if closing.iter().filter(|closing| closing.closed.is_none()).count() >= AT_ONCE {
        let message = "You attempted to exceed the number of accounts that you can close at a time.";
        return Err(constraint("CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED", message));
    }
    let since = cx.now().minus(WINDOW);
    if closing.iter().filter(|closing| closing.asked > since).count() >= quota(accounts.len() - 1) {
        let message = "You have exceeded close account quota for the past 30 days.";
        return Err(constraint("CLOSE_ACCOUNT_QUOTA_EXCEEDED", message));
    }
    Ok(())
}

async fn enqueue(
    cx: &mut Cx,
    organization: &Organization,
    account: AccountId,
    at: welkin_kernel::Timestamp,
) -> Result<()> {
    let schedule = Schedule::at(at).id(format!("organizations/close/{account}"));
    cx.enqueue_at(organization.place(), &CloseAccountJob { account }, schedule).await.map(|_| ())
}

/// Takes an account that is to be closed a step further: out of use, then out of the organization. It runs in
/// the management account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CloseAccountJob {
    account: AccountId,
}

impl Job for CloseAccountJob {
    const NAME: &'static str = "organizations/close-account";
    const PRINCIPAL: &'static str = "organizations.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(organization) = organization::of(cx, cx.account()).await? else { return Ok(()) };
        let Some(mut account) = cx.get::<Account>(organization.place(), self.account).await? else { return Ok(()) };
        let Some(closing) = account.closing else { return Ok(()) };
        if closing.closed.is_some() {
            membership::close_for_good(cx, &organization, account.id).await?;
            leave(cx, &organization, &account).await?;
            return event::departed(cx, &organization, account.id, Departure::Cleaned).await;
        }
        account.closing = Some(Closing { closed: Some(cx.now()), ..closing });
        cx.put(organization.place(), &account).await?;
        membership::changed_for(cx, &organization, account.id).await?;
        let at = cx.after(GRACE);
        enqueue(cx, &organization, account.id, at).await?;
        let status = json!({
            "accountId": account.id,
            "state": "SUCCEEDED",
            "requestedTimestamp": closing.asked.secs(),
            "completedTimestamp": cx.now().secs(),
        });
        event::publish(cx, &organization, "CloseAccountResult", json!({ "closeAccountStatus": status })).await
    }
}

#[cfg(test)]
mod tests {
    use super::quota;

    #[test]
    fn the_quota_of_closures_grows_with_the_organization() {
        assert_eq!([10, 1_250, 2_000, 9_999].map(quota), [250, 250, 400, 1_000]);
    }
}
