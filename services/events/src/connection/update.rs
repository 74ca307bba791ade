//! Changing a connection.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::parameters::{AuthParameters, Connectivity};
use super::{AuthorizationType, Connection, State, authorize};
use crate::errors::{not_implemented, refuse_kms_key};

/// Changes a connection; what is not given stays.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateConnection {
    name: String,
    description: Option<String>,
    authorization_type: Option<AuthorizationType>,
    auth_parameters: Option<AuthParameters>,
    invocation_connectivity_parameters: Option<Connectivity>,
    kms_key_identifier: Option<String>,
}

/// A connection after it was changed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangedConnection {
    connection_arn: String,
    connection_state: State,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
    last_authorized_time: Option<Timestamp>,
}

impl ChangedConnection {
    pub(super) fn of(cx: &Cx, connection: &Connection) -> Self {
        Self {
            connection_arn: connection.arn(cx.here()).into(),
            connection_state: connection.state,
            creation_time: connection.created,
            last_modified_time: connection.modified,
            last_authorized_time: connection.authorized,
        }
    }
}

impl Operation for UpdateConnection {
    const NAME: &'static str = "UpdateConnection";
    type Output = ChangedConnection;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:UpdateConnection", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ChangedConnection> {
        refuse_kms_key(self.kms_key_identifier.as_deref())?;
        if self.invocation_connectivity_parameters.is_some() {
            return Err(not_implemented("connections to private endpoints"));
        }
        let here = cx.here();
        let mut connection = Connection::named(cx, &self.name).await?;
        if let Some(description) = &self.description {
            connection.description = Some(description.clone());
        }
        if self.authorization_type.is_some() || self.auth_parameters.is_some() {
            connection.authorization = self.authorization_type.unwrap_or(connection.authorization);
            let older = connection.parameters(cx)?.unwrap_or_default();
            let parameters = self.auth_parameters.clone().unwrap_or_default().over(older);
            parameters.check(cx, connection.authorization)?;
            connection.seal(cx, &parameters)?;
            authorize::begin(cx, &mut connection).await?;
        }
        connection.modified = cx.now();
        cx.put(here, &connection).await?;
        Ok(ChangedConnection::of(cx, &connection))
    }
}
