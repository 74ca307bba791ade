//! Listing what was granted, and what comes without a grant.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, CatalogEntry, Cx, LakePermission, LakeThing, Operation, Place, Result, Timestamp};

use super::Grant;
use super::change::thing;
use crate::errors::not_implemented;
use crate::location::{covers, path, path_of_url};
use crate::page::page;
use crate::principal::{DataLakePrincipal, Who};
use crate::resource::{Resource, Target};
use crate::rights;
use crate::settings::{Settings, catalog_of, own_catalog};

/// Permissions of a principal, as the API shows them.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_PrincipalResourcePermissions.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PrincipalResourcePermissions {
    principal: DataLakePrincipal,
    resource: Resource,
    permissions: BTreeSet<LakePermission>,
    permissions_with_grant_option: BTreeSet<LakePermission>,
    last_updated: Timestamp,
    last_updated_by: Option<String>,
}

impl PrincipalResourcePermissions {
    fn of(grant: Grant) -> Self {
        Self {
            principal: DataLakePrincipal::of(grant.principal),
            resource: Resource::of(grant.catalog, &grant.target),
            permissions: grant.permissions,
            permissions_with_grant_option: grant.grantable,
            last_updated: grant.updated,
            last_updated_by: grant.updated_by,
        }
    }
}

/// A grant on columns, of which some have the grant option, is shown as two.
fn split(grant: Grant) -> Vec<Grant> {
    let (Target::Columns { database, table, columns }, Some(with)) = (&grant.target, &grant.grantable_columns) else {
        return vec![grant];
    };
    if columns == with {
        return vec![grant];
    }
    let target = Target::Columns { database: database.clone(), table: table.clone(), columns: with.clone() };
    let with = Grant { target, ..grant.clone() };
    vec![Grant { grantable: BTreeSet::new(), ..grant }, with]
}

/// The grants of a catalog, with those that are there without a row.
struct Granted {
    place: Place,
    rows: Vec<Grant>,
}

impl Granted {
    async fn load(cx: &mut Cx, place: Place) -> Result<Self> {
        let store = Place::new(cx.account(), place.region);
        let mut rows = Grant::all(cx, store).await?;
        rows.retain(|grant| grant.catalog == place.account);
        Ok(Self { place, rows })
    }

    /// What is there on a thing without a row.
    fn implied(&self, cx: &Cx, target: &Target, entry: Option<&CatalogEntry>) -> Vec<Grant> {
        if self.place.account != cx.account() {
            return Vec::new();
        }
        let mut implied = Grant::implied(cx, self.place.account, target, entry);
        implied.retain(|one| !self.rows.iter().any(|row| row.target == one.target && row.principal == one.principal));
        implied
    }

    /// Grants on exactly this; of a table, on its columns and filters too.
    async fn on(&self, cx: &mut Cx, target: &Target) -> Result<Vec<Grant>> {
        let whole = |row: &&Grant| match (target, &row.target) {
            (
                Target::Table { database, name },
                Target::Columns { database: own, table, .. } | Target::Filter { database: own, table, .. },
            ) => database == own && name == table,
            (Target::Columns { .. }, own) => own.parts() == target.parts(),
            (target, own) => own == target,
        };
        let mut found: Vec<Grant> = self.rows.iter().filter(whole).cloned().collect();
        let entry = rights::entry(cx, self.place, &thing(target)).await?;
        found.extend(self.implied(cx, target, entry.as_ref()));
        Ok(found)
    }

    async fn everything(self, cx: &mut Cx) -> Result<Vec<Grant>> {
        let mut found = self.rows.clone();
        found.extend(self.implied(cx, &Target::Catalog, None));
        let catalog = cx.table_catalog()?;
        for database in catalog.databases(cx, self.place).await? {
            let target = Target::Database { name: database.name.clone() };
            found.extend(self.implied(cx, &target, Some(&database)));
            for table in catalog.tables(cx, self.place, &database.name).await? {
                let target = Target::Table { database: database.name.clone(), name: table.name.clone() };
                found.extend(self.implied(cx, &target, Some(&table)));
            }
        }
        Ok(found)
    }
}

