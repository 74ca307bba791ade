//! Services that the organization trusts:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html>.

mod known;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Resource, Result, Scope, Timestamp};

use crate::errors::{constraint, invalid};
use crate::organization::{self, FeatureSet, Organization};
use crate::page::page;
use crate::{delegation, membership};

pub(crate) use known::{KnownService, known};

/// A service that the organization trusts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServiceAccess {
    service: String,
    enabled: Timestamp,
}

impl Resource for ServiceAccess {
    const KIND: &'static str = "organizations/service-access";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.service).into_key()
    }
}

/// The services that the organization trusts.
pub(crate) async fn enabled(cx: &mut Cx, organization: &Organization) -> Result<BTreeSet<String>> {
    let rows = cx.list::<ServiceAccess>(organization.place(), (), Page::ALL).await?;
    Ok(rows.into_iter().map(|row| row.service).collect())
}

/// Whether the organization trusts a service.
pub(crate) async fn is_enabled(cx: &mut Cx, organization: &Organization, service: &str) -> Result<bool> {
    cx.exists::<ServiceAccess>(organization.place(), service).await
}

/// The service of this principal, which must be one that works with Organizations.
pub(crate) fn recognize(principal: &str) -> Result<&'static KnownService> {
    known(principal).ok_or_else(|| {
        let message = "You specified a service principal name that isn't recognized as supported by AWS Organizations.";
        invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", message)
    })
}

/// Trusted access and delegation need all features.
pub(crate) fn hold_all_features(organization: &Organization) -> Result<()> {
    if organization.features == FeatureSet::All {
        return Ok(());
    }
    let message = "This operation requires the organization to be configured to support all features.";
    Err(constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message))
}

/// Lets a service work in all accounts of the organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableAWSServiceAccess {
    service_principal: String,
}

impl Operation for EnableAWSServiceAccess {
    const NAME: &'static str = "EnableAWSServiceAccess";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        let access = Access::to("organizations:EnableAWSServiceAccess");
        Ok(access.key("organizations:ServicePrincipal", &self.service_principal))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let service = recognize(&self.service_principal)?;
        hold_all_features(&organization)?;
        if !is_enabled(cx, &organization, service.principal).await? {
            let access = ServiceAccess { service: service.principal.to_owned(), enabled: cx.now() };
            cx.put(organization.place(), &access).await?;
            membership::changed(cx, &organization).await?;
        }
        Ok(Empty {})
    }
}

/// Ends the work of a service in the accounts of the organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisableAWSServiceAccess.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableAWSServiceAccess {
    service_principal: String,
}

impl Operation for DisableAWSServiceAccess {
    const NAME: &'static str = "DisableAWSServiceAccess";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        let access = Access::to("organizations:DisableAWSServiceAccess");
        Ok(access.key("organizations:ServicePrincipal", &self.service_principal))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let service = recognize(&self.service_principal)?;
        if organization.enabled.iter().any(|kind| kind.facts().needs_access == Some(service.principal)) {
            let message = "You attempted to disable service access before you disabled the policy type.";
            return Err(constraint("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE", message));
        }
        // UNVERIFIED: that this is the reason of the refusal.
        if !delegation::of_service(cx, &organization, service.principal).await?.is_empty() {
            let message = "You must first deregister all delegated administrators of this service.";
            return Err(constraint("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", message));
        }
        if cx.delete::<ServiceAccess>(organization.place(), service.principal).await?.is_some() {
            membership::changed(cx, &organization).await?;
        }
        Ok(Empty {})
    }
}

/// Lists the services that the organization trusts.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAWSServiceAccessForOrganization.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAWSServiceAccessForOrganization {
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAWSServiceAccessForOrganizationResponse {
    enabled_service_principals: Vec<EnabledServicePrincipal>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnabledServicePrincipal {
    service_principal: String,
    date_enabled: Timestamp,
}

impl Operation for ListAWSServiceAccessForOrganization {
    const NAME: &'static str = "ListAWSServiceAccessForOrganization";
    type Output = ListAWSServiceAccessForOrganizationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:ListAWSServiceAccessForOrganization").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let organization = organization::readable(cx).await?;
        let rows = cx.list::<ServiceAccess>(organization.place(), (), Page::ALL).await?;
        let (rows, next_token) = page(rows, self.next_token.as_ref(), self.max_results, |row| row.service.clone())?;
        let enabled_service_principals = rows
            .into_iter()
            .map(|row| EnabledServicePrincipal { service_principal: row.service, date_enabled: row.enabled })
            .collect();
        Ok(ListAWSServiceAccessForOrganizationResponse { enabled_service_principals, next_token })
    }
}
