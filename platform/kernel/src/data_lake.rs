//! What Lake Formation and the Data Catalog need of each other: ports, so that neither knows the other's crate.
//!
//! A statement of access may [demand](LakeDemand) permissions of Lake Formation beside those of IAM: they are looked at
//! after these, for the call as for each thing of a listing.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::{Cx, Place, Principal, Result};

/// A permission of Lake Formation.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LakePermission {
    /// All of them that a thing of this type can be given.
    All,
    /// Reading rows.
    Select,
    /// Changing a definition.
    Alter,
    /// Removing a definition.
    Drop,
    /// Deleting rows.
    Delete,
    /// Adding rows.
    Insert,
    /// Seeing a definition.
    Describe,
    /// Creating databases.
    CreateDatabase,
    /// Creating tables.
    CreateTable,
    /// Creating databases and tables whose data are at a location.
    DataLocationAccess,
    /// Creating LF-tags.
    CreateLfTag,
    /// Assigning an LF-tag.
    Associate,
    /// Granting by an LF-tag expression.
    GrantWithLfTagExpression,
    /// Creating LF-tag expressions.
    CreateLfTagExpression,
    /// Creating catalogs.
    CreateCatalog,
    /// All of a catalog.
    SuperUser,
    /// Running functions.
    Execute,
}

impl fmt::Display for LakePermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "All",
            Self::Select => "Select",
            Self::Alter => "Alter",
            Self::Drop => "Drop",
            Self::Delete => "Delete",
            Self::Insert => "Insert",
            Self::Describe => "Describe",
            Self::CreateDatabase => "Create Database",
            Self::CreateTable => "Create Table",
            Self::DataLocationAccess => "Data Location Access",
            Self::CreateLfTag => "Create LF-Tag",
            Self::Associate => "Associate",
            Self::GrantWithLfTagExpression => "Grant with LF-Tag expression",
            Self::CreateLfTagExpression => "Create LF-Tag expression",
            Self::CreateCatalog => "Create Catalog",
            Self::SuperUser => "Super user",
            Self::Execute => "Execute",
        })
    }
}

/// What permissions are on. Names are folded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LakeThing {
    /// The catalog itself.
    Catalog,
    /// A database.
    Database(String),
    /// A table, by its database's name and its own.
    Table(String, String),
    /// A location in S3, as `s3://bucket/prefix`: permissions are asked for only if it is registered.
    Location(String),
}

impl fmt::Display for LakeThing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog => f.write_str("Catalog"),
            Self::Database(name) | Self::Table(_, name) => f.write_str(name),
            Self::Location(location) => f.write_str(location),
        }
    }
}

/// What a call demands of Lake Formation: one of several permissions on a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeDemand {
    /// Where the catalog is.
    pub place: Place,
    /// On what.
    pub thing: LakeThing,
    /// Permissions of which one is enough.
    pub any_of: Vec<LakePermission>,
}

/// Rows and columns that may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeCells {
    /// Names of the columns; `None` for all that there are and will be.
    pub columns: Option<BTreeSet<String>>,
    /// A condition in SQL that the rows fulfil; `None` for all rows.
    pub rows: Option<String>,
}

/// What a principal may do with a thing, by Lake Formation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LakeRights {
    /// Whether IAM alone decides: `IAM_ALLOWED_PRINCIPALS` have everything.
    pub open: bool,
    /// Permissions that were granted, or come with being somebody.
    pub permissions: BTreeSet<LakePermission>,
    /// What may be read of a table: the union of these.
    pub cells: Vec<LakeCells>,
    /// Whether the data are at a registered location, and are read with its role.
    pub registered: bool,
}

impl LakeRights {
    /// What there is where Lake Formation has nothing to say.
    pub fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Whether one of these permissions is there. Who has any permission may see the definition: "If any other Data
    /// Catalog permissions are granted … this permission is implicitly granted".
    ///
    /// <https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html>
    pub fn has(&self, any_of: &[LakePermission]) -> bool {
        self.open || self.granted(any_of)
    }

    /// Whether one of these permissions is there, whatever IAM decides.
    pub fn granted(&self, any_of: &[LakePermission]) -> bool {
        let sees = any_of.contains(&LakePermission::Describe) && !self.permissions.is_empty();
        sees || self.permissions.contains(&LakePermission::All)
            || any_of.iter().any(|permission| self.permissions.contains(permission))
    }

    /// Whether every column and row may be read.
    pub fn reads_all(&self) -> bool {
        self.open || self.cells.iter().any(|cells| cells.columns.is_none() && cells.rows.is_none())
    }

    /// Whether this column may be read, at least in some rows.
    pub fn reads(&self, column: &str) -> bool {
        let has = |cells: &LakeCells| cells.columns.as_ref().is_none_or(|columns| columns.contains(column));
        self.open || self.cells.iter().any(has)
    }

    /// Whether this column is shown in the definition: to whom the table may be described, changed or written all are,
    /// to others those that they may read.
    // UNVERIFIED: that DESCRIBE alone shows all columns.
    pub fn shows(&self, column: &str) -> bool {
        use LakePermission::{All, Alter, Delete, Describe, Drop, Insert};
        let whole = [All, Describe, Alter, Drop, Insert, Delete];
        self.open || whole.iter().any(|permission| self.permissions.contains(permission)) || self.reads(column)
    }
}

