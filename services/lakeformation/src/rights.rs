//! What somebody may do: grants, LF-tags, and what comes with being somebody.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html>

mod port;

use std::collections::BTreeSet;

use welkin_kernel::{
    AccountId, CatalogEntry, Cx, Error, LakeCells, LakePermission, LakeRights, LakeThing, Place, Principal, Result,
};

use crate::errors::{denied, not_found};
use crate::filter::Filter;
use crate::grant::{Grant, is_makers, is_open};
use crate::location::{Location, covers, path_of_url};
use crate::opt_in::OptIn;
use crate::principal::{IAM_ALLOWED, Who};
use crate::resource::{By, TagPolicyKind, Target};
use crate::settings::Settings;
use crate::tag::Expression;
use crate::tag::assign::TagsOf;
use crate::tag::named::Named;

pub(crate) use port::Lake;

/// What somebody may do with something, and may grant to others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pub(crate) admin: bool,
    pub(crate) open: bool,
    pub(crate) permissions: BTreeSet<LakePermission>,
    pub(crate) grantable: BTreeSet<LakePermission>,
    pub(crate) cells: Vec<LakeCells>,
    /// Columns on which SELECT may be granted.
    pub(crate) grantable_columns: BTreeSet<String>,
    pub(crate) registered: bool,
}

impl Held {
    pub(crate) fn rights(self) -> LakeRights {
        let Self { open, permissions, cells, registered, .. } = self;
        LakeRights { open, permissions, cells, registered }
    }

    pub(crate) fn may_grant(&self, permission: LakePermission) -> bool {
        self.admin || self.grantable.contains(&LakePermission::All) || self.grantable.contains(&permission)
    }

    fn is_empty(&self) -> bool {
        self.permissions.is_empty()
    }

    fn add(&mut self, grant: &Grant) {
        self.permissions.extend(&grant.permissions);
        self.grantable.extend(&grant.grantable);
    }

    fn join(&mut self, other: Self) {
        self.permissions.extend(other.permissions);
        self.grantable.extend(other.grantable);
        self.cells.extend(other.cells);
        self.grantable_columns.extend(other.grantable_columns);
    }

    /// What both allow.
    fn within(self, other: &Self) -> Self {
        let both = |one: &BTreeSet<LakePermission>, two: &BTreeSet<LakePermission>| -> BTreeSet<LakePermission> {
            let all = |set: &BTreeSet<LakePermission>| set.contains(&LakePermission::All);
            match (all(one), all(two)) {
                (true, _) => two.clone(),
                (_, true) => one.clone(),
                _ => one.intersection(two).copied().collect(),
            }
        };
        let cells = self.cells.iter().flat_map(|one| other.cells.iter().map(|two| narrowed(one, two))).collect();
        Self {
            permissions: both(&self.permissions, &other.permissions),
            grantable: BTreeSet::new(),
            cells,
            ..Self::default()
        }
    }
}

/// Cells that are among both.
fn narrowed(one: &LakeCells, two: &LakeCells) -> LakeCells {
    let columns = match (&one.columns, &two.columns) {
        (Some(one), Some(two)) => Some(one.intersection(two).cloned().collect()),
        (one, two) => one.clone().or_else(|| two.clone()),
    };
    let rows = match (&one.rows, &two.rows) {
        (Some(one), Some(two)) => Some(format!("({one}) AND ({two})")),
        (one, two) => one.clone().or_else(|| two.clone()),
    };
    LakeCells { columns, rows }
}

/// A denial, in the words of the service.
pub(crate) fn refusal(permission: LakePermission, on: &str) -> Error {
    denied(format!("Insufficient Lake Formation permission(s): Required {permission} on {on}"))
}

/// What there is not.
pub(crate) fn missing(thing: &LakeThing) -> Error {
    match thing {
        LakeThing::Database(name) => not_found(format!("Database {name} not found.")),
        LakeThing::Table(_, name) => not_found(format!("Table {name} not found.")),
        LakeThing::Catalog | LakeThing::Location(_) => not_found(format!("{thing} not found.")),
    }
}

/// The database or table.
pub(crate) async fn entry(cx: &mut Cx, place: Place, thing: &LakeThing) -> Result<Option<CatalogEntry>> {
    let catalog = cx.table_catalog()?;
    match thing {
        LakeThing::Database(name) => catalog.database(cx, place, name).await,
        LakeThing::Table(database, name) => catalog.table(cx, place, database, name).await,
        LakeThing::Catalog | LakeThing::Location(_) => Ok(None),
    }
}

