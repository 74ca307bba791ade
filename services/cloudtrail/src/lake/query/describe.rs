//! `DescribeQuery`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Query, Status, deliver, named};

/// Tells how far a query is.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeQuery.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeQuery {
    query_id: Option<String>,
    query_alias: Option<String>,
    event_data_store_owner_account_id: Option<String>,
}

/// What is known of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeQueryResponse {
    query_id: String,
    query_string: String,
    query_status: Status,
    query_statistics: Statistics,
    error_message: Option<String>,
    #[serde(rename = "DeliveryS3Uri")]
    delivery_s3_uri: Option<String>,
    delivery_status: Option<deliver::Status>,
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    /// Rows of the result.
    // UNVERIFIED: that these are meant where rows are groups of events.
    events_matched: u64,
    events_scanned: u64,
    bytes_scanned: u64,
    execution_time_in_millis: i64,
    creation_time: Timestamp,
}

impl Operation for DescribeQuery {
    const NAME: &'static str = "DescribeQuery";
    type Output = DescribeQueryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let id = named(self.query_id.as_deref(), self.query_alias.as_deref())?;
        Query::access(cx, "cloudtrail:DescribeQuery", id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeQueryResponse> {
        let query = Query::find(cx, named(self.query_id.as_deref(), self.query_alias.as_deref())?).await?;
        let took = query.started.map(|started| query.ended.unwrap_or(cx.now()).micros() - started.micros());
        let (delivery_s3_uri, delivery_status) = query.delivery.map(|delivery| (delivery.uri, delivery.status)).unzip();
        Ok(DescribeQueryResponse {
            query_id: query.id,
            query_string: query.statement,
            query_status: query.status,
            query_statistics: Statistics {
                events_matched: query.outcome.rows,
                events_scanned: query.outcome.scanned.events,
                bytes_scanned: query.outcome.scanned.bytes,
                execution_time_in_millis: took.unwrap_or_default() / 1000,
                creation_time: query.created,
            },
            error_message: query.error,
            delivery_s3_uri,
            delivery_status,
            event_data_store_owner_account_id: self.event_data_store_owner_account_id.clone(),
        })
    }
}
