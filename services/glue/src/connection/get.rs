//! Showing connections.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, Timestamp};

use super::{Authentication, Connection, PhysicalRequirements, get_one};
use crate::catalog::{Catalog, Subject};
use crate::descriptor::Parameters;
use crate::errors::not_implemented;
use crate::page;

/// A connection as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Connection.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownConnection {
    name: String,
    description: Option<String>,
    connection_type: String,
    match_criteria: Option<Vec<String>>,
    connection_properties: Parameters,
    spark_properties: Option<Parameters>,
    athena_properties: Option<Parameters>,
    python_properties: Option<Parameters>,
    physical_connection_requirements: Option<PhysicalRequirements>,
    creation_time: Timestamp,
    last_updated_time: Timestamp,
    last_updated_by: Option<String>,
    status: String,
    authentication_configuration: Option<Authentication>,
    connection_schema_version: i32,
}

impl ShownConnection {
    fn of(cx: &Cx, connection: Connection, hide: bool) -> Result<Self> {
        let connection_properties = connection.properties(cx, hide)?;
        let connection_schema_version = connection.schema_version();
        let definition = connection.definition;
        Ok(Self {
            name: connection.name,
            description: definition.description,
            connection_type: definition.connection_type,
            match_criteria: definition.match_criteria,
            connection_properties,
            spark_properties: definition.spark_properties,
            athena_properties: definition.athena_properties,
            python_properties: definition.python_properties,
            physical_connection_requirements: definition.physical,
            creation_time: connection.created.whole_secs(),
            last_updated_time: connection.updated.whole_secs(),
            last_updated_by: connection.updated_by,
            status: "READY".to_owned(),
            authentication_configuration: definition.authentication,
            connection_schema_version,
        })
    }
}

/// Shows a connection, with its password or without.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetConnection {
    catalog_id: Option<String>,
    name: String,
    #[serde(default)]
    hide_password: bool,
    apply_override_for_compute_environment: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetConnectionResponse {
    connection: ShownConnection,
}

impl Operation for GetConnection {
    const NAME: &'static str = "GetConnection";
    type Output = GetConnectionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Connection(&self.name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetConnectionResponse> {
        if self.apply_override_for_compute_environment.is_some() {
            return Err(not_implemented("properties for one engine (ApplyOverrideForComputeEnvironment)"));
        }
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let connection = get_one(cx, catalog.place, &self.name).await?;
        Ok(GetConnectionResponse { connection: ShownConnection::of(cx, connection, self.hide_password)? })
    }
}

/// Lists the connections that the caller may see, by name.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetConnections.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetConnections {
    catalog_id: Option<String>,
    filter: Option<Filter>,
    #[serde(default)]
    hide_password: bool,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    match_criteria: Option<Vec<String>>,
    connection_type: Option<String>,
    connection_schema_version: Option<i32>,
}

impl Filter {
    /// "A criteria string that must match the criteria recorded in the connection definition":
    /// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetConnectionsFilter.html>
    fn takes(&self, connection: &Connection) -> bool {
        let criteria = connection.definition.match_criteria.as_deref().unwrap_or_default();
        let wanted = self.match_criteria.as_deref().unwrap_or_default();
        wanted.iter().all(|one| criteria.contains(one))
            && self.connection_type.as_ref().is_none_or(|kind| *kind == connection.definition.connection_type)
            && self.connection_schema_version.is_none_or(|version| version == connection.schema_version())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetConnectionsResponse {
    connection_list: Vec<ShownConnection>,
    next_token: Option<String>,
}

impl Operation for GetConnections {
    const NAME: &'static str = "GetConnections";
    type Output = GetConnectionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetConnectionsResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let size = page::size(self.max_results, page::SIZE);
        let mut after = page::read_token::<String>(self.next_token.as_deref())?;
        let key = after.as_ref().map(|name| name.into_key());
        // An account has no more of them than one listing takes.
        let found = cx.list::<Connection>(catalog.place, (), Page { after: key.as_ref(), ..Page::ALL }).await?;
        let mut connection_list = Vec::new();
        for connection in found {
            if connection_list.len() == size {
                return Ok(GetConnectionsResponse { connection_list, next_token: Some(page::token(&after)?) });
            }
            after = Some(connection.name.clone());
            let wanted = self.filter.as_ref().is_none_or(|filter| filter.takes(&connection));
            if wanted && catalog.permits(cx, Self::NAME, Subject::Connection(&connection.name)).await? {
                connection_list.push(ShownConnection::of(cx, connection, self.hide_password)?);
            }
        }
        Ok(GetConnectionsResponse { connection_list, next_token: None })
    }
}