/// Refuses a caller who may not.
///
/// # Errors
/// `AccessDeniedException`
pub(crate) async fn hold(cx: &mut Cx, place: Place, thing: &LakeThing, permission: LakePermission) -> Result<()> {
    let principal = cx.principal().clone();
    match held(cx, &principal, place, thing).await?.rights().has(&[permission]) {
        true => Ok(()),
        false => Err(refusal(permission, &thing.to_string())),
    }
}

fn target(thing: &LakeThing) -> Target {
    match thing.clone() {
        LakeThing::Catalog => Target::Catalog,
        LakeThing::Database(name) => Target::Database { name },
        LakeThing::Table(database, name) => Target::Table { database, name },
        LakeThing::Location(path) => Target::Location { path },
    }
}

/// What a principal may do with a thing, and may grant on it.
pub(crate) async fn held(cx: &mut Cx, principal: &Principal, place: Place, thing: &LakeThing) -> Result<Held> {
    let settings = Settings::find(cx, place).await?.unwrap_or_default();
    let foreign = principal.account() != Some(place.account);
    let who = Who::of(cx, principal, foreign).await?;
    if let LakeThing::Location(location) = thing {
        return at_location(cx, &who, place, &settings, location).await;
    }
    Asked { who: &who, place, settings: &settings, thing }.answer(cx, foreign).await
}

/// What somebody may do at a location: what Lake Formation does not know, it does not govern.
async fn at_location(cx: &mut Cx, who: &Who, place: Place, settings: &Settings, location: &str) -> Result<Held> {
    let path = path_of_url(location).unwrap_or(location);
    let mut held = Held { admin: settings.is_admin(who), ..Held::default() };
    held.open = match Location::covering(cx, place, path).await? {
        None => true,
        // "Hybrid access mode": who has not opted in goes by IAM.
        Some(registered) => registered.hybrid,
    };
    for grant in Grant::under(cx, place, place.account, ("", "", "location")).await? {
        let inside = matches!(&grant.target, Target::Location { path: granted } if covers(granted, path));
        if inside && who.is(&grant.principal) {
            held.add(&grant);
        }
    }
    if held.admin {
        held.permissions.insert(LakePermission::DataLocationAccess);
    }
    Ok(held)
}

/// A question of what somebody may do with the catalog, a database or a table.
struct Asked<'a> {
    who: &'a Who,
    place: Place,
    settings: &'a Settings,
    thing: &'a LakeThing,
}

