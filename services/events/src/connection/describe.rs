//! What a connection is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::parameters::AuthParameters;
use super::{AuthorizationType, Connection, State};

/// Tells what a connection is, but for its secrets.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeConnection {
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeConnectionResponse {
    connection_arn: String,
    name: String,
    description: Option<String>,
    connection_state: State,
    state_reason: Option<String>,
    authorization_type: AuthorizationType,
    auth_parameters: Option<Shown>,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
    last_authorized_time: Option<Timestamp>,
}

/// What is told of the parameters.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    basic_auth_parameters: Option<ShownBasic>,
    #[serde(rename = "OAuthParameters")]
    oauth_parameters: Option<ShownOAuth>,
    api_key_auth_parameters: Option<ShownApiKey>,
    invocation_http_parameters: Option<super::parameters::HttpParameters>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownBasic {
    username: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownApiKey {
    api_key_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownOAuth {
    client_parameters: ShownClient,
    authorization_endpoint: String,
    http_method: String,
    #[serde(rename = "OAuthHttpParameters")]
    http_parameters: Option<super::parameters::HttpParameters>,
}

#[derive(Serialize, Deserialize)]
struct ShownClient {
    #[serde(rename = "ClientID")]
    id: String,
}

impl From<AuthParameters> for Shown {
    fn from(parameters: AuthParameters) -> Self {
        let shown = parameters.shown();
        Self {
            basic_auth_parameters: shown.basic_auth_parameters.map(|basic| ShownBasic { username: basic.username }),
            oauth_parameters: shown.oauth_parameters.map(|oauth| ShownOAuth {
                client_parameters: ShownClient { id: oauth.client_parameters.id },
                authorization_endpoint: oauth.authorization_endpoint,
                http_method: oauth.http_method,
                http_parameters: oauth.http_parameters,
            }),
            api_key_auth_parameters: shown
                .api_key_auth_parameters
                .map(|api_key| ShownApiKey { api_key_name: api_key.api_key_name }),
            invocation_http_parameters: shown.invocation_http_parameters,
        }
    }
}

impl Operation for DescribeConnection {
    const NAME: &'static str = "DescribeConnection";
    type Output = DescribeConnectionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DescribeConnection", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeConnectionResponse> {
        let connection = Connection::named(cx, &self.name).await?;
        Ok(DescribeConnectionResponse {
            connection_arn: connection.arn(cx.here()).into(),
            auth_parameters: connection.parameters(cx)?.map(Shown::from),
            name: connection.name,
            description: connection.description,
            connection_state: connection.state,
            state_reason: connection.reason,
            authorization_type: connection.authorization,
            creation_time: connection.created,
            last_modified_time: connection.modified,
            last_authorized_time: connection.authorized,
        })
    }
}
