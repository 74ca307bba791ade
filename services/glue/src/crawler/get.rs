//! GetCrawler, GetCrawlers and BatchGetCrawlers.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, Timestamp};

use super::definition::{RecrawlPolicy, SchemaChangePolicy};
use super::target::ShownTargets;
use super::{Crawler, role};
use crate::page;

/// A crawler as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Crawler.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownCrawler {
    name: String,
    role: String,
    targets: ShownTargets,
    database_name: Option<String>,
    description: Option<String>,
    classifiers: Vec<String>,
    recrawl_policy: RecrawlPolicy,
    schema_change_policy: SchemaChangePolicy,
    lineage_configuration: ShownLineage,
    state: String,
    table_prefix: Option<String>,
    schedule: Option<ShownSchedule>,
    crawl_elapsed_time: u64,
    creation_time: Timestamp,
    last_updated: Timestamp,
    last_crawl: Option<LastCrawl>,
    version: u64,
    configuration: Option<String>,
    lake_formation_configuration: ShownLakeFormation,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownLineage {
    crawler_lineage_settings: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownLakeFormation {
    use_lake_formation_credentials: bool,
    account_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownSchedule {
    schedule_expression: String,
    state: String,
}

/// The last run. Runs write no logs, so that none are named.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_LastCrawlInfo.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LastCrawl {
    status: String,
    error_message: Option<String>,
    start_time: Timestamp,
}

impl ShownCrawler {
    fn of(crawler: Crawler, now: Timestamp) -> Self {
        let elapsed = crawler.current.as_ref().map(|current| now.since(current.started)).unwrap_or_default();
        let definition = crawler.definition;
        Self {
            name: crawler.name,
            role: role::shown(&definition.role),
            targets: definition.targets.shown(),
            database_name: definition.database,
            description: definition.description,
            classifiers: definition.classifiers,
            recrawl_policy: RecrawlPolicy { recrawl_behavior: Some(definition.recrawl_behavior) },
            schema_change_policy: definition.schema_change_policy,
            lineage_configuration: ShownLineage { crawler_lineage_settings: "DISABLE".to_owned() },
            state: crawler.state.name().to_owned(),
            table_prefix: definition.table_prefix,
            schedule: crawler.schedule.map(|schedule| ShownSchedule {
                schedule_expression: schedule.expression,
                state: if schedule.running { "SCHEDULED" } else { "NOT_SCHEDULED" }.to_owned(),
            }),
            crawl_elapsed_time: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            creation_time: crawler.created.whole_secs(),
            last_updated: crawler.updated.whole_secs(),
            last_crawl: crawler.last.map(|last| LastCrawl {
                status: last.status.of_last().to_owned(),
                error_message: last.error,
                start_time: last.started.whole_secs(),
            }),
            version: crawler.version,
            configuration: definition.configuration,
            lake_formation_configuration: ShownLakeFormation {
                use_lake_formation_credentials: false,
                account_id: String::new(),
            },
        }
    }
}

/// Shows a crawler.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawler.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCrawler {
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCrawlerResponse {
    crawler: ShownCrawler,
}

impl Operation for GetCrawler {
    const NAME: &'static str = "GetCrawler";
    type Output = GetCrawlerResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, Self::NAME, &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCrawlerResponse> {
        let crawler = super::get_one(cx, &self.name).await?;
        Ok(GetCrawlerResponse { crawler: ShownCrawler::of(crawler, cx.now()) })
    }
}

/// Crawlers on a page, by their names, and the token of the next page.
pub(super) async fn paged(
    cx: &mut Cx,
    size: Option<u32>,
    token: Option<&str>,
) -> Result<(Vec<Crawler>, Option<String>)> {
    let size = page::size(size, page::SIZE);
    let after = page::read_token::<String>(token)?.map(|name| name.as_str().into_key());
    let mut found = cx.list::<Crawler>(cx.here(), (), Page::of(size + 1, after.as_ref())).await?;
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|last| page::token(&last.name)).transpose()?;
    Ok((found, next))
}

/// Shows all crawlers.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawlers.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCrawlers {
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCrawlersResponse {
    crawlers: Vec<ShownCrawler>,
    next_token: Option<String>,
}

impl Operation for GetCrawlers {
    const NAME: &'static str = "GetCrawlers";
    type Output = GetCrawlersResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:GetCrawlers"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCrawlersResponse> {
        let (found, next_token) = paged(cx, self.max_results, self.next_token.as_deref()).await?;
        let now = cx.now();
        Ok(GetCrawlersResponse {
            crawlers: found.into_iter().map(|crawler| ShownCrawler::of(crawler, now)).collect(),
            next_token,
        })
    }
}

/// Shows crawlers by their names.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetCrawlers.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetCrawlers {
    crawler_names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetCrawlersResponse {
    crawlers: Vec<ShownCrawler>,
    crawlers_not_found: Vec<String>,
}

impl Operation for BatchGetCrawlers {
    const NAME: &'static str = "BatchGetCrawlers";
    type Output = BatchGetCrawlersResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut all: Option<Access> = None;
        for name in &self.crawler_names {
            let one = super::access(cx, Self::NAME, name).await?;
            all = Some(match all {
                Some(all) => all.and(one),
                None => one,
            });
        }
        Ok(all.unwrap_or_else(|| Access::to("glue:BatchGetCrawlers")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchGetCrawlersResponse> {
        let (mut crawlers, mut crawlers_not_found) = (Vec::new(), Vec::new());
        for name in &self.crawler_names {
            match cx.get::<Crawler>(cx.here(), name.as_str()).await? {
                Some(crawler) => crawlers.push(ShownCrawler::of(crawler, cx.now())),
                None => crawlers_not_found.push(name.clone()),
            }
        }
        Ok(BatchGetCrawlersResponse { crawlers, crawlers_not_found })
    }
}
