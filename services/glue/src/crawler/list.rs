//! ListCrawlers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::get::paged;

/// Names the crawlers, or those with all of these tags.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ListCrawlers.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCrawlers {
    max_results: Option<u32>,
    next_token: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCrawlersResponse {
    crawler_names: Vec<String>,
    next_token: Option<String>,
}

impl Operation for ListCrawlers {
    const NAME: &'static str = "ListCrawlers";
    type Output = ListCrawlersResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:ListCrawlers"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListCrawlersResponse> {
        // The list holds 100 names at most, whatever page is asked for.
        let size = self.max_results.map(|size| size.min(100));
        let (found, next_token) = paged(cx, size, self.next_token.as_deref()).await?;
        let wanted = self.tags.clone().unwrap_or_default();
        let has = |tags: &BTreeMap<String, String>| wanted.iter().all(|(key, value)| tags.get(key) == Some(value));
        let crawler_names = found.into_iter().filter(|it| has(&it.tags)).map(|it| it.name).collect();
        Ok(ListCrawlersResponse { crawler_names, next_token })
    }
}
