//! Points of metrics, in blocks: each resolution is kept for its time.
//!
//! Samples are added to the points of every resolution when they are folded: a second (of high-resolution metrics), a
//! minute, five minutes, an hour. What data are coarser for is that the finer points are dropped:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Metric>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Key, Page, Place, Resource, Result, Schedule, Scope, Timestamp};

use crate::fresh::Datum;
use crate::metric::MetricId;
use crate::series::Series;
use crate::summary::Summary;
use crate::unit::Unit;

/// A resolution.
#[derive(Debug)]
pub(crate) struct Tier {
    /// Seconds of a point.
    pub(crate) period: i64,
    /// Seconds for which its points are kept.
    pub(crate) kept: i64,
    /// Seconds of a block.
    span: i64,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// From the coarsest to the finest.
pub(crate) const TIERS: [Tier; 4] = [
    Tier { period: HOUR, kept: 455 * DAY, span: 10 * DAY },
    Tier { period: 300, kept: 63 * DAY, span: DAY / 4 },
    Tier { period: 60, kept: 15 * DAY, span: HOUR },
    Tier { period: 1, kept: 3 * HOUR, span: 600 },
];

/// Points of a metric in a span of time.
#[derive(Debug, Serialize, Deserialize)]
struct Block {
    metric: Vec<u8>,
    period: i64,
    from: i64,
    points: Vec<Point>,
}

/// Samples in the span of a point: points after the block's beginning, unit, samples.
#[derive(Debug, Serialize, Deserialize)]
struct Point(u32, u8, Summary);

impl Resource for Block {
    const KIND: &'static str = "cloudwatch/block";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.metric.as_slice(), self.period, self.from).into_key()
    }
}

impl Block {
    fn add(&mut self, at: i64, unit: Unit, samples: &Summary) {
        let place = u32::try_from((at - self.from).div_euclid(self.period)).unwrap_or(0);
        match self.points.binary_search_by_key(&(place, unit.0), |point| (point.0, point.1)) {
            Ok(found) => {
                if let Some(point) = self.points.get_mut(found) {
                    point.2.add(samples);
                }
            }
            Err(free) => self.points.insert(free, Point(place, unit.0, samples.clone())),
        }
    }
}

/// Adds samples to the points of a metric.
///
/// # Errors
/// When the store fails.
pub(crate) async fn fold(cx: &mut Cx, place: Place, metric: MetricId, data: &[Datum]) -> Result<()> {
    let now = cx.now().secs();
    for tier in &TIERS {
        let mut blocks: BTreeMap<i64, Vec<&Datum>> = BTreeMap::new();
        for datum in data.iter().filter(|datum| (tier.period > 1 || datum.fine) && datum.at + tier.kept > now) {
            blocks.entry(datum.at.div_euclid(tier.span) * tier.span).or_default().push(datum);
        }
        for (from, data) in blocks {
            let key = (&metric.0[..], tier.period, from);
            let stored = cx.get::<Block>(place, key).await?;
            let empty = || Block { metric: metric.0.to_vec(), period: tier.period, from, points: Vec::new() };
            let mut block = stored.unwrap_or_else(empty);
            for datum in data {
                block.add(datum.at, datum.unit, &datum.samples);
            }
            cx.put(place, &block).await?;
        }
    }
    Ok(())
}

/// Calls `each` with the points of a tier from a time up to another.
///
/// # Errors
/// When the store fails.
pub(crate) async fn read(
    cx: &mut Cx,
    place: Place,
    metric: MetricId,
    tier: &Tier,
    (from, to): (i64, i64),
    mut each: impl FnMut(i64, Unit, &Summary),
) -> Result<()> {
    let first = from.div_euclid(tier.span) * tier.span;
    let key = |at: i64| (metric.0.to_vec(), tier.period, at);
    let (low, high) = (key(first), key(to));
    let (low, high) = ((&low.0[..], low.1, low.2), (&high.0[..], high.1, high.2));
    let blocks: Vec<Block> = cx.between(place, low, high, 0, false).await?;
    for block in &blocks {
        for Point(at, unit, samples) in &block.points {
            let at = block.from + i64::from(*at) * tier.period;
            if at >= from && at < to {
                each(at, Unit(*unit), samples);
            }
        }
    }
    Ok(())
}

/// Sees to it that today's points are dropped when their time is over.
///
/// # Errors
/// When the store fails.
pub(crate) async fn expire_later(cx: &mut Cx, place: Place) -> Result<()> {
    let day = cx.now().secs().div_euclid(DAY) * DAY;
    Expire { day, tier: TIERS.len() - 1 }.enqueue(cx, place).await
}

/// Drops what a tier had of a day, and after it the next coarser one.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {
    day: i64,
    tier: usize,
}

/// Metrics in one run.
const BATCH: usize = 200;

impl Expire {
    async fn enqueue(&self, cx: &mut Cx, place: Place) -> Result<()> {
        let Some(tier) = TIERS.get(self.tier) else { return Ok(()) };
        // Data may come two weeks late, and two hours early; of the finest points the time is over before.
        let late = if tier.period == 1 { 0 } else { 15 * DAY };
        let at = Timestamp::from_secs(self.day + 2 * DAY + tier.kept.max(late));
        let id = format!("cloudwatch/expire/{}/{}/{}/{}", place.account, place.region, self.day, self.tier);
        cx.enqueue_at(place, self, Schedule::at(at).same(id)).await.map(|_| ())
    }
}

impl Job for Expire {
    const NAME: &'static str = "cloudwatch/expire";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(tier) = TIERS.get(self.tier) else { return Ok(()) };
        let over = cx.now().secs() - tier.kept - tier.span;
        let mut after: Option<Key> = None;
        loop {
            let page = Page::of(BATCH, after.as_ref());
            let series: Vec<Series> = Series::list(cx, place, None, None, page).await?;
            for it in &series {
                let id = it.metric.id();
                let low = (&id.0[..], tier.period, i64::MIN);
                let old: Vec<Block> = cx.glance_between(place, low, (&id.0[..], tier.period, over), BATCH).await?;
                for block in old {
                    cx.discard::<Block>(place, block.key())?;
                }
                if self.tier == 0 && it.active < over {
                    cx.delete::<Series>(place, it.key()).await?;
                }
            }
            match series.last() {
                Some(last) if series.len() == BATCH => after = Some(last.key()),
                _ => break,
            }
        }
        match self.tier.checked_sub(1) {
            Some(tier) => Self { day: self.day, tier }.enqueue(cx, place).await,
            None => Ok(()),
        }
    }
}
