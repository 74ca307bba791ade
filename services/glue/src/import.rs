//! The migration from Athena's own catalog, which came before Glue's:
//! <https://docs.aws.amazon.com/athena/latest/ug/glue-upgrade.html>
//!
//! Athena's own catalog does not exist any more, here as little as in AWS: there is nothing to migrate, and a migration
//! is done when it is asked for.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope, Timestamp};

use crate::catalog::{Catalog, Subject};

/// A migration that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Import {
    time: Timestamp,
    by: Option<String>,
}

impl Resource for Import {
    const KIND: &'static str = "glue/import";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        CATALOG.into_key()
    }
}

const CATALOG: &str = "catalog";

/// Migrates Athena's own catalog, in which there is nothing.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ImportCatalogToGlue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportCatalogToGlue {
    catalog_id: Option<String>,
}

impl Operation for ImportCatalogToGlue {
    const NAME: &'static str = "ImportCatalogToGlue";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let by = cx.principal().arn(cx.region().partition()).map(String::from);
        cx.put(catalog.place, &Import { time: cx.now(), by }).await?;
        Ok(Empty {})
    }
}

/// Tells whether a migration is done.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetCatalogImportStatus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCatalogImportStatus {
    catalog_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCatalogImportStatusResponse {
    import_status: ImportStatus,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImportStatus {
    import_completed: bool,
    import_time: Option<Timestamp>,
    imported_by: Option<String>,
}

impl Operation for GetCatalogImportStatus {
    const NAME: &'static str = "GetCatalogImportStatus";
    type Output = GetCatalogImportStatusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCatalogImportStatusResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let done = cx.get::<Import>(catalog.place, CATALOG).await?;
        // UNVERIFIED: that an account which never had Athena's own catalog is told that its migration is done.
        let import_status = ImportStatus {
            import_completed: true,
            import_time: done.as_ref().map(|import| import.time.whole_secs()),
            imported_by: done.and_then(|import| import.by),
        };
        Ok(GetCatalogImportStatusResponse { import_status })
    }
}
