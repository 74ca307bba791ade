//! `GetQueryExecution`, `BatchGetQueryExecution`, `ListQueryExecutions`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::history::{self, Entry};
use super::start::{Context, Reuse, ReuseByAge};
use super::{Execution, State, StatementType, access};
use crate::engine_version::EngineVersion;
use crate::errors::argument;
use crate::page;
use crate::workgroup::configuration::ResultConfiguration;
use crate::workgroup::{self, PRIMARY, WorkGroup};

/// A query, as the API shows it.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    query_execution_id: String,
    query: String,
    statement_type: StatementType,
    substatement_type: String,
    result_configuration: ResultConfiguration,
    result_reuse_configuration: Reuse,
    query_execution_context: Context,
    status: Status,
    statistics: Statistics,
    work_group: String,
    engine_version: EngineVersion,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    execution_parameters: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_change_reason: Option<String>,
    submission_date_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    athena_error: Option<AthenaError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AthenaError {
    error_category: u8,
    error_type: u16,
    retryable: bool,
    error_message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    #[serde(skip_serializing_if = "Option::is_none")]
    engine_execution_time_in_millis: Option<u64>,
    data_scanned_in_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_manifest_location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_execution_time_in_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_queue_time_in_millis: Option<u64>,
    result_reuse_information: Reused,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reused {
    reused_previous_result: bool,
}

/// Milliseconds between two times.
pub(super) fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX)
}

impl Execution {
    fn statistics(&self) -> Statistics {
        let outcome = &self.outcome;
        let ran = self.started.zip(self.completed);
        Statistics {
            engine_execution_time_in_millis: ran.map(|(started, completed)| millis(started, completed)),
            data_scanned_in_bytes: outcome.bytes_scanned,
            data_manifest_location: outcome.manifest.clone(),
            total_execution_time_in_millis: self.completed.map(|completed| millis(self.submitted, completed)),
            query_queue_time_in_millis: self.started.map(|started| millis(self.submitted, started)),
            result_reuse_information: Reused { reused_previous_result: outcome.reused },
        }
    }

    fn show(self) -> Shown {
        let by_age = ReuseByAge { enabled: self.reuse.is_some(), max_age_in_minutes: self.reuse };
        Shown {
            statistics: self.statistics(),
            query_execution_id: self.id,
            query: self.query,
            statement_type: self.kind,
            substatement_type: self.statement,
            result_configuration: self.results,
            result_reuse_configuration: Reuse { result_reuse_by_age_configuration: Some(by_age) },
            query_execution_context: Context { database: self.database, catalog: self.catalog },
            status: Status {
                state: self.state,
                state_change_reason: self.reason,
                submission_date_time: self.submitted,
                completion_date_time: self.completed,
                athena_error: self.error.map(|error| AthenaError {
                    error_category: error.category,
                    error_type: error.kind,
                    retryable: false,
                    error_message: error.message,
                }),
            },
            work_group: self.group,
            engine_version: EngineVersion::default(),
            execution_parameters: self.parameters,
        }
    }
}

/// Tells of a query.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryExecution {
    query_execution_id: String,
}

/// The query.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryExecutionOutput {
    query_execution: Shown,
}

impl Operation for GetQueryExecution {
    const NAME: &'static str = "GetQueryExecution";
    type Output = GetQueryExecutionOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetQueryExecution", &self.query_execution_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetQueryExecutionOutput> {
        Ok(GetQueryExecutionOutput { query_execution: Execution::find(cx, &self.query_execution_id).await?.show() })
    }
}

/// Tells of up to 50 queries.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetQueryExecution.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetQueryExecution {
    query_execution_ids: Vec<String>,
}

/// Those that there are, and those that there are not.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetQueryExecutionOutput {
    query_executions: Vec<Shown>,
    unprocessed_query_execution_ids: Vec<Unprocessed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unprocessed {
    query_execution_id: String,
    error_code: String,
    error_message: String,
}

impl Operation for BatchGetQueryExecution {
    const NAME: &'static str = "BatchGetQueryExecution";
    type Output = BatchGetQueryExecutionOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut all: Option<Access> = None;
        for id in &self.query_execution_ids {
            let one = access(cx, "athena:BatchGetQueryExecution", id).await?;
            all = Some(match all {
                Some(all) => all.and(one),
                None => one,
            });
        }
        Ok(all.unwrap_or_else(|| Access::to("athena:BatchGetQueryExecution")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchGetQueryExecutionOutput> {
        let place = cx.here();
        let (mut query_executions, mut unprocessed_query_execution_ids) = (Vec::new(), Vec::new());
        for id in &self.query_execution_ids {
            match cx.get::<Execution>(place, id).await? {
                Some(execution) => query_executions.push(execution.show()),
                None => unprocessed_query_execution_ids.push(Unprocessed {
                    query_execution_id: id.clone(),
                    // UNVERIFIED: code and wording.
                    error_code: "INVALID_INPUT".into(),
                    error_message: format!("QueryExecution {id} was not found"),
                }),
            }
        }
        Ok(BatchGetQueryExecutionOutput { query_executions, unprocessed_query_execution_ids })
    }
}

/// Lists the queries of a workgroup, the newest first.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListQueryExecutions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueryExecutions {
    next_token: Option<String>,
    max_results: Option<usize>,
    work_group: Option<String>,
}

/// A page of their ids.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueryExecutionsOutput {
    query_execution_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// The submission and the id in a token.
fn place_of(token: &str) -> Result<(Timestamp, String)> {
    let text = page::read(token)?;
    let parts = text.split_once(' ').and_then(|(micros, id)| Some((micros.parse().ok()?, id)));
    let (micros, id) = parts.ok_or_else(|| argument("Invalid next token"))?;
    Ok((Timestamp::from_micros(micros), id.to_owned()))
}

impl Operation for ListQueryExecutions {
    const NAME: &'static str = "ListQueryExecutions";
    type Output = ListQueryExecutionsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:ListQueryExecutions", self.work_group.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListQueryExecutionsOutput> {
        let place = cx.here();
        let group = WorkGroup::find(cx, self.work_group.as_deref().unwrap_or(PRIMARY)).await?.name;
        let most = self.max_results.filter(|most| *most > 0).unwrap_or(page::MOST).min(page::MOST);
        let after = match &self.next_token {
            Some(token) => {
                let (submitted, id) = place_of(token)?;
                Some(history::key(&group, submitted, &id))
            }
            None => None,
        };
        let mut entries = cx.list::<Entry>(place, &group, Page::of(most.saturating_add(1), after.as_ref())).await?;
        let more = entries.len() > most;
        entries.truncate(most);
        let token = |last: &Entry| page::token(&format!("{} {}", last.submitted.micros(), last.id));
        let next_token = entries.last().filter(|_| more).map(token);
        let query_execution_ids = entries.into_iter().map(|entry| entry.id).collect();
        Ok(ListQueryExecutionsOutput { query_execution_ids, next_token })
    }
}
