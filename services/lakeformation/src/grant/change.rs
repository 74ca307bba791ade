//! Granting and revoking.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, CatalogEntry, Cx, Empty, LakePermission, LakeThing, Operation, Place, Result};

use super::Grant;
use crate::errors::{invalid, not_found, not_implemented};
use crate::filter::Filter;
use crate::location::Location;
use crate::principal::{DataLakePrincipal, Grantee, Who};
use crate::resource::{By, Columns, Resource, Target};
use crate::rights;
use crate::settings::Settings;
use crate::tag::Tag;
use crate::tag::named::Named;

/// What is to be granted or revoked, as calls and the entries of batches have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wish {
    pub(crate) principal: Option<DataLakePrincipal>,
    pub(crate) resource: Option<Resource>,
    pub(crate) permissions: Option<BTreeSet<LakePermission>>,
    pub(crate) permissions_with_grant_option: Option<BTreeSet<LakePermission>>,
    #[serde(skip_serializing)]
    pub(crate) condition: Option<IgnoredAny>,
}

/// A wish that makes sense, about things that there are.
struct Change {
    /// Where the catalog is.
    place: Place,
    /// Where the grant is kept: with the catalog, or with who shares on what another account's catalog shares.
    store: Place,
    target: Target,
    principal: String,
    permissions: BTreeSet<LakePermission>,
    grantable: BTreeSet<LakePermission>,
    /// The database or table that it is about.
    entry: Option<CatalogEntry>,
}

/// The database or table that a target is about, or is in.
pub(super) fn thing(target: &Target) -> LakeThing {
    match target {
        Target::Database { name } | Target::Tables { database: name } => LakeThing::Database(name.clone()),
        Target::Table { database, name: table }
        | Target::Columns { database, table, .. }
        | Target::Filter { database, table, .. } => LakeThing::Table(database.clone(), table.clone()),
        Target::Location { path } => LakeThing::Location(format!("s3://{path}")),
        Target::Catalog | Target::Tag { .. } | Target::Policy { .. } | Target::Expression { .. } => LakeThing::Catalog,
    }
}

impl Change {
    async fn read(cx: &mut Cx, catalog: Option<&str>, wish: &Wish) -> Result<Self> {
        if wish.condition.is_some() {
            return Err(not_implemented("conditions of grants (Condition)"));
        }
        let resource = wish.resource.as_ref().ok_or_else(|| invalid("Resource is mandatory."))?;
        let principal = wish.principal.as_ref().ok_or_else(|| invalid("Principal is mandatory."))?;
        let (place, target) = resource.target(cx, catalog)?;
        let permissions = wish.permissions.clone().unwrap_or_default();
        let grantable = wish.permissions_with_grant_option.clone().unwrap_or_default();
        let valid = target.valid();
        // Source of the wording: https://github.com/hashicorp/terraform-provider-aws/issues/19914
        if permissions.is_empty() || permissions.iter().chain(&grantable).any(|one| !valid.contains(one)) {
            return Err(invalid("Permissions modification is invalid."));
        }
        let store = Place::new(cx.account(), place.region);
        let entry = known(cx, place, &target).await?;
        let (principal, grantee) = (principal.identifier.clone().unwrap_or_default(), principal.grantee()?);
        hold_grantee(cx, place, store, &target, &grantee, !grantable.is_empty()).await?;
        Ok(Self { place, store, target, principal, permissions, grantable, entry })
    }

    /// What the principal has so far, by a row or without one.
    async fn present(&self, cx: &mut Cx) -> Result<Option<Grant>> {
        let account = self.place.account;
        if let Some(grant) = Grant::find(cx, self.store, account, &self.target, &self.principal).await? {
            return Ok(Some(grant));
        }
        Ok(self.implied(cx))
    }

    /// What the principal has without a row.
    fn implied(&self, cx: &Cx) -> Option<Grant> {
        let all = Grant::implied(cx, self.place.account, &self.target, self.entry.as_ref());
        all.into_iter().find(|grant| grant.principal == self.principal)
    }

