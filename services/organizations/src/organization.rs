//! The organization itself.
//!
//! All of it is kept in its management account; each member account has a row that says where to look
//! ([`membership`]).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, Cx, Empty, IntoKey, Key, Operation, Page, Place, Region, Resource, Result, Scope, Timestamp,
};

use crate::account::{Account, Joined};
use crate::delegation::{self, Delegation};
use crate::errors::{
    AWSOrganizationsNotInUseException, AccessDeniedException, AlreadyInOrganizationException,
    OrganizationNotEmptyException,
};
use crate::event::{self, Departure};
use crate::policy::{Attachment, Policy, PolicyType, Target};
use crate::resource_policy::{self, ResourcePolicy};
use crate::service_access::ServiceAccess;
use crate::tag::{self, Tagged};
use crate::unit::Unit;
use crate::{handshake, membership, service_role};

const ID_LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) management: AccountId,
    pub(crate) features: FeatureSet,
    pub(crate) root: String,
    pub(crate) created: Timestamp,
    /// Policy types that are enabled in the root.
    pub(crate) enabled: BTreeSet<PolicyType>,
}

/// What an organization is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FeatureSet {
    #[serde(rename = "ALL")]
    All,
    #[serde(rename = "CONSOLIDATED_BILLING")]
    ConsolidatedBilling,
}

impl Resource for Organization {
    const KIND: &'static str = "organizations/organization";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// A random id: the characters that the ids of organizations are made of.
pub(crate) fn random_id(cx: &Cx, prefix: impl fmt::Display, length: usize) -> String {
    format!("{prefix}{}", cx.chance().text(length, ID_LETTERS))
}

impl Organization {
    /// Where its state is kept.
    pub(crate) fn place(&self) -> Place {
        Place::new(self.management, Region::US_EAST_1)
    }

    /// ARN of something in it: `kind/o-…/id`.
    pub(crate) fn arn(&self, kind: &str, id: impl fmt::Display) -> Arn {
        self.place().global_arn("organizations", format_args!("{kind}/{}/{id}", self.id))
    }

    fn own_arn(&self) -> Arn {
        self.place().global_arn("organizations", format_args!("organization/{}", self.id))
    }
}

/// The organization that an account is in.
pub(crate) async fn of(cx: &mut Cx, account: AccountId) -> Result<Option<Organization>> {
    let Some(management) = membership::manager_of(cx, account).await? else { return Ok(None) };
    cx.get::<Organization>(Place::new(management, Region::US_EAST_1), ()).await
}

/// The organization that the caller's account is in, which must be in one.
pub(crate) async fn joined(cx: &mut Cx) -> Result<Organization> {
    of(cx, cx.account()).await?.ok_or_else(|| AWSOrganizationsNotInUseException.into())
}

/// The organization that the caller's account manages.
pub(crate) async fn managed(cx: &mut Cx) -> Result<Organization> {
    let organization = joined(cx).await?;
    if organization.management == cx.account() {
        return Ok(organization);
    }
    Err(AccessDeniedException.into())
}

/// The organization of a caller who may read it: the management account, a delegated administrator of any
/// service, or an account that the organization's own policy lets in, which [`delegable`] has made sure of.
pub(crate) async fn readable(cx: &mut Cx) -> Result<Organization> {
    let organization = joined(cx).await?;
    if delegation::of_account(cx, &organization, cx.account()).await?.is_empty() {
        return hold_let_in(cx, organization).await;
    }
    Ok(organization)
}

/// The organization of a caller who may change policies: the management account, or an account that the
/// organization's own policy lets in, which [`delegable`] has made sure of.
pub(crate) async fn changeable(cx: &mut Cx) -> Result<Organization> {
    let organization = joined(cx).await?;
    hold_let_in(cx, organization).await
}

async fn hold_let_in(cx: &mut Cx, organization: Organization) -> Result<Organization> {
    if organization.management == cx.account() || resource_policy::of(cx, &organization).await?.is_some() {
        return Ok(organization);
    }
    Err(AccessDeniedException.into())
}

/// Demands `action` on something in the caller's organization; on everything if there is none, as the
/// operation then answers that.
pub(crate) async fn demand(
    cx: &mut Cx,
    action: &'static str,
    arn: impl FnOnce(&Organization) -> Arn,
) -> Result<Access> {
    let access = Access::to(action);
    match of(cx, cx.account()).await? {
        Some(organization) => on(cx, &organization, access, arn(&organization)).await,
        None => Ok(access),
    }
}

/// Names the resource of a demand, with its tags.
pub(crate) async fn on(cx: &mut Cx, organization: &Organization, access: Access, arn: Arn) -> Result<Access> {
    let tags = match arn.as_str().rsplit('/').next() {
        Some(id) => tag::get(cx, organization, id).await?,
        None => Default::default(),
    };
    Ok(access.on(arn).resource_tags(&tags))
}

/// Demands an action that member accounts may have been given: see [`delegable_on`].
pub(crate) async fn delegable(cx: &mut Cx, action: &'static str) -> Result<Access> {
    match of(cx, cx.account()).await? {
        Some(organization) => share(cx, &organization, Access::to(action), action).await,
        None => Ok(Access::to(action)),
    }
}

/// Demands an action that member accounts may have been given, on something in the organization: delegated
/// administrators may read, and the organization's own policy says who else may do what.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html>
pub(crate) async fn delegable_on(
    cx: &mut Cx,
    action: &'static str,
    arn: impl FnOnce(&Organization) -> Arn,
) -> Result<Access> {
    let access = Access::to(action);
    let Some(organization) = of(cx, cx.account()).await? else { return Ok(access) };
    let access = on(cx, &organization, access, arn(&organization)).await?;
    share(cx, &organization, access, action).await
}

/// Says whose permission a demand needs besides that of the caller's own account.
pub(crate) async fn share(
    cx: &mut Cx,
    organization: &Organization,
    access: Access,
    action: &'static str,
) -> Result<Access> {
    let caller = cx.account();
    if caller == organization.management {
        return Ok(access.owned_by(caller));
    }
    let reads = action.starts_with("organizations:Describe") || action.starts_with("organizations:List");
    if reads && !delegation::of_account(cx, organization, caller).await?.is_empty() {
        return Ok(access.owned_by(caller));
    }
    Ok(match resource_policy::of(cx, organization).await? {
        Some(policy) => access.owned_by(organization.management).policy(Some(&policy.content)),
        None => access.owned_by(caller),
    })
}

/// An organization in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationView {
    id: String,
    arn: Arn,
    feature_set: FeatureSet,
    master_account_arn: Arn,
    master_account_id: AccountId,
    master_account_email: String,
    available_policy_types: Vec<AvailablePolicyType>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AvailablePolicyType {
    #[serde(rename = "Type")]
    kind: PolicyType,
    status: PolicyTypeStatus,
}

/// Whether a policy type is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PolicyTypeStatus {
    #[serde(rename = "ENABLED")]
    Enabled,
}

