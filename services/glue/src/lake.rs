//! What Lake Formation has to say: which of its permissions an operation needs, and what it learns of databases and
//! tables.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html>

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use welkin_kernel::{
    CatalogEntry, Cx, LakeDemand, LakePermission, LakeRights, LakeThing, Page, Place, Result, TableCatalog,
};

use crate::catalog::{Catalog, Subject};
use crate::database::Database;
use crate::errors::AccessDeniedException;
use crate::table::{Address, Table};

/// What an operation needs of Lake Formation on what it is about; nothing where IAM alone decides.
pub(crate) fn demand(place: Place, operation: &str, subject: Subject<'_>) -> Option<LakeDemand> {
    use LakePermission::{Alter, CreateDatabase, CreateTable, Delete, Describe, Drop, Insert};
    let reads = ["Get", "BatchGet", "Search"].iter().any(|verb| operation.starts_with(verb));
    let database = |name: &str| LakeThing::Database(name.to_owned());
    let (thing, any_of) = match (operation, subject) {
        (_, Subject::Catalog | Subject::Connection(_)) => return None,
        ("CreateDatabase", _) => (LakeThing::Catalog, vec![CreateDatabase]),
        ("DeleteDatabase", Subject::Database(name)) => (database(name), vec![Drop]),
        // With the database goes what is in it.
        ("DeleteDatabase", _) => return None,
        ("CreateTable", Subject::Database(name) | Subject::Table(name, _)) => (database(name), vec![CreateTable]),
        ("BatchDeleteTable", Subject::Database(name)) => (database(name), vec![Describe]),
        (_, Subject::Database(name)) => (database(name), vec![if reads { Describe } else { Alter }]),
        // UNVERIFIED: which permissions on the database functions need.
        ("CreateUserDefinedFunction", Subject::Function(of, _)) => (database(of), vec![CreateTable]),
        (_, Subject::Function(of, _)) => (database(of), vec![if reads { Describe } else { Alter }]),
        (_, Subject::Table(of, name)) => {
            let any_of = match operation {
                _ if reads => vec![Describe],
                "DeleteTable" | "BatchDeleteTable" => vec![Drop],
                // UNVERIFIED: that who may write rows may change partitions.
                "DeletePartition" | "BatchDeletePartition" => vec![Alter, Delete],
                "CreatePartition" | "BatchCreatePartition" | "UpdatePartition" | "BatchUpdatePartition" => {
                    vec![Alter, Insert]
                }
                _ => vec![Alter],
            };
            (LakeThing::Table(of.to_owned(), name.to_owned()), any_of)
        }
    };
    Some(LakeDemand { place, thing, any_of })
}

/// What putting data at a location needs.
pub(crate) fn location(place: Place, location: Option<&str>) -> Option<LakeDemand> {
    let location = location.filter(|location| !location.is_empty())?;
    Some(LakeDemand {
        place,
        thing: LakeThing::Location(location.to_owned()),
        any_of: vec![LakePermission::DataLocationAccess],
    })
}

/// The policy of a catalog for a caller of another account to whom Lake Formation grants what it needs: as AWS RAM would
/// attach one.
pub(crate) async fn shared(
    cx: &mut Cx,
    catalog: Catalog,
    operation: &str,
    demand: Option<&LakeDemand>,
    arns: &[String],
) -> Result<Option<Value>> {
    let principal = cx.principal().clone();
    let Some(account) = principal.account().filter(|account| *account != catalog.place.account) else {
        return Ok(None);
    };
    let granted = match demand {
        Some(demand) => cx.lake_rights(&principal, demand.place, &demand.thing).await?.granted(&demand.any_of),
        None => lists(operation) && any_database(cx, catalog).await?,
    };
    Ok(granted.then(|| {
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{}:iam::{account}:root", cx.region().partition()) },
            "Action": format!("glue:{operation}"),
            "Resource": arns,
        })
    }))
}

/// Whether an operation shows what there is in a catalog that may be seen.
fn lists(operation: &str) -> bool {
    matches!(operation, "GetDatabases" | "SearchTables")
}

