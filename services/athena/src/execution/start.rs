//! `StartQueryExecution`.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use welkin_kernel::{Access, Call, Cx, Operation, Result, Schedule};
use welkin_sql::ddl::{self, DdlError, Statement, StatementKind};

use super::history::{self, Token};
use super::{Execution, Outcome, State, StatementType};
use crate::errors::{argument, invalid};
use crate::prepared_statement::PreparedStatement;
use crate::run::{self, Run};
use crate::workgroup::configuration::{ResultConfiguration, bucket_and_prefix};
use crate::workgroup::{self, PRIMARY, WorkGroup};

/// Starts a query.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartQueryExecution {
    query_string: String,
    client_request_token: Option<String>,
    query_execution_context: Option<Context>,
    result_configuration: Option<ResultConfiguration>,
    work_group: Option<String>,
    #[serde(default)]
    execution_parameters: Vec<String>,
    result_reuse_configuration: Option<Reuse>,
}

/// Where names without catalog or database are looked up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Context {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) database: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) catalog: Option<String>,
}

/// Whether an earlier result may be taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reuse {
    pub(super) result_reuse_by_age_configuration: Option<ReuseByAge>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReuseByAge {
    pub(super) enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_age_in_minutes: Option<u32>,
}

/// The query's id.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartQueryExecutionOutput {
    query_execution_id: String,
}

/// A result's age at most, unless said: the reference of ResultReuseByAgeConfiguration.
const AGE: u32 = 60;

impl StartQueryExecution {
    /// What tells this request from others with its token.
    fn fingerprint(&self) -> String {
        let parts = (
            (&self.query_string, &self.query_execution_context, &self.result_configuration),
            (&self.work_group, &self.execution_parameters, &self.result_reuse_configuration),
        );
        hex::encode(Sha256::digest(format!("{parts:?}")))
    }

    /// The statement as it is run, with parameters, and what it is. What Hive does not understand is of a query that
    /// fails, and comes back as the statement that it is not.
    async fn resolve(&self, cx: &mut Cx, group: &str) -> Result<(String, Option<Statement>)> {
        let mut text = self.query_string.clone();
        if let Some(Statement::Execute { name, parameters }) = parse(&text)? {
            let Some(prepared) = PreparedStatement::get(cx, group, &name).await? else {
                // UNVERIFIED: the wording.
                return Err(argument(format!("PreparedStatement {name} does not exist in WorkGroup {group}")));
            };
            let parameters = if parameters.is_empty() { &self.execution_parameters } else { &parameters };
            text = ddl::substitute(&prepared.query_statement, parameters).map_err(malformed)?;
        } else if !self.execution_parameters.is_empty() {
            text = ddl::substitute(&text, &self.execution_parameters).map_err(malformed)?;
        }
        let statement = parse(&text)?;
        let query = match &statement {
            Some(Statement::Query) => Some(&text),
            Some(Statement::Explain { statement, .. }) if ddl::parse(statement) == Ok(Statement::Query) => {
                Some(statement)
            }
            _ => None,
        };
        if let Some(query) = query {
            run::engine()?.check(query).await.map_err(|error| {
                let at = error.at.map(|at| format!("line {at}: ")).unwrap_or_default();
                invalid("MALFORMED_QUERY", format!("{at}{}", error.message))
            })?;
        }
        Ok((text, statement))
    }

    /// Where the result goes: the workgroup has the last word if it enforces its own.
    fn results(&self, group: &WorkGroup) -> Result<ResultConfiguration> {
        let own = self.result_configuration.clone().unwrap_or_default();
        own.check()?;
        let groups = group.configuration.result_configuration.clone().unwrap_or_default();
        if group.configuration.is_enforced() && groups.output_location.is_some() {
            return Ok(groups);
        }
        Ok(ResultConfiguration {
            output_location: own.output_location.or(groups.output_location),
            encryption_configuration: own.encryption_configuration.or(groups.encryption_configuration),
            expected_bucket_owner: own.expected_bucket_owner.or(groups.expected_bucket_owner),
            acl_configuration: own.acl_configuration.or(groups.acl_configuration),
        })
    }

    fn reuse(&self) -> Option<u32> {
        let by_age = self.result_reuse_configuration.as_ref()?.result_reuse_by_age_configuration.as_ref()?;
        by_age.enabled.then(|| by_age.max_age_in_minutes.unwrap_or(AGE))
    }

