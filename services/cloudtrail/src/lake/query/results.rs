//! `GetQueryResults`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Query, Status, rows};
use crate::errors::InvalidNextTokenException;

/// Shows the result of a query, page by page.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryResults {
    query_id: String,
    next_token: Option<String>,
    max_query_results: Option<usize>,
}

/// A page. A row is a list of maps with one column each.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryResultsResponse {
    query_status: Status,
    query_statistics: Statistics,
    query_result_rows: Vec<Vec<BTreeMap<String, String>>>,
    next_token: Option<String>,
    error_message: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    results_count: u64,
    total_results_count: u64,
    bytes_scanned: u64,
}

/// Rows of a page unless the caller says.
// UNVERIFIED: that this is the most that a caller can say.
const MOST: usize = 1000;

/// The byte of the result at which a page begins.
fn offset(token: Option<&str>) -> Result<u64> {
    let Some(token) = token else { return Ok(0) };
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let offset = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| text.parse().ok());
    offset.ok_or_else(|| InvalidNextTokenException.into())
}

impl Operation for GetQueryResults {
    const NAME: &'static str = "GetQueryResults";
    type Output = GetQueryResultsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Query::access(cx, "cloudtrail:GetQueryResults", &self.query_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetQueryResultsResponse> {
        let query = Query::find(cx, &self.query_id).await?;
        let from = offset(self.next_token.as_deref())?;
        let (rows, next) = match &query.outcome.result {
            Some(blob) => {
                let page = rows::page(cx, blob, from, self.max_query_results.unwrap_or(MOST)).await?;
                page.ok_or(InvalidNextTokenException)?
            }
            None if from > 0 => return Err(InvalidNextTokenException.into()),
            None => (Vec::new(), None),
        };
        let named = |row: rows::Row| {
            let columns = query.outcome.columns.iter().zip(row);
            columns.map(|(column, value)| BTreeMap::from([(column.clone(), value)])).collect()
        };
        Ok(GetQueryResultsResponse {
            query_status: query.status,
            query_statistics: Statistics {
                results_count: rows.len() as u64,
                total_results_count: query.outcome.rows,
                bytes_scanned: query.outcome.scanned.bytes,
            },
            query_result_rows: rows.into_iter().map(named).collect(),
            // A token has four characters at least, by the model.
            next_token: next.map(|next| URL_SAFE_NO_PAD.encode(format!("{next:08}"))),
            error_message: query.error.clone(),
        })
    }
}
