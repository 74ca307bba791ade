//! Samples as they come, before they are folded into the blocks of their metrics.
//!
//! Whoever measures writes a row of its own and reads nothing, so that calls which measure the same do not conflict:
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | [`Fresh`] | minute of arrival, metric, chance | samples of a call |
//! | [`Series`](crate::series::Series) | namespace, name, metric | that there is such a metric |
//! | [`Block`](crate::block::Block) | metric, resolution, beginning | points of a span of time |
//!
//! When the minute is over one job folds its rows into blocks. Who reads a metric looks at both.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    AccountId, Cx, IntoKey, Job, Key, Measurement, Meters, Page, Place, Region, Resource, Result, Schedule, Scope,
    Timestamp,
};

use crate::alarm::wake;
use crate::block;
use crate::metric::{Metric, MetricId};
use crate::series::Series;
use crate::summary::Summary;
use crate::unit::Unit;

/// Samples of one metric that came with one call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fresh {
    minute: i64,
    nonce: u64,
    metric: Metric,
    data: Vec<Datum>,
}

/// Samples of one time and unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub(crate) struct Datum {
    /// Seconds since 1970: the second of high-resolution metrics, the beginning of the minute of others.
    pub(crate) at: i64,
    /// Whether it is of high resolution.
    pub(crate) fine: bool,
    pub(crate) unit: Unit,
    pub(crate) samples: Summary,
}

type Row = (i64, bool, u8, Summary);

impl From<Row> for Datum {
    fn from((at, fine, unit, samples): Row) -> Self {
        Self { at, fine, unit: Unit(unit), samples }
    }
}

impl From<Datum> for Row {
    fn from(it: Datum) -> Self {
        (it.at, it.fine, it.unit.0, it.samples)
    }
}

impl Resource for Fresh {
    const KIND: &'static str = "cloudwatch/fresh";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.minute, &self.metric.id().0[..], self.nonce).into_key()
    }
}

/// The minute in which the call runs, in seconds.
fn minute_of(cx: &Cx) -> i64 {
    cx.now().secs().div_euclid(60) * 60
}

/// Keeps samples that have come now. They can be read at once; their minute is folded when it is over.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep(cx: &mut Cx, place: Place, metric: Metric, data: Vec<Datum>) -> Result<()> {
    let minute = minute_of(cx);
    let nonce = u64::from_le_bytes(cx.chance().bytes());
    cx.insert(place, &Fresh { minute, nonce, metric, data })
}

/// Sees to it that what has come in this minute is folded.
///
/// # Errors
/// When the store fails.
pub(crate) async fn fold_later(cx: &mut Cx, place: Place) -> Result<()> {
    let minute = minute_of(cx);
    let id = format!("cloudwatch/fold/{}/{}/{minute}", place.account, place.region);
    let at = Timestamp::from_secs(minute + 60);
    cx.enqueue_at(place, &Fold { minute }, Schedule::at(at).same(id)).await.map(|_| ())
}

/// What has come of a metric and is not folded yet.
///
/// # Errors
/// When the store fails.
pub(crate) async fn unfolded(cx: &mut Cx, place: Place, metric: MetricId) -> Result<Vec<Datum>> {
    let mut minutes = BTreeSet::from([minute_of(cx)]);
    let mut from = i64::MIN;
    while let Some(first) = cx.glance_between::<Fresh>(place, from, i64::MAX, 1).await?.pop() {
        minutes.insert(first.minute);
        from = first.minute + 1;
    }
    let mut data = Vec::new();
    for minute in minutes {
        let rows: Vec<Fresh> = cx.list(place, (minute, &metric.0[..]), Page::ALL).await?;
        data.extend(rows.into_iter().flat_map(|row| row.data));
    }
    Ok(data)
}

/// Folds what has come in a minute into the blocks of its metrics.
#[derive(Serialize, Deserialize)]
pub(crate) struct Fold {
    minute: i64,
}

/// Rows that one run folds at most.
const BATCH: usize = 1_000;

impl Job for Fold {
    const NAME: &'static str = "cloudwatch/fold";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        // Nobody else takes these rows: the job is the only one of its minute. A late one enqueues it once more.
        let rows: Vec<Fresh> = cx.glance_between(place, self.minute, self.minute + 1, BATCH).await?;
        let full = rows.len() == BATCH;
        let mut metrics: BTreeMap<MetricId, (Metric, Vec<Datum>)> = BTreeMap::new();
        for row in rows {
            cx.discard::<Fresh>(place, row.key())?;
            metrics.entry(row.metric.id()).or_insert_with(|| (row.metric, Vec::new())).1.extend(row.data);
        }
        for (id, (metric, data)) in &metrics {
            Series::touch(cx, place, metric).await?;
            block::fold(cx, place, *id, data).await?;
        }
        wake::wake(cx, place, metrics.keys().copied()).await?;
        block::expire_later(cx, place).await?;
        if full {
            let id = format!("cloudwatch/fold/{}/{}/{}", place.account, place.region, self.minute);
            cx.enqueue(self, Schedule::now().same(id)).await?;
        }
        Ok(())
    }
}

/// Keeps what services measure.
pub(crate) struct ServiceMeters;

impl Meters for ServiceMeters {
    fn measured<'a>(&'a self, cx: &'a mut Cx, measurements: Vec<Measurement>) -> BoxFuture<'a, Result<()>> {
        async move {
            let mut metrics: BTreeMap<(AccountId, Region, Metric), Vec<Datum>> = BTreeMap::new();
            for it in measurements {
                let dimensions = it.dimensions.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                let metric = Metric { namespace: it.namespace.to_owned(), name: it.name.into_owned(), dimensions };
                let datum = Datum {
                    at: it.at.secs().div_euclid(60) * 60,
                    fine: false,
                    unit: Unit::named(it.unit.name()).unwrap_or(Unit::NONE),
                    samples: Summary::of(it.value, f64::from(it.count)),
                };
                let data = metrics.entry((it.place.account, it.place.region, metric)).or_default();
                match data.iter_mut().find(|other| other.at == datum.at && other.unit == datum.unit) {
                    Some(other) => other.samples.add(&datum.samples),
                    None => data.push(datum),
                }
            }
            let mut last = None;
            for ((account, region, metric), data) in metrics {
                let place = Place::new(account, region);
                keep(cx, place, metric, data).await?;
                if last.replace(place) != Some(place) {
                    fold_later(cx, place).await?;
                }
            }
            Ok(())
        }
        .boxed()
    }
}
