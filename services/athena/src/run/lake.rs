//! Lake Formation: what the query's caller may read of a table, and with whose credentials its data are read.
//!
//! A table of which not everything may be read becomes a view of what may: its columns, and the rows that the filters let
//! through. The table itself is then known by a name that is secret to the query. Data at a registered location are read
//! and written with the credentials that Lake Formation gives for the table.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/lf-athena-access.html>

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use welkin_kernel::{
    Cx, Error, LakeCells, LakePermission, LakeRights, LakeThing, Place as Home, Principal, Result, credentials,
};

use super::bridge::bucket_and_key;
use super::caller;
use super::ddl::Place;
use crate::execution::Execution;

/// Credentials for a folder.
#[derive(Clone, Debug)]
struct Lease {
    /// `bucket/prefix`, without a slash at the end.
    folder: String,
    principal: Principal,
    writes: bool,
}

/// The credentials that a query has been given.
#[derive(Clone, Debug, Default)]
pub(super) struct Leases(Arc<Mutex<Vec<Lease>>>);

/// The folder of a location.
fn folder(location: &str) -> Option<String> {
    let (bucket, key) = bucket_and_key(location)?;
    Some(format!("{bucket}/{key}").trim_end_matches('/').to_owned())
}

impl Leases {
    fn add(&self, location: &str, principal: Principal, writes: bool) {
        if let Some(folder) = folder(location) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Lease { folder, principal, writes });
        }
    }

    /// Whether there are credentials for a location.
    pub(super) fn has(&self, location: &str) -> bool {
        let Some(folder) = folder(location) else { return false };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|lease| lease.folder == folder)
    }

    /// As whom a call of S3 is made, if not as the caller.
    pub(super) fn principal(&self, operation: &str, input: &Value) -> Option<Principal> {
        let bucket = input.get("Bucket")?.as_str()?;
        let key = input.get("Key").or_else(|| input.get("Prefix"))?.as_str()?;
        let path = format!("{bucket}/{key}");
        let reads = ["Get", "List", "Head"].iter().any(|verb| operation.starts_with(verb));
        let covers = |lease: &&Lease| {
            let inside = path.strip_prefix(&lease.folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            inside && (reads || lease.writes)
        };
        let leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The newest one that writes also reads.
        leases.iter().rev().find(covers).map(|lease| lease.principal.clone())
    }

    /// Keeps credentials for reading.
    pub(super) fn read(&self, location: &str, principal: Principal) {
        self.add(location, principal, false);
    }

    /// Keeps credentials for reading and writing.
    pub(super) fn write(&self, location: &str, principal: Principal) {
        self.add(location, principal, true);
    }
}

/// What the query's caller may do with a table.
pub(super) async fn rights(cx: &mut Cx, execution: &Execution, place: &Place) -> Result<LakeRights> {
    let home = home(cx, place)?;
    let thing = LakeThing::Table(place.database.clone(), place.table.clone());
    cx.lake_rights(&execution.principal, home, &thing).await
}

fn home(cx: &Cx, place: &Place) -> Result<Home> {
    let account = place.catalog.parse().map_err(|_| Error::internal("a catalog that is no account's"))?;
    Ok(Home::new(account, cx.here().region))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    session_token: String,
}

/// The credentials for a table's data: whose they are.
///
/// # Errors
/// What Lake Formation refuses, among others.
pub(super) async fn lease(
    cx: &mut Cx,
    execution: &Execution,
    place: &Place,
    permissions: &[LakePermission],
) -> Result<Principal> {
    let home = home(cx, place)?;
    let input = json!({
        "TableArn": home.arn("glue", format_args!("table/{}/{}", place.database, place.table)).as_str(),
        "Permissions": permissions,
        "SupportedPermissionTypes": ["COLUMN_PERMISSION", "CELL_FILTER_PERMISSION"],
    });
    let answered = caller::ask(cx, execution, "lakeformation", "GetTemporaryGlueTableCredentials", &input).await?;
    let token = answered.output::<Given>()?.session_token;
    let session = credentials::open_token(cx.sealer(), &token);
    let session = session.ok_or_else(|| Error::internal("credentials that cannot be read"))?;
    Ok(Principal::Session(Arc::new(session)))
}

