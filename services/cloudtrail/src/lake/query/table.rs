//! Event data stores as tables: the engine asks for events through a channel, and the query's job looks them up, some at
//! a time, where calls can be made.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::{mpsc, oneshot};
use welkin_kernel::{Cx, Place, Result, Timestamp};
use welkin_sql::{
    Catalog, Code, Column, Comparison, Content, Predicate, Resolved, Rows, SqlError, Table, TableName, Value,
};

use super::{Query, Scanned, schema};
use crate::lake::event::StoredEvent;
use crate::lake::store::EventDataStore;

/// Events that are looked up at once.
const PAGE: usize = 500;

/// The catalog and schema of a query's tables, which no statement names.
pub(super) const CATALOG: &str = "cloudtrail";
pub(super) const SCHEMA: &str = "lake";

/// Some events of a store are wanted: from this key on, before this time.
pub(super) struct Ask {
    place: Place,
    store: String,
    from: (Timestamp, String),
    before: Timestamp,
    answer: oneshot::Sender<Vec<StoredEvent>>,
}

impl Ask {
    /// Looks the events up, in a stage.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn answer(self, cx: &mut Cx) -> Result<()> {
        let (time, id) = &self.from;
        let (from, to) = ((&self.store, *time, id), (&self.store, self.before));
        let events = cx.glance_between::<StoredEvent>(self.place, from, to, PAGE).await?;
        // Nobody waits any more when that part of the query was given up.
        let _ = self.answer.send(events);
        Ok(())
    }
}

/// The tables of a query.
#[derive(Clone)]
pub(super) struct Tables {
    all: Arc<HashMap<String, Arc<EventTable>>>,
    tally: Arc<Tally>,
}

/// What was read.
#[derive(Debug, Default)]
struct Tally {
    events: AtomicU64,
    bytes: AtomicU64,
}

/// A store that a query may read.
#[derive(Debug)]
struct EventTable {
    place: Place,
    store: String,
    /// The first moment of which the store retains events.
    oldest: Timestamp,
    columns: Vec<Column>,
    asks: mpsc::UnboundedSender<Ask>,
    tally: Arc<Tally>,
}

impl Tables {
    /// The stores of a query, and where it asks for their events.
    ///
    /// # Errors
    /// Those of the store; `None` stands for a query of which a store is gone.
    pub(super) async fn of(cx: &mut Cx, query: &Query) -> Result<Option<(Self, mpsc::UnboundedReceiver<Ask>)>> {
        let (asks, asked) = mpsc::unbounded_channel();
        let (mut all, tally) = (HashMap::new(), Arc::new(Tally::default()));
        for source in &query.sources {
            let place = Place::new(source.account, cx.region());
            let Some(store) = cx.get::<EventDataStore>(place, &source.store).await? else { return Ok(None) };
            let table = EventTable {
                place,
                oldest: cx.now().minus(store.retained()),
                columns: schema::columns(store.selectors.category())?,
                store: store.id,
                asks: asks.clone(),
                tally: Arc::clone(&tally),
            };
            all.insert(source.name.clone(), Arc::new(table));
        }
        Ok(Some((Self { all: Arc::new(all), tally }, asked)))
    }

    /// What was read until now.
    pub(super) fn scanned(&self) -> Scanned {
        let read = |tally: &AtomicU64| tally.load(Ordering::Relaxed);
        Scanned { events: read(&self.tally.events), bytes: read(&self.tally.bytes) }
    }
}

impl Catalog for Tables {
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, welkin_sql::Result<Resolved>> {
        let table =
            self.all.get(&name.table).filter(|_| (name.catalog.as_str(), name.schema.as_str()) == (CATALOG, SCHEMA));
        let resolved = table.map_or(Resolved::NoTable, |table| {
            let rows: Arc<dyn Rows> = Arc::new(TableRows(Arc::clone(table)));
            Resolved::Table(Table { columns: table.columns.clone(), content: Content::Elsewhere(rows) })
        });
        Box::pin(async move { Ok(resolved) })
    }
}

#[derive(Debug)]
struct TableRows(Arc<EventTable>);

/// How far a scan is.
struct Scan {
    table: Arc<EventTable>,
    wanted: Vec<usize>,
    from: (Timestamp, String),
    before: Timestamp,
    ended: bool,
}