    /// The query that was started with the same token, if there is one.
    async fn earlier(&self, cx: &mut Cx) -> Result<Option<String>> {
        let place = cx.here();
        let Some(token) = &self.client_request_token else { return Ok(None) };
        let Some(Token { id, .. }) = cx.get::<Token>(place, token).await? else { return Ok(None) };
        if Execution::find(cx, &id).await?.request != self.fingerprint() {
            return Err(argument("Idempotent parameters do not match"));
        }
        Ok(Some(id))
    }
}

fn malformed(error: DdlError) -> welkin_kernel::Error {
    invalid("MALFORMED_QUERY", error.to_string())
}

/// What a text is; `None` if Hive does not understand it, which is said when it is run.
///
/// # Errors
/// `InvalidRequestException` for what no query can be.
fn parse(text: &str) -> Result<Option<Statement>> {
    match ddl::parse(text) {
        Ok(statement) => Ok(Some(statement)),
        Err(DdlError::Semantic(message)) if message.contains("not supported") => Err(argument(message)),
        Err(error @ DdlError::Syntax { .. }) => Err(malformed(error)),
        Err(_) => Ok(None),
    }
}

/// Name of the file of a result.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html>
fn file_name(id: &str, statement: Option<&Statement>) -> String {
    match statement {
        Some(Statement::Query) => format!("{id}.csv"),
        Some(statement) if statement.kind() == StatementKind::Dml => id.to_owned(),
        _ => format!("{id}.txt"),
    }
}

/// Whether the caller may look for the bucket of results.
async fn check_bucket(cx: &mut Cx, bucket: &str, owner: Option<&str>) -> Result<()> {
    let mut input = json!({ "Bucket": bucket });
    if let Some(owner) = owner {
        input["ExpectedBucketOwner"] = json!(owner);
    }
    match cx.call(Call::to("s3", "GetBucketLocation").input(&input)).await {
        Err(error) if error.answer().is_some() => {
            Err(argument(format!("Unable to verify/create output bucket {bucket}")))
        }
        other => other.map(drop),
    }
}

impl Operation for StartQueryExecution {
    const NAME: &'static str = "StartQueryExecution";
    type Output = StartQueryExecutionOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:StartQueryExecution", self.work_group.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<StartQueryExecutionOutput> {
        if let Some(query_execution_id) = self.earlier(cx).await? {
            return Ok(StartQueryExecutionOutput { query_execution_id });
        }
        let group = WorkGroup::find(cx, self.work_group.as_deref().unwrap_or(PRIMARY)).await?;
        if group.disabled {
            return Err(argument(format!("WorkGroup {} is disabled", group.name)));
        }
        let (effective, statement) = self.resolve(cx, &group.name).await?;
        let mut results = self.results(&group)?;
        let missing = "No output location provided. An output location is required either through the Workgroup \
                       result configuration setting or as an API input.";
        let location = results.output_location.as_deref().and_then(bucket_and_prefix);
        let (bucket, prefix) = location.ok_or_else(|| argument(missing))?;
        check_bucket(cx, &bucket, results.expected_bucket_owner.as_deref()).await?;
        let id = cx.once(|cx| cx.chance().uuid());
        results.output_location = Some(format!("s3://{bucket}/{prefix}{}", file_name(&id, statement.as_ref())));
        let context = self.query_execution_context.clone().unwrap_or_default();
        let (principal, access_key_id) = (cx.principal().clone(), cx.caller().access_key_id.clone());
        let mut execution = Execution {
            id: id.clone(),
            query: self.query_string.clone(),
            effective,
            group: group.name,
            catalog: context.catalog,
            database: context.database,
            parameters: self.execution_parameters.clone(),
            results,
            kind: match statement.as_ref().map(Statement::kind) {
                Some(StatementKind::Dml) => StatementType::Dml,
                Some(StatementKind::Utility) => StatementType::Utility,
                Some(StatementKind::Ddl) | None => StatementType::Ddl,
            },
            statement: statement.as_ref().map_or("DDL", Statement::name).to_owned(),
            cutoff: group.configuration.bytes_scanned_cutoff_per_query,
            reuse: self.reuse(),
            principal,
            access_key_id,
            token: self.client_request_token.clone(),
            request: self.fingerprint(),
            state: State::Queued,
            reason: None,
            error: None,
            submitted: cx.now(),
            started: None,
            completed: None,
            outcome: Outcome::default(),
        };
        execution.turn_to(cx, State::Queued).await?;
        history::enter(cx, &execution).await?;
        cx.enqueue(&Run { id: id.clone() }, Schedule::now()).await?;
        Ok(StartQueryExecutionOutput { query_execution_id: id })
    }
}
