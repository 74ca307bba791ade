//! Delegated administrators: member accounts that administer a service for the organization.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, Cx, Empty, Error, IntoKey, Key, Operation, Page, Resource, Result, Scope, Timestamp,
};

use crate::account::{Account, Joined, State, Status};
use crate::errors::{AccountAlreadyRegisteredException, AccountNotRegisteredException, constraint};
use crate::organization::{self, Organization};
use crate::page::page;
use crate::service_access::{self, hold_all_features, recognize};
use crate::{membership, tree};

/// An account that administers a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delegation {
    pub(crate) service: String,
    account: AccountId,
    enabled: Timestamp,
}

impl Resource for Delegation {
    const KIND: &'static str = "organizations/delegation";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (self.account, &self.service).into_key()
    }
}

/// What an account administers.
pub(crate) async fn of_account(
    cx: &mut Cx,
    organization: &Organization,
    account: AccountId,
) -> Result<Vec<Delegation>> {
    cx.list::<Delegation>(organization.place(), (account,), Page::ALL).await
}

/// Who administers a service.
pub(crate) async fn of_service(cx: &mut Cx, organization: &Organization, service: &str) -> Result<Vec<Delegation>> {
    let mut all = cx.list::<Delegation>(organization.place(), (), Page::ALL).await?;
    all.retain(|delegation| delegation.service == service);
    Ok(all)
}

/// The refusal to let a delegated administrator out of the organization.
pub(crate) fn cannot_go() -> Error {
    let message = "This account is registered as a delegated administrator. You must first deregister this account as \
                   a delegated administrator.";
    constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", message)
}

async fn demand(cx: &mut Cx, action: &'static str, account: AccountId, service: &str) -> Result<Access> {
    let access = organization::demand(cx, action, |org| org.arn("account", account)).await?;
    Ok(access.key("organizations:ServicePrincipal", service))
}

/// Makes a member account a delegated administrator of a service.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterDelegatedAdministrator {
    account_id: AccountId,
    service_principal: String,
}

impl Operation for RegisterDelegatedAdministrator {
    const NAME: &'static str = "RegisterDelegatedAdministrator";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:RegisterDelegatedAdministrator";
        demand(cx, ACTION, self.account_id, &self.service_principal).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        hold_all_features(&organization)?;
        let service = recognize(&self.service_principal)?;
        let account = Account::named(cx, &organization, self.account_id).await?;
        if account.id == organization.management {
            let message = "You can't register the management account as a delegated administrator.";
            return Err(constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message));
        }
        if account.status() != Status::Active {
            let message = "You can't register a suspended account as a delegated administrator.";
            return Err(constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", message));
        }
        if !service_access::is_enabled(cx, &organization, service.principal).await? {
            let message = "You attempted to register a delegated administrator before you enabled service access.";
            return Err(constraint("SERVICE_ACCESS_NOT_ENABLED", message));
        }
        let present = of_service(cx, &organization, service.principal).await?;
        if present.iter().any(|delegation| delegation.account == account.id) {
            return Err(AccountAlreadyRegisteredException.into());
        }
        hold_room(present.len(), service.administrators)?;
        let service = service.principal.to_owned();
        let delegation = Delegation { service, account: account.id, enabled: cx.now() };
        cx.put(organization.place(), &delegation).await?;
        membership::changed_for(cx, &organization, account.id).await?;
        Ok(Empty {})
    }
}

fn hold_room(present: usize, most: usize) -> Result<()> {
    match most {
        _ if present < most => Ok(()),
        1 => Err(constraint(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            "There is a delegated administrator for this service already.",
        )),
        _ => Err(constraint(
            "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
            "You attempted to register more delegated administrators than allowed for the service principal.",
        )),
    }
}

/// Ends the delegation of a service to an account.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeregisterDelegatedAdministrator {
    account_id: AccountId,
    service_principal: String,
}

