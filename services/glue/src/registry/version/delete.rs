//! Deleting versions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Resource, Result};

use super::{Definition, Version, no_version};
use crate::errors::{ErrorDetail, invalid};
use crate::registry::schema::{Schema, SchemaId};

/// Deletes a version of a schema, or several in a row, with their metadata. "The first schema version can only be
/// deleted by the DeleteSchema API."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteSchemaVersions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSchemaVersions {
    schema_id: SchemaId,
    versions: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSchemaVersionsResponse {
    schema_version_errors: Vec<SchemaVersionErrorItem>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaVersionErrorItem.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SchemaVersionErrorItem {
    version_number: u64,
    error_details: ErrorDetail,
}

/// The first and the last of the versions that a call names: `5`, or `5-8`.
fn range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1..=last).contains(&first).then_some((first, last))
}

impl DeleteSchemaVersions {
    /// What the whole call is refused for.
    // UNVERIFIED: the wordings; and that what "the API will return a 409 conflict" for is told by this error, the only
    // one among those of the operation that can be.
    fn check(&self, schema: &Schema) -> Result<(u64, u64)> {
        let (first, last) = range(&self.versions).ok_or_else(|| invalid("The range of versions is not valid."))?;
        if (first..=last).contains(&schema.checkpoint) {
            let message = format!("Version {} is the checkpoint, which cannot be deleted.", schema.checkpoint);
            return Err(invalid(message));
        }
        if first == 1 {
            return Err(invalid("The first schema version cannot be deleted."));
        }
        Ok((first, last))
    }

    /// Deletes one. "If the compatibility mode forbids deleting of a version that is necessary … an error is returned."
    // UNVERIFIED: which are necessary; here those that new ones are held against.
    async fn delete(&self, cx: &mut Cx, place: welkin_kernel::Place, schema: &Schema, number: u64) -> Result<()> {
        let version = cx.get::<Version>(place, (schema.id, number)).await?.ok_or_else(no_version)?;
        let held_against = version.status == super::Status::Available
            && (schema.compatibility.backward() || schema.compatibility.forward())
            && if schema.compatibility.all() { number > schema.checkpoint } else { number == schema.latest };
        if held_against {
            return Err(invalid(format!("Version {number} is necessary for the compatibility mode of the schema.")));
        }
        cx.discard::<Definition>(place, version.key())?;
        cx.delete::<Version>(place, version.key()).await.map(|_| ())
    }
}

impl Operation for DeleteSchemaVersions {
    const NAME: &'static str = "DeleteSchemaVersions";
    type Output = DeleteSchemaVersionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteSchemaVersionsResponse> {
        let address = self.schema_id.address(cx)?;
        let place = address.registry.place;
        let mut schema = address.online(cx).await?;
        let (first, last) = self.check(&schema)?;
        let mut schema_version_errors = Vec::new();
        // Numbers that no version has had yet are told by the first of them.
        for number in first..=last.min(schema.next.max(first)) {
            if let Err(error) = self.delete(cx, place, &schema, number).await {
                let error_details = ErrorDetail::of(error)?;
                schema_version_errors.push(SchemaVersionErrorItem { version_number: number, error_details });
            }
        }
        if (first..=last).contains(&schema.latest) {
            schema.latest = newest(cx, place, &schema).await?;
        }
        cx.put(place, &schema).await?;
        Ok(DeleteSchemaVersionsResponse { schema_version_errors })
    }
}

/// The newest version that is available, which there always is: the checkpoint is.
async fn newest(cx: &mut Cx, place: welkin_kernel::Place, schema: &Schema) -> Result<u64> {
    for number in (schema.checkpoint..=schema.latest).rev() {
        let version = cx.get::<Version>(place, (schema.id, number)).await?;
        if version.is_some_and(|version| version.status == super::Status::Available) {
            return Ok(number);
        }
    }
    Ok(schema.checkpoint)
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn versions_are_named_by_a_number_or_a_range() {
        assert_eq!(range("5"), Some((5, 5)));
        assert_eq!(range("5-8"), Some((5, 8)));
        for text in ["8-5", "0", "a", "5-", "99999999999999999999"] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
