//! Prepared statements: with question marks for what is told when they are executed.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Resource, Result, Scope, Timestamp};

use crate::errors::{argument, missing};
use crate::page;
use crate::workgroup::{self, WorkGroup};

/// A prepared statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PreparedStatement {
    statement_name: String,
    pub(crate) query_statement: String,
    work_group_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    last_modified_time: Timestamp,
}

/// Prepared statements of a workgroup at most.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html>
const MOST: usize = 1_000;

impl Resource for PreparedStatement {
    const KIND: &'static str = "athena/prepared-statement";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.work_group_name.as_str(), self.statement_name.as_str()).into_key()
    }
}

impl PreparedStatement {
    /// The statement, if there is one of this name.
    pub(crate) async fn get(cx: &mut Cx, group: &str, name: &str) -> Result<Option<Self>> {
        let place = cx.here();
        cx.get::<Self>(place, (group, name)).await
    }

    async fn find(cx: &mut Cx, group: &str, name: &str) -> Result<Self> {
        WorkGroup::find(cx, group).await?;
        let absent = || missing(name, format!("Prepared Statement {name} in workGroup {group} was not found"));
        Self::get(cx, group, name).await?.ok_or_else(absent)
    }

    /// Makes it.
    ///
    /// # Errors
    /// `InvalidRequestException` when there is one.
    // UNVERIFIED: the wordings.
    pub(crate) async fn create(
        cx: &mut Cx,
        group: &str,
        name: &str,
        statement: &str,
        description: Option<&str>,
    ) -> Result<()> {
        let place = cx.here();
        if cx.exists::<Self>(place, (group, name)).await? {
            return Err(argument(format!("Prepared Statement {name} already exists in WorkGroup {group}")));
        }
        if cx.list::<Self>(place, group, Page::of(MOST, None)).await?.len() >= MOST {
            return Err(argument(format!("WorkGroup {group} has the most prepared statements that it can have")));
        }
        let made = Self {
            statement_name: name.to_owned(),
            query_statement: statement.to_owned(),
            work_group_name: group.to_owned(),
            description: description.map(str::to_owned),
            last_modified_time: cx.now(),
        };
        cx.put(place, &made).await
    }

    /// Deletes it.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn delete(cx: &mut Cx, group: &str, name: &str) -> Result<()> {
        Self::find(cx, group, name).await?;
        let place = cx.here();
        cx.delete::<Self>(place, (group, name)).await.map(drop)
    }
}

/// Whether a workgroup has no prepared statements.
pub(crate) async fn is_none_of(cx: &mut Cx, group: &str) -> Result<bool> {
    let place = cx.here();
    Ok(cx.list::<PreparedStatement>(place, group, Page::of(1, None)).await?.is_empty())
}

/// Deletes the prepared statements of a workgroup.
pub(crate) fn delete_all_of(cx: &mut Cx, group: &str) -> Result<()> {
    let place = cx.here();
    cx.delete_all::<PreparedStatement>(place, group)
}

/// Makes a prepared statement.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreatePreparedStatement.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePreparedStatement {
    statement_name: String,
    work_group: String,
    query_statement: String,
    description: Option<String>,
}

impl Operation for CreatePreparedStatement {
    const NAME: &'static str = "CreatePreparedStatement";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:CreatePreparedStatement", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (group, name) = (&WorkGroup::find(cx, &self.work_group).await?.name, &self.statement_name);
        PreparedStatement::create(cx, group, name, &self.query_statement, self.description.as_deref()).await?;
        Ok(Empty {})
    }
}

/// Tells of a prepared statement.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetPreparedStatement.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPreparedStatement {
    statement_name: String,
    work_group: String,
}

/// The statement.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPreparedStatementOutput {
    prepared_statement: PreparedStatement,
}

