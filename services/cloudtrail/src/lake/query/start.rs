//! `StartQuery`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Operation, Place, Result};

use super::statement::Statement;
use super::table::Tables;
use super::{Outcome, Query, Source, Status, active, deliver, engine, enter, named, run};
use crate::errors::{InvalidParameterException, InvalidQueryStatementException, MaxConcurrentQueriesException};
use crate::key::Encrypted;
use crate::lake::store::EventDataStore;

/// Starts a query.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartQuery.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartQuery {
    query_statement: Option<String>,
    #[serde(rename = "DeliveryS3Uri")]
    delivery_s3_uri: Option<String>,
    query_alias: Option<String>,
    #[serde(default)]
    query_parameters: Vec<String>,
    event_data_store_owner_account_id: Option<String>,
}

/// The query's id.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartQueryResponse {
    query_id: String,
    event_data_store_owner_account_id: Option<String>,
}

/// Queries that are queued or running at most: "Concurrent queries" in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>.
const MOST: usize = 10;

impl StartQuery {
    /// The statement, with its stores quoted.
    fn statement(&self) -> Result<Statement> {
        named(self.query_statement.as_deref(), self.query_alias.as_deref())?;
        if !self.query_parameters.is_empty() {
            // UNVERIFIED: the wording.
            return Err(InvalidParameterException::because("QueryParameters can only be specified with a QueryAlias."));
        }
        let statement = Statement::of(self.query_statement.as_deref().unwrap_or_default());
        if statement.stores.is_empty() {
            // UNVERIFIED: the wording.
            let message = "The query statement must name the ID of an event data store in its FROM clause.";
            return Err(InvalidQueryStatementException::because(message));
        }
        Ok(statement)
    }

    /// What a store is looked up by: ids are of the caller's stores unless another owner is named.
    fn full_name(&self, cx: &Cx, store: &str) -> Result<String> {
        let Some(owner) = &self.event_data_store_owner_account_id else { return Ok(store.to_owned()) };
        // UNVERIFIED: the wording.
        let invalid = || InvalidParameterException::because(format!("The account ID {owner} is not valid."));
        let owner: AccountId = owner.parse().map_err(|_| invalid())?;
        if store.starts_with("arn:") {
            return Ok(store.to_owned());
        }
        Ok(Place::new(owner, cx.region()).arn("cloudtrail", format_args!("eventdatastore/{store}")).into())
    }

    /// The stores of a statement; those that are being deleted are refused.
    async fn sources(&self, cx: &mut Cx, statement: &Statement) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        for name in &statement.stores {
            let full = self.full_name(cx, name)?;
            let (account, store) = EventDataStore::find(cx, &full).await?;
            let store = store.active(account)?;
            let arn = store.arn(account);
            if let Some(key) = store.key() {
                let place = Place::new(account, store.home);
                Encrypted { arn: arn.clone(), place }.try_out_as_caller(cx, key).await?;
            }
            sources.push(Source { name: name.clone(), account, store: store.id, arn: arn.into() });
        }
        Ok(sources)
    }
}

impl Operation for StartQuery {
    const NAME: &'static str = "StartQuery";
    type Output = StartQueryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut demands: Option<Access> = None;
        for name in &self.statement()?.stores {
            let full = self.full_name(cx, name)?;
            let demand = EventDataStore::access(cx, "cloudtrail:StartQuery", &full).await?;
            demands = Some(match demands {
                Some(demands) => demands.and(demand),
                None => demand,
            });
        }
        // INVARIANT: a statement names a store.
        Ok(demands.unwrap_or_else(|| Access::to("cloudtrail:StartQuery")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<StartQueryResponse> {
        let statement = self.statement()?;
        let sources = self.sources(cx, &statement).await?;
        if active(cx, MOST).await? >= MOST {
            return Err(MaxConcurrentQueriesException.into());
        }
        let delivery = match (&self.delivery_s3_uri, sources.first()) {
            (Some(uri), Some(source)) => {
                let arn: Arn = source.arn.parse().map_err(welkin_kernel::Error::internal)?;
                Some(deliver::Delivery::to(cx, uri, arn).await?)
            }
            _ => None,
        };
        let query = Query {
            id: cx.once(|cx| cx.chance().uuid()),
            statement: self.query_statement.clone().unwrap_or_default(),
            text: statement.text,
            sources,
            status: Status::Queued,
            error: None,
            created: cx.now(),
            started: None,
            ended: None,
            outcome: Outcome::default(),
            delivery,
        };
        check(cx, &query).await?;
        enter(cx, &query).await?;
        Ok(StartQueryResponse {
            query_id: query.id,
            event_data_store_owner_account_id: self.event_data_store_owner_account_id.clone(),
        })
    }
}

/// Has the engine analyse a query without reading anything.
// UNVERIFIED: that names and types are looked at before a query is queued, and not only its grammar.
async fn check(cx: &mut Cx, query: &Query) -> Result<()> {
    let Some((tables, _)) = Tables::of(cx, query).await? else { return Ok(()) };
    let session = cx.once(run::session);
    match engine()?.query(&query.text, &session, &tables).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let at = error.at.map(|at| format!("line {at}: ")).unwrap_or_default();
            Err(InvalidQueryStatementException::because(format!("{at}{}", error.message)))
        }
    }
}
