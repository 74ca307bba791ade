//! `GetQueryRuntimeStatistics`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::get::millis;
use super::{Execution, State, access};
use crate::errors::argument;

/// Tells how a query ran.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryRuntimeStatistics.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryRuntimeStatistics {
    query_execution_id: String,
}

/// The statistics. Stages are not told: the engine's are not Trino's.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryRuntimeStatisticsOutput {
    query_runtime_statistics: RuntimeStatistics,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuntimeStatistics {
    timeline: Timeline,
    rows: Rows,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Timeline {
    query_queue_time_in_millis: u64,
    engine_execution_time_in_millis: u64,
    total_execution_time_in_millis: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rows {
    input_bytes: u64,
    output_bytes: u64,
    output_rows: u64,
}

impl Operation for GetQueryRuntimeStatistics {
    const NAME: &'static str = "GetQueryRuntimeStatistics";
    type Output = GetQueryRuntimeStatisticsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetQueryRuntimeStatistics", &self.query_execution_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetQueryRuntimeStatisticsOutput> {
        let execution = Execution::find(cx, &self.query_execution_id).await?;
        let (Some(started), Some(completed), State::Succeeded | State::Failed | State::Cancelled) =
            (execution.started, execution.completed, execution.state)
        else {
            // UNVERIFIED: the wording.
            return Err(argument(format!("Query {} has not finished yet", execution.id)));
        };
        Ok(GetQueryRuntimeStatisticsOutput {
            query_runtime_statistics: RuntimeStatistics {
                timeline: Timeline {
                    query_queue_time_in_millis: millis(execution.submitted, started),
                    engine_execution_time_in_millis: millis(started, completed),
                    total_execution_time_in_millis: millis(execution.submitted, completed),
                },
                rows: Rows {
                    input_bytes: execution.outcome.bytes_scanned,
                    output_bytes: execution.outcome.bytes_written,
                    output_rows: execution.outcome.rows,
                },
            },
        })
    }
}
