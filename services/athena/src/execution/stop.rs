//! `StopQueryExecution`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Execution, Failure, Stop, access};

/// Stops a query. One that has ended stays as it is.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_StopQueryExecution.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopQueryExecution {
    query_execution_id: String,
}

impl Operation for StopQueryExecution {
    const NAME: &'static str = "StopQueryExecution";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:StopQueryExecution", &self.query_execution_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut execution = Execution::find(cx, &self.query_execution_id).await?;
        if !execution.state.is_final() {
            let place = cx.here();
            // UNVERIFIED: the wording.
            let failure = Failure { cancelled: true, ..Failure::user(1000, "Query cancelled by user") };
            execution.end(cx, Err(failure)).await?;
            cx.put(place, &Stop { id: execution.id }).await?;
        }
        Ok(Empty {})
    }
}
