//! What is left of deleted databases and tables is removed: "AWS Glue deletes these 'orphaned' resources asynchronously
//! in a timely manner" (<https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html>).
//!
//! Nothing can reach it meanwhile: it is kept under an id that no new database or table has.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Page, Place, Resource, Result, Schedule};

use crate::function::Function;
use crate::index::Index;
use crate::partition::Partition;
use crate::statistics::Statistics;
use crate::table::{Table, TableVersion};

/// Removes what is left of a database or table with this id, some at a time.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Clear {
    Database(u64),
    Table(u64),
}

/// Rows that one run removes of each kind. Versions of tables may be large.
const BATCH: usize = 100;

impl Job for Clear {
    const NAME: &'static str = "glue/clear";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let more = match *self {
            Self::Database(id) => {
                let tables = cx.list::<Table>(place, id, Page::of(BATCH, None)).await?;
                for table in &tables {
                    cx.enqueue(&Self::Table(table.id), Schedule::now()).await?;
                }
                remove::<Table>(cx, place, id).await? | remove::<Function>(cx, place, id).await?
            }
            Self::Table(id) => {
                remove::<Partition>(cx, place, id).await?
                    | remove::<TableVersion>(cx, place, id).await?
                    | remove::<Statistics>(cx, place, id).await?
                    | remove::<Index>(cx, place, id).await?
            }
        };
        if more {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}

/// Removes the first rows under an id; whether there may be more.
async fn remove<R: Resource>(cx: &mut Cx, place: Place, id: u64) -> Result<bool> {
    let rows = cx.list::<R>(place, id, Page::of(BATCH, None)).await?;
    for row in &rows {
        cx.discard::<R>(place, row.key())?;
    }
    Ok(rows.len() == BATCH)
}