    /// Refuses a caller who may not: administrators may grant everything, others what they were given the option for.
    async fn hold(&self, cx: &mut Cx) -> Result<()> {
        let principal = cx.principal().clone();
        let who = Who::of(cx, &principal, false).await?;
        let own = self.place.account == cx.account();
        if own && Settings::find(cx, self.place).await?.unwrap_or_default().is_admin(&who) {
            return Ok(());
        }
        match &self.target {
            Target::Policy { by: By::Expression(expression), .. } => {
                for (key, values) in expression.tags() {
                    let tag = Tag::get(cx, self.place, key).await?;
                    tag.hold(cx, &who, values, LakePermission::GrantWithLfTagExpression).await?;
                }
                return Ok(());
            }
            Target::Policy { by: By::Name(name), .. } => {
                let named = Named::get(cx, self.place, name).await?;
                let permission = LakePermission::GrantWithLfTagExpression;
                return match named.permits(cx, self.place, &who, permission).await? {
                    true => Ok(()),
                    false => Err(rights::refusal(permission, name)),
                };
            }
            _ => {}
        }
        let held = match &self.target {
            Target::Tag { .. } | Target::Expression { .. } | Target::Tables { .. } => rights::Held::default(),
            target => rights::held(cx, &principal, self.place, &thing(target)).await?,
        };
        // On columns, the option is for some of them: these are among what is held.
        let own = match (&self.target, &who.identity) {
            (Target::Columns { .. }, _) | (_, None) => None,
            (target, Some(identity)) => Grant::find(cx, self.store, self.place.account, target, identity).await?,
        };
        let own = own.map(|grant| grant.grantable).unwrap_or_default();
        let columns = match &self.target {
            Target::Columns { columns, .. } => {
                let all = self.entry.as_ref().map(|entry| entry.columns.as_slice()).unwrap_or_default();
                columns.of(all).is_subset(&held.grantable_columns)
            }
            _ => false,
        };
        for permission in &self.permissions {
            let has = held.may_grant(*permission) || own.contains(permission) || own.contains(&LakePermission::All);
            if !has && !columns {
                return Err(rights::refusal(*permission, &format!("{} with the grant option", thing(&self.target))));
            }
        }
        Ok(())
    }

    async fn grant(self, cx: &mut Cx) -> Result<()> {
        self.hold(cx).await?;
        Settings::begin(cx, self.store).await?;
        let present = self.present(cx).await?;
        let mut grant = Grant::none(cx, self.place.account, self.target.clone(), &self.principal);
        if let Target::Columns { columns, .. } = &self.target {
            grant.grantable_columns = (!self.grantable.is_empty()).then(|| columns.clone());
        }
        if let Some(present) = present {
            grant.permissions = present.permissions;
            grant.grantable = present.grantable;
            if let (Target::Columns { columns, .. }, Target::Columns { columns: before, .. }) =
                (&mut grant.target, &present.target)
            {
                *columns = joined(columns, before);
            }
            grant.grantable_columns = match (&grant.grantable_columns, &present.grantable_columns) {
                (Some(new), Some(before)) => Some(joined(new, before)),
                (one, other) => one.clone().or_else(|| other.clone()),
            };
        }
        grant.permissions.extend(self.permissions);
        grant.grantable.extend(self.grantable);
        cx.put(self.store, &grant).await
    }

    async fn revoke(self, cx: &mut Cx) -> Result<()> {
        self.hold(cx).await?;
        let none = "No permissions revoked. Grantee has no permissions and no grantable permissions on resource.";
        let present = self.present(cx).await?.filter(|grant| !grant.permissions.is_empty());
        let mut grant = present.ok_or_else(|| invalid(none))?;
        for set in [&mut grant.permissions, &mut grant.grantable] {
            if set.contains(&LakePermission::All) && !self.permissions.contains(&LakePermission::All) {
                *set = self.target.valid().iter().copied().filter(|one| *one != LakePermission::All).collect();
            }
        }
        let lacks: Vec<String> = self
            .permissions
            .iter()
            .filter(|permission| !grant.permissions.contains(permission))
            .map(|permission| permission.to_string().to_uppercase().replace(' ', "_"))
            .collect();
        if !lacks.is_empty() {
            // Source of the wording: https://github.com/hashicorp/terraform-provider-aws/issues/35160
            return Err(invalid(format!("No permissions revoked. Grantee does not have:[{}]", lacks.join(", "))));
        }
        self.take(&mut grant, none)?;
        grant.updated = cx.now().whole_secs();
        Settings::begin(cx, self.store).await?;
        match grant.permissions.is_empty() && self.implied(cx).is_none() {
            true => grant.remove(cx, self.store).await,
            false => cx.put(self.store, &grant).await,
        }
    }

