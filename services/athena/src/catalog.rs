//! Data catalogs: Glue's own, by the name AwsDataCatalog, and those that are registered beside it.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/data-sources-glue.html>

pub(crate) mod manage;
pub(crate) mod metadata;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope};

use crate::errors::argument;

/// The name of Glue's catalog of the account.
pub(crate) const OWN: &str = "AwsDataCatalog";

/// A catalog.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DataCatalog {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    description: Option<String>,
    parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// What it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Kind {
    Glue,
    Lambda,
    Hive,
    Federated,
}

impl Resource for DataCatalog {
    const KIND: &'static str = "athena/data-catalog";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        // Names in queries are not told apart by case.
        self.name.to_lowercase().into_key()
    }
}

impl DataCatalog {
    /// Glue's catalog of the account, which nobody registered.
    fn own(account: AccountId) -> Self {
        Self {
            name: OWN.into(),
            kind: Kind::Glue,
            description: None,
            parameters: BTreeMap::from([("catalog-id".to_owned(), account.to_string())]),
            tags: BTreeMap::new(),
        }
    }

    /// The catalog of this name, if there is one.
    pub(crate) async fn get(cx: &mut Cx, place: Place, name: &str) -> Result<Option<Self>> {
        if name.eq_ignore_ascii_case(OWN) {
            return Ok(Some(Self::own(place.account)));
        }
        cx.get::<Self>(place, name.to_lowercase()).await
    }

    /// The catalog of this name.
    ///
    /// # Errors
    /// `InvalidRequestException`
    // UNVERIFIED: the wording.
    pub(crate) async fn find(cx: &mut Cx, name: &str) -> Result<Self> {
        let place = cx.here();
        Self::get(cx, place, name).await?.ok_or_else(|| argument(format!("DataCatalog {name} was not found")))
    }

    /// The id by which Glue knows it.
    pub(crate) fn glue_id(&self) -> Option<&str> {
        self.parameters.get("catalog-id").map(String::as_str).filter(|_| self.kind == Kind::Glue)
    }
}

/// The demand of an operation on a catalog.
async fn access(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
    let (place, resource) = (cx.here(), format!("datacatalog/{name}"));
    let arn = Arn::from_parts(place.region.partition(), "athena", Some(place.region), Some(place.account), &resource);
    let found = DataCatalog::get(cx, place, name).await?;
    let access = Access::to(action).on(arn);
    Ok(match &found {
        Some(catalog) => access.resource_tags(&catalog.tags),
        None => access,
    })
}
