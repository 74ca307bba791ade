//! Finding connections.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{AuthorizationType, Connection, State};
use crate::page::Wanted;

/// Lists the connections of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListConnections.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListConnections {
    #[serde(default)]
    name_prefix: String,
    connection_state: Option<String>,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListConnectionsResponse {
    connections: Vec<ListedConnection>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedConnection {
    connection_arn: String,
    name: String,
    connection_state: State,
    state_reason: Option<String>,
    authorization_type: AuthorizationType,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
    last_authorized_time: Option<Timestamp>,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Authorized => "AUTHORIZED",
            Self::Authorizing => "AUTHORIZING",
            Self::Deauthorized => "DEAUTHORIZED",
            Self::Deleting => "DELETING",
        }
    }
}

impl Operation for ListConnections {
    const NAME: &'static str = "ListConnections";
    type Output = ListConnectionsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:ListConnections"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListConnectionsResponse> {
        let here = cx.here();
        let mut connections = cx.list::<Connection>(here, (), Page::ALL).await?;
        connections.retain(|connection| {
            connection.name.starts_with(&self.name_prefix)
                && self.connection_state.as_deref().is_none_or(|state| state == connection.state.name())
        });
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (page, next_token) = wanted.cut(connections, |connection| &connection.name);
        let connections = page.into_iter().map(|connection| ListedConnection {
            connection_arn: connection.arn(here).into(),
            name: connection.name,
            connection_state: connection.state,
            state_reason: connection.reason,
            authorization_type: connection.authorization,
            creation_time: connection.created,
            last_modified_time: connection.modified,
            last_authorized_time: connection.authorized,
        });
        Ok(ListConnectionsResponse { connections: connections.collect(), next_token })
    }
}