    /// Takes out of a grant what is revoked.
    fn take(&self, grant: &mut Grant, none: &str) -> Result<()> {
        if let (Target::Columns { columns, .. }, Target::Columns { columns: revoked, .. }) =
            (&mut grant.target, &self.target)
        {
            let left = match (&*columns, revoked) {
                (Columns::These(names), Columns::These(gone)) => {
                    if names.is_disjoint(gone) {
                        return Err(invalid(none));
                    }
                    names.difference(gone).cloned().collect()
                }
                _ => BTreeSet::new(),
            };
            if !left.is_empty() {
                grant.grantable_columns = match &grant.grantable_columns {
                    Some(Columns::These(names)) => {
                        let kept: BTreeSet<String> = names.intersection(&left).cloned().collect();
                        (!kept.is_empty()).then_some(Columns::These(kept))
                    }
                    _ => None,
                };
                if grant.grantable_columns.is_none() {
                    grant.grantable.clear();
                }
                *columns = Columns::These(left);
                return Ok(());
            }
        }
        grant.permissions.retain(|permission| !self.permissions.contains(permission));
        grant
            .grantable
            .retain(|permission| !self.permissions.contains(permission) && !self.grantable.contains(permission));
        Ok(())
    }
}

/// The columns of both.
fn joined(one: &Columns, two: &Columns) -> Columns {
    match (one, two) {
        (Columns::These(one), Columns::These(two)) => Columns::These(one.union(two).cloned().collect()),
        (Columns::AllBut(one), Columns::AllBut(two)) => Columns::AllBut(one.intersection(two).cloned().collect()),
        (Columns::AllBut(but), Columns::These(names)) | (Columns::These(names), Columns::AllBut(but)) => {
            Columns::AllBut(but.difference(names).cloned().collect())
        }
    }
}

/// What is granted on, which there must be: the database or table, where it is one.
async fn known(cx: &mut Cx, place: Place, target: &Target) -> Result<Option<CatalogEntry>> {
    match target {
        Target::Catalog => Ok(None),
        Target::Location { path } => match Location::covering(cx, place, path).await? {
            Some(_) => Ok(None),
            None => Err(not_found("Resource is not registered.")),
        },
        Target::Tag { key, values } => {
            let tag = Tag::get(cx, place, key).await?;
            match values.iter().find(|value| *value != "*" && !tag.values.contains(*value)) {
                Some(value) => Err(tag.without(value)),
                None => Ok(None),
            }
        }
        Target::Policy { by: By::Expression(expression), .. } => {
            expression.hold_known(cx, place).await?;
            Ok(None)
        }
        Target::Policy { by: By::Name(name), .. } | Target::Expression { name } => {
            Named::get(cx, place, name).await?;
            Ok(None)
        }
        target => {
            let thing = thing(target);
            let entry = rights::entry(cx, place, &thing).await?.ok_or_else(|| rights::missing(&thing))?;
            match target {
                Target::Columns { columns, .. } => {
                    if let Some(unknown) = columns.names().iter().find(|name| !entry.columns.contains(name)) {
                        // UNVERIFIED: the wording.
                        return Err(not_found(format!("Column {unknown} not found.")));
                    }
                }
                Target::Filter { database, table, name } => {
                    let filter = Filter::find(cx, place, database, table, name).await?;
                    filter.ok_or_else(|| not_found(format!("Data cells filter {name} not found.")))?;
                }
                _ => {}
            }
            Ok(Some(entry))
        }
    }
}

