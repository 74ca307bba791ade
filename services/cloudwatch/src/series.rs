//! Which metrics there are.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Page, Place, Resource, Result, Scope};

use crate::metric::Metric;

/// That there is a metric, and when data came for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) metric: Metric,
    /// Second of the last data, to ten minutes.
    pub(crate) active: i64,
}

/// Seconds by which it may be told late that data came.
const LATE: i64 = 600;

/// Seconds after which a metric without data is not listed any more: two weeks.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
pub(crate) const LISTED: i64 = 14 * 86_400;

impl Resource for Series {
    const KIND: &'static str = "cloudwatch/series";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        Self::key_of(&self.metric)
    }
}

impl Series {
    pub(crate) fn key_of(metric: &Metric) -> Key {
        (metric.namespace.as_str(), metric.name.as_str(), &metric.id().0[..]).into_key()
    }

    /// Notes that data came for a metric. It writes only when that is news, so that calls do not conflict.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn touch(cx: &mut Cx, place: Place, metric: &Metric) -> Result<()> {
        let now = cx.now().secs();
        let known = cx.get::<Self>(place, Self::key_of(metric)).await?;
        if known.is_some_and(|series| series.active + LATE > now) {
            return Ok(());
        }
        cx.put(place, &Self { metric: metric.clone(), active: now }).await
    }

    /// Those whose namespace, and name if one is given, are these, in order.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn list(
        cx: &mut Cx,
        place: Place,
        namespace: Option<&str>,
        name: Option<&str>,
        page: Page<'_>,
    ) -> Result<Vec<Self>> {
        match (namespace, name) {
            (Some(namespace), Some(name)) => cx.list(place, (namespace, name), page).await,
            (Some(namespace), None) => cx.list(place, namespace, page).await,
            (None, _) => cx.list(place, (), page).await,
        }
    }
}
