//! CREATE VIEW: the engine tells the columns, Glue keeps the query.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::TableReference;
use welkin_sql::{Code, Column as EngineColumn, SqlError, hive_name};

use super::{Broken, Definitions, Done, Text, failure, finish, no_database};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::bridge::Bridge;
use crate::run::glue::{Column, SerdeInfo, StorageDescriptor, Table};
use crate::run::query::{self, Stopped, Surroundings};

/// The columns of a query, which is not run.
async fn columns(sql: &str, surroundings: &Surroundings, bridge: &Bridge) -> welkin_sql::Result<Vec<EngineColumn>> {
    let engine = crate::run::engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
    Ok(engine.query(sql, &surroundings.session, bridge).await?.columns().to_vec())
}

/// Makes a view.
///
/// # Errors
/// What is no fault of the query's.
pub(in crate::run) async fn create(
    cx: &mut Cx,
    execution: &Execution,
    name: &TableReference,
    or_replace: bool,
    sql: &str,
    stopped: Stopped,
) -> Result<Result<Outcome, Failure>> {
    let surroundings = query::surroundings(cx, execution).await?;
    let analyzed = cx
        .stage(async |cx: &mut Cx| {
            let (bridge, asks) = surroundings.bridge(execution);
            let work = columns(sql, &surroundings, &bridge);
            match query::drive(cx, execution, asks, stopped, Box::pin(work)).await {
                Ok(Ok(columns)) => Ok(Ok(columns)),
                Ok(Err(error)) => bridge.failure(&error).map(Err),
                Err(failure) => Ok(Err(failure)),
            }
        })
        .await?;
    let text = match analyzed {
        Ok(columns) => {
            Definitions { cx: &mut *cx, execution }.create_view(name, or_replace, sql.trim(), &columns).await
        }
        Err(failure) => Err(Broken::Failure(failure)),
    };
    finish(cx, execution, text).await
}

impl Definitions<'_> {
    async fn create_view(
        &mut self,
        name: &TableReference,
        or_replace: bool,
        sql: &str,
        columns: &[EngineColumn],
    ) -> Done<Text> {
        let place = self.place(name).await?;
        let old = self.find(&place).await?;
        if old.as_ref().is_some_and(|old| !or_replace || !old.is_view()) {
            let message = format!("View already exists: 'awsdatacatalog.{}.{}'", place.database, place.table);
            let message = format!("VIEW_ALREADY_EXISTS: line 1:1: {message}");
            return Err(Failure::user(failure::USER, message).into());
        }
        let shown: Vec<_> = columns.iter().map(|it| json!({ "name": it.name, "type": it.ty.to_string() })).collect();
        let text = json!({
            "originalSql": sql,
            "catalog": "awsdatacatalog",
            "schema": self.default_database(),
            "columns": shown,
        });
        let table = Table {
            name: place.table.clone(),
            table_type: Some("VIRTUAL_VIEW".into()),
            view_original_text: Some(format!("/* Presto View: {} */", STANDARD.encode(text.to_string()))),
            view_expanded_text: Some("/* Presto View */".into()),
            parameters: BTreeMap::from([
                ("presto_view".to_owned(), "true".to_owned()),
                ("comment".to_owned(), "Presto View".to_owned()),
            ]),
            storage_descriptor: Some(StorageDescriptor {
                columns: columns
                    .iter()
                    .map(|it| Column { name: it.name.clone(), ty: Some(hive_name(&it.ty)), ..Default::default() })
                    .collect(),
                location: Some(String::new()),
                serde_info: Some(SerdeInfo::default()),
                ..StorageDescriptor::default()
            }),
            ..Table::default()
        };
        if old.is_some() {
            self.update(&place, &table).await?;
            return Ok(Text::nothing());
        }
        let input = json!({ "CatalogId": place.catalog, "DatabaseName": place.database, "TableInput": table });
        match self.glue("CreateTable", &input).await? {
            Ok(_) => Ok(Text::nothing()),
            Err(answer) if answer.code == "EntityNotFoundException" => Err(no_database(&place.database)),
            Err(answer) => Err(failure::of_glue(&answer).into()),
        }
    }
}