/// Those that the caller may see: administrators all, others their own and those on what they may grant on.
async fn seen(cx: &mut Cx, place: Place, grants: Vec<Grant>) -> Result<Vec<Grant>> {
    let principal = cx.principal().clone();
    let who = Who::of(cx, &principal, false).await?;
    let own = Place::new(cx.account(), place.region);
    let settings = Settings::find(cx, own).await?.unwrap_or_default();
    let all = settings.is_admin(&who) || settings.is_read_only_admin(&who);
    let mut seen = Vec::new();
    for grant in grants.into_iter().filter(|grant| !grant.permissions.is_empty()) {
        let sees = all || who.is(&grant.principal) || {
            let held = rights::held(cx, &principal, place, &thing(&grant.target)).await?;
            !matches!(thing(&grant.target), LakeThing::Catalog) && held.may_grant(LakePermission::All)
        };
        if sees {
            seen.extend(split(grant));
        }
    }
    seen.sort_by(|one, two| {
        (one.target.kind(), &one.target, &one.principal).cmp(&(two.target.kind(), &two.target, &two.principal))
    });
    Ok(seen)
}

/// Lists permissions.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListPermissions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPermissions {
    catalog_id: Option<String>,
    principal: Option<DataLakePrincipal>,
    resource_type: Option<String>,
    resource: Option<Resource>,
    next_token: Option<String>,
    max_results: Option<u32>,
    include_related: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPermissionsResponse {
    principal_resource_permissions: Vec<PrincipalResourcePermissions>,
    next_token: Option<String>,
}

/// Whether a type of resource is the one that is asked for.
fn is_kind(wanted: Option<&str>, target: &Target) -> bool {
    match wanted {
        None => true,
        Some("LF_TAG_POLICY") => matches!(target, Target::Policy { .. }),
        Some(wanted) => target.kind() == wanted,
    }
}

impl Operation for ListPermissions {
    const NAME: &'static str = "ListPermissions";
    type Output = ListPermissionsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:ListPermissions"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPermissionsResponse> {
        if self.include_related.as_deref().is_some_and(|related| related.eq_ignore_ascii_case("true")) {
            return Err(not_implemented("related permissions (IncludeRelated)"));
        }
        let (place, target) = match &self.resource {
            Some(resource) => {
                let (place, target) = resource.target(cx, self.catalog_id.as_deref())?;
                (place, Some(target))
            }
            None => (catalog_of(cx, self.catalog_id.as_deref())?, None),
        };
        let granted = Granted::load(cx, place).await?;
        let mut found = match &target {
            Some(target) => granted.on(cx, target).await?,
            None => granted.everything(cx).await?,
        };
        let identifier = self.principal.as_ref().and_then(|principal| principal.identifier.as_deref());
        found.retain(|grant| {
            is_kind(self.resource_type.as_deref(), &grant.target)
                && identifier.is_none_or(|identifier| grant.principal == identifier)
        });
        let shown = seen(cx, place, found).await?.into_iter().map(PrincipalResourcePermissions::of).collect();
        let (principal_resource_permissions, next_token) = page(shown, self.max_results, self.next_token.as_deref())?;
        Ok(ListPermissionsResponse { principal_resource_permissions, next_token })
    }
}

/// Lists the permissions on the databases and tables whose data are in a folder of S3.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetEffectivePermissionsForPath.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEffectivePermissionsForPath {
    catalog_id: Option<String>,
    resource_arn: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEffectivePermissionsForPathResponse {
    permissions: Vec<PrincipalResourcePermissions>,
    next_token: Option<String>,
}

impl Operation for GetEffectivePermissionsForPath {
    const NAME: &'static str = "GetEffectivePermissionsForPath";
    type Output = GetEffectivePermissionsForPathResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetEffectivePermissionsForPath"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetEffectivePermissionsForPathResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let folder = path(&self.resource_arn)?;
        let lies = |entry: &CatalogEntry| {
            let location = entry.location.as_deref().and_then(path_of_url);
            location.is_some_and(|location| covers(&folder, location))
        };
        let granted = Granted::load(cx, place).await?;
        let catalog = cx.table_catalog()?;
        let mut found = Vec::new();
        for database in catalog.databases(cx, place).await? {
            if lies(&database) {
                found.extend(granted.on(cx, &Target::Database { name: database.name.clone() }).await?);
            }
            for table in catalog.tables(cx, place, &database.name).await?.into_iter().filter(lies) {
                let target = Target::Table { database: database.name.clone(), name: table.name };
                found.extend(granted.on(cx, &target).await?);
            }
        }
        let shown = seen(cx, place, found).await?.into_iter().map(PrincipalResourcePermissions::of).collect();
        let (permissions, next_token) = page(shown, self.max_results, self.next_token.as_deref())?;
        Ok(GetEffectivePermissionsForPathResponse { permissions, next_token })
    }
}
