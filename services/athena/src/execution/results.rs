//! `GetQueryResults`: rows out of the result's file, which the caller must be able to read.

mod csv;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, Call, Cx, Error, Operation, Result};

use super::{Execution, ResultColumn, State, access};
use crate::errors::{argument, invalid, not_implemented};
use crate::page;
use crate::workgroup::configuration::bucket_and_prefix;
use csv::Rows;

/// Tells the result of a query, a page at a time.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryResults {
    query_execution_id: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    query_result_type: Option<String>,
}

/// Rows of a page at most.
const MOST: usize = 1_000;

/// A page of rows.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryResultsOutput {
    update_count: u64,
    result_set: ResultSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultSet {
    rows: Vec<Row>,
    result_set_metadata: Metadata,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    column_info: Vec<ColumnInfo>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ColumnInfo {
    catalog_name: String,
    schema_name: String,
    table_name: String,
    name: String,
    label: String,
    #[serde(rename = "Type")]
    ty: String,
    precision: i32,
    scale: i32,
    nullable: String,
    case_sensitive: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    data: Vec<Datum>,
}

/// A value as text; NULL has none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    #[serde(skip_serializing_if = "Option::is_none")]
    var_char_value: Option<String>,
}

impl ColumnInfo {
    fn of(column: ResultColumn) -> Self {
        Self {
            catalog_name: "hive".into(),
            schema_name: String::new(),
            table_name: String::new(),
            label: column.name.clone(),
            name: column.name,
            ty: column.ty,
            precision: column.precision,
            scale: column.scale,
            nullable: "UNKNOWN".into(),
            case_sensitive: column.case_sensitive,
        }
    }
}

/// Rows of a page, and where the next one begins in the file.
type Page = (Vec<Vec<Option<String>>>, Option<u64>);

impl GetQueryResults {
    /// Reads rows from the file.
    async fn page(&self, cx: &mut Cx, location: &str) -> Result<Page> {
        let from: u64 = match &self.next_token {
            Some(token) => page::read(token)?.parse().map_err(|_| argument("Invalid next token"))?,
            None => 0,
        };
        let most = self.max_results.unwrap_or(MOST).min(MOST);
        let (bucket, prefix) = bucket_and_prefix(location).unwrap_or_default();
        let key = prefix.trim_end_matches('/');
        let input = json!({ "Bucket": bucket, "Key": key, "Range": format!("bytes={from}-") });
        let call = Call::to("s3", "GetObject").input(&input);
        let mut rows = if key.ends_with(".csv") { Rows::of_csv(most) } else { Rows::of_lines(most) };
        cx.stage(async |cx: &mut Cx| {
            let mut answered = match cx.call(call).await {
                Ok(answered) => answered,
                // An empty file has no ranges.
                Err(error) if error.is("InvalidRange") => return Ok((Vec::new(), None)),
                Err(error) => return Err(unreadable(error, location)),
            };
            if let Some(mut body) = answered.body.take() {
                while !rows.are_enough()
                    && let Some(chunk) = Cx::next_chunk(&mut body, &mut HeaderMap::new()).await?
                {
                    rows.read(&chunk);
                }
            }
            let (rows, read, more) = rows.finish();
            Ok((rows, more.then(|| from.saturating_add(read))))
        })
        .await
    }
}

// UNVERIFIED: the wordings.
fn unreadable(error: Error, location: &str) -> Error {
    match error.answer() {
        None => error,
        Some(answer) if answer.code.starts_with("AccessDenied") => {
            invalid("ACCESS_DENIED", format!("Access denied when reading from location: {location}"))
        }
        Some(_) => argument("Could not find results"),
    }
}

impl Operation for GetQueryResults {
    const NAME: &'static str = "GetQueryResults";
    type Output = GetQueryResultsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetQueryResults", &self.query_execution_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetQueryResultsOutput> {
        let execution = Execution::find(cx, &self.query_execution_id).await?;
        match execution.state {
            State::Succeeded => {}
            State::Failed | State::Cancelled => {
                let state = execution.state.name();
                let message = format!("Query did not finish successfully. Final query state: {state}");
                return Err(invalid("INVALID_QUERY_EXECUTION_STATE", message));
            }
            state => {
                let message = format!("Query has not yet finished. Current state: {}", state.name());
                return Err(invalid("INVALID_QUERY_EXECUTION_STATE", message));
            }
        }
        if self.query_result_type.as_deref() == Some("DATA_MANIFEST") {
            return Err(not_implemented("GetQueryResults of the type DATA_MANIFEST"));
        }
        let location = execution.results.output_location.unwrap_or_default();
        let has_file = location.ends_with(".csv") || location.ends_with(".txt");
        let (rows, next) = if has_file { self.page(cx, &location).await? } else { (Vec::new(), None) };
        let row = |values: Vec<Option<String>>| Row {
            data: values.into_iter().map(|var_char_value| Datum { var_char_value }).collect(),
        };
        Ok(GetQueryResultsOutput {
            update_count: execution.outcome.updated.unwrap_or_default(),
            result_set: ResultSet {
                rows: rows.into_iter().map(row).collect(),
                result_set_metadata: Metadata {
                    column_info: execution.outcome.columns.into_iter().map(ColumnInfo::of).collect(),
                },
            },
            next_token: next.map(|next| page::token(&next.to_string())),
        })
    }
}
