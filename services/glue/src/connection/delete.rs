//! Deleting connections.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::{Connection, get_one};
use crate::catalog::{Catalog, Subject};
use crate::errors::ErrorDetail;

/// Deletes a connection.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteConnection {
    catalog_id: Option<String>,
    connection_name: String,
}

impl Operation for DeleteConnection {
    const NAME: &'static str = "DeleteConnection";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Connection(&self.connection_name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        delete(cx, catalog.place, &self.connection_name).await?;
        Ok(Empty {})
    }
}

async fn delete(cx: &mut Cx, place: Place, name: &str) -> Result<()> {
    get_one(cx, place, name).await?;
    cx.discard::<Connection>(place, name)
}

/// Deletes connections; those that cannot be are told.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeleteConnection {
    catalog_id: Option<String>,
    connection_name_list: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeleteConnectionResponse {
    succeeded: Vec<String>,
    errors: BTreeMap<String, ErrorDetail>,
}

impl Operation for BatchDeleteConnection {
    const NAME: &'static str = "BatchDeleteConnection";
    type Output = BatchDeleteConnectionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let mut all = catalog.access(cx, Self::NAME, Subject::Catalog).await?;
        for name in &self.connection_name_list {
            all = all.and(catalog.access(cx, Self::NAME, Subject::Connection(name)).await?);
        }
        Ok(all)
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchDeleteConnectionResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let mut answer = BatchDeleteConnectionResponse { succeeded: Vec::new(), errors: BTreeMap::new() };
        for name in &self.connection_name_list {
            match delete(cx, catalog.place, name).await {
                Ok(()) => answer.succeeded.push(name.clone()),
                Err(error) => {
                    answer.errors.insert(name.clone(), ErrorDetail::of(error)?);
                }
            }
        }
        Ok(answer)
    }
}
