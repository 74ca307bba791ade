//! Named queries: statements that are saved.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/saved-queries.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::errors::argument;
use crate::page;
use crate::workgroup::{self, PRIMARY, WorkGroup};

/// A named query.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NamedQuery {
    named_query_id: String,
    work_group: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    database: String,
    query_string: String,
}

const BY_WORKGROUP: &str = "workgroup";

impl Resource for NamedQuery {
    const KIND: &'static str = "athena/named-query";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_WORKGROUP];

    fn key(&self) -> Key {
        self.named_query_id.as_str().into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_WORKGROUP, self.work_group.as_str().into_key())]
    }
}

/// A token of CreateNamedQuery, and what it made.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Token {
    token: String,
    id: String,
}

impl Resource for Token {
    const KIND: &'static str = "athena/named-query-token";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.token.as_str().into_key()
    }
}

/// Whether a workgroup has no named queries.
pub(crate) async fn is_none_of(cx: &mut Cx, group: &str) -> Result<bool> {
    let place = cx.here();
    Ok(cx.find::<NamedQuery>(place, BY_WORKGROUP, group, 1).await?.is_empty())
}

/// Deletes the named queries of a workgroup.
pub(crate) async fn delete_all_of(cx: &mut Cx, group: &str) -> Result<()> {
    let place = cx.here();
    for query in cx.find::<NamedQuery>(place, BY_WORKGROUP, group, 0).await? {
        cx.delete::<NamedQuery>(place, &query.named_query_id).await?;
    }
    Ok(())
}

impl NamedQuery {
    async fn find(cx: &mut Cx, id: &str) -> Result<Self> {
        let place = cx.here();
        let found = cx.get::<Self>(place, id).await?;
        found.ok_or_else(|| argument(format!("NamedQuery {id} was not found")))
    }
}

/// The demand of an operation on a named query: it is on the query's workgroup.
async fn access(cx: &mut Cx, action: &'static str, id: &str) -> Result<Access> {
    let place = cx.here();
    let found = cx.get::<NamedQuery>(place, id).await?;
    workgroup::access(cx, action, found.as_ref().map(|query| query.work_group.as_str())).await
}

/// Saves a query.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateNamedQuery {
    name: String,
    description: Option<String>,
    database: String,
    query_string: String,
    client_request_token: Option<String>,
    work_group: Option<String>,
}

/// Its id.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateNamedQueryOutput {
    named_query_id: String,
}

impl CreateNamedQuery {
    fn is(&self, query: &NamedQuery) -> bool {
        (&self.name, &self.description, &self.database, &self.query_string)
            == (&query.name, &query.description, &query.database, &query.query_string)
            && self.work_group.as_deref().unwrap_or(PRIMARY) == query.work_group
    }
}

impl Operation for CreateNamedQuery {
    const NAME: &'static str = "CreateNamedQuery";
    type Output = CreateNamedQueryOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:CreateNamedQuery", self.work_group.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateNamedQueryOutput> {
        let place = cx.here();
        let group = WorkGroup::find(cx, self.work_group.as_deref().unwrap_or(PRIMARY)).await?;
        let id = cx.once(|cx| cx.chance().uuid());
        if let Some(token) = &self.client_request_token {
            if let Some(made) = cx.get::<Token>(place, token).await? {
                return match cx.get::<NamedQuery>(place, &made.id).await? {
                    Some(query) if !self.is(&query) => Err(argument("Idempotent parameters do not match")),
                    _ => Ok(CreateNamedQueryOutput { named_query_id: made.id }),
                };
            }
            cx.put(place, &Token { token: token.clone(), id: id.clone() }).await?;
        }
        let query = NamedQuery {
            named_query_id: id.clone(),
            work_group: group.name,
            name: self.name.clone(),
            description: self.description.clone(),
            database: self.database.clone(),
            query_string: self.query_string.clone(),
        };
        cx.put(place, &query).await?;
        Ok(CreateNamedQueryOutput { named_query_id: id })
    }
}

/// Tells of a named query.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetNamedQuery.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetNamedQuery {
    named_query_id: String,
}

/// The query.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetNamedQueryOutput {
    named_query: NamedQuery,
}