/// The moment after.
fn after(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.micros().saturating_add(1))
}

/// From which moment on and before which one the events are of which the predicates may be true.
fn bounds(oldest: Timestamp, predicates: &[Predicate]) -> (Timestamp, Timestamp) {
    let (mut from, mut before) = (oldest, Timestamp::from_micros(i64::MAX));
    for predicate in predicates.iter().filter(|predicate| predicate.column == schema::TIME) {
        let times = predicate.values.iter().filter_map(|value| match value {
            Value::Timestamp(micros) => Some(Timestamp::from_micros(*micros)),
            _ => None,
        });
        let (Some(least), Some(most)) = (times.clone().min(), times.max()) else { continue };
        match predicate.comparison {
            Comparison::In => (from, before) = (from.max(least), before.min(after(most))),
            Comparison::Less => before = before.min(most),
            Comparison::LessOrEqual => before = before.min(after(most)),
            Comparison::Greater => from = from.max(after(least)),
            Comparison::GreaterOrEqual => from = from.max(least),
        }
    }
    (from, before.max(from))
}

impl Rows for TableRows {
    fn read(
        &self,
        wanted: &[usize],
        predicates: &[Predicate],
    ) -> BoxStream<'static, welkin_sql::Result<Vec<Vec<Value>>>> {
        let (from, before) = bounds(self.0.oldest, predicates);
        let scan = Scan {
            table: Arc::clone(&self.0),
            wanted: wanted.to_vec(),
            from: (from, String::new()),
            before,
            ended: false,
        };
        stream::try_unfold(scan, |mut scan| async move {
            let rows = scan.next().await?;
            Ok(rows.map(|rows| (rows, scan)))
        })
        .boxed()
    }
}

impl Scan {
    /// The rows of the next events.
    async fn next(&mut self) -> welkin_sql::Result<Option<Vec<Vec<Value>>>> {
        if self.ended {
            return Ok(None);
        }
        let (answer, answered) = oneshot::channel();
        let ended = || SqlError::new(Code::GenericInternalError, "the query has ended");
        let (table, from) = (&self.table, self.from.clone());
        let ask = Ask { place: table.place, store: table.store.clone(), from, before: self.before, answer };
        table.asks.send(ask).map_err(|_| ended())?;
        let events = answered.await.map_err(|_| ended())?;
        self.ended = events.len() < PAGE;
        if let Some(last) = events.last() {
            // The least key after the last one.
            self.from = (last.time, format!("{}\0", last.event_id));
        }
        let mut rows = Vec::with_capacity(events.len());
        for event in &events {
            table.tally.events.fetch_add(1, Ordering::Relaxed);
            table.tally.bytes.fetch_add(event.json.len() as u64, Ordering::Relaxed);
            let malformed = |why| SqlError::new(Code::GenericInternalError, format!("event {}: {why}", event.event_id));
            rows.push(schema::row(&table.columns, &self.wanted, &event.json).map_err(malformed)?);
        }
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests {
    use welkin_sql::Type;

    use super::*;

    fn time(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn times_in_comparisons_bound_what_is_read() {
        let predicate = |column: &str, comparison, secs: &[i64]| Predicate {
            column: column.to_owned(),
            ty: Type::Timestamp(3),
            comparison,
            values: secs.iter().map(|secs| Value::Timestamp(secs * 1_000_000)).collect(),
        };
        let all = (time(10), Timestamp::from_micros(i64::MAX));
        for (predicates, expected) in [
            (vec![], all),
            (vec![predicate("eventname", Comparison::Less, &[20])], all),
            (vec![predicate("eventtime", Comparison::GreaterOrEqual, &[5])], all),
            (vec![predicate("eventtime", Comparison::Greater, &[20])], (after(time(20)), all.1)),
            (
                vec![
                    predicate("eventtime", Comparison::GreaterOrEqual, &[20]),
                    predicate("eventtime", Comparison::Less, &[30]),
                ],
                (time(20), time(30)),
            ),
            (vec![predicate("eventtime", Comparison::In, &[30, 20])], (time(20), after(time(30)))),
            (vec![predicate("eventtime", Comparison::LessOrEqual, &[5])], (time(10), time(10))),
        ] {
            assert_eq!(bounds(time(10), &predicates), expected, "{predicates:?}");
        }
    }
}
