//! Query executions, as they are stored.
//!
//! Rows: `athena/execution` by id; `athena/history` by workgroup and time, the newest first; `athena/request-token` by
//! the token of the request; `athena/stop` by id, which a running query watches.

pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod results;
pub(crate) mod start;
pub(crate) mod statistics;
pub(crate) mod stop;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, Cx, IntoKey, Key, Place, Principal, Resource, Result, Scope, Timestamp};

use crate::errors::argument;
use crate::workgroup;
use crate::workgroup::configuration::ResultConfiguration;

/// A query, from its submission on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) id: String,
    /// As it was sent.
    query: String,
    /// As it is run: with parameters, and the prepared statement instead of its name.
    pub(crate) effective: String,
    pub(crate) group: String,
    pub(crate) catalog: Option<String>,
    pub(crate) database: Option<String>,
    parameters: Vec<String>,
    /// Where the result goes, with the file's name, and how.
    pub(crate) results: ResultConfiguration,
    kind: StatementType,
    statement: String,
    /// Bytes that it may read.
    pub(crate) cutoff: Option<u64>,
    /// How old a result may be that is taken instead, in minutes.
    reuse: Option<u32>,
    /// Who started it: everything is done with this principal's rights.
    pub(crate) principal: Principal,
    pub(crate) access_key_id: Option<String>,
    token: Option<String>,
    request: String,
    pub(crate) state: State,
    reason: Option<String>,
    error: Option<Failure>,
    submitted: Timestamp,
    started: Option<Timestamp>,
    completed: Option<Timestamp>,
    pub(crate) outcome: Outcome,
}

/// What has come of a query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) columns: Vec<ResultColumn>,
    pub(crate) rows: u64,
    pub(crate) bytes_written: u64,
    pub(crate) bytes_scanned: u64,
    /// Rows that were written into a table.
    pub(crate) updated: Option<u64>,
    pub(crate) manifest: Option<String>,
    /// Whether an earlier query's result was taken.
    pub(crate) reused: bool,
}

/// A column of a result, as `GetQueryResults` tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResultColumn {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) precision: i32,
    pub(crate) scale: i32,
    pub(crate) case_sensitive: bool,
}

/// Of which kind a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum StatementType {
    Ddl,
    Dml,
    Utility,
}

/// How far a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum State {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl State {
    /// Whether nothing more happens.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Why a query failed: `AthenaError`.
///
/// Categories and types: <https://docs.aws.amazon.com/athena/latest/ug/error-reference.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) category: u8,
    pub(crate) kind: u16,
    pub(crate) message: String,
    /// What became of the query, if it did not fail.
    #[serde(default)]
    pub(crate) cancelled: bool,
}

impl Failure {
    /// The user's, of a type of the catalog of errors.
    pub(crate) fn user(kind: u16, message: impl Into<String>) -> Self {
        Self { category: 2, kind, message: message.into(), cancelled: false }
    }

    /// Welkin's own.
    pub(crate) fn system(message: impl Into<String>) -> Self {
        Self { category: 1, kind: 200, message: message.into(), cancelled: false }
    }
}

/// How long a query is remembered.
///
/// Source: "Athena keeps a query history for 45 days":
/// <https://docs.aws.amazon.com/athena/latest/ug/queries-viewing-history.html>
const REMEMBERED: Duration = Duration::from_secs(45 * 24 * 60 * 60);

impl Resource for Execution {
    const KIND: &'static str = "athena/execution";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}

/// Says to a running query that it is to stop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stop {
    pub(crate) id: String,
}

impl Resource for Stop {
    const KIND: &'static str = "athena/stop";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.id.as_str().into_key()
    }
}

impl Execution {
    /// The query with this id.
    ///
    /// # Errors
    /// `InvalidRequestException`
    pub(crate) async fn find(cx: &mut Cx, id: &str) -> Result<Self> {
        let place = cx.here();
        let found = cx.get::<Self>(place, id).await?;
        found.ok_or_else(|| argument(format!("QueryExecution {id} was not found")))
    }

    /// Goes into another state, and says so.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/athena-events.html>
    pub(crate) async fn turn_to(&mut self, cx: &mut Cx, state: State) -> Result<()> {
        let before = self.state;
        self.state = state;
        match state {
            State::Running => self.started = Some(cx.now()),
            state if state.is_final() => self.completed = Some(cx.now()),
            _ => {}
        }
        let sequence = match state {
            State::Queued => 1,
            State::Running => 2,
            _ => 3,
        };
        let mut detail = json!({
            "versionId": "0",
            "currentState": state.name(),
            "statementType": self.kind,
            "queryExecutionId": self.id,
            "workgroupName": self.group,
            "sequenceNumber": sequence.to_string(),
        });
        if state != State::Queued {
            detail["previousState"] = json!(before.name());
        }
        if let Some(error) = &self.error {
            detail["athenaError"] = json!({
                "errorCategory": error.category,
                "errorType": error.kind,
                "errorMessage": error.message,
                "retryable": false,
            });
        }
        cx.publish("aws.athena", "Athena Query State Change", detail).await?;
        let place = cx.here();
        cx.put(place, self).await
    }

    /// Ends it with what has come of it.
    pub(crate) async fn end(&mut self, cx: &mut Cx, ended: Result<Outcome, Failure>) -> Result<()> {
        let place = cx.here();
        cx.discard::<Stop>(place, &self.id)?;
        match ended {
            Ok(outcome) => {
                self.outcome = outcome;
                self.turn_to(cx, State::Succeeded).await
            }
            Err(failure) => {
                self.reason = Some(failure.message.clone());
                let state = if failure.cancelled { State::Cancelled } else { State::Failed };
                self.error = Some(failure).filter(|failure| !failure.cancelled);
                self.turn_to(cx, state).await
            }
        }
    }

    /// Whether its result may stand for that of `later`.
    fn answers(&self, later: &Self, now: Timestamp) -> bool {
        let age = Duration::from_secs(u64::from(later.reuse.unwrap_or_default()) * 60);
        let recent = self.completed.is_some_and(|completed| now.since(completed) <= age);
        self.state == State::Succeeded
            && recent
            && self.effective == later.effective
            && (&self.database, &self.catalog) == (&later.database, &later.catalog)
            && self.statement == "SELECT"
            && !self.outcome.reused
    }

    /// The result of an earlier query that stands for this one's, and where it is.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/reusing-query-results.html>
    pub(crate) async fn reusable(&self, cx: &mut Cx, place: Place) -> Result<Option<(ResultConfiguration, Outcome)>> {
        if self.reuse.is_none() {
            return Ok(None);
        }
        let now = cx.now();
        for id in history::recent(cx, place, &self.group).await? {
            if let Some(earlier) = cx.get::<Self>(place, &id).await?.filter(|earlier| earlier.answers(self, now)) {
                let outcome = Outcome { reused: true, bytes_scanned: 0, ..earlier.outcome };
                return Ok(Some((earlier.results, outcome)));
            }
        }
        Ok(None)
    }
}

/// The demand of an operation on a query: it is on the query's workgroup.
async fn access(cx: &mut Cx, action: &'static str, id: &str) -> Result<Access> {
    let place = cx.here();
    let found = cx.get::<Execution>(place, id).await?;
    workgroup::access(cx, action, found.as_ref().map(|execution| execution.group.as_str())).await
}
