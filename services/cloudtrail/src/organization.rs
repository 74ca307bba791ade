//! Trails of an organization: who may have them, and who administers CloudTrail for it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html>

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, AccountId, Call, Cx, Empty, Error, Membership, Operation, Result};

use crate::errors::{
    AccountNotFoundException, AccountNotRegisteredException, AccountRegisteredException,
    CannotDelegateManagementAccountException, CloudTrailAccessNotEnabledException,
    DelegatedAdminAccountLimitExceededException, InsufficientDependencyServiceAccessPermissionException,
    InvalidParameterException, NoManagementAccountSLRExistsException, NotOrganizationManagementAccountException,
    NotOrganizationMasterAccountException, OrganizationNotInAllFeaturesModeException, OrganizationsNotInUseException,
};

/// The name of the service.
pub(crate) const PRINCIPAL: &str = "cloudtrail.amazonaws.com";

/// The role by which CloudTrail works for an organization.
const ROLE: &str = "AWSServiceRoleForCloudTrail";

/// The organization that the account of the call is in, if it trusts CloudTrail.
async fn trusting(cx: &mut Cx) -> Result<Arc<Membership>> {
    let membership = cx.membership(cx.account()).await?.filter(|membership| !membership.closed);
    let membership = membership.ok_or_else(|| Error::from(OrganizationsNotInUseException))?;
    if !membership.all_features {
        return Err(OrganizationNotInAllFeaturesModeException.into());
    }
    if !membership.trusted.contains(PRINCIPAL) {
        return Err(CloudTrailAccessNotEnabledException.into());
    }
    Ok(membership)
}

/// The organization for which the account of the call may have a trail. What else the caller must be permitted is
/// asked of Organizations and of IAM.
///
/// # Errors
/// `OrganizationsNotInUseException`, `NotOrganizationMasterAccountException` and others, by what is missing.
pub(crate) async fn for_trail(cx: &mut Cx) -> Result<Arc<Membership>> {
    let account = cx.account();
    let member = cx.membership(account).await?;
    let may = |member: &Membership| member.management || member.administers.contains(PRINCIPAL);
    if member.is_some_and(|member| !may(&member)) {
        return Err(NotOrganizationMasterAccountException.into());
    }
    let membership = trusting(cx).await?;
    cx.call(Call::to("organizations", "DescribeOrganization")).await.map_err(depends)?;
    if cx.assumable_role(membership.manager, ROLE).await?.is_none() {
        if !membership.management {
            return Err(NoManagementAccountSLRExistsException.into());
        }
        make_role(cx).await?;
    }
    Ok(membership)
}

async fn make_role(cx: &mut Cx) -> Result<()> {
    let input = json!({ "AWSServiceName": PRINCIPAL });
    cx.call(Call::to("iam", "CreateServiceLinkedRole").input(&input)).await.map(drop).map_err(depends)
}

/// The refusal of a service on which the operation depends.
fn depends(error: Error) -> Error {
    let denied = |code: &str| matches!(code, "AccessDenied" | "AccessDeniedException");
    match error.answer() {
        Some(answer) if denied(&answer.code) => {
            InsufficientDependencyServiceAccessPermissionException::because(answer.message.clone())
        }
        _ => error,
    }
}

/// The organization that the account of the call manages, if it trusts CloudTrail.
async fn managed(cx: &mut Cx) -> Result<Arc<Membership>> {
    let member = cx.membership(cx.account()).await?;
    if member.is_some_and(|member| !member.management) {
        return Err(NotOrganizationManagementAccountException.into());
    }
    trusting(cx).await
}

fn account_id(text: &str) -> Result<AccountId> {
    let refuse = |_| InvalidParameterException::because(format!("The account ID {text} is not valid."));
    text.parse::<AccountId>().map_err(refuse)
}

/// An error of Organizations as CloudTrail tells it.
fn told(error: Error) -> Error {
    match error.answer().map(|answer| answer.code.as_ref()) {
        Some("AccountAlreadyRegisteredException") => AccountRegisteredException.into(),
        Some("AccountNotRegisteredException") => AccountNotRegisteredException.into(),
        Some("AccountNotFoundException") => AccountNotFoundException.into(),
        Some("ConstraintViolationException") => DelegatedAdminAccountLimitExceededException.into(),
        _ => depends(error),
    }
}

/// Makes a member account the administrator of CloudTrail for the organization.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RegisterOrganizationDelegatedAdmin.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterOrganizationDelegatedAdmin {
    member_account_id: String,
}

/// Ends that.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeregisterOrganizationDelegatedAdmin.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeregisterOrganizationDelegatedAdmin {
    delegated_admin_account_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Delegation {
    account_id: AccountId,
    service_principal: &'static str,
}

impl Operation for RegisterOrganizationDelegatedAdmin {
    const NAME: &'static str = "RegisterOrganizationDelegatedAdmin";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:RegisterOrganizationDelegatedAdmin"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let account_id = account_id(&self.member_account_id)?;
        let membership = managed(cx).await?;
        if account_id == membership.manager {
            return Err(CannotDelegateManagementAccountException.into());
        }
        if cx.assumable_role(membership.manager, ROLE).await?.is_none() {
            make_role(cx).await?;
        }
        let delegation = Delegation { account_id, service_principal: PRINCIPAL };
        let call = Call::to("organizations", "RegisterDelegatedAdministrator").input(&delegation);
        cx.call(call).await.map_err(told)?;
        Ok(Empty {})
    }
}

impl Operation for DeregisterOrganizationDelegatedAdmin {
    const NAME: &'static str = "DeregisterOrganizationDelegatedAdmin";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:DeregisterOrganizationDelegatedAdmin"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let account_id = account_id(&self.delegated_admin_account_id)?;
        managed(cx).await?;
        let delegation = Delegation { account_id, service_principal: PRINCIPAL };
        let call = Call::to("organizations", "DeregisterDelegatedAdministrator").input(&delegation);
        cx.call(call).await.map_err(told)?;
        Ok(Empty {})
    }
}
