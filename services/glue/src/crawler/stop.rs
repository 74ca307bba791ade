//! StopCrawler.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::State;
use super::crawl::Stop;
use crate::errors::{CrawlerNotRunningException, CrawlerStoppingException};

/// Has a run stop. What it has written by then stays.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_StopCrawler.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopCrawler {
    name: String,
}

impl Operation for StopCrawler {
    const NAME: &'static str = "StopCrawler";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, Self::NAME, &self.name).await
    }

    // UNVERIFIED: the wordings.
    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut crawler = super::get_one(cx, &self.name).await?;
        let current = match (crawler.state, &crawler.current) {
            (State::Running, Some(current)) => current,
            (State::Stopping, _) => {
                let message = format!("Crawler with name {} is already stopping", self.name);
                return Err(CrawlerStoppingException::because(message));
            }
            _ => {
                let message = format!("Crawler with name {} isn't running", self.name);
                return Err(CrawlerNotRunningException::because(message));
            }
        };
        let stop = Stop { id: current.id.clone() };
        crawler.state = State::Stopping;
        let place = cx.here();
        cx.put(place, &stop).await?;
        cx.put(place, &crawler).await?;
        Ok(Empty {})
    }
}
