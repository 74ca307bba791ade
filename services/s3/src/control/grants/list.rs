//! ListAccessGrantsLocations and ListAccessGrants.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, IntoKey, Operation, Page, Place, Resource, Result};

use super::grant::{self, Grant};
use super::instance::Instance;
use super::location::{self, Location};
use super::permission::Permission;
use super::{MOST, access, home};
use crate::control::token;

/// A row with an id, by which listings go on.
trait Listed: Resource {
    fn id(&self) -> &str;
}

impl Listed for Location {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Grant {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The rows that are wanted, in the order of their ids, and a token for those after them.
async fn page<R: Listed>(
    cx: &mut Cx,
    place: Place,
    most: Option<usize>,
    next_token: Option<&str>,
    is_wanted: impl Fn(&R) -> bool,
) -> Result<(Vec<R>, Option<String>)> {
    let most = most.unwrap_or(MOST).clamp(1, MOST);
    let mut after = next_token.map(token::read).transpose()?.map(|id| (id,).into_key());
    let mut rows: Vec<R> = Vec::new();
    loop {
        let found = cx.list::<R>(place, (), Page::of(MOST, after.as_ref())).await?;
        let is_last = found.len() < MOST;
        after = found.last().map(|row| row.key());
        for row in found {
            if !is_wanted(&row) {
                continue;
            }
            if rows.len() == most {
                let next = rows.last().map(|last| token::of(last.id()));
                return Ok((rows, next));
            }
            rows.push(row);
        }
        if is_last {
            return Ok((rows, None));
        }
    }
}

/// Lists the locations of an instance.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessGrantsLocations.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessGrantsLocations {
    account_id: AccountId,
    next_token: Option<String>,
    max_results: Option<usize>,
    location_scope: Option<String>,
}

/// Answer of [`ListAccessGrantsLocations`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessGrantsLocationsOutput {
    next_token: Option<String>,
    access_grants_locations_list: Vec<location::Report>,
}

impl Operation for ListAccessGrantsLocations {
    const NAME: &str = "ListAccessGrantsLocations";
    type Output = ListAccessGrantsLocationsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:ListAccessGrantsLocations", self.account_id, true).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let place = home(cx, self.account_id);
        Instance::open(cx, place).await?;
        let is_wanted = |location: &Location| self.location_scope.as_ref().is_none_or(|scope| *scope == location.scope);
        let (found, next_token) = page(cx, place, self.max_results, self.next_token.as_deref(), is_wanted).await?;
        let access_grants_locations_list =
            found.into_iter().map(|location| location::Report::of(place, location)).collect();
        Ok(ListAccessGrantsLocationsOutput { next_token, access_grants_locations_list })
    }
}

/// Lists the grants of an instance.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessGrants.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessGrants {
    account_id: AccountId,
    next_token: Option<String>,
    max_results: Option<usize>,
    grantee_type: Option<String>,
    grantee_identifier: Option<String>,
    permission: Option<Permission>,
    grant_scope: Option<String>,
    application_arn: Option<String>,
}

/// Answer of [`ListAccessGrants`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessGrantsOutput {
    next_token: Option<String>,
    access_grants_list: Vec<grant::Report>,
}

impl ListAccessGrants {
    fn wants(&self, grant: &Grant) -> bool {
        self.grantee_type.is_none_or_is(grant.grantee.grantee_type.as_deref())
            && self.grantee_identifier.is_none_or_is(grant.grantee.grantee_identifier.as_deref())
            && self.permission.is_none_or(|permission| permission == grant.permission)
            && self.grant_scope.is_none_or_is(Some(&grant.scope))
            // No grant is for an application.
            && self.application_arn.is_none()
    }
}

/// What a filter wants, if it says so.
trait Wanted {
    fn is_none_or_is(&self, is: Option<&str>) -> bool;
}

impl Wanted for Option<String> {
    fn is_none_or_is(&self, is: Option<&str>) -> bool {
        self.is_none() || self.as_deref() == is
    }
}

impl Operation for ListAccessGrants {
    const NAME: &str = "ListAccessGrants";
    type Output = ListAccessGrantsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:ListAccessGrants", self.account_id, true).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let place = home(cx, self.account_id);
        Instance::open(cx, place).await?;
        let is_wanted = |grant: &Grant| self.wants(grant);
        let (found, next_token) = page(cx, place, self.max_results, self.next_token.as_deref(), is_wanted).await?;
        let access_grants_list = found.into_iter().map(|grant| grant::Report::of(place, grant)).collect();
        Ok(ListAccessGrantsOutput { next_token, access_grants_list })
    }
}
