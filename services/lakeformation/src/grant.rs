//! What was granted: who has which permissions on what.
//!
//! A row is all that a principal has on one thing. `IAM_ALLOWED_PRINCIPALS` have everything on databases and tables, and
//! who made a database or table has everything on it with the grant option, without a row: a row says otherwise, and one
//! without permissions that it was revoked. So nothing is written while IAM alone decides.

pub(crate) mod batch;
pub(crate) mod change;
pub(crate) mod list;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    AccountId, CatalogEntry, Cx, IntoKey, Key, LakePermission, Page, Place, Resource, Result, Scope, Timestamp,
};

use crate::principal::{IAM_ALLOWED, Who, maker};
use crate::resource::{Columns, Target};

/// Permissions of a principal on something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// Whose catalog it is in: another account's, where that one shares it.
    pub(crate) catalog: AccountId,
    pub(crate) target: Target,
    pub(crate) principal: String,
    pub(crate) permissions: BTreeSet<LakePermission>,
    /// Those that it may grant to others.
    pub(crate) grantable: BTreeSet<LakePermission>,
    /// Of a grant on columns: those on which it may grant.
    pub(crate) grantable_columns: Option<Columns>,
    pub(crate) updated: Timestamp,
    pub(crate) updated_by: Option<String>,
}

/// The key of a grant: what it is on, then to whom it is.
fn key(catalog: AccountId, target: &Target, principal: &str) -> Key {
    let (database, table, kind, rest) = target.parts();
    ((catalog, database, table), (kind, rest, principal)).into_key()
}

impl Resource for Grant {
    const KIND: &'static str = "lakeformation/grant";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        key(self.catalog, &self.target, &self.principal)
    }
}

impl Grant {
    /// A grant of nothing.
    pub(crate) fn none(cx: &Cx, catalog: AccountId, target: Target, principal: &str) -> Self {
        Self {
            catalog,
            target,
            principal: principal.to_owned(),
            permissions: BTreeSet::new(),
            grantable: BTreeSet::new(),
            grantable_columns: None,
            updated: cx.now().whole_secs(),
            updated_by: cx.principal().arn(cx.region().partition()).map(String::from),
        }
    }

    /// Whether it has one of these.
    pub(crate) fn has(&self, any_of: &[LakePermission]) -> bool {
        let all = self.permissions.contains(&LakePermission::All);
        all || any_of.iter().any(|permission| self.permissions.contains(permission))
    }

    /// The grant to a principal on something, as it is kept.
    pub(crate) async fn find(
        cx: &mut Cx,
        store: Place,
        catalog: AccountId,
        target: &Target,
        principal: &str,
    ) -> Result<Option<Self>> {
        cx.get::<Self>(store, key(catalog, target, principal)).await
    }

    /// Grants on one type of thing: database, table, type; all of a table if no type is told.
    pub(crate) async fn under(
        cx: &mut Cx,
        store: Place,
        catalog: AccountId,
        (database, table, kind): (&str, &str, &str),
    ) -> Result<Vec<Self>> {
        let at = (catalog, database, table);
        match kind {
            "" => cx.list::<Self>(store, at, Page::ALL).await,
            kind => cx.list::<Self>(store, (at, kind), Page::ALL).await,
        }
    }

    /// Grants on a database and on everything in it.
    pub(crate) async fn within(cx: &mut Cx, store: Place, catalog: AccountId, database: &str) -> Result<Vec<Self>> {
        cx.list::<Self>(store, (catalog, database), Page::ALL).await
    }

    pub(crate) async fn all(cx: &mut Cx, store: Place) -> Result<Vec<Self>> {
        cx.list::<Self>(store, (), Page::ALL).await
    }

    pub(crate) async fn remove(&self, cx: &mut Cx, store: Place) -> Result<()> {
        cx.delete::<Self>(store, Resource::key(self)).await.map(drop)
    }

    /// What there is without a row: what IAM allows, and what comes with having made something.
    pub(crate) fn implied(cx: &Cx, catalog: AccountId, target: &Target, entry: Option<&CatalogEntry>) -> Vec<Self> {
        let mut implied = Vec::new();
        let iam = match target {
            Target::Catalog => Some(LakePermission::CreateDatabase),
            Target::Database { .. } | Target::Table { .. } => Some(LakePermission::All),
            _ => None,
        };
        if let Some(permission) = iam {
            let none = Self::none(cx, catalog, target.clone(), IAM_ALLOWED);
            implied.push(Self { permissions: BTreeSet::from([permission]), updated_by: None, ..none });
        }
        let made = entry.and_then(|entry| entry.created_by.as_deref());
        if let (Some(made), Target::Database { .. } | Target::Table { .. }) = (made, target) {
            let all = BTreeSet::from([LakePermission::All]);
            let none = Self::none(cx, catalog, target.clone(), &maker(made));
            implied.push(Self { permissions: all.clone(), grantable: all, updated_by: None, ..none });
        }
        implied
    }
}

/// Whether something is open to whom IAM allows, given the grants on it.
pub(crate) fn is_open(grants: &[Grant], target: &Target) -> bool {
    let own = grants.iter().find(|grant| grant.principal == IAM_ALLOWED && grant.target == *target);
    let everything = match target {
        Target::Catalog => LakePermission::CreateDatabase,
        _ => LakePermission::All,
    };
    let around = |grant: &&Grant| grant.principal == IAM_ALLOWED && matches!(grant.target, Target::Tables { .. });
    own.is_none_or(|grant| grant.has(&[everything]))
        || grants.iter().find(around).is_some_and(|grant| grant.has(&[everything]))
}

/// Whether somebody has what comes with having made something: there is no row that says otherwise.
pub(crate) fn is_makers(grants: &[Grant], target: &Target, who: &Who, entry: Option<&CatalogEntry>) -> bool {
    who.made(entry.and_then(|entry| entry.created_by.as_deref()))
        && !grants.iter().any(|grant| grant.target == *target && who.is(&grant.principal))
}
