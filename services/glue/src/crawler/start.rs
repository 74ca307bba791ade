//! StartCrawler, and how any run begins.

use std::time::Duration;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Schedule};

use super::crawl::{self, Crawl};
use super::run::Run;
use super::{Crawler, Current, State, Written, event};
use crate::errors::CrawlerRunningException;

/// How long runs are remembered: "only retains up to 12 months of crawls".
///
/// Source: <https://docs.aws.amazon.com/glue/latest/webapi/API_ListCrawls.html>
const KEPT: Duration = Duration::from_secs(365 * 24 * 3600);

/// So many runs are forgotten at a time.
const OLDEST: usize = 100;

/// Starts a run.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawler.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartCrawler {
    name: String,
}

impl Operation for StartCrawler {
    const NAME: &'static str = "StartCrawler";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, Self::NAME, &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let crawler = super::get_one(cx, &self.name).await?;
        start(cx, crawler).await?;
        Ok(Empty {})
    }
}

/// Starts a run of a crawler.
///
/// # Errors
/// `CrawlerRunningException`
pub(super) async fn start(cx: &mut Cx, mut crawler: Crawler) -> Result<()> {
    if crawler.state != State::Ready {
        let message = format!("Crawler with name {} has already started", crawler.name);
        return Err(CrawlerRunningException::because(message));
    }
    let (place, started) = (cx.here(), cx.now());
    let id = cx.once(|cx| cx.chance().uuid());
    let crawl = Crawl {
        crawler: crawler.name.clone(),
        id: id.clone(),
        started,
        ended: None,
        ending: None,
        error: None,
        written: Written::default(),
        surveyed: false,
        session: None,
    };
    cx.put(place, &crawl).await?;
    forget(cx, &crawler.name).await?;
    let run = Run { crawler: crawler.name.clone(), started, id: id.clone() };
    cx.enqueue(&run, Schedule::now()).await?;
    event::started(cx, &crawler.name).await?;
    crawler.state = State::Running;
    crawler.current = Some(Current { started, id });
    cx.put(place, &crawler).await
}

/// Removes runs that are too old to be remembered.
async fn forget(cx: &mut Cx, crawler: &str) -> Result<()> {
    let place = cx.here();
    let old = crawl::age(cx.now().minus(KEPT));
    for crawl in cx.between::<Crawl>(place, (crawler, old), (crawler, u64::MAX), OLDEST, false).await? {
        cx.discard::<Crawl>(place, crawl::key(&crawl.crawler, crawl.started, &crawl.id))?;
    }
    Ok(())
}