/// Whether something can be granted to somebody. What another account's catalog shares is granted on in the account that
/// it is shared with; what an account has it shares within its organization, where AWS needs no invitation.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/dg/cross-account-permissions.html>
async fn hold_grantee(
    cx: &mut Cx,
    place: Place,
    store: Place,
    target: &Target,
    grantee: &Grantee,
    with_option: bool,
) -> Result<()> {
    let foreign = place.account != store.account;
    let inside = grantee.account().is_none_or(|account| account == store.account);
    match grantee {
        // UNVERIFIED: the wordings.
        Grantee::IamAllowed if with_option => {
            Err(invalid("The grant option cannot be given to IAM_ALLOWED_PRINCIPALS."))
        }
        Grantee::IamAllowed if foreign => Err(invalid("IAM_ALLOWED_PRINCIPALS are those of the catalog's account.")),
        Grantee::Account(account) if *account == store.account && !foreign => {
            Err(invalid("Permissions cannot be granted to the catalog's own account."))
        }
        Grantee::Identity(_) | Grantee::Everyone(_) if inside => Ok(()),
        _ if foreign => {
            Err(invalid("What another account shares can be granted to principals of the own account only."))
        }
        Grantee::IamAllowed => Ok(()),
        Grantee::Organization { organization, .. } => {
            let own = cx.membership(store.account).await?;
            let known = own.is_some_and(|own| own.organization == *organization);
            hold_shareable(target, known)
        }
        Grantee::Identity(account) | Grantee::Everyone(account) | Grantee::Account(account) => {
            let known = is_same_organization(cx, store.account, *account).await?;
            hold_shareable(target, known)
        }
    }
}

async fn is_same_organization(cx: &mut Cx, one: AccountId, other: AccountId) -> Result<bool> {
    let (one, other) = (cx.membership(one).await?, cx.membership(other).await?);
    Ok(matches!((one, other), (Some(one), Some(other)) if one.organization == other.organization))
}

fn hold_shareable(target: &Target, same_organization: bool) -> Result<()> {
    if !same_organization {
        return Err(not_implemented("grants to accounts outside of the organization, which AWS RAM invites,"));
    }
    match target {
        Target::Database { .. }
        | Target::Table { .. }
        | Target::Tables { .. }
        | Target::Columns { .. }
        | Target::Filter { .. }
        | Target::Policy { .. } => Ok(()),
        _ => Err(not_implemented("grants to other accounts on other resources than databases and tables")),
    }
}

/// Grants.
pub(super) async fn grant(cx: &mut Cx, catalog: Option<&str>, wish: &Wish) -> Result<()> {
    Change::read(cx, catalog, wish).await?.grant(cx).await
}

/// Revokes.
pub(super) async fn revoke(cx: &mut Cx, catalog: Option<&str>, wish: &Wish) -> Result<()> {
    Change::read(cx, catalog, wish).await?.revoke(cx).await
}

/// Grants permissions on a resource to a principal.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GrantPermissions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GrantPermissions {
    catalog_id: Option<String>,
    principal: Option<DataLakePrincipal>,
    resource: Option<Resource>,
    permissions: Option<BTreeSet<LakePermission>>,
    permissions_with_grant_option: Option<BTreeSet<LakePermission>>,
    condition: Option<IgnoredAny>,
}

impl Operation for GrantPermissions {
    const NAME: &'static str = "GrantPermissions";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GrantPermissions"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let wish = Wish {
            principal: self.principal.clone(),
            resource: self.resource.clone(),
            permissions: self.permissions.clone(),
            permissions_with_grant_option: self.permissions_with_grant_option.clone(),
            condition: self.condition,
        };
        grant(cx, self.catalog_id.as_deref(), &wish).await?;
        Ok(Empty {})
    }
}

/// Revokes permissions on a resource.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RevokePermissions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RevokePermissions {
    catalog_id: Option<String>,
    principal: Option<DataLakePrincipal>,
    resource: Option<Resource>,
    permissions: Option<BTreeSet<LakePermission>>,
    permissions_with_grant_option: Option<BTreeSet<LakePermission>>,
    condition: Option<IgnoredAny>,
}

impl Operation for RevokePermissions {
    const NAME: &'static str = "RevokePermissions";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:RevokePermissions"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let wish = Wish {
            principal: self.principal.clone(),
            resource: self.resource.clone(),
            permissions: self.permissions.clone(),
            permissions_with_grant_option: self.permissions_with_grant_option.clone(),
            condition: self.condition,
        };
        revoke(cx, self.catalog_id.as_deref(), &wish).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_on_columns_add_up() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let these = |names: &[&str]| Columns::These(set(names));
        let all_but = |names: &[&str]| Columns::AllBut(set(names));
        assert_eq!(joined(&these(&["a"]), &these(&["b"])), these(&["a", "b"]));
        assert_eq!(joined(&all_but(&["a", "b"]), &all_but(&["b", "c"])), all_but(&["b"]));
        assert_eq!(joined(&all_but(&["a", "b"]), &these(&["b"])), all_but(&["a"]));
    }
}