/// Knows what Lake Formation permits. Lake Formation implements it.
pub trait DataLake: Send + Sync {
    /// What a principal may do with a thing. Where Lake Formation has never been used, this reads one row.
    fn rights<'a>(
        &'a self,
        cx: &'a mut Cx,
        principal: &'a Principal,
        place: Place,
        thing: &'a LakeThing,
    ) -> BoxFuture<'a, Result<LakeRights>>;

    /// Whether new databases' tables are open to whom IAM allows, unless their creator says otherwise.
    fn opens_tables<'a>(&'a self, cx: &'a mut Cx, place: Place) -> BoxFuture<'a, Result<bool>>;

    /// A database or table was created: `open` says whether IAM alone decides on it, `None` leaves it to the settings.
    fn created<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        thing: &'a LakeThing,
        open: Option<bool>,
    ) -> BoxFuture<'a, Result<()>>;

    /// A database or table was deleted: with it goes what was granted on it.
    fn deleted<'a>(&'a self, cx: &'a mut Cx, place: Place, thing: &'a LakeThing) -> BoxFuture<'a, Result<()>>;
}

/// A database or table, as far as Lake Formation goes by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    /// Its name, folded.
    pub name: String,
    /// Of a table: its columns, those of partition keys last.
    pub columns: Vec<String>,
    /// Where its data are: `s3://…`.
    pub location: Option<String>,
    /// The ARN of who made it.
    pub created_by: Option<String>,
}

/// Knows databases and tables. Glue implements it.
pub trait TableCatalog: Send + Sync {
    /// A database.
    fn database<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<CatalogEntry>>>;

    /// A table of a database.
    fn table<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        database: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<CatalogEntry>>>;

    /// All databases, by name.
    fn databases<'a>(&'a self, cx: &'a mut Cx, place: Place) -> BoxFuture<'a, Result<Vec<CatalogEntry>>>;

    /// All tables of a database, by name.
    fn tables<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        database: &'a str,
    ) -> BoxFuture<'a, Result<Vec<CatalogEntry>>>;
}

impl Cx {
    /// What a principal may do with a thing of a catalog, by Lake Formation. Inside [`stage`](Self::stage), where no
    /// transaction is open, it is read in one of its own.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn lake_rights(&mut self, principal: &Principal, place: Place, thing: &LakeThing) -> Result<LakeRights> {
        let Some(lake) = self.kernel.registry().lake.clone() else { return Ok(LakeRights::open()) };
        if self.run.transaction.is_some() {
            return lake.rights(self, principal, place, thing).await;
        }
        self.run.transaction = Some(self.kernel.store().begin().await?);
        let rights = lake.rights(self, principal, place, thing).await;
        self.run.transaction = None;
        rights
    }

    /// Whether new databases' tables are open to whom IAM allows: what Lake Formation's settings say.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn lake_opens_tables(&mut self, place: Place) -> Result<bool> {
        match self.kernel.registry().lake.clone() {
            Some(lake) => lake.opens_tables(self, place).await,
            None => Ok(true),
        }
    }

    /// Tells Lake Formation of a new database or table.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn lake_created(&mut self, place: Place, thing: &LakeThing, open: Option<bool>) -> Result<()> {
        match self.kernel.registry().lake.clone() {
            Some(lake) => lake.created(self, place, thing, open).await,
            None => Ok(()),
        }
    }

    /// Tells Lake Formation that a database or table is deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn lake_deleted(&mut self, place: Place, thing: &LakeThing) -> Result<()> {
        match self.kernel.registry().lake.clone() {
            Some(lake) => lake.deleted(self, place, thing).await,
            None => Ok(()),
        }
    }

    /// Who knows databases and tables.
    ///
    /// # Errors
    /// Nobody does.
    pub fn table_catalog(&self) -> Result<Arc<dyn TableCatalog>> {
        let tables = self.kernel.registry().tables.clone();
        tables.ok_or_else(|| crate::Error::internal("no service knows databases and tables"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(permissions: &[LakePermission], cells: &[(Option<&[&str]>, Option<&str>)]) -> LakeRights {
        let cells = cells.iter().map(|(columns, rows)| LakeCells {
            columns: columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect()),
            rows: rows.map(str::to_owned),
        });
        LakeRights { permissions: permissions.iter().copied().collect(), cells: cells.collect(), ..Default::default() }
    }

    #[test]
    fn who_may_do_anything_sees_the_definition() {
        use LakePermission::{Alter, Describe, Insert, Select};
        assert!(rights(&[Insert], &[]).has(&[Describe]));
        assert!(!rights(&[], &[]).has(&[Describe]));
        assert!(!rights(&[Insert], &[]).has(&[Alter, Select]));
        assert!(rights(&[LakePermission::All], &[]).has(&[Alter]));
        assert!(LakeRights::open().has(&[Alter]) && !LakeRights::open().granted(&[Alter]));
    }

    #[test]
    fn columns_are_shown_that_may_be_read() {
        let some = rights(&[LakePermission::Select], &[(Some(&["a"]), None), (Some(&["b"]), Some("x = 1"))]);
        assert!(some.shows("a") && some.shows("b") && !some.shows("c") && !some.reads_all());
        assert!(rights(&[LakePermission::Describe], &[]).shows("c"));
        assert!(rights(&[], &[(None, None)]).reads_all());
    }
}
