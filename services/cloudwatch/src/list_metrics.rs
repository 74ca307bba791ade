//! Listing metrics.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, page};

use crate::errors::{InvalidNextToken, invalid_value, not_implemented};
use crate::metric::{Dimension, Metric};
use crate::series::{LISTED, Series};

/// Metrics on a page.
const SIZE: usize = 500;

/// Seconds of `RecentlyActive`: three hours, and the fifty minutes that AWS may take to notice.
const RECENT: i64 = 3 * 3_600 + 50 * 60;

/// Lists the metrics for which data came in the last two weeks.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMetrics {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<DimensionFilter>,
    next_token: Option<String>,
    recently_active: Option<String>,
    include_linked_accounts: Option<bool>,
    owning_account: Option<String>,
}

/// A dimension that metrics have, of a value if one is given.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DimensionFilter {
    name: String,
    value: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMetricsOutput {
    metrics: Vec<MetricOutput>,
    next_token: Option<String>,
}

/// A metric as the API has it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricOutput {
    namespace: String,
    metric_name: String,
    dimensions: Vec<Dimension>,
}

impl Operation for ListMetrics {
    const NAME: &'static str = "ListMetrics";
    type Output = ListMetricsOutput;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:ListMetrics"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListMetricsOutput> {
        if self.include_linked_accounts == Some(true) || self.owning_account.is_some() {
            return Err(not_implemented("linked accounts (cross-account observability)"));
        }
        if self.namespace.as_deref().is_some_and(|namespace| namespace.starts_with(':')) {
            return Err(invalid_value("The value for parameter Namespace is invalid."));
        }
        let after: Option<Metric> = page::read(self.next_token.as_deref(), || InvalidNextToken.into())?;
        let mut after = after.map(|metric| Series::key_of(&metric));
        let since = cx.now().secs() - if self.recently_active.is_some() { RECENT } else { LISTED };
        let place = cx.here();
        let mut found: Vec<Metric> = Vec::new();
        loop {
            let batch = Page::of(SIZE, after.as_ref());
            let series = Series::list(cx, place, self.namespace.as_deref(), self.metric_name.as_deref(), batch).await?;
            after = series.last().map(|last| last.metric.clone()).map(|last| Series::key_of(&last).into_key());
            let full = series.len() == SIZE;
            found.extend(
                series.into_iter().filter(|it| it.active > since).map(|it| it.metric).filter(|it| self.wants(it)),
            );
            if !full || found.len() > SIZE {
                break;
            }
        }
        let more = found.len() > SIZE;
        found.truncate(SIZE);
        let next_token = found.last().filter(|_| more).map(page::token).transpose()?;
        Ok(ListMetricsOutput { metrics: found.iter().map(MetricOutput::of).collect(), next_token })
    }
}

impl ListMetrics {
    fn wants(&self, metric: &Metric) -> bool {
        let named = self.metric_name.as_ref().is_none_or(|name| *name == metric.name);
        named
            && self.dimensions.iter().all(|filter| {
                let value = metric.dimensions.get(&filter.name);
                value.is_some_and(|value| filter.value.as_ref().is_none_or(|wanted| wanted == value))
            })
    }
}

impl MetricOutput {
    fn of(metric: &Metric) -> Self {
        Self { namespace: metric.namespace.clone(), metric_name: metric.name.clone(), dimensions: metric.dimensions() }
    }
}
