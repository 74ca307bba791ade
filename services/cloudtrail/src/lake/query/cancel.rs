//! `CancelQuery`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Query, Status, Stop};
use crate::errors::InactiveQueryException;

/// Ends a query that has not ended.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CancelQuery.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelQuery {
    query_id: String,
    event_data_store_owner_account_id: Option<String>,
}

/// What has become of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelQueryResponse {
    query_id: String,
    query_status: Status,
    event_data_store_owner_account_id: Option<String>,
}

impl Operation for CancelQuery {
    const NAME: &'static str = "CancelQuery";
    type Output = CancelQueryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Query::access(cx, "cloudtrail:CancelQuery", &self.query_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CancelQueryResponse> {
        let here = cx.here();
        let mut query = Query::find(cx, &self.query_id).await?;
        if query.status.is_final() {
            return Err(InactiveQueryException::because(format!(
                "The query {} cannot be canceled because it is in the {} state.",
                query.id,
                query.status.name()
            )));
        }
        query.end(cx, Status::Cancelled).await?;
        cx.put(here, &Stop { id: query.id.clone() }).await?;
        Ok(CancelQueryResponse {
            query_id: query.id,
            query_status: query.status,
            event_data_store_owner_account_id: self.event_data_store_owner_account_id.clone(),
        })
    }
}
