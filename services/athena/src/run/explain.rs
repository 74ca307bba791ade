//! EXPLAIN and EXPLAIN ANALYZE: the engine's plan as lines.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html>

use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::{self, Statement};
use welkin_sql::{Code, Column, ExplainType, PlanFormat, SqlError, Type};

use super::bridge::Bridge;
use super::query::{self, Stopped, Surroundings};
use super::{engine, failure, metadata, write};
use crate::execution::{Execution, Failure, Outcome};

/// What is to be explained, and how.
pub(super) struct Explain {
    pub(super) analyze: bool,
    pub(super) of: ExplainType,
    pub(super) format: Option<PlanFormat>,
    /// The statement, in its place.
    pub(super) statement: String,
}

impl Explain {
    /// What EXPLAIN does not tell of.
    fn check(&self) -> std::result::Result<(), Failure> {
        let refused = match ddl::parse(&self.statement) {
            Ok(Statement::Query) => return Ok(()),
            Ok(other) => failure::not_supported(&format!("EXPLAIN of {}", other.name())),
            Err(error) => Failure::user(failure::DDL_FAILED, error.to_string()),
        };
        Err(refused)
    }

    async fn plan(&self, surroundings: &Surroundings, bridge: &Bridge) -> welkin_sql::Result<String> {
        let engine = engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
        let (sql, session) = (&self.statement, &surroundings.session);
        let format = self.format.unwrap_or(PlanFormat::Text);
        if self.analyze {
            return engine.explain_analyze(sql, session, bridge, format).await;
        }
        engine.explain(sql, session, bridge, self.of, format).await
    }

    /// The one column of what is told.
    fn column(&self) -> Column {
        match self.of {
            ExplainType::Validate => Column { name: "Valid".into(), ty: Type::Boolean },
            _ => Column { name: "Query Plan".into(), ty: Type::VARCHAR },
        }
    }
}

/// Plans the query, and runs it if that is asked for.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    explain: &Explain,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    if let Err(failure) = explain.check() {
        return Ok(Err(failure));
    }
    let surroundings = query::surroundings(cx, execution).await?;
    cx.stage(async |cx: &mut Cx| {
        let (bridge, asks) = surroundings.bridge(execution);
        let work = explain.plan(&surroundings, &bridge);
        let plan = match query::drive(cx, execution, asks, stopped, Box::pin(work)).await {
            Ok(Ok(plan)) => plan,
            Ok(Err(error)) => return bridge.failure(&error).map(Err),
            Err(failure) => return Ok(Err(failure)),
        };
        let lines: Vec<String> = plan.lines().map(str::to_owned).collect();
        let columns = vec![metadata::of_column(&explain.column())];
        write::lines(cx, execution, columns, &lines, bridge.bytes_read()).await
    })
    .await
}
