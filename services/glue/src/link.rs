//! Resource links: databases and tables that stand for others, perhaps in another account's catalog.
//!
//! What becomes of an operation on a link: <https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-about.html>.
//! Links are followed once: "you can't create a chain of resource links".

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Region, Result};

use crate::catalog::{Catalog, Subject, fold};
use crate::errors::{invalid, not_implemented};
use crate::table::{Address, Table};

/// The database that a link stands for.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DatabaseIdentifier.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DatabaseIdentifier {
    pub(crate) catalog_id: Option<String>,
    pub(crate) database_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

/// The table that a link stands for.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_TableIdentifier.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableIdentifier {
    pub(crate) catalog_id: Option<String>,
    pub(crate) database_name: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

fn hold_region(region: Option<&str>, own: Region) -> Result<()> {
    match region {
        Some(region) if region != own.name() => Err(not_implemented("resource links to other Regions")),
        _ => Ok(()),
    }
}

impl DatabaseIdentifier {
    /// Where the database is.
    ///
    /// # Errors
    /// `InvalidInputException`, `EntityNotFoundException`, `NotImplemented`
    pub(crate) fn address(&self, cx: &Cx) -> Result<(Catalog, String)> {
        hold_region(self.region.as_deref(), cx.region())?;
        // UNVERIFIED: the wording.
        let name = self.database_name.as_deref().ok_or_else(|| invalid("TargetDatabase must have a name."))?;
        Ok((Catalog::of(cx, self.catalog_id.as_deref())?, fold(name)))
    }

    /// As it is kept: with the catalog.
    pub(crate) fn whole(&self, cx: &Cx) -> Result<Self> {
        let (catalog, name) = self.address(cx)?;
        Ok(Self { catalog_id: Some(catalog.id()), database_name: Some(name), region: self.region.clone() })
    }
}

impl TableIdentifier {
    /// Where the table is.
    ///
    /// # Errors
    /// `InvalidInputException`, `EntityNotFoundException`, `NotImplemented`
    pub(crate) fn address(&self, cx: &Cx) -> Result<Address> {
        hold_region(self.region.as_deref(), cx.region())?;
        match (&self.database_name, &self.name) {
            (Some(database), Some(name)) => Address::of(cx, self.catalog_id.as_deref(), database, name),
            // UNVERIFIED: the wording.
            _ => Err(invalid("TargetTable must have a database and a name.")),
        }
    }

    /// As it is kept: with the catalog.
    pub(crate) fn whole(&self, cx: &Cx) -> Result<Self> {
        let Address { catalog, database, name } = self.address(cx)?;
        let (catalog_id, database_name, name) = (Some(catalog.id()), Some(database), Some(name));
        Ok(Self { catalog_id, database_name, name, region: self.region.clone() })
    }
}

impl Catalog {
    /// The database that a name stands for: itself, or the one that it is a link to.
    pub(crate) async fn followed(self, cx: &mut Cx, name: &str) -> Result<(Self, String)> {
        match self.find(cx, name).await?.and_then(|database| database.target().cloned()) {
            Some(target) => target.address(cx),
            None => Ok((self, name.to_owned())),
        }
    }

    /// The access that an operation on a database demands: of a link, that it may be seen, and the operation on what it
    /// stands for.
    pub(crate) async fn followed_access(self, cx: &mut Cx, operation: &str, name: &str) -> Result<Access> {
        let (catalog, target) = self.followed(cx, name).await?;
        let own = Subject::Database(name);
        if (catalog, target.as_str()) == (self, name) {
            return self.access(cx, operation, own).await;
        }
        let link = self.access_to_link(cx, operation, own).await?;
        Ok(link.and(catalog.access(cx, operation, Subject::Database(&target)).await?))
    }
}

impl Address {
    /// The address with the database that its name stands for.
    pub(crate) async fn in_followed_database(&self, cx: &mut Cx) -> Result<Self> {
        let (catalog, database) = self.catalog.followed(cx, &self.database).await?;
        Ok(Self { catalog, database, name: self.name.clone() })
    }

    /// The table that the address stands for, whether or not there is one.
    pub(crate) async fn followed(&self, cx: &mut Cx) -> Result<Self> {
        let inside = self.in_followed_database(cx).await?;
        let Some(database) = inside.catalog.find(cx, &inside.database).await? else { return Ok(inside) };
        let table = cx.get::<Table>(inside.catalog.place, (database.id, inside.name.as_str())).await?;
        match table.and_then(|table| table.definition.target_table) {
            // "If both the table and the database are resource links", the table's is not followed.
            Some(target) if inside.database == self.database => target.address(cx),
            _ => Ok(inside),
        }
    }

    /// The access that an operation on the table demands, of links and of what they stand for.
    pub(crate) async fn access(&self, cx: &mut Cx, operation: &str) -> Result<Access> {
        let target = self.followed(cx).await?;
        self.access_through(cx, operation, &target).await
    }

    /// The access that an operation demands which follows links of databases only: on the table's link itself.
    pub(crate) async fn access_unfollowed(&self, cx: &mut Cx, operation: &str) -> Result<Access> {
        let target = self.in_followed_database(cx).await?;
        self.access_through(cx, operation, &target).await
    }

    async fn access_through(&self, cx: &mut Cx, operation: &str, target: &Self) -> Result<Access> {
        let on_target = target.catalog.access(cx, operation, Subject::Table(&target.database, &target.name)).await?;
        if target.is(self) {
            return Ok(on_target);
        }
        let own = match target.name == self.name && target.database != self.database {
            true => Subject::Database(&self.database),
            false => Subject::Table(&self.database, &self.name),
        };
        Ok(self.catalog.access_to_link(cx, operation, own).await?.and(on_target))
    }

    fn is(&self, other: &Self) -> bool {
        (self.catalog, &self.database, &self.name) == (other.catalog, &other.database, &other.name)
    }
}