impl OrganizationView {
    async fn of(cx: &mut Cx, organization: &Organization) -> Result<Self> {
        let management = cx.get::<Account>(organization.place(), organization.management).await?;
        let master_account_email = match management {
            Some(account) => account.profile(cx).await?.email,
            None => String::new(),
        };
        // The list is what may be enabled in the root, which the API reference calls misleading itself.
        let available_policy_types = match organization.features {
            FeatureSet::All => {
                vec![AvailablePolicyType { kind: PolicyType::ServiceControl, status: PolicyTypeStatus::Enabled }]
            }
            FeatureSet::ConsolidatedBilling => Vec::new(),
        };
        Ok(Self {
            id: organization.id.clone(),
            arn: organization.own_arn(),
            feature_set: organization.features,
            master_account_arn: organization.arn("account", organization.management),
            master_account_id: organization.management,
            master_account_email,
            available_policy_types,
        })
    }
}

/// Makes an organization whose management account is the caller's.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOrganization {
    feature_set: Option<FeatureSet>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOrganizationResponse {
    organization: OrganizationView,
}

impl Operation for CreateOrganization {
    const NAME: &'static str = "CreateOrganization";
    type Output = CreateOrganizationResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:CreateOrganization"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateOrganizationResponse> {
        if of(cx, cx.account()).await?.is_some() {
            return Err(AlreadyInOrganizationException.into());
        }
        let organization = Organization {
            id: random_id(cx, "o-", 10),
            management: cx.account(),
            features: self.feature_set.unwrap_or(FeatureSet::All),
            root: random_id(cx, "r-", 4),
            created: cx.now(),
            enabled: BTreeSet::new(),
        };
        cx.put(organization.place(), &organization).await?;
        if organization.features == FeatureSet::All {
            service_role::make(cx, organization.management).await?;
        }
        let account = Account::new(&organization, organization.management, Joined::Invited, cx.now());
        membership::join(cx, &organization, &account).await?;
        event::joined(cx, &organization, account.id, Joined::Invited).await?;
        Ok(CreateOrganizationResponse { organization: OrganizationView::of(cx, &organization).await? })
    }
}

/// Tells any member account of its organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DescribeOrganization {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeOrganizationResponse {
    organization: OrganizationView,
}

impl Operation for DescribeOrganization {
    const NAME: &'static str = "DescribeOrganization";
    type Output = DescribeOrganizationResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:DescribeOrganization"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeOrganizationResponse> {
        let organization = joined(cx).await?;
        Ok(DescribeOrganizationResponse { organization: OrganizationView::of(cx, &organization).await? })
    }
}

/// Removes an organization that has no member but the management account.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganization.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DeleteOrganization {}

impl Operation for DeleteOrganization {
    const NAME: &'static str = "DeleteOrganization";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:DeleteOrganization"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = managed(cx).await?;
        let place = organization.place();
        if cx.list::<Account>(place, (), Page::of(2, None)).await?.len() > 1 {
            return Err(OrganizationNotEmptyException.into());
        }
        for unit in cx.list::<Unit>(place, (), Page::ALL).await? {
            cx.delete::<Unit>(place, &unit.id).await?;
        }
        for policy in cx.list::<Policy>(place, (), Page::ALL).await? {
            cx.delete::<Policy>(place, &policy.id).await?;
        }
        for attachment in cx.list::<Attachment>(place, (), Page::ALL).await? {
            cx.delete::<Attachment>(place, attachment.key()).await?;
        }
        handshake::organization_ends(cx, &organization).await?;
        event::departed(cx, &organization, organization.management, Departure::Left).await?;
        cx.delete::<Account>(place, organization.management).await?;
        cx.delete_all::<Tagged>(place, ())?;
        cx.delete_all::<Delegation>(place, ())?;
        cx.delete_all::<ServiceAccess>(place, ())?;
        cx.delete::<ResourcePolicy>(place, ()).await?;
        membership::part(cx, organization.management).await?;
        cx.delete::<Organization>(place, ()).await?;
        Ok(Empty {})
    }
}

/// What an id names, if it is one of a root, OU or account.
pub(crate) fn target(id: &str) -> Option<Target> {
    if id.starts_with("r-") {
        Some(Target::Root)
    } else if id.starts_with("ou-") {
        Some(Target::OrganizationalUnit)
    } else {
        id.parse::<AccountId>().ok().map(|_| Target::Account)
    }
}
