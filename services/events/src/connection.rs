//! Connections: how API destinations know EventBridge.
//!
//! In AWS what is secret of a connection lies in Secrets Manager. Here it does not yet: it lies sealed in the connection's row,
//! and no `SecretArn` is told. What is not secret is told as it was given.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html>

pub(crate) mod authorize;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod list;
pub(crate) mod parameters;
pub(crate) mod update;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::ResourceNotFoundException;
use parameters::AuthParameters;

/// A connection, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) authorization: AuthorizationType,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    /// [`AuthParameters`] as JSON, sealed; `None` once it was deauthorized.
    sealed: Option<Bytes>,
    /// The token that an OAuth server gave, and until when it holds.
    token: Option<(Bytes, Option<Timestamp>)>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) authorized: Option<Timestamp>,
}

/// By what an endpoint knows EventBridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AuthorizationType {
    Basic,
    OauthClientCredentials,
    ApiKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    Authorized,
    Authorizing,
    Deauthorized,
    Deleting,
}

/// Context of the seals.
const CONTEXT: &str = "events connection";

impl Resource for Connection {
    const KIND: &'static str = "events/connection";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Connection {
    /// The connection of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn named(cx: &mut Cx, name: &str) -> Result<Self> {
        let here = cx.here();
        let missing = || {
            ResourceNotFoundException::because(format!(
                "Failed to describe the connection(s). Connection '{name}' does not exist."
            ))
        };
        cx.get::<Self>(here, name).await?.ok_or_else(missing)
    }

    /// The connection with this ARN, if it is there.
    pub(crate) async fn at(cx: &mut Cx, arn: &Arn) -> Result<Option<Self>> {
        let place = cx.here();
        let parts = arn.resource().strip_prefix("connection/").and_then(|rest| rest.split_once('/'));
        let Some((name, id)) = parts else { return Ok(None) };
        if arn.account() != Some(place.account) || arn.region() != Some(place.region) {
            return Ok(None);
        }
        Ok(cx.get::<Self>(place, name).await?.filter(|connection| connection.id == id))
    }

    pub(crate) fn arn(&self, place: Place) -> Arn {
        place.arn("events", format_args!("connection/{}/{}", self.name, self.id))
    }

    /// What it was given; `None` once it was deauthorized.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn parameters(&self, cx: &Cx) -> Result<Option<AuthParameters>> {
        let Some(sealed) = &self.sealed else { return Ok(None) };
        let broken = || Error::internal("the parameters of a stored connection do not open");
        let plain = cx.sealer().open(CONTEXT, sealed).ok_or_else(broken)?;
        serde_json::from_slice(&plain).map(Some).map_err(|_| broken())
    }

    fn seal(&mut self, cx: &Cx, parameters: &AuthParameters) -> Result<()> {
        let plain = serde_json::to_vec(parameters).map_err(Error::internal)?;
        self.sealed = Some(cx.sealer().seal(cx.chance(), CONTEXT, &plain)?.into());
        Ok(())
    }

    /// The OAuth server's token, if there is one that still holds.
    pub(crate) fn token(&self, cx: &Cx) -> Result<Option<String>> {
        let Some((sealed, until)) = &self.token else { return Ok(None) };
        if until.is_some_and(|until| until <= cx.now()) {
            return Ok(None);
        }
        let token = cx.sealer().open(CONTEXT, sealed).and_then(|token| String::from_utf8(token).ok());
        token.map(Some).ok_or_else(|| Error::internal("the token of a stored connection does not open"))
    }

    fn keep_token(&mut self, cx: &Cx, token: &str, until: Option<Timestamp>) -> Result<()> {
        let sealed = cx.sealer().seal(cx.chance(), CONTEXT, token.as_bytes())?;
        self.token = Some((sealed.into(), until));
        Ok(())
    }

    /// The server does not take the token any more.
    pub(crate) fn forget_token(&mut self) {
        self.token = None;
    }
}

/// The access to a connection that an operation demands.
fn access(cx: &Cx, action: &'static str, name: &str) -> Access {
    Access::to(action).on(cx.here().arn("events", format_args!("connection/{name}")))
}
