//! `ListQueries`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{Entry, Query, Status};
use crate::errors::InvalidDateRangeException;
use crate::lake::store::EventDataStore;
use crate::page;

/// Lists the queries of a store in the past seven days, the newest first.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListQueries.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueries {
    event_data_store: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    query_status: Option<String>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueriesResponse {
    queries: Vec<Listed>,
    next_token: Option<String>,
}

/// A query in a list.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    query_id: String,
    query_status: Status,
    creation_time: Timestamp,
}

impl ListQueries {
    fn lists(&self, query: &Query) -> bool {
        self.start_time.is_none_or(|start| query.created >= start)
            && self.end_time.is_none_or(|end| query.created <= end)
            && self.query_status.as_ref().is_none_or(|status| query.status.name() == status)
    }
}

impl Operation for ListQueries {
    const NAME: &'static str = "ListQueries";
    type Output = ListQueriesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:ListQueries", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListQueriesResponse> {
        if let (Some(start), Some(end)) = (self.start_time, self.end_time)
            && start > end
        {
            return Err(InvalidDateRangeException.into());
        }
        let (account, store) = EventDataStore::find(cx, &self.event_data_store).await?;
        let (here, arn) = (cx.here(), String::from(store.active(account)?.arn(account)));
        let mut all = Vec::new();
        for entry in cx.list::<Entry>(here, (&arn,), Page::ALL).await? {
            if let Some(query) = cx.get::<Query>(here, &entry.id).await?.filter(|query| self.lists(query)) {
                // What sorts as the list does.
                all.push((format!("{:020} {}", i64::MAX - query.created.micros(), query.id), query));
            }
        }
        let (queries, next_token) = page::cut(all, self.max_results, self.next_token.as_deref(), |(order, _)| order)?;
        let listed = |(_, query): (String, Query)| Listed {
            query_id: query.id,
            query_status: query.status,
            creation_time: query.created,
        };
        Ok(ListQueriesResponse { queries: queries.into_iter().map(listed).collect(), next_token })
    }
}
