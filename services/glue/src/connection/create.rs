//! Creating a connection.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Connection, ConnectionInput, find};
use crate::catalog::{Catalog, Subject};
use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException};
use crate::tags;

/// Connections of an account in a Region at most.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/glue.html>
const MOST: u64 = 1000;

/// Creates a connection.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateConnection {
    catalog_id: Option<String>,
    connection_input: ConnectionInput,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateConnectionResponse {
    create_connection_status: String,
}

impl Operation for CreateConnection {
    const NAME: &'static str = "CreateConnection";
    type Output = CreateConnectionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let create = catalog.access(cx, Self::NAME, Subject::Catalog).await?.request_tags(&self.tags);
        if self.tags.is_empty() {
            return Ok(create);
        }
        let arn = tags::connection_arn(catalog, &self.connection_input.name);
        Ok(create.and(Access::to("glue:TagResource").on(arn).request_tags(&self.tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateConnectionResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let name = self.connection_input.name.clone();
        tags::check(&self.tags)?;
        // UNVERIFIED: the wordings.
        if find(cx, catalog.place, &name).await?.is_some() {
            return Err(AlreadyExistsException::because("Connection already exists."));
        }
        if cx.count::<Connection>(catalog.place, "", "\u{10ffff}").await? >= MOST {
            let message = "Number of connections exceeds the account limit.";
            return Err(ResourceNumberLimitExceededException::because(message));
        }
        let (definition, secrets) = self.connection_input.keep(cx, catalog.place).await?;
        let (now, tags) = (cx.now(), self.tags.clone());
        let updated_by = cx.principal().arn(cx.region().partition()).map(String::from);
        let connection = Connection { name, created: now, updated: now, updated_by, definition, secrets, tags };
        cx.put(catalog.place, &connection).await?;
        Ok(CreateConnectionResponse { create_connection_status: "READY".to_owned() })
    }
}
