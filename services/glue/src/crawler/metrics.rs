//! GetCrawlerMetrics.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::crawl::Crawl;
use super::get::paged;
use super::{Crawler, State};

/// Runs of which the median is taken.
const LATEST: usize = 1000;

/// Counts of a crawler.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlerMetrics.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CrawlerMetrics {
    crawler_name: String,
    time_left_seconds: f64,
    still_estimating: bool,
    last_runtime_seconds: f64,
    median_runtime_seconds: f64,
    tables_created: u32,
    tables_updated: u32,
    tables_deleted: u32,
}

/// Tells what crawlers have done: those that are named, or all.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawlerMetrics.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCrawlerMetrics {
    crawler_name_list: Option<Vec<String>>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCrawlerMetricsResponse {
    crawler_metrics_list: Vec<CrawlerMetrics>,
    next_token: Option<String>,
}

impl Operation for GetCrawlerMetrics {
    const NAME: &'static str = "GetCrawlerMetrics";
    type Output = GetCrawlerMetricsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:GetCrawlerMetrics"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCrawlerMetricsResponse> {
        let names = self.crawler_name_list.as_deref().unwrap_or_default();
        let (crawlers, next_token) = if names.is_empty() {
            paged(cx, self.max_results, self.next_token.as_deref()).await?
        } else {
            let mut found = Vec::new();
            for name in names {
                // UNVERIFIED: that names of no crawler are passed over.
                found.extend(cx.get::<Crawler>(cx.here(), name.as_str()).await?);
            }
            (found, None)
        };
        let mut crawler_metrics_list = Vec::new();
        for crawler in crawlers {
            crawler_metrics_list.push(of(cx, crawler).await?);
        }
        Ok(GetCrawlerMetricsResponse { crawler_metrics_list, next_token })
    }
}

async fn of(cx: &mut Cx, crawler: Crawler) -> Result<CrawlerMetrics> {
    let runs = cx.list::<Crawl>(cx.here(), crawler.name.as_str(), Page::of(LATEST, None)).await?;
    let times = runs.iter().filter_map(|run| run.ended.map(|ended| ended.since(run.started).as_secs_f64()));
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    let last = crawler.last.map(|last| last.ended.since(last.started).as_secs_f64());
    Ok(CrawlerMetrics {
        crawler_name: crawler.name,
        // How long a run takes is not known before it ends.
        time_left_seconds: 0.0,
        still_estimating: crawler.state != State::Ready,
        last_runtime_seconds: last.unwrap_or(0.0),
        median_runtime_seconds: median(&times),
        tables_created: crawler.written.tables_created,
        tables_updated: crawler.written.tables_updated,
        tables_deleted: crawler.written.tables_deleted,
    })
}

fn median(sorted: &[f64]) -> f64 {
    let at = |n: usize| sorted.get(n).copied().unwrap_or(0.0);
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => at(odd / 2),
        even => f64::midpoint(at(even / 2 - 1), at(even / 2)),
    }
}
