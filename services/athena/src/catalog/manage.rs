//! Registering catalogs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::{DataCatalog, Kind, OWN, access};
use crate::errors::{argument, not_implemented};
use crate::page;
use crate::tag::{self, Tag};

/// A catalog, as the API shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    name: String,
    #[serde(rename = "Type")]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    parameters: BTreeMap<String, String>,
    status: String,
}

/// An answer with a catalog.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WithCatalog {
    data_catalog: Shown,
}

impl WithCatalog {
    fn of(catalog: DataCatalog, status: &str) -> Self {
        let DataCatalog { name, kind, description, parameters, .. } = catalog;
        Self { data_catalog: Shown { name, kind, description, parameters, status: status.into() } }
    }
}

/// Holds the parameters against the type.
///
/// # Errors
/// `InvalidRequestException`, `NotImplemented`
// UNVERIFIED: the wordings.
fn check(kind: Kind, parameters: &BTreeMap<String, String>) -> Result<()> {
    let has = |key: &str| parameters.contains_key(key);
    match kind {
        Kind::Glue => match parameters.get("catalog-id") {
            Some(id) if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
            _ => Err(argument("The GLUE data catalog type needs the parameter catalog-id: an account id")),
        },
        Kind::Lambda if has("function") || (has("metadata-function") && has("record-function")) => Ok(()),
        Kind::Lambda => {
            Err(argument("The LAMBDA data catalog type needs function, or metadata-function and record-function"))
        }
        Kind::Hive if has("metadata-function") => Ok(()),
        Kind::Hive => Err(argument("The HIVE data catalog type needs the parameter metadata-function")),
        Kind::Federated => Err(not_implemented("data catalogs of the type FEDERATED")),
    }
}

/// Registers a catalog.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateDataCatalog.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateDataCatalog {
    name: String,
    #[serde(rename = "Type")]
    kind: Kind,
    description: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateDataCatalog {
    const NAME: &'static str = "CreateDataCatalog";
    type Output = WithCatalog;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access(cx, "athena:CreateDataCatalog", &self.name).await?;
        Ok(access.request_tags(&tag::map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<WithCatalog> {
        let place = cx.here();
        check(self.kind, &self.parameters)?;
        if DataCatalog::get(cx, place, &self.name).await?.is_some() {
            // UNVERIFIED: the wording.
            return Err(argument(format!("DataCatalog {} already exists", self.name)));
        }
        let catalog = DataCatalog {
            name: self.name.clone(),
            kind: self.kind,
            description: self.description.clone(),
            parameters: self.parameters.clone(),
            tags: tag::map(&self.tags)?,
        };
        cx.put(place, &catalog).await?;
        Ok(WithCatalog::of(catalog, "CREATE_COMPLETE"))
    }
}

/// Tells of a catalog.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetDataCatalog.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataCatalog {
    name: String,
}

impl Operation for GetDataCatalog {
    const NAME: &'static str = "GetDataCatalog";
    type Output = WithCatalog;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetDataCatalog", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<WithCatalog> {
        Ok(WithCatalog::of(DataCatalog::find(cx, &self.name).await?, "CREATE_COMPLETE"))
    }
}

/// Lists the catalogs of the account in the Region.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListDataCatalogs.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDataCatalogs {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDataCatalogsOutput {
    data_catalogs_summary: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    catalog_name: String,
    #[serde(rename = "Type")]
    kind: Kind,
    status: String,
}

impl Operation for ListDataCatalogs {
    const NAME: &'static str = "ListDataCatalogs";
    type Output = ListDataCatalogsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("athena:ListDataCatalogs"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListDataCatalogsOutput> {
        let place = cx.here();
        let mut all = cx.list::<DataCatalog>(place, (), Page::ALL).await?;
        all.push(DataCatalog::own(place.account));
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let (all, next_token) = page::cut(all, self.max_results, self.next_token.as_deref(), |it| &it.name)?;
        let summary = |catalog: DataCatalog| Summary {
            catalog_name: catalog.name,
            kind: catalog.kind,
            status: "CREATE_COMPLETE".into(),
        };
        Ok(ListDataCatalogsOutput { data_catalogs_summary: all.into_iter().map(summary).collect(), next_token })
    }
}

/// Changes a catalog.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateDataCatalog.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateDataCatalog {
    name: String,
    #[serde(rename = "Type")]
    kind: Kind,
    description: Option<String>,
    parameters: Option<BTreeMap<String, String>>,
}

/// Nothing.
#[derive(Serialize, Deserialize)]
pub(crate) struct UpdateDataCatalogOutput {}

/// The account's own catalog stays as it is.
// UNVERIFIED: the wording.
fn hold_registered(name: &str) -> Result<()> {
    if name.eq_ignore_ascii_case(OWN) {
        return Err(argument(format!("DataCatalog {OWN} cannot be changed")));
    }
    Ok(())
}

impl Operation for UpdateDataCatalog {
    const NAME: &'static str = "UpdateDataCatalog";
    type Output = UpdateDataCatalogOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:UpdateDataCatalog", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateDataCatalogOutput> {
        hold_registered(&self.name)?;
        let mut catalog = DataCatalog::find(cx, &self.name).await?;
        catalog.kind = self.kind;
        if let Some(parameters) = &self.parameters {
            catalog.parameters.clone_from(parameters);
        }
        check(catalog.kind, &catalog.parameters)?;
        if self.description.is_some() {
            catalog.description.clone_from(&self.description);
        }
        let place = cx.here();
        cx.put(place, &catalog).await?;
        Ok(UpdateDataCatalogOutput {})
    }
}

/// Forgets a catalog. What is in it stays where it is.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteDataCatalog.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteDataCatalog {
    name: String,
}

impl Operation for DeleteDataCatalog {
    const NAME: &'static str = "DeleteDataCatalog";
    type Output = WithCatalog;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:DeleteDataCatalog", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<WithCatalog> {
        hold_registered(&self.name)?;
        let catalog = DataCatalog::find(cx, &self.name).await?;
        let place = cx.here();
        cx.delete::<DataCatalog>(place, self.name.to_lowercase()).await?;
        Ok(WithCatalog::of(catalog, "DELETE_COMPLETE"))
    }
}
