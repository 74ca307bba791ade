//! `ListGrants` and `ListRetirableGrants`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Limit, Operation, Page, Place, Result, Timestamp};

use super::create::check_principal;
use super::{Constraints, Grant, check_id};
use crate::access::Demand;
use crate::errors::ValidationException;
use crate::{key_id, marker, quota};

/// Lists the grants of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListGrants {
    key_id: String,
    grant_id: Option<String>,
    grantee_principal: Option<String>,
    grantee_service_principal: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

/// Lists the grants that a principal may retire, in the account and Region.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRetirableGrants {
    retiring_principal: Option<String>,
    retiring_service_principal: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

/// A page of grants.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListGrantsResponse {
    grants: Vec<GrantListEntry>,
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GrantListEntry {
    key_id: String,
    grant_id: String,
    name: Option<String>,
    creation_date: Timestamp,
    grantee_principal: Option<String>,
    retiring_principal: Option<String>,
    issuing_account: String,
    operations: Vec<String>,
    constraints: Option<Constraints>,
    grantee_service_principal: Option<String>,
    retiring_service_principal: Option<String>,
}

/// Grants of a page unless the caller says, and at most; `Limit` in the references above.
const DEFAULT: usize = 50;
const MOST: usize = 100;

/// A principal is named by its ARN, a service by its name.
fn split(principal: Option<String>) -> (Option<String>, Option<String>) {
    match principal {
        Some(name) if !name.starts_with("arn:") => (None, Some(name)),
        arn => (arn, None),
    }
}

impl GrantListEntry {
    fn of(grant: Grant, place: Place) -> Self {
        let (grantee_principal, grantee_service_principal) = split(Some(grant.grantee));
        let (retiring_principal, retiring_service_principal) = split(grant.retiring);
        Self {
            key_id: place.arn("kms", format_args!("key/{}", grant.key_id)).into(),
            grant_id: grant.id,
            name: grant.name,
            creation_date: grant.created,
            grantee_principal,
            retiring_principal,
            issuing_account: Place { account: grant.issuing_account, ..place }.global_arn("iam", "root").into(),
            operations: grant.operations,
            constraints: grant.constraints,
            grantee_service_principal,
            retiring_service_principal,
        }
    }
}

fn respond(found: Vec<Grant>, limit: usize, place: Place) -> ListGrantsResponse {
    let (grants, next_marker) = marker::page(found, limit, |grant| &grant.id);
    let grants = grants.into_iter().map(|grant| GrantListEntry::of(grant, place)).collect();
    ListGrantsResponse { grants, truncated: next_marker.is_some(), next_marker }
}

impl Operation for ListGrants {
    const NAME: &'static str = "ListGrants";
    type Output = ListGrantsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of(Self::NAME, &target).access(cx).await?;
        Ok(access.key("kms:GrantIsForAWSResource", (!cx.caller().via.is_empty()).to_string()))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListGrants", 100))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListGrantsResponse> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        self.grant_id.as_deref().map_or(Ok(()), check_id)?;
        let limit = self.limit.unwrap_or(DEFAULT).min(MOST);
        let after = marker::read(self.marker.as_deref())?.map(|id| (&key.id, id).into_key());
        let grantee = self.grantee_principal.as_ref().or(self.grantee_service_principal.as_ref());
        let filtered = grantee.is_some() || self.grant_id.is_some();
        let page = Page::of(if filtered { 0 } else { limit + 1 }, after.as_ref());
        let mut found = cx.list::<Grant>(key.place, (&key.id,), page).await?;
        found.retain(|grant| {
            grantee.is_none_or(|name| grant.grantee == *name) && self.grant_id.as_ref().is_none_or(|id| grant.id == *id)
        });
        Ok(respond(found, limit, key.place))
    }
}

impl Operation for ListRetirableGrants {
    const NAME: &'static str = "ListRetirableGrants";
    type Output = ListGrantsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("kms:ListRetirableGrants"))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListRetirableGrants", 100))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListGrantsResponse> {
        let principal = match (&self.retiring_principal, &self.retiring_service_principal) {
            (Some(principal), None) => check_principal(principal)?,
            (None, Some(service)) => service,
            _ => return Err(ValidationException::because("Exactly one retiring principal must be specified.")),
        };
        let limit = self.limit.unwrap_or(DEFAULT).min(MOST);
        let after = marker::read(self.marker.as_deref())?;
        let here = cx.here();
        let mut found = cx.find::<Grant>(here, "retiring", (principal,), 0).await?;
        found.retain(|grant| after.as_ref().is_none_or(|after| grant.id > *after));
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(respond(found, limit, here))
    }
}
