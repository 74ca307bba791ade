//! What the Data Catalog tells EventBridge of its databases, tables and partitions.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html>: which operations are told,
//! and what the details are: the names of at most 100 tables or partitions in a notification. `UpdateDatabase` is not
//! among them.

use serde_json::json;
use welkin_kernel::{Arn, Cx, Result, ServiceEvent};

use crate::catalog::Catalog;
use crate::table::Address;

const SOURCE: &str = "aws.glue";
const DATABASE: &str = "Glue Data Catalog Database State Change";
const TABLE: &str = "Glue Data Catalog Table State Change";

/// Names in a notification at most.
const MOST: usize = 100;

/// A database was created or deleted.
// UNVERIFIED: that it names no tables, also when tables went with it.
pub(crate) async fn database(cx: &mut Cx, catalog: Catalog, operation: &str, name: &str) -> Result<()> {
    let detail = json!({ "databaseName": name, "typeOfChange": operation, "changedTables": [] });
    let arn = catalog.place.arn("glue", format_args!("database/{name}"));
    tell(cx, catalog, DATABASE, [arn], detail).await
}

/// Tables of a database were created or deleted.
pub(crate) async fn tables(
    cx: &mut Cx,
    catalog: Catalog,
    operation: &str,
    database: &str,
    names: &[String],
) -> Result<()> {
    for names in names.chunks(MOST) {
        let detail = json!({ "databaseName": database, "typeOfChange": operation, "changedTables": names });
        let arn = |name: &String| catalog.place.arn("glue", format_args!("table/{database}/{name}"));
        tell(cx, catalog, DATABASE, names.iter().map(arn).collect::<Vec<_>>(), detail).await?;
    }
    Ok(())
}

/// A table was changed: no partitions are named.
pub(crate) async fn table(cx: &mut Cx, address: &Address, operation: &str) -> Result<()> {
    tell_table(cx, address, operation, &[]).await
}

/// Partitions of a table, each by its values, were created, changed or deleted.
pub(crate) async fn partitions(cx: &mut Cx, address: &Address, operation: &str, changed: &[&[String]]) -> Result<()> {
    for changed in changed.chunks(MOST) {
        tell_table(cx, address, operation, changed).await?;
    }
    Ok(())
}

async fn tell_table(cx: &mut Cx, address: &Address, operation: &str, changed: &[&[String]]) -> Result<()> {
    let Address { catalog, database, name } = address;
    let detail = json!({
        "databaseName": database,
        "tableName": name,
        "typeOfChange": operation,
        "changedPartitions": changed.iter().map(|values| partition(values)).collect::<Vec<_>>(),
    });
    let arn = catalog.place.arn("glue", format_args!("table/{database}/{name}"));
    tell(cx, *catalog, TABLE, [arn], detail).await
}

/// A partition as the example of EventBridge's user guide writes it: `[C.pdf, dir3]`.
fn partition(values: &[String]) -> String {
    format!("[{}]", values.join(", "))
}

/// In the account and Region of the catalog, whoever changes it.
async fn tell(
    cx: &mut Cx,
    catalog: Catalog,
    kind: &str,
    about: impl IntoIterator<Item = Arn>,
    detail: serde_json::Value,
) -> Result<()> {
    if !cx.is_listened_to(catalog.place, SOURCE, kind).await? {
        return Ok(());
    }
    let event = ServiceEvent::new(cx, SOURCE, kind, detail).at(catalog.place).about(about);
    cx.emit(event).await
}

#[cfg(test)]
mod tests {
    use super::partition;

    #[test]
    fn partitions_are_written_as_in_the_example() {
        assert_eq!(partition(&["C.pdf".to_owned(), "dir3".to_owned()]), "[C.pdf, dir3]");
    }
}
