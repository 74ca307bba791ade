//! Hybrid access: principals for whom Lake Formation decides on something that is open to whom IAM allows.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-access-mode.html>

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Cx, Empty, IntoKey, Key, LakeThing, Operation, Page, Place, Resource as Stored, Result, Scope, Timestamp,
};

use crate::errors::{invalid, not_found, not_implemented};
use crate::page::page;
use crate::principal::{DataLakePrincipal, Grantee, Who};
use crate::resource::{Resource, Target};
use crate::rights;
use crate::settings::{Settings, own_catalog};
use crate::tag::only_admins;

/// That a principal has opted in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OptIn {
    database: String,
    /// Empty for the database itself.
    table: String,
    /// Whether it is about all tables of the database.
    wildcard: bool,
    principal: String,
    modified: Timestamp,
    updated_by: Option<String>,
}

/// What stands in the place of a table's name for all of them.
const ALL: &str = "*";

impl Stored for OptIn {
    const KIND: &'static str = "lakeformation/opt-in";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.database, if self.wildcard { ALL } else { &self.table }, &self.principal).into_key()
    }
}

impl OptIn {
    /// Whether somebody has opted in on a thing.
    pub(crate) async fn is_in(cx: &mut Cx, place: Place, who: &Who, thing: &LakeThing) -> Result<bool> {
        let places = match thing {
            LakeThing::Database(database) => vec![(database, "")],
            LakeThing::Table(database, table) => vec![(database, table.as_str()), (database, ALL)],
            LakeThing::Catalog | LakeThing::Location(_) => Vec::new(),
        };
        for (database, table) in places {
            let all = cx.list::<Self>(place, (database, table), Page::ALL).await?;
            if all.iter().any(|one| who.is(&one.principal)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn target(&self) -> Target {
        match (self.wildcard, self.table.is_empty()) {
            (true, _) => Target::Tables { database: self.database.clone() },
            (false, true) => Target::Database { name: self.database.clone() },
            (false, false) => Target::Table { database: self.database.clone(), name: self.table.clone() },
        }
    }

    /// The one that a request is about.
    async fn read(
        cx: &mut Cx,
        principal: &DataLakePrincipal,
        resource: &Resource,
        condition: Option<IgnoredAny>,
    ) -> Result<(Place, Self)> {
        if condition.is_some() {
            return Err(not_implemented("conditions (Condition)"));
        }
        let (place, target) = resource.target(cx, None)?;
        own_catalog(cx, Some(&place.account.to_string()))?;
        hold_admin(cx, place).await?;
        match principal.grantee()? {
            Grantee::Identity(account) | Grantee::Everyone(account) if account == place.account => {}
            _ => return Err(invalid("Users and roles of the account, and all of them, can opt in.")),
        }
        let (database, table, wildcard) = match target {
            Target::Database { name } => (name, String::new(), false),
            Target::Table { database, name } => (database, name, false),
            Target::Tables { database } => (database, String::new(), true),
            _ => return Err(not_implemented("opt-ins on other resources than databases and tables")),
        };
        let thing = match table.is_empty() {
            true => LakeThing::Database(database.clone()),
            false => LakeThing::Table(database.clone(), table.clone()),
        };
        rights::entry(cx, place, &thing).await?.ok_or_else(|| rights::missing(&thing))?;
        let principal = principal.identifier.clone().unwrap_or_default();
        let updated_by = cx.principal().arn(cx.region().partition()).map(String::from);
        Ok((place, Self { database, table, wildcard, principal, modified: cx.now().whole_secs(), updated_by }))
    }
}

async fn hold_admin(cx: &mut Cx, place: Place) -> Result<()> {
    let principal = cx.principal().clone();
    let who = Who::of(cx, &principal, false).await?;
    match Settings::find(cx, place).await?.unwrap_or_default().is_admin(&who) {
        true => Ok(()),
        false => Err(only_admins()),
    }
}

/// Has Lake Formation decide, for a principal, on something that is open to whom IAM allows.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateLakeFormationOptIn.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateLakeFormationOptIn {
    principal: DataLakePrincipal,
    resource: Resource,
    condition: Option<IgnoredAny>,
}

impl Operation for CreateLakeFormationOptIn {
    const NAME: &'static str = "CreateLakeFormationOptIn";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:CreateLakeFormationOptIn"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (place, opt_in) = OptIn::read(cx, &self.principal, &self.resource, self.condition).await?;
        if cx.exists::<OptIn>(place, Stored::key(&opt_in)).await? {
            // UNVERIFIED: the error and its wording.
            return Err(invalid("The principal has opted in already."));
        }
        cx.put(place, &opt_in).await?;
        Ok(Empty {})
    }
}

/// Has IAM decide again.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeleteLakeFormationOptIn.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteLakeFormationOptIn {
    principal: DataLakePrincipal,
    resource: Resource,
    condition: Option<IgnoredAny>,
}

impl Operation for DeleteLakeFormationOptIn {
    const NAME: &'static str = "DeleteLakeFormationOptIn";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:DeleteLakeFormationOptIn"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (place, opt_in) = OptIn::read(cx, &self.principal, &self.resource, self.condition).await?;
        match cx.delete::<OptIn>(place, Stored::key(&opt_in)).await? {
            Some(_) => Ok(Empty {}),
            None => Err(not_found("The principal has not opted in.")),
        }
    }
}

/// Lists who has opted in.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListLakeFormationOptIns.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListLakeFormationOptIns {
    principal: Option<DataLakePrincipal>,
    resource: Option<Resource>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OptInInfo {
    resource: Resource,
    principal: DataLakePrincipal,
    last_modified: Timestamp,
    last_updated_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListLakeFormationOptInsResponse {
    lake_formation_opt_ins_info_list: Vec<OptInInfo>,
    next_token: Option<String>,
}

impl Operation for ListLakeFormationOptIns {
    const NAME: &'static str = "ListLakeFormationOptIns";
    type Output = ListLakeFormationOptInsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:ListLakeFormationOptIns"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListLakeFormationOptInsResponse> {
        let place = cx.here();
        hold_admin(cx, place).await?;
        let target = match &self.resource {
            Some(resource) => Some(resource.target(cx, None)?.1),
            None => None,
        };
        let identifier = self.principal.as_ref().and_then(|principal| principal.identifier.as_deref());
        let mut found = Vec::new();
        for one in cx.list::<OptIn>(place, (), Page::ALL).await? {
            let wanted = identifier.is_none_or(|identifier| one.principal == identifier)
                && target.as_ref().is_none_or(|target| one.target() == *target);
            if wanted {
                found.push(OptInInfo {
                    resource: Resource::of(place.account, &one.target()),
                    principal: DataLakePrincipal::of(one.principal),
                    last_modified: one.modified,
                    last_updated_by: one.updated_by,
                });
            }
        }
        let (lake_formation_opt_ins_info_list, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(ListLakeFormationOptInsResponse { lake_formation_opt_ins_info_list, next_token })
    }
}
