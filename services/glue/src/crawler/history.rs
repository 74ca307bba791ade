//! ListCrawls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use welkin_kernel::{Access, Cx, Key, Operation, Page, Resource, Result, Timestamp};

use super::crawl::{self, Crawl};
use crate::errors::{invalid, not_implemented};
use crate::page;

/// A run as the API shows it. It takes no data processing units, and writes no logs.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlerHistory.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CrawlerHistory {
    crawl_id: String,
    state: String,
    start_time: Timestamp,
    end_time: Option<Timestamp>,
    summary: Option<String>,
    error_message: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlsFilter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CrawlsFilter {
    field_name: Option<String>,
    filter_operator: Option<String>,
    field_value: Option<String>,
}

/// Lists the runs of a crawler, the latest first.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ListCrawls.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCrawls {
    crawler_name: String,
    max_results: Option<u32>,
    filters: Option<Vec<CrawlsFilter>>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCrawlsResponse {
    crawls: Vec<CrawlerHistory>,
    next_token: Option<String>,
}

impl Operation for ListCrawls {
    const NAME: &'static str = "ListCrawls";
    type Output = ListCrawlsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, Self::NAME, &self.crawler_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListCrawlsResponse> {
        super::get_one(cx, &self.crawler_name).await?;
        let filters = self.filters.as_deref().unwrap_or_default();
        let filters = filters.iter().map(Filter::read).collect::<Result<Vec<_>>>()?;
        // "The maximum number of results to return. The default is 20, and maximum is 100."
        let size = page::size(self.max_results, 20).min(100);
        let token = page::read_token::<(i64, String)>(self.next_token.as_deref())?;
        let mut after: Option<Key> =
            token.map(|(started, id)| crawl::key(&self.crawler_name, Timestamp::from_micros(started), &id));
        let mut shown: Vec<Crawl> = Vec::new();
        loop {
            let batch = Page::of(page::SIZE, after.as_ref());
            let found = cx.list::<Crawl>(cx.here(), self.crawler_name.as_str(), batch).await?;
            let ended = found.len() < page::SIZE;
            after = found.last().map(Resource::key);
            for crawl in found.into_iter().filter(|crawl| filters.iter().all(|filter| filter.holds(crawl))) {
                if shown.len() == size {
                    let next_token = shown.last().map(|last| page::token(&(last.started.micros(), &last.id)));
                    return Ok(ListCrawlsResponse { crawls: show(shown.iter()), next_token: next_token.transpose()? });
                }
                shown.push(crawl);
            }
            if ended {
                return Ok(ListCrawlsResponse { crawls: show(shown.iter()), next_token: None });
            }
        }
    }
}

fn show<'a>(crawls: impl Iterator<Item = &'a Crawl>) -> Vec<CrawlerHistory> {
    let one = |crawl: &Crawl| CrawlerHistory {
        crawl_id: crawl.id.clone(),
        state: crawl.state().to_owned(),
        start_time: crawl.started.whole_secs(),
        end_time: crawl.ended.map(Timestamp::whole_secs),
        summary: summary(crawl),
        error_message: crawl.error.clone(),
    };
    crawls.map(one).collect()
}

/// What a run has written, in JSON.
// UNVERIFIED: its form beyond that it is JSON and tells "the catalog tables and partitions that were added, updated, or
// deleted".
fn summary(crawl: &Crawl) -> Option<String> {
    let written = crawl.written;
    let counts = [
        ("TABLE", [written.tables_created, written.tables_updated, written.tables_deleted]),
        ("PARTITION", [written.partitions_created, written.partitions_updated, written.partitions_deleted]),
    ];
    let mut all = Map::new();
    for (kind, counts) in counts {
        let told = ["ADD", "UPDATE", "DELETE"].into_iter().zip(counts).filter(|(_, count)| *count > 0);
        let told: Map<_, _> = told.map(|(what, count)| (what.to_owned(), json!({ "Count": count }))).collect();
        if !told.is_empty() {
            all.insert(kind.to_owned(), told.into());
        }
    }
    (crawl.ending.is_some() && !all.is_empty()).then(|| serde_json::Value::Object(all).to_string())
}

/// What runs are to be shown.
enum Filter {
    Text(fn(&Crawl) -> &str, bool, String),
    Time(fn(&Crawl) -> Option<Timestamp>, String, i64),
}

impl Filter {
    // UNVERIFIED: the wordings, and that times are milliseconds since 1970.
    fn read(given: &CrawlsFilter) -> Result<Self> {
        let (Some(field), Some(operator), Some(value)) =
            (&given.field_name, &given.filter_operator, &given.field_value)
        else {
            return Err(invalid("FieldName, FilterOperator and FieldValue of a filter must be specified."));
        };
        let text = |of: fn(&Crawl) -> &str| match operator.as_str() {
            "EQ" => Ok(Self::Text(of, true, value.clone())),
            "NE" => Ok(Self::Text(of, false, value.clone())),
            _ => Err(invalid(format!("Filter operator {operator} is not supported for {field}."))),
        };
        let time = |of: fn(&Crawl) -> Option<Timestamp>| match value.parse() {
            Ok(millis) => Ok(Self::Time(of, operator.clone(), millis)),
            Err(_) => Err(invalid(format!("Invalid value of the filter {field}: {value}"))),
        };
        match field.as_str() {
            "CRAWL_ID" => text(|crawl| &crawl.id),
            "STATE" => text(|crawl| crawl.state()),
            "START_TIME" => time(|crawl| Some(crawl.started)),
            "END_TIME" => time(|crawl| crawl.ended),
            _ => Err(not_implemented("data processing units of crawls (DPU_HOUR)")),
        }
    }

    fn holds(&self, crawl: &Crawl) -> bool {
        match self {
            Self::Text(of, same, value) => (of(crawl) == value) == *same,
            Self::Time(of, operator, value) => of(crawl).is_some_and(|at| {
                let order = at.millis().cmp(value);
                match operator.as_str() {
                    "GT" => order.is_gt(),
                    "GE" => order.is_ge(),
                    "LT" => order.is_lt(),
                    "LE" => order.is_le(),
                    "EQ" => order.is_eq(),
                    _ => order.is_ne(),
                }
            }),
        }
    }
}
