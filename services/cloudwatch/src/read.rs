//! Reading the points of a metric by periods.

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Place, Result};

use crate::block::{self, TIERS, Tier};
use crate::fresh;
use crate::metric::Metric;
use crate::summary::Summary;
use crate::unit::Unit;

/// What is asked of a metric: periods from `from` up to `to`, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) period: i64,
}

impl Span {
    /// The coarsest points of which the periods are made.
    fn tier(self) -> &'static Tier {
        let fits = |tier: &&Tier| self.period % tier.period == 0 && self.from % tier.period == 0;
        let [.., finest] = &TIERS;
        TIERS.iter().find(fits).unwrap_or(finest)
    }
}

/// Samples of a metric by the beginnings of periods and by unit; all units, unless one is given.
///
/// # Errors
/// When the store fails.
pub(crate) async fn read(
    cx: &mut Cx,
    place: Place,
    metric: &Metric,
    span: Span,
    unit: Option<Unit>,
) -> Result<BTreeMap<(i64, Unit), Summary>> {
    let (id, tier) = (metric.id(), span.tier());
    let mut found: BTreeMap<(i64, Unit), Summary> = BTreeMap::new();
    // What is past its time may be there still.
    let from = span.from.max(cx.now().secs() - tier.kept);
    let mut add = |at: i64, its: Unit, samples: &Summary| {
        if at < from || at >= span.to || unit.is_some_and(|unit| unit != its) {
            return;
        }
        let period = span.from + (at - span.from).div_euclid(span.period) * span.period;
        match found.get_mut(&(period, its)) {
            Some(sum) => sum.add(samples),
            None => {
                found.insert((period, its), samples.clone());
            }
        }
    };
    block::read(cx, place, id, tier, (from, span.to), &mut add).await?;
    for datum in fresh::unfolded(cx, place, id).await? {
        if tier.period > 1 || datum.fine {
            add(datum.at, datum.unit, &datum.samples);
        }
    }
    Ok(found)
}

/// The same with all units together.
///
/// # Errors
/// When the store fails.
pub(crate) async fn read_together(
    cx: &mut Cx,
    place: Place,
    metric: &Metric,
    span: Span,
    unit: Option<Unit>,
) -> Result<BTreeMap<i64, Summary>> {
    let mut together: BTreeMap<i64, Summary> = BTreeMap::new();
    for ((at, _), samples) in read(cx, place, metric, span, unit).await? {
        match together.get_mut(&at) {
            Some(sum) => sum.add(&samples),
            None => {
                together.insert(at, samples);
            }
        }
    }
    Ok(together)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarsest_points_that_fit_are_read() {
        let tier = |from, period| Span { from, to: from + period, period }.tier().period;
        assert_eq!(tier(7_200, 3_600), 3_600);
        assert_eq!(tier(7_260, 3_600), 60);
        assert_eq!(tier(300, 600), 300);
        assert_eq!(tier(60, 60), 60);
        assert_eq!(tier(60, 10), 1);
    }
}
