//! Making a connection.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::parameters::{AuthParameters, Connectivity};
use super::{AuthorizationType, Connection, State, authorize};
use crate::errors::{LimitExceededException, ResourceAlreadyExistsException, not_implemented, refuse_kms_key};

/// Connections of an account in a Region.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 3_000;

/// Makes a connection.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateConnection {
    name: String,
    description: Option<String>,
    authorization_type: AuthorizationType,
    auth_parameters: AuthParameters,
    invocation_connectivity_parameters: Option<Connectivity>,
    kms_key_identifier: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateConnectionResponse {
    pub(super) connection_arn: String,
    pub(super) connection_state: State,
    pub(super) creation_time: Timestamp,
    pub(super) last_modified_time: Timestamp,
}

impl CreateConnectionResponse {
    pub(super) fn of(cx: &Cx, connection: &Connection) -> Self {
        Self {
            connection_arn: connection.arn(cx.here()).into(),
            connection_state: connection.state,
            creation_time: connection.created,
            last_modified_time: connection.modified,
        }
    }
}

impl Operation for CreateConnection {
    const NAME: &'static str = "CreateConnection";
    type Output = CreateConnectionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:CreateConnection", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateConnectionResponse> {
        refuse_kms_key(self.kms_key_identifier.as_deref())?;
        if self.invocation_connectivity_parameters.is_some() {
            return Err(not_implemented("connections to private endpoints"));
        }
        self.auth_parameters.check(cx, self.authorization_type)?;
        let here = cx.here();
        if cx.exists::<Connection>(here, &self.name).await? {
            return Err(ResourceAlreadyExistsException::because(format!("Connection {} already exists.", self.name)));
        }
        if cx.list::<Connection>(here, (), Page::ALL).await?.len() >= MOST {
            return Err(LimitExceededException::because("The requested resource exceeds the maximum number allowed."));
        }
        let now = cx.now();
        let mut connection = Connection {
            name: self.name.clone(),
            id: cx.chance().uuid(),
            description: self.description.clone(),
            authorization: self.authorization_type,
            state: State::Authorized,
            reason: None,
            sealed: None,
            token: None,
            created: now,
            modified: now,
            authorized: None,
        };
        connection.seal(cx, &self.auth_parameters)?;
        authorize::begin(cx, &mut connection).await?;
        cx.put(here, &connection).await?;
        Ok(CreateConnectionResponse::of(cx, &connection))
    }
}