impl Operation for GetPreparedStatement {
    const NAME: &'static str = "GetPreparedStatement";
    type Output = GetPreparedStatementOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:GetPreparedStatement", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPreparedStatementOutput> {
        let prepared_statement = PreparedStatement::find(cx, &self.work_group, &self.statement_name).await?;
        Ok(GetPreparedStatementOutput { prepared_statement })
    }
}

/// Tells of several prepared statements.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetPreparedStatement.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetPreparedStatement {
    prepared_statement_names: Vec<String>,
    work_group: String,
}

/// Those that there are, and those that there are not.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetPreparedStatementOutput {
    prepared_statements: Vec<PreparedStatement>,
    unprocessed_prepared_statement_names: Vec<Unprocessed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unprocessed {
    statement_name: String,
    error_code: String,
    error_message: String,
}

impl Operation for BatchGetPreparedStatement {
    const NAME: &'static str = "BatchGetPreparedStatement";
    type Output = BatchGetPreparedStatementOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:BatchGetPreparedStatement", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchGetPreparedStatementOutput> {
        let (mut prepared_statements, mut unprocessed_prepared_statement_names) = (Vec::new(), Vec::new());
        let group = WorkGroup::find(cx, &self.work_group).await?.name;
        for name in &self.prepared_statement_names {
            match PreparedStatement::get(cx, &group, name).await? {
                Some(statement) => prepared_statements.push(statement),
                None => unprocessed_prepared_statement_names.push(Unprocessed {
                    statement_name: name.clone(),
                    // UNVERIFIED: code and wording.
                    error_code: "STATEMENT_NOT_FOUND".into(),
                    error_message: format!("Prepared Statement {name} in workGroup {group} was not found"),
                }),
            }
        }
        Ok(BatchGetPreparedStatementOutput { prepared_statements, unprocessed_prepared_statement_names })
    }
}

/// Lists the prepared statements of a workgroup.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListPreparedStatements.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPreparedStatements {
    work_group: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPreparedStatementsOutput {
    prepared_statements: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    statement_name: String,
    last_modified_time: Timestamp,
}

impl Operation for ListPreparedStatements {
    const NAME: &'static str = "ListPreparedStatements";
    type Output = ListPreparedStatementsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:ListPreparedStatements", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPreparedStatementsOutput> {
        let place = cx.here();
        let group = WorkGroup::find(cx, &self.work_group).await?.name;
        let all = cx.list::<PreparedStatement>(place, &group, Page::ALL).await?;
        let (all, next_token) =
            page::cut(all, self.max_results, self.next_token.as_deref(), |statement| &statement.statement_name)?;
        let summary = |statement: PreparedStatement| Summary {
            statement_name: statement.statement_name,
            last_modified_time: statement.last_modified_time,
        };
        Ok(ListPreparedStatementsOutput { prepared_statements: all.into_iter().map(summary).collect(), next_token })
    }
}

/// Changes a prepared statement.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdatePreparedStatement.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdatePreparedStatement {
    statement_name: String,
    work_group: String,
    query_statement: String,
    description: Option<String>,
}

impl Operation for UpdatePreparedStatement {
    const NAME: &'static str = "UpdatePreparedStatement";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:UpdatePreparedStatement", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut statement = PreparedStatement::find(cx, &self.work_group, &self.statement_name).await?;
        statement.query_statement.clone_from(&self.query_statement);
        if self.description.is_some() {
            statement.description.clone_from(&self.description);
        }
        statement.last_modified_time = cx.now();
        let place = cx.here();
        cx.put(place, &statement).await?;
        Ok(Empty {})
    }
}

/// Deletes a prepared statement.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeletePreparedStatement.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePreparedStatement {
    statement_name: String,
    work_group: String,
}

impl Operation for DeletePreparedStatement {
    const NAME: &'static str = "DeletePreparedStatement";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:DeletePreparedStatement", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        PreparedStatement::delete(cx, &self.work_group, &self.statement_name).await?;
        Ok(Empty {})
    }
}