/// The query of what may be read of a table; `None` if no column may.
pub(super) fn view(cells: &[LakeCells], columns: &[String], relation: &str) -> Option<String> {
    let shown: Vec<String> = columns.iter().filter_map(|name| shown(cells, name)).collect();
    if shown.is_empty() {
        return None;
    }
    let filters: Option<Vec<&str>> = cells.iter().map(|cells| cells.rows.as_deref()).collect();
    let limit = filters.map_or(String::new(), |filters| format!(" WHERE {}", any(&filters)));
    Some(format!("SELECT {} FROM {relation}{limit}", shown.join(", ")))
}

/// A column as it may be read: not at all, in every row that is, or only in some.
fn shown(cells: &[LakeCells], name: &str) -> Option<String> {
    let has = |cells: &&LakeCells| cells.columns.as_ref().is_none_or(|columns| columns.contains(&name.to_lowercase()));
    let with: Vec<&LakeCells> = cells.iter().filter(has).collect();
    let quoted = quoted(name);
    if with.is_empty() {
        return None;
    }
    let filters: Option<Vec<&str>> = with.iter().map(|cells| cells.rows.as_deref()).collect();
    match filters {
        Some(filters) if with.len() < cells.len() => {
            Some(format!("CASE WHEN {} THEN {quoted} END AS {quoted}", any(&filters)))
        }
        _ => Some(quoted),
    }
}

fn any(filters: &[&str]) -> String {
    filters.iter().map(|filter| format!("({filter})")).collect::<Vec<_>>().join(" OR ")
}

/// A name in double quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(columns: Option<&[&str]>, rows: Option<&str>) -> LakeCells {
        let columns = columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect());
        LakeCells { columns, rows: rows.map(str::to_owned) }
    }

    fn of(all: &[LakeCells]) -> Option<String> {
        view(all, &["a".to_owned(), "b".to_owned()], "t")
    }

    #[test]
    fn what_may_be_read_is_a_query() {
        assert_eq!(of(&[cells(Some(&["a"]), None)]).expect("a view"), r#"SELECT "a" FROM t"#);
        assert_eq!(of(&[cells(None, Some("x = 1"))]).expect("a view"), r#"SELECT "a", "b" FROM t WHERE (x = 1)"#);
        assert_eq!(of(&[cells(Some(&["z"]), None)]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn cells_of_several_filters_are_their_union() {
        let two = [cells(Some(&["a"]), None), cells(Some(&["b"]), Some("x = 1"))];
        assert_eq!(of(&two).expect("a view"), r#"SELECT "a", CASE WHEN (x = 1) THEN "b" END AS "b" FROM t"#);
        let two = [cells(None, Some("x = 1")), cells(Some(&["a"]), Some("y = 2"))];
        let expected = r#"SELECT "a", CASE WHEN (x = 1) THEN "b" END AS "b" FROM t WHERE (x = 1) OR (y = 2)"#;
        assert_eq!(of(&two).expect("a view"), expected);
    }

    #[test]
    fn credentials_are_for_a_folder() {
        let leases = Leases::default();
        let principal = Principal::Root { account: "111122223333".parse().expect("an account") };
        leases.read("s3://lake/sales/", principal.clone());
        let of = |operation, key: &str| leases.principal(operation, &json!({ "Bucket": "lake", "Key": key }));
        assert!(of("GetObject", "sales/a.csv").is_some() && of("PutObject", "sales/a.csv").is_none());
        assert!(of("GetObject", "sales2/a.csv").is_none() && leases.has("s3://lake/sales"));
        leases.write("s3://lake/sales", principal);
        assert!(of("PutObject", "sales/a.csv").is_some());
    }
}
