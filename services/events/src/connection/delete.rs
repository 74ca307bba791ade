//! Deleting and deauthorizing a connection.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::update::ChangedConnection;
use super::{Connection, State};

/// Deletes a connection with its secrets. API destinations that use it become inactive.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteConnection {
    name: String,
}

impl Operation for DeleteConnection {
    const NAME: &'static str = "DeleteConnection";
    type Output = ChangedConnection;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DeleteConnection", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ChangedConnection> {
        let here = cx.here();
        let mut connection = Connection::named(cx, &self.name).await?;
        cx.delete::<Connection>(here, &self.name).await?;
        connection.state = State::Deleting;
        Ok(ChangedConnection::of(cx, &connection))
    }
}

/// Removes everything by which endpoints know EventBridge from a connection.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeauthorizeConnection.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeauthorizeConnection {
    name: String,
}

impl Operation for DeauthorizeConnection {
    const NAME: &'static str = "DeauthorizeConnection";
    type Output = ChangedConnection;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DeauthorizeConnection", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ChangedConnection> {
        let here = cx.here();
        let mut connection = Connection::named(cx, &self.name).await?;
        connection.sealed = None;
        connection.forget_token();
        connection.state = State::Deauthorized;
        connection.modified = cx.now();
        cx.put(here, &connection).await?;
        Ok(ChangedConnection::of(cx, &connection))
    }
}
