//! Leaving an organization: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_remove.html>.

use std::time::Duration;

use serde::Deserialize;
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result};

use super::{Account, Joined, Status};
use crate::errors::{AccountNotFoundException, MasterCannotLeaveOrganizationException, constraint};
use crate::event::{self, Departure};
use crate::organization::{self, Organization};
use crate::{delegation, handshake, membership, policy, tag};

/// How long a created account stays at least.
const STAYS: Duration = Duration::from_secs(4 * 24 * 3600);

/// Whether an account may leave its organization.
pub(crate) async fn hold_may_leave(cx: &mut Cx, organization: &Organization, account: &Account) -> Result<()> {
    if account.id == organization.management {
        return Err(MasterCannotLeaveOrganizationException.into());
    }
    if !delegation::of_account(cx, organization, account.id).await?.is_empty() {
        return Err(delegation::cannot_go());
    }
    // UNVERIFIED: the user guide says that a closed account cannot be removed, not by which reason.
    if account.status() != Status::Active {
        let message = "You can't remove an account that is closed or is being closed.";
        return Err(constraint("ACCOUNT_CANNOT_LEAVE_ORGANIZATION", message));
    }
    // AWS also asks for a means of payment, which Welkin does not know.
    if account.joined == Joined::Created && cx.now() < account.joined_at.plus(STAYS) {
        let message = "You must wait until at least four days after the account was created.";
        return Err(constraint("WAIT_PERIOD_ACTIVE", message));
    }
    Ok(())
}

/// Takes an account out of its organization, with all that the organization knows of it.
pub(crate) async fn leave(cx: &mut Cx, organization: &Organization, account: &Account) -> Result<()> {
    let id = account.id.to_string();
    policy::detach_all_from(cx, organization, &id).await?;
    tag::put(cx, organization, &id, Default::default()).await?;
    cx.delete::<Account>(organization.place(), account.id).await?;
    membership::part(cx, account.id).await?;
    handshake::member_left(cx, organization, account.id).await
}

/// Removes a member from the organization: it stands alone from then on.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_RemoveAccountFromOrganization.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveAccountFromOrganization {
    account_id: AccountId,
}

impl Operation for RemoveAccountFromOrganization {
    const NAME: &'static str = "RemoveAccountFromOrganization";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let account = |org: &Organization| org.arn("account", self.account_id);
        organization::demand(cx, "organizations:RemoveAccountFromOrganization", account).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let account = Account::named(cx, &organization, self.account_id).await?;
        hold_may_leave(cx, &organization, &account).await?;
        leave(cx, &organization, &account).await?;
        event::departed(cx, &organization, account.id, Departure::Removed).await?;
        Ok(Empty {})
    }
}

/// Takes the caller's account out of its organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_LeaveOrganization.html>
#[derive(Debug, Deserialize)]
pub(crate) struct LeaveOrganization {}

impl Operation for LeaveOrganization {
    const NAME: &'static str = "LeaveOrganization";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:LeaveOrganization"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::joined(cx).await?;
        let account = cx.get::<Account>(organization.place(), cx.account()).await?;
        let account = account.ok_or(AccountNotFoundException)?;
        hold_may_leave(cx, &organization, &account).await?;
        leave(cx, &organization, &account).await?;
        event::departed(cx, &organization, account.id, Departure::Left).await?;
        Ok(Empty {})
    }
}
