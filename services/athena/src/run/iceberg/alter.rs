//! ALTER TABLE of an Iceberg table.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-managing-tables.html>

use welkin_kernel::Cx;
use welkin_sql::ddl::{Alteration, ColumnDefinition};
use welkin_sql::hive_type;
use welkin_sql::iceberg::Evolution;

use super::{Outcome, draws, replace};
use crate::execution::{Execution, Failure};
use crate::run::ddl::Place;
use crate::run::{failure, query};

fn evolution(change: Alteration) -> std::result::Result<Evolution, Failure> {
    let of_engine = |error: welkin_sql::SqlError| failure::of_engine(&error);
    Ok(match change {
        Alteration::AddColumns(columns) => {
            let column = |it: ColumnDefinition| Ok((it.name, hive_type(&it.ty).map_err(of_engine)?, it.comment));
            Evolution::AddColumns(columns.into_iter().map(column).collect::<std::result::Result<_, Failure>>()?)
        }
        Alteration::ChangeColumn { from, to: None } => Evolution::DropColumn(from),
        Alteration::ChangeColumn { from, to: Some(to) } => {
            let ty = hive_type(&to.ty).map_err(of_engine)?;
            Evolution::ChangeColumn { from, to: to.name, ty, comment: to.comment }
        }
        Alteration::SetProperties(properties) => Evolution::SetProperties(properties),
        Alteration::UnsetProperties(keys) => Evolution::UnsetProperties(keys),
        _ => return Err(failure::not_supported("this change of Iceberg tables")),
    })
}

/// Changes a table.
pub(in crate::run) async fn alter(
    cx: &mut Cx,
    execution: &Execution,
    place: &Place,
    change: Alteration,
) -> Outcome<()> {
    let evolution = match evolution(change) {
        Ok(evolution) => evolution,
        Err(failure) => return Ok(Err(failure)),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let draws = draws(cx);
    let now = surroundings.session.now / 1000;
    replace(cx, execution, &surroundings, place, &draws, |table, draw, before| {
        let evolution = evolution.clone();
        Box::pin(async move {
            let next = evolution.apply(table.metadata())?;
            table.store(next, &draw, now, &before).await
        })
    })
    .await
}
