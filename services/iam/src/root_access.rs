//! Central management of root access in an organization:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management>.
//!
//! What is enabled lies with the management account.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, IntoKey, Key, Membership, Operation, Place, Region, Resource, Result, Scope,
};

use crate::access;
use crate::errors::{
    AccountNotManagementOrDelegatedAdministratorException, CallerIsNotManagementAccountException,
    OrganizationNotFoundException, OrganizationNotInAllFeaturesModeException, ServiceAccessNotEnabledException,
};

/// The service that Organizations has to trust, and that a delegated administrator administers.
const SERVICE: &str = "iam.amazonaws.com";

/// A feature of central management.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Feature {
    RootCredentialsManagement,
    RootSessions,
}

/// What is enabled in an organization, in the account that manages it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Features {
    /// The organization: an account that manages another one later begins anew.
    organization: String,
    enabled: BTreeSet<Feature>,
}

impl Resource for Features {
    const KIND: &'static str = "iam/organization-features";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

fn place(manager: AccountId) -> Place {
    Place::new(manager, Region::US_EAST_1)
}

async fn enabled(cx: &mut Cx, membership: &Membership) -> Result<BTreeSet<Feature>> {
    let features = cx.get::<Features>(place(membership.manager), ()).await?;
    let own = features.filter(|features| features.organization == membership.organization);
    Ok(own.map(|features| features.enabled).unwrap_or_default())
}

/// Whether sessions with root access to member accounts are enabled.
pub(crate) async fn has_sessions(cx: &mut Cx, membership: &Membership) -> Result<bool> {
    Ok(membership.trusted.contains(SERVICE) && enabled(cx, membership).await?.contains(&Feature::RootSessions))
}

/// The caller's organization, which must have all features and trust IAM.
async fn organization(cx: &mut Cx) -> Result<Arc<Membership>> {
    let membership = cx.membership(cx.account()).await?.ok_or(OrganizationNotFoundException)?;
    if !membership.all_features {
        return Err(OrganizationNotInAllFeaturesModeException.into());
    }
    if !membership.management && !membership.administers.contains(SERVICE) {
        return Err(AccountNotManagementOrDelegatedAdministratorException.into());
    }
    if !membership.trusted.contains(SERVICE) {
        return Err(ServiceAccessNotEnabledException.into());
    }
    Ok(membership)
}

/// What is enabled, in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnabledFeatures {
    organization_id: String,
    enabled_features: BTreeSet<Feature>,
}

/// Tells which features of central root access are enabled.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html>
#[derive(Debug, Deserialize)]
pub(crate) struct ListOrganizationsFeatures {}

impl Operation for ListOrganizationsFeatures {
    const NAME: &'static str = "ListOrganizationsFeatures";
    type Output = EnabledFeatures;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:ListOrganizationsFeatures")
    }

    async fn run(&self, cx: &mut Cx) -> Result<EnabledFeatures> {
        let membership = organization(cx).await?;
        let enabled_features = enabled(cx, &membership).await?;
        Ok(EnabledFeatures { organization_id: membership.organization.clone(), enabled_features })
    }
}

/// Enables or disables a feature. Only the management account may enable one.
async fn switch(cx: &mut Cx, feature: Feature, on: bool) -> Result<EnabledFeatures> {
    let membership = organization(cx).await?;
    if on && !membership.management {
        return Err(CallerIsNotManagementAccountException.into());
    }
    let mut enabled_features = enabled(cx, &membership).await?;
    if on {
        enabled_features.insert(feature);
    } else {
        enabled_features.remove(&feature);
    }
    let organization = membership.organization.clone();
    let features = Features { organization: organization.clone(), enabled: enabled_features.clone() };
    cx.put(place(membership.manager), &features).await?;
    Ok(EnabledFeatures { organization_id: organization, enabled_features })
}

macro_rules! switches {
    ($name:ident, $action:literal, $feature:ident, $on:literal, $doc:literal) => {
        #[doc = $doc]
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($name), ".html>")]
        #[derive(Debug, Deserialize)]
        pub(crate) struct $name {}

        impl Operation for $name {
            const NAME: &'static str = stringify!($name);
            type Output = EnabledFeatures;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::to(cx, $action)
            }

            async fn run(&self, cx: &mut Cx) -> Result<EnabledFeatures> {
                switch(cx, Feature::$feature, $on).await
            }
        }
    };
}

switches!(
    EnableOrganizationsRootSessions,
    "iam:EnableOrganizationsRootSessions",
    RootSessions,
    true,
    "Lets the organization's administrators do privileged tasks in member accounts."
);
switches!(
    DisableOrganizationsRootSessions,
    "iam:DisableOrganizationsRootSessions",
    RootSessions,
    false,
    "Ends privileged tasks in member accounts."
);
switches!(
    EnableOrganizationsRootCredentialsManagement,
    "iam:EnableOrganizationsRootCredentialsManagement",
    RootCredentialsManagement,
    true,
    "Lets the organization's administrators manage root credentials of member accounts."
);
switches!(
    DisableOrganizationsRootCredentialsManagement,
    "iam:DisableOrganizationsRootCredentialsManagement",
    RootCredentialsManagement,
    false,
    "Leaves root credentials of member accounts to the accounts."
);
