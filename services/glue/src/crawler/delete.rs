//! DeleteCrawler.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::crawl::Crawl;
use super::{Crawler, State, schedule};
use crate::errors::CrawlerRunningException;

/// Deletes a crawler that does not run, and its history. What it wrote to the catalog stays.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteCrawler.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteCrawler {
    name: String,
}

impl Operation for DeleteCrawler {
    const NAME: &'static str = "DeleteCrawler";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, Self::NAME, &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut crawler = super::get_one(cx, &self.name).await?;
        if crawler.state != State::Ready {
            // UNVERIFIED: the wording.
            return Err(CrawlerRunningException::because(format!("Crawler with name {} is running", self.name)));
        }
        schedule::set(cx, &mut crawler, None).await?;
        let place = cx.here();
        cx.delete_all::<Crawl>(place, self.name.as_str())?;
        cx.discard::<Crawler>(place, self.name.as_str())?;
        Ok(Empty {})
    }
}