impl Operation for GetNamedQuery {
    const NAME: &'static str = "GetNamedQuery";
    type Output = GetNamedQueryOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetNamedQuery", &self.named_query_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetNamedQueryOutput> {
        Ok(GetNamedQueryOutput { named_query: NamedQuery::find(cx, &self.named_query_id).await? })
    }
}

/// Tells of up to 50 named queries.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetNamedQuery.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetNamedQuery {
    named_query_ids: Vec<String>,
}

/// Those that there are, and those that there are not.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetNamedQueryOutput {
    named_queries: Vec<NamedQuery>,
    unprocessed_named_query_ids: Vec<Unprocessed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unprocessed {
    named_query_id: String,
    error_code: String,
    error_message: String,
}

impl Operation for BatchGetNamedQuery {
    const NAME: &'static str = "BatchGetNamedQuery";
    type Output = BatchGetNamedQueryOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut all: Option<Access> = None;
        for id in &self.named_query_ids {
            let one = access(cx, "athena:BatchGetNamedQuery", id).await?;
            all = Some(match all {
                Some(all) => all.and(one),
                None => one,
            });
        }
        Ok(all.unwrap_or_else(|| Access::to("athena:BatchGetNamedQuery")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchGetNamedQueryOutput> {
        let (mut named_queries, mut unprocessed_named_query_ids) = (Vec::new(), Vec::new());
        let place = cx.here();
        for id in &self.named_query_ids {
            match cx.get::<NamedQuery>(place, id).await? {
                Some(query) => named_queries.push(query),
                None => unprocessed_named_query_ids.push(Unprocessed {
                    named_query_id: id.clone(),
                    // UNVERIFIED: code and wording.
                    error_code: "INVALID_INPUT".into(),
                    error_message: format!("NamedQuery {id} was not found"),
                }),
            }
        }
        Ok(BatchGetNamedQueryOutput { named_queries, unprocessed_named_query_ids })
    }
}

/// Lists the named queries of a workgroup.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListNamedQueries.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListNamedQueries {
    next_token: Option<String>,
    max_results: Option<usize>,
    work_group: Option<String>,
}

/// A page of their ids.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListNamedQueriesOutput {
    named_query_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListNamedQueries {
    const NAME: &'static str = "ListNamedQueries";
    type Output = ListNamedQueriesOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        workgroup::access(cx, "athena:ListNamedQueries", self.work_group.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListNamedQueriesOutput> {
        let place = cx.here();
        let group = WorkGroup::find(cx, self.work_group.as_deref().unwrap_or(PRIMARY)).await?;
        let all = cx.find::<NamedQuery>(place, BY_WORKGROUP, &group.name, 0).await?;
        let mut ids: Vec<String> = all.into_iter().map(|query| query.named_query_id).collect();
        ids.sort_unstable();
        let (named_query_ids, next_token) = page::cut(ids, self.max_results, self.next_token.as_deref(), |id| id)?;
        Ok(ListNamedQueriesOutput { named_query_ids, next_token })
    }
}

/// Changes a named query.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateNamedQuery.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateNamedQuery {
    named_query_id: String,
    name: String,
    description: Option<String>,
    query_string: String,
}

impl Operation for UpdateNamedQuery {
    const NAME: &'static str = "UpdateNamedQuery";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:UpdateNamedQuery", &self.named_query_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut query = NamedQuery::find(cx, &self.named_query_id).await?;
        query.name.clone_from(&self.name);
        query.query_string.clone_from(&self.query_string);
        if self.description.is_some() {
            query.description.clone_from(&self.description);
        }
        let place = cx.here();
        cx.put(place, &query).await?;
        Ok(Empty {})
    }
}

/// Deletes a named query.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteNamedQuery.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteNamedQuery {
    named_query_id: String,
}

impl Operation for DeleteNamedQuery {
    const NAME: &'static str = "DeleteNamedQuery";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:DeleteNamedQuery", &self.named_query_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let query = NamedQuery::find(cx, &self.named_query_id).await?;
        let place = cx.here();
        cx.delete::<NamedQuery>(place, &query.named_query_id).await?;
        Ok(Empty {})
    }
}
