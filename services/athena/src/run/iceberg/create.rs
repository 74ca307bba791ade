//! CREATE TABLE with `'table_type' = 'ICEBERG'`.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html>

use serde_json::json;
use welkin_kernel::Cx;
use welkin_sql::ddl::CreateTable;
use welkin_sql::hive_type;
use welkin_sql::iceberg::{Definition, PartitionBy, Warehouse as _};

use super::{Outcome, draws, new_table, unstoppable, work};
use crate::execution::{Execution, Failure};
use crate::run::ddl::{self, Place};
use crate::run::{failure, query};

/// What the statement says, as far as it makes sense.
fn definition(table: &CreateTable) -> std::result::Result<Definition, Failure> {
    if table.external {
        // Source: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
        return Err(failure::of_meaning("External keyword not supported for table type ICEBERG"));
    }
    // UNVERIFIED: the wordings of the next two.
    let Some(location) = table.location.clone().filter(|location| location.starts_with("s3://")) else {
        return Err(failure::of_meaning("location of an Iceberg table must be an Amazon S3 location"));
    };
    if table.columns.is_empty() {
        return Err(failure::of_meaning("an Iceberg table must have columns"));
    }
    let of_engine = |error: welkin_sql::SqlError| failure::of_engine(&error);
    let mut columns = Vec::new();
    for column in &table.columns {
        columns.push((column.name.clone(), hive_type(&column.ty).map_err(of_engine)?, column.comment.clone()));
    }
    let by = table.partitioned.iter().map(|by| match by.ty.as_str() {
        "" => PartitionBy::parse(&by.name).map_err(of_engine),
        // UNVERIFIED: the wording.
        _ => Err(failure::of_meaning(format_args!("partition column {} of an Iceberg table has a type", by.name))),
    });
    Ok(Definition {
        columns,
        partitioned_by: by.collect::<std::result::Result<_, _>>()?,
        location,
        properties: {
            let own = table.properties.iter().filter(|(key, _)| !key.eq_ignore_ascii_case("table_type"));
            own.cloned().collect()
        },
    })
}

/// Makes a table. Nothing is in Glue before its metadata are in S3.
pub(in crate::run) async fn create(
    cx: &mut Cx,
    execution: &Execution,
    place: &Place,
    table: &CreateTable,
) -> Outcome<()> {
    let draws = draws(cx);
    let surroundings = query::surroundings(cx, execution).await?;
    let now = surroundings.session.now / 1000;
    let definition = match definition(table) {
        Ok(definition) => definition,
        Err(failure) => return Ok(Err(failure)),
    };
    let made = draws.first().map(|draw| definition.metadata(draw, now));
    let (metadata, location) = match made {
        Some(Ok(made)) => made,
        Some(Err(error)) => return Ok(Err(failure::of_engine(&error))),
        None => return Err(welkin_kernel::Error::internal("nothing was drawn")),
    };
    let owner = cx.here().account.to_string();
    let mut new = match new_table(&place.table, &owner, &metadata, &location) {
        Ok(new) => new,
        Err(error) => return Ok(Err(failure::of_engine(&error))),
    };
    new.parameters.extend(table.comment.clone().map(|comment| ("comment".to_owned(), comment)));
    let stored = cx.stage(async |cx: &mut Cx| {
        let file = metadata.file().map_err(welkin_kernel::Error::internal)?;
        let place = location.as_str();
        work(cx, execution, &surroundings, unstoppable(), |bridge| {
            Box::pin(async move { bridge.put(place, file.into()).await })
        })
        .await
    });
    if let Err(failure) = stored.await? {
        return Ok(Err(failure));
    }
    ddl::create(cx, execution, place, &new).await
}

/// Members of UpdateTable and CreateTable.
impl Place {
    pub(super) fn update(&self, table: &crate::run::glue::Table) -> serde_json::Value {
        json!({ "CatalogId": self.catalog, "DatabaseName": self.database, "TableInput": table })
    }
}
