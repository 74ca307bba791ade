//! Columns that a schema of the registry describes.

use welkin_kernel::{Cx, Result};

use crate::descriptor::{Column, SchemaReference};
use crate::errors::invalid;
use crate::registry::version::{self, Choice, VersionNumber};

impl SchemaReference {
    /// The columns of the version that it names, which the caller must be permitted to read.
    ///
    /// # Errors
    /// `AccessDeniedException`, `EntityNotFoundException`, `InvalidInputException`
    // UNVERIFIED: the wordings; and that columns are taken once, when the table is described: a version never changes.
    pub(crate) async fn columns(&self, cx: &mut Cx) -> Result<Vec<Column>> {
        let number = self.schema_version_number.map(VersionNumber::of);
        let choice = Choice {
            id: self.schema_version_id.as_deref(),
            schema: self.schema_id.as_ref(),
            number: number.as_ref().filter(|_| self.schema_version_id.is_none()),
        };
        let access = choice.access(cx, "GetSchemaVersion").await?;
        cx.authorise(&access).await?;
        let (place, schema, version) = choice.find(cx).await?;
        if version.status != version::Status::Available {
            return Err(invalid("The schema version is not available."));
        }
        let text = version.text(cx, place).await?;
        let columns = version::parse(schema.format, &text)?.columns();
        columns.map_err(|fault| invalid(format!("The schema version does not describe columns: {fault}")))
    }
}
