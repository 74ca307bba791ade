//! Organizational units: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_ous.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, IntoKey, Key, Operation, Page, Resource, Result, Scope};

use crate::errors::{
    DuplicateOrganizationalUnitException, OrganizationalUnitNotEmptyException, OrganizationalUnitNotFoundException,
    ParentNotFoundException, constraint,
};
use crate::organization::{self, Organization, random_id};
use crate::page::page;
use crate::tag::{self, Tag};
use crate::{membership, policy, tree};

/// Levels of units below the root.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(crate) const DEPTH: usize = 5;

/// Units of an organization at most.
const MOST: usize = 2_000;

/// An organizational unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) parent: String,
}

impl Resource for Unit {
    const KIND: &'static str = "organizations/unit";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["parent"];

    fn key(&self) -> Key {
        (&self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("parent", (&self.parent).into_key())]
    }
}

/// A unit in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UnitView {
    id: String,
    arn: Arn,
    name: String,
    path: String,
}

impl UnitView {
    async fn of(cx: &mut Cx, organization: &Organization, unit: &Unit) -> Result<Self> {
        let line = tree::line(cx, organization, &unit.id).await?;
        Ok(Self {
            id: unit.id.clone(),
            arn: organization.arn("ou", &unit.id),
            name: unit.name.clone(),
            path: tree::path(organization, &line),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UnitResponse {
    organizational_unit: UnitView,
}

async fn named(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Unit> {
    let unit = cx.get::<Unit>(organization.place(), id).await?;
    unit.ok_or_else(|| OrganizationalUnitNotFoundException.into())
}

async fn hold_name_free(cx: &mut Cx, organization: &Organization, parent: &str, name: &str) -> Result<()> {
    let taken = tree::units(cx, organization, parent).await?.iter().any(|unit| unit.name == name);
    if taken { Err(DuplicateOrganizationalUnitException.into()) } else { Ok(()) }
}

/// Makes an OU under the root or another OU.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOrganizationalUnit {
    parent_id: String,
    name: String,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreateOrganizationalUnit {
    const NAME: &'static str = "CreateOrganizationalUnit";
    type Output = UnitResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let parent = |org: &Organization| tree::arn(org, &self.parent_id);
        let access = organization::demand(cx, "organizations:CreateOrganizationalUnit", parent).await?;
        Ok(access.request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UnitResponse> {
        let organization = organization::managed(cx).await?;
        if !tree::is_parent(cx, &organization, &self.parent_id).await? {
            return Err(ParentNotFoundException.into());
        }
        hold_name_free(cx, &organization, &self.parent_id, &self.name).await?;
        if tree::line(cx, &organization, &self.parent_id).await?.len() > DEPTH {
            return Err(constraint("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the maximum nesting depth of OUs."));
        }
        if cx.list::<Unit>(organization.place(), (), Page::of(MOST, None)).await?.len() >= MOST {
            return Err(constraint("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the maximum number of OUs."));
        }
        let root = organization.root.trim_start_matches("r-");
        let unit = Unit {
            id: random_id(cx, format_args!("ou-{root}-"), 8),
            name: self.name.clone(),
            parent: self.parent_id.clone(),
        };
        cx.put(organization.place(), &unit).await?;
        policy::attach_defaults(cx, &organization, &unit.id).await?;
        tag::put(cx, &organization, &unit.id, tag::read(self.tags.as_ref())?).await?;
        Ok(UnitResponse { organizational_unit: UnitView::of(cx, &organization, &unit).await? })
    }
}

/// Tells of an OU.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganizationalUnit.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeOrganizationalUnit {
    organizational_unit_id: String,
}

impl Operation for DescribeOrganizationalUnit {
    const NAME: &'static str = "DescribeOrganizationalUnit";
    type Output = UnitResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let unit = |org: &Organization| tree::arn(org, &self.organizational_unit_id);
        organization::delegable_on(cx, "organizations:DescribeOrganizationalUnit", unit).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UnitResponse> {
        let organization = organization::readable(cx).await?;
        let unit = named(cx, &organization, &self.organizational_unit_id).await?;
        Ok(UnitResponse { organizational_unit: UnitView::of(cx, &organization, &unit).await? })
    }
}

/// Gives an OU another name.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdateOrganizationalUnit.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateOrganizationalUnit {
    organizational_unit_id: String,
    name: Option<String>,
}

impl Operation for UpdateOrganizationalUnit {
    const NAME: &'static str = "UpdateOrganizationalUnit";
    type Output = UnitResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let unit = |org: &Organization| tree::arn(org, &self.organizational_unit_id);
        organization::demand(cx, "organizations:UpdateOrganizationalUnit", unit).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UnitResponse> {
        let organization = organization::managed(cx).await?;
        let mut unit = named(cx, &organization, &self.organizational_unit_id).await?;
        if let Some(name) = self.name.as_ref().filter(|name| **name != unit.name) {
            hold_name_free(cx, &organization, &unit.parent, name).await?;
            unit.name.clone_from(name);
            cx.put(organization.place(), &unit).await?;
        }
        Ok(UnitResponse { organizational_unit: UnitView::of(cx, &organization, &unit).await? })
    }
}

/// Removes an OU that has nothing under it.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganizationalUnit.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteOrganizationalUnit {
    organizational_unit_id: String,
}

impl Operation for DeleteOrganizationalUnit {
    const NAME: &'static str = "DeleteOrganizationalUnit";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let unit = |org: &Organization| tree::arn(org, &self.organizational_unit_id);
        organization::demand(cx, "organizations:DeleteOrganizationalUnit", unit).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let unit = named(cx, &organization, &self.organizational_unit_id).await?;
        let accounts = tree::accounts(cx, &organization, &unit.id).await?;
        if !accounts.is_empty() || !tree::units(cx, &organization, &unit.id).await?.is_empty() {
            return Err(OrganizationalUnitNotEmptyException.into());
        }
        policy::detach_all_from(cx, &organization, &unit.id).await?;
        tag::put(cx, &organization, &unit.id, Default::default()).await?;
        cx.delete::<Unit>(organization.place(), &unit.id).await?;
        membership::changed(cx, &organization).await?;
        Ok(Empty {})
    }
}

/// Lists the OUs directly under a root or OU.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListOrganizationalUnitsForParent.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListOrganizationalUnitsForParent {
    parent_id: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListOrganizationalUnitsForParentResponse {
    organizational_units: Vec<UnitView>,
    next_token: Option<String>,
}

impl Operation for ListOrganizationalUnitsForParent {
    const NAME: &'static str = "ListOrganizationalUnitsForParent";
    type Output = ListOrganizationalUnitsForParentResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let parent = |org: &Organization| tree::arn(org, &self.parent_id);
        organization::delegable_on(cx, "organizations:ListOrganizationalUnitsForParent", parent).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListOrganizationalUnitsForParentResponse> {
        let organization = organization::readable(cx).await?;
        if !tree::is_parent(cx, &organization, &self.parent_id).await? {
            return Err(ParentNotFoundException.into());
        }
        let units = tree::units(cx, &organization, &self.parent_id).await?;
        let (units, next_token) = page(units, self.next_token.as_ref(), self.max_results, |unit| unit.id.clone())?;
        let mut organizational_units = Vec::with_capacity(units.len());
        for unit in &units {
            organizational_units.push(UnitView::of(cx, &organization, unit).await?);
        }
        Ok(ListOrganizationalUnitsForParentResponse { organizational_units, next_token })
    }
}