/// Whether the caller may see any database by a grant.
async fn any_database(cx: &mut Cx, catalog: Catalog) -> Result<bool> {
    let principal = cx.principal().clone();
    for database in cx.list::<Database>(catalog.place, (), Page::ALL).await? {
        let thing = LakeThing::Database(database.name);
        if cx.lake_rights(&principal, catalog.place, &thing).await?.granted(&[LakePermission::Describe]) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A catalog's policy with a statement more.
pub(crate) fn with_statement(policy: Option<&str>, statement: Value) -> String {
    let parsed = policy.and_then(|policy| serde_json::from_str::<Value>(policy).ok());
    let mut policy = parsed.unwrap_or_else(|| json!({ "Version": "2012-10-17", "Statement": [] }));
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(statement),
        Some(one) => *one = json!([one.take(), statement]),
        None => {}
    }
    policy.to_string()
}

/// What the caller may do with a table.
pub(crate) async fn rights(cx: &mut Cx, catalog: Catalog, database: &str, table: &str) -> Result<LakeRights> {
    let principal = cx.principal().clone();
    let thing = LakeThing::Table(database.to_owned(), table.to_owned());
    cx.lake_rights(&principal, catalog.place, &thing).await
}

/// Refuses statistics of columns that the caller may not read: they tell what is in them.
///
/// # Errors
/// `AccessDeniedException`
pub(crate) async fn hold_columns(cx: &mut Cx, address: &Address, columns: &[String]) -> Result<()> {
    let rights = rights(cx, address.catalog, &address.database, &address.name).await?;
    let reads = |column: &&String| rights.reads(&column.to_lowercase()) || rights.granted(&[LakePermission::Alter]);
    match columns.iter().find(|column| !reads(column)) {
        None => Ok(()),
        Some(column) => {
            let message = format!("Insufficient Lake Formation permission(s): Required Select on {column}");
            Err(AccessDeniedException::because(message))
        }
    }
}

/// The Data Catalog, as Lake Formation knows it.
pub(crate) struct Tables;

fn of_database(database: Database) -> CatalogEntry {
    let location = database.location().map(str::to_owned);
    CatalogEntry { name: database.name, columns: Vec::new(), location, created_by: database.created_by }
}

fn of_table(table: Table) -> CatalogEntry {
    let columns = table.definition.columns().map(|column| column.name.to_lowercase()).collect();
    let location = table.definition.location().map(str::to_owned);
    CatalogEntry { name: table.name, columns, location, created_by: table.created_by }
}

impl TableCatalog for Tables {
    fn database<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<CatalogEntry>>> {
        Box::pin(async move { Ok(cx.get::<Database>(place, name).await?.map(of_database)) })
    }

    fn table<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        database: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<CatalogEntry>>> {
        Box::pin(async move {
            let Some(database) = cx.get::<Database>(place, database).await? else { return Ok(None) };
            Ok(cx.get::<Table>(place, (database.id, name)).await?.map(of_table))
        })
    }

    fn databases<'a>(&'a self, cx: &'a mut Cx, place: Place) -> BoxFuture<'a, Result<Vec<CatalogEntry>>> {
        Box::pin(
            async move { Ok(cx.list::<Database>(place, (), Page::ALL).await?.into_iter().map(of_database).collect()) },
        )
    }

    fn tables<'a>(
        &'a self,
        cx: &'a mut Cx,
        place: Place,
        database: &'a str,
    ) -> BoxFuture<'a, Result<Vec<CatalogEntry>>> {
        Box::pin(async move {
            let Some(database) = cx.get::<Database>(place, database).await? else { return Ok(Vec::new()) };
            Ok(cx.list::<Table>(place, database.id, Page::ALL).await?.into_iter().map(of_table).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use welkin_kernel::Region;

    #[test]
    fn operations_need_what_they_do() {
        let place = Place::new("111122223333".parse().expect("an account"), Region::US_EAST_1);
        let of = |operation, subject| {
            demand(place, operation, subject).map(|demand| (demand.thing.to_string(), demand.any_of))
        };
        let table = Subject::Table("db", "t");
        assert_eq!(of("GetPartitions", table), Some(("t".into(), vec![LakePermission::Describe])));
        assert_eq!(of("UpdateTable", table), Some(("t".into(), vec![LakePermission::Alter])));
        assert_eq!(of("DeleteTable", table), Some(("t".into(), vec![LakePermission::Drop])));
        assert_eq!(of("CreateTable", table), Some(("db".into(), vec![LakePermission::CreateTable])));
        assert_eq!(
            of("CreateDatabase", Subject::Database("db")),
            Some(("Catalog".into(), vec![LakePermission::CreateDatabase]))
        );
        assert_eq!(of("GetDatabases", Subject::Catalog), None);
    }

    #[test]
    fn a_statement_is_added_to_a_policy() {
        let one = with_statement(None, json!({ "Sid": "new" }));
        let two =
            with_statement(Some(r#"{"Version":"2012-10-17","Statement":{"Sid":"old"}}"#), json!({ "Sid": "new" }));
        assert!(one.contains(r#""Statement":[{"Sid":"new"}]"#));
        assert!(two.contains(r#""Statement":[{"Sid":"old"},{"Sid":"new"}]"#));
    }
}
