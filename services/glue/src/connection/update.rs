//! Changing a connection.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{ConnectionInput, get_one};
use crate::catalog::{Catalog, Subject};
use crate::errors::invalid;

/// Replaces the definition of a connection.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateConnection {
    catalog_id: Option<String>,
    name: String,
    connection_input: ConnectionInput,
}

impl Operation for UpdateConnection {
    const NAME: &'static str = "UpdateConnection";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Connection(&self.name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let mut connection = get_one(cx, catalog.place, &self.name).await?;
        if self.connection_input.name != self.name {
            // UNVERIFIED: that a connection cannot be renamed, and the wording.
            return Err(invalid("Connection name cannot be changed."));
        }
        (connection.definition, connection.secrets) = self.connection_input.keep(cx, catalog.place).await?;
        connection.updated = cx.now();
        connection.updated_by = cx.principal().arn(cx.region().partition()).map(String::from);
        cx.put(catalog.place, &connection).await?;
        Ok(Empty {})
    }
}