impl Operation for DeregisterDelegatedAdministrator {
    const NAME: &'static str = "DeregisterDelegatedAdministrator";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:DeregisterDelegatedAdministrator";
        demand(cx, ACTION, self.account_id, &self.service_principal).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let service = recognize(&self.service_principal)?;
        let account = Account::named(cx, &organization, self.account_id).await?;
        let key = (account.id, service.principal);
        cx.delete::<Delegation>(organization.place(), key).await?.ok_or(AccountNotRegisteredException)?;
        membership::changed_for(cx, &organization, account.id).await?;
        Ok(Empty {})
    }
}

/// Lists the delegated administrators, also those of one service.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDelegatedAdministrators {
    service_principal: Option<String>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDelegatedAdministratorsResponse {
    delegated_administrators: Vec<Administrator>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Administrator {
    id: AccountId,
    arn: Arn,
    email: String,
    name: String,
    status: Status,
    state: State,
    joined_method: Joined,
    joined_timestamp: Timestamp,
    delegation_enabled_date: Timestamp,
}

impl Operation for ListDelegatedAdministrators {
    const NAME: &'static str = "ListDelegatedAdministrators";
    type Output = ListDelegatedAdministratorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = organization::delegable(cx, "organizations:ListDelegatedAdministrators").await?;
        Ok(match &self.service_principal {
            Some(service) => access.key("organizations:ServicePrincipal", service),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let organization = organization::readable(cx).await?;
        let mut delegations = match &self.service_principal {
            Some(service) => of_service(cx, &organization, recognize(service)?.principal).await?,
            None => cx.list::<Delegation>(organization.place(), (), Page::ALL).await?,
        };
        // An account that administers several services is one administrator, since the first of them.
        delegations.sort_by_key(|delegation| (delegation.account, delegation.enabled));
        delegations.dedup_by_key(|delegation| delegation.account);
        let name = |delegation: &Delegation| delegation.account.to_string();
        let (delegations, next_token) = page(delegations, self.next_token.as_ref(), self.max_results, name)?;
        let mut delegated_administrators = Vec::with_capacity(delegations.len());
        for delegation in delegations {
            let account = Account::named(cx, &organization, delegation.account).await?;
            let profile = account.profile(cx).await?;
            delegated_administrators.push(Administrator {
                id: account.id,
                arn: organization.arn("account", account.id),
                email: profile.email,
                name: profile.name,
                status: account.status(),
                state: account.state(),
                joined_method: account.joined,
                joined_timestamp: account.joined_at,
                delegation_enabled_date: delegation.enabled,
            });
        }
        Ok(ListDelegatedAdministratorsResponse { delegated_administrators, next_token })
    }
}

/// Lists the services that an account administers.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedServicesForAccount.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDelegatedServicesForAccount {
    account_id: AccountId,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDelegatedServicesForAccountResponse {
    delegated_services: Vec<DelegatedService>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DelegatedService {
    service_principal: String,
    delegation_enabled_date: Timestamp,
}

impl Operation for ListDelegatedServicesForAccount {
    const NAME: &'static str = "ListDelegatedServicesForAccount";
    type Output = ListDelegatedServicesForAccountResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let account = |org: &Organization| tree::arn(org, &self.account_id.to_string());
        organization::delegable_on(cx, "organizations:ListDelegatedServicesForAccount", account).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let organization = organization::readable(cx).await?;
        let account = Account::named(cx, &organization, self.account_id).await?;
        let delegations = of_account(cx, &organization, account.id).await?;
        if delegations.is_empty() {
            return Err(AccountNotRegisteredException.into());
        }
        let (delegations, next_token) =
            page(delegations, self.next_token.as_ref(), self.max_results, |one| one.service.clone())?;
        let delegated_services = delegations
            .into_iter()
            .map(|one| DelegatedService { service_principal: one.service, delegation_enabled_date: one.enabled })
            .collect();
        Ok(ListDelegatedServicesForAccountResponse { delegated_services, next_token })
    }
}
