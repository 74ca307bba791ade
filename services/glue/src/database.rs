//! Databases.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Resource, Result, Scope, Timestamp};

use crate::catalog::{Catalog, fold};
use crate::descriptor::Parameters;
use crate::errors::not_implemented;
use crate::link::DatabaseIdentifier;

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
    /// The ARN of who made it.
    #[serde(default)]
    pub(crate) created_by: Option<String>,
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
    /// What it is a link to.
    #[serde(default)]
    target: Option<DatabaseIdentifier>,
}

impl Database {
    /// Where its data are.
    pub(crate) fn location(&self) -> Option<&str> {
        self.definition.location_uri.as_deref()
    }

    /// What it is a link to.
    pub(crate) fn target(&self) -> Option<&DatabaseIdentifier> {
        self.definition.target.as_ref()
    }

    /// Whether IAM alone decides on its new tables.
    pub(crate) fn opens_tables(&self) -> bool {
        self.definition.create_table_default_permissions.iter().any(PrincipalPermissions::is_iam_only)
    }
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
    target_database: Option<DatabaseIdentifier>,
    federated_database: Option<IgnoredAny>,
}

impl DatabaseInput {
    fn folded(&self) -> String {
        fold(&self.name)
    }

    fn location(&self) -> Option<&str> {
        self.location_uri.as_deref()
    }

    /// What is kept of it; `open` is whether IAM alone decides on new tables, unless it says so.
    ///
    /// # Errors
    /// `NotImplemented`: federated databases, grants on tables to be.
    fn definition(&self, cx: &Cx, open: bool) -> Result<Definition> {
        if self.create_table_default_permissions.iter().flatten().any(|one| !one.is_iam_only()) {
            return Err(not_implemented("default permissions of others than IAM_ALLOWED_PRINCIPALS"));
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
                .unwrap_or_else(|| open.then(PrincipalPermissions::iam_allowed_principals).into_iter().collect()),
            target: self.target_database.as_ref().map(|target| target.whole(cx)).transpose()?,
        })
    }
}

impl PrincipalPermissions {
    fn is_iam_only(&self) -> bool {
        let principal =
            self.principal.as_ref().and_then(|principal| principal.data_lake_principal_identifier.as_deref());
        let all = self.permissions.iter().flatten().any(|permission| permission == "ALL");
        principal == Some("IAM_ALLOWED_PRINCIPALS") && all
    }

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
    target_database: Option<DatabaseIdentifier>,
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
            target_database: database.definition.target,
        }
    }

    /// A link: what it stands for, under its own name.
    fn link(link: Database, catalog: Catalog, target: Option<Database>) -> Self {
        let Some(target) = target else { return Self::of(link, catalog) };
        Self {
            name: link.name,
            catalog_id: Some(catalog.id()),
            target_database: link.definition.target,
            ..Self::of(target, catalog)
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
            target_database: None,
        }
    }
}
