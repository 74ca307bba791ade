//! SHOW CREATE TABLE of an Iceberg table.

use welkin_kernel::Cx;
use welkin_sql::iceberg::{Metadata, Warehouse as _};

use super::{Outcome, metadata_location, unstoppable, work};
use crate::execution::Execution;
use crate::run::glue::Table;
use crate::run::{failure, query};

/// The metadata of a table.
pub(in crate::run) async fn metadata(cx: &mut Cx, execution: &Execution, table: &Table) -> Outcome<Metadata> {
    let location = match metadata_location(table) {
        Ok(location) => location,
        Err(error) => return Ok(Err(failure::of_engine(&error))),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let read = cx.stage(async |cx: &mut Cx| {
        work(cx, execution, &surroundings, unstoppable(), |bridge| {
            Box::pin(async move { Metadata::parse(&bridge.get(location).await?) })
        })
        .await
    });
    read.await
}
