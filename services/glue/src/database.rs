//! Databases.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{IntoKey, Key, Resource, Result, Scope, Timestamp};

use crate::catalog::{Catalog, fold};
use crate::descriptor::Parameters;
use crate::errors::not_implemented;

/// A database as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Database {
    /// Its name, folded.
    pub(crate) name: String,
    /// What its tables and functions are kept under: another one when a database of the same name is created again.
    pub(crate) id: u64,
    pub(crate) created: Timestamp,
    definition: Definition,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for Database {
    const KIND: &'static str = "glue/database";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// What callers say of a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Definition {
    description: Option<String>,
    location_uri: Option<String>,
    parameters: Option<Parameters>,
    create_table_default_permissions: Vec<PrincipalPermissions>,
}

/// What Lake Formation gives on new tables.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PrincipalPermissions.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrincipalPermissions {
    principal: Option<DataLakePrincipal>,
    permissions: Option<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataLakePrincipal {
    data_lake_principal_identifier: Option<String>,
}

/// A database as callers describe it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DatabaseInput.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DatabaseInput {
    name: String,
    description: Option<String>,
    location_uri: Option<String>,
    parameters: Option<Parameters>,
    create_table_default_permissions: Option<Vec<PrincipalPermissions>>,
    target_database: Option<IgnoredAny>,
    federated_database: Option<IgnoredAny>,
}

impl DatabaseInput {
    fn folded(&self) -> String {
        fold(&self.name)
    }

    /// What is kept of it.
    ///
    /// # Errors
    /// `NotImplemented`: links and federated databases.
    fn definition(&self) -> Result<Definition> {
        if self.target_database.is_some() {
            return Err(not_implemented("resource links (TargetDatabase)"));
        }
        if self.federated_database.is_some() {
            return Err(not_implemented("federated databases (FederatedDatabase)"));
        }
        Ok(Definition {
            description: self.description.clone(),
            location_uri: self.location_uri.clone(),
            parameters: self.parameters.clone(),
            create_table_default_permissions: self
                .create_table_default_permissions
                .clone()
                .unwrap_or_else(|| vec![PrincipalPermissions::iam_allowed_principals()]),
        })
    }
}

impl PrincipalPermissions {
    /// What databases give if nobody says otherwise: IAM alone decides.
    ///
    /// Source: <https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html>
    fn iam_allowed_principals() -> Self {
        let identifier = Some("IAM_ALLOWED_PRINCIPALS".to_owned());
        Self {
            principal: Some(DataLakePrincipal { data_lake_principal_identifier: identifier }),
            permissions: Some(vec!["ALL".to_owned()]),
        }
    }
}

/// A database as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Database.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownDatabase {
    name: String,
    description: Option<String>,
    location_uri: Option<String>,
    parameters: Option<Parameters>,
    create_time: Option<Timestamp>,
    create_table_default_permissions: Option<Vec<PrincipalPermissions>>,
    catalog_id: Option<String>,
}

impl ShownDatabase {
    fn of(database: Database, catalog: Catalog) -> Self {
        Self {
            name: database.name,
            description: database.definition.description,
            location_uri: database.definition.location_uri,
            parameters: database.definition.parameters,
            create_time: Some(database.created.whole_secs()),
            create_table_default_permissions: Some(database.definition.create_table_default_permissions),
            catalog_id: Some(catalog.id()),
        }
    }

    fn name_only(database: Database) -> Self {
        Self {
            name: database.name,
            description: None,
            location_uri: None,
            parameters: None,
            create_time: None,
            create_table_default_permissions: None,
            catalog_id: None,
        }
    }
}
