//! Listing versions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result};

use super::{Status, Version};
use crate::page;
use crate::registry::schema::SchemaId;
use crate::registry::{PAGE, shown_time};

/// Lists the versions of a schema.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ListSchemaVersions.html>
// UNVERIFIED: that the oldest is first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchemaVersions {
    schema_id: SchemaId,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchemaVersionsResponse {
    schemas: Vec<SchemaVersionListItem>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaVersionListItem.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SchemaVersionListItem {
    schema_arn: String,
    schema_version_id: String,
    version_number: u64,
    status: Status,
    created_time: Option<String>,
}

impl Operation for ListSchemaVersions {
    const NAME: &'static str = "ListSchemaVersions";
    type Output = ListSchemaVersionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSchemaVersionsResponse> {
        let address = self.schema_id.address(cx)?;
        let schema = address.online(cx).await?;
        let size = page::size(self.max_results, PAGE);
        let after = page::read_token::<u64>(self.next_token.as_deref())?;
        let key = after.map(|number| (schema.id, number).into_key());
        let page = Page::of(size + 1, key.as_ref());
        let mut found = cx.list::<Version>(address.registry.place, schema.id, page).await?;
        let more = found.len() > size;
        found.truncate(size);
        let next_token = match found.last() {
            Some(last) if more => Some(page::token(&last.number)?),
            _ => None,
        };
        let schema_arn = address.arn().to_string();
        let shown = |version: Version| SchemaVersionListItem {
            schema_arn: schema_arn.clone(),
            version_number: version.number,
            status: version.status,
            created_time: shown_time(version.created),
            schema_version_id: version.id,
        };
        Ok(ListSchemaVersionsResponse { schemas: found.into_iter().map(shown).collect(), next_token })
    }
}