impl Asked<'_> {
    async fn answer(&self, cx: &mut Cx, foreign: bool) -> Result<Held> {
        let entry = entry(cx, self.place, self.thing).await?;
        if entry.is_none() && *self.thing != LakeThing::Catalog {
            return self.of_what_is_not(cx, foreign).await;
        }
        let account = self.place.account;
        let grants = self.grants(cx, self.place).await?;
        let mut held = if foreign {
            self.shared(cx, &grants, entry.as_ref()).await?
        } else {
            let reached: Vec<&Grant> = grants.iter().filter(|grant| self.reaches(grant)).collect();
            let mut held = self.sum(cx, account, &reached, entry.as_ref()).await?;
            held.admin = self.settings.is_admin(self.who);
            if held.admin {
                held.permissions.insert(match self.thing {
                    LakeThing::Catalog => LakePermission::CreateDatabase,
                    _ => LakePermission::Describe,
                });
            }
            if self.settings.is_read_only_admin(self.who) {
                held.permissions.insert(LakePermission::Describe);
            }
            if is_makers(&grants, &target(self.thing), self.who, entry.as_ref()) {
                held.permissions.insert(LakePermission::All);
                held.grantable.insert(LakePermission::All);
                held.cells.push(LakeCells { columns: None, rows: None });
            }
            held
        };
        if held.is_empty() && matches!(self.thing, LakeThing::Database(_)) && self.sees_inside(cx, foreign).await? {
            held.permissions.insert(LakePermission::Describe);
        }
        held.open = is_open(&grants, &target(self.thing));
        if held.open && OptIn::is_in(cx, self.place, self.who, self.thing).await? {
            held.open = false;
        }
        if let Some(path) = entry.as_ref().and_then(|entry| path_of_url(entry.location.as_deref()?)) {
            let location = Location::covering(cx, self.place, path).await?;
            held.registered = location.is_some_and(|location| !(location.hybrid && held.open));
        }
        Ok(held)
    }

    /// Of what there is not, only who might create it learns that.
    async fn of_what_is_not(&self, cx: &mut Cx, foreign: bool) -> Result<Held> {
        let (around, permission) = match self.thing {
            LakeThing::Table(database, _) => (LakeThing::Database(database.clone()), LakePermission::CreateTable),
            _ => (LakeThing::Catalog, LakePermission::CreateDatabase),
        };
        let asked = Asked { thing: &around, ..*self };
        let held = Box::pin(asked.answer(cx, foreign)).await?;
        let open = held.admin || held.clone().rights().has(&[permission]);
        Ok(Held { open, admin: held.admin, ..Held::default() })
    }

    /// The grants that may bear on it.
    async fn grants(&self, cx: &mut Cx, store: Place) -> Result<Vec<Grant>> {
        let account = self.place.account;
        let mut grants = match self.thing {
            LakeThing::Database(name) => Grant::under(cx, store, account, (name, "", "database")).await?,
            LakeThing::Table(database, name) => {
                let mut grants = Grant::under(cx, store, account, (database, "", "tables")).await?;
                grants.extend(Grant::under(cx, store, account, (database, name, "")).await?);
                grants
            }
            _ => return Grant::under(cx, store, account, ("", "", "catalog")).await,
        };
        grants.extend(Grant::under(cx, store, account, ("", "", "policy")).await?);
        Ok(grants)
    }

    /// Whether a grant in its own catalog is to the caller.
    fn reaches(&self, grant: &Grant) -> bool {
        self.who.is(&grant.principal) || grant.principal == IAM_ALLOWED
    }

    /// What another account's caller may do: what was granted to it, and what was to its account and has been granted on
    /// there. The account's administrators may do all that was granted to the account.
    async fn shared(&self, cx: &mut Cx, grants: &[Grant], entry: Option<&CatalogEntry>) -> Result<Held> {
        let account = self.place.account;
        let direct: Vec<&Grant> = grants.iter().filter(|grant| self.who.is(&grant.principal)).collect();
        let mut held = self.sum(cx, account, &direct, entry).await?;
        let shared: Vec<&Grant> = grants.iter().filter(|grant| self.who.is_shared_with(&grant.principal)).collect();
        let Some(own) = self.who.account.filter(|_| !shared.is_empty()) else { return Ok(held) };
        let shared = self.sum(cx, account, &shared, entry).await?;
        let home = Place::new(own, self.place.region);
        let settings = Settings::find(cx, home).await?.unwrap_or_default();
        if settings.is_admin(self.who) {
            held.join(shared);
            return Ok(held);
        }
        let local = self.grants(cx, home).await?;
        let local: Vec<&Grant> = local.iter().filter(|grant| self.who.is(&grant.principal)).collect();
        let local = self.sum(cx, account, &local, entry).await?;
        held.join(shared.within(&local));
        Ok(held)
    }

    /// What grants come to.
    async fn sum(
        &self,
        cx: &mut Cx,
        account: AccountId,
        grants: &[&Grant],
        entry: Option<&CatalogEntry>,
    ) -> Result<Held> {
        let mut held = Held::default();
        let mut tags: Option<TagsOf> = None;
        let columns = entry.map(|entry| entry.columns.as_slice()).unwrap_or_default();
        for grant in grants {
            match &grant.target {
                Target::Columns { columns: chosen, .. } => {
                    held.permissions.extend(&grant.permissions);
                    held.cells.push(LakeCells { columns: Some(chosen.of(columns)), rows: None });
                    held.grantable_columns.extend(grant.grantable_columns.iter().flat_map(|chosen| chosen.of(columns)));
                }
                Target::Filter { database, table, name } => {
                    let place = Place::new(account, self.place.region);
                    if let Some(filter) = Filter::find(cx, place, database, table, name).await? {
                        held.permissions.extend(&grant.permissions);
                        held.cells.push(filter.cells(columns));
                    }
                }
                Target::Policy { kind, by } => {
                    let tags = match &mut tags {
                        Some(tags) => tags,
                        none => none.insert(self.tags(cx).await?),
                    };
                    if let Some(expression) = self.expression(cx, by).await? {
                        held.join(self.by_tags(grant, *kind, &expression, tags, columns));
                    }
                }
                _ => {
                    held.add(grant);
                    if grant.has(&[LakePermission::Select]) {
                        held.cells.push(LakeCells { columns: None, rows: None });
                    }
                }
            }
        }
        Ok(held)
    }

    async fn tags(&self, cx: &mut Cx) -> Result<TagsOf> {
        match self.thing {
            LakeThing::Database(database) | LakeThing::Table(database, _) => {
                TagsOf::load(cx, self.place, database).await
            }
            _ => Ok(TagsOf::default()),
        }
    }

    async fn expression(&self, cx: &mut Cx, by: &By) -> Result<Option<Expression>> {
        match by {
            By::Expression(expression) => Ok(Some(expression.clone())),
            By::Name(name) => Ok(Named::find(cx, self.place, name).await?.map(|named| named.expression)),
        }
    }

    /// What a grant by LF-tags comes to. Columns may have other tags than their table: those that have the right ones
    /// may be read.
    fn by_tags(
        &self,
        grant: &Grant,
        kind: TagPolicyKind,
        expression: &Expression,
        tags: &TagsOf,
        columns: &[String],
    ) -> Held {
        let mut held = Held::default();
        match (self.thing, kind) {
            (LakeThing::Database(_), TagPolicyKind::Database) if expression.takes(&tags.database()) => held.add(grant),
            (LakeThing::Table(_, table), TagPolicyKind::Table) => {
                if expression.takes(&tags.table(table)) {
                    held.add(grant);
                }
                if !grant.has(&[LakePermission::Select]) {
                    return held;
                }
                let fits = |name: &&String| expression.takes(&tags.column(table, name));
                let chosen: BTreeSet<String> = columns.iter().filter(fits).cloned().collect();
                let all = chosen.len() == columns.len() && !held.is_empty();
                if !chosen.is_empty() || all {
                    held.permissions.insert(LakePermission::Select);
                    held.cells.push(LakeCells { columns: (!all).then_some(chosen), rows: None });
                }
            }
            _ => {}
        }
        held
    }

    /// Whether the caller may do something with a table of the database: then the database may be seen.
    // UNVERIFIED: that any permission on a table shows its database; documented is that having made one does.
    async fn sees_inside(&self, cx: &mut Cx, foreign: bool) -> Result<bool> {
        let LakeThing::Database(database) = self.thing else { return Ok(false) };
        let account = self.place.account;
        let to = |grant: &Grant| {
            (self.who.is(&grant.principal) || (foreign && self.who.is_shared_with(&grant.principal)))
                && !grant.permissions.is_empty()
        };
        if Grant::within(cx, self.place, account, database).await?.iter().any(to) {
            return Ok(true);
        }
        for grant in Grant::under(cx, self.place, account, ("", "", "policy")).await?.iter().filter(|grant| to(grant)) {
            let Target::Policy { kind: TagPolicyKind::Table, by } = &grant.target else { continue };
            let Some(expression) = self.expression(cx, by).await? else { continue };
            let tags = self.tags(cx).await?;
            let tables = tags.tables();
            if expression.takes(&tags.database()) || tables.iter().any(|table| expression.takes(&tags.table(table))) {
                return Ok(true);
            }
        }
        let tables = cx.table_catalog()?.tables(cx, self.place, database).await?;
        Ok(tables.iter().any(|table| self.who.made(table.created_by.as_deref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(columns: Option<&[&str]>, rows: Option<&str>) -> LakeCells {
        let columns = columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect());
        LakeCells { columns, rows: rows.map(str::to_owned) }
    }

    #[test]
    fn what_is_granted_on_is_not_more_than_what_was_shared() {
        let shared = Held {
            permissions: BTreeSet::from([LakePermission::Select, LakePermission::Insert]),
            cells: vec![cells(Some(&["a", "b"]), Some("x = 1"))],
            ..Held::default()
        };
        let local = Held {
            permissions: BTreeSet::from([LakePermission::All]),
            cells: vec![cells(Some(&["b", "c"]), Some("y = 2"))],
            ..Held::default()
        };
        let both = shared.within(&local);
        assert_eq!(both.permissions, BTreeSet::from([LakePermission::Select, LakePermission::Insert]));
        assert_eq!(both.cells, vec![cells(Some(&["b"]), Some("(x = 1) AND (y = 2)"))]);
    }
}
