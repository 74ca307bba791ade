//! Authorization by OAuth: the token that the authorization server gives for the client's credentials.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-oauth.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule};

use super::parameters::{OAuth, Parameter};
use super::{AuthorizationType, Connection, State};
use crate::destination::endpoint;

/// How long an authorization server has for its answer.
// UNVERIFIED: as long as an API destination.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of an answer that are read.
const LARGEST: usize = 65_536;

/// Has a connection authorized anew, by what it was given.
pub(super) async fn begin(cx: &mut Cx, connection: &mut Connection) -> Result<()> {
    connection.forget_token();
    connection.reason = None;
    if connection.authorization != AuthorizationType::OauthClientCredentials {
        connection.state = State::Authorized;
        connection.authorized = Some(cx.now());
        return Ok(());
    }
    connection.state = State::Authorizing;
    let job = Authorize { name: connection.name.clone(), id: connection.id.clone() };
    let id = format!("events/authorize {} {}", cx.account(), connection.id);
    cx.enqueue(&job, Schedule::now().id(id)).await.map(|_| ())
}

/// Asks for the first token of a connection.
#[derive(Serialize, Deserialize)]
pub(crate) struct Authorize {
    name: String,
    id: String,
}

impl Job for Authorize {
    const NAME: &'static str = "events/authorize";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let found = cx.get::<Connection>(here, &self.name).await?.filter(|connection| connection.id == self.id);
        let Some(mut connection) = found.filter(|connection| connection.state == State::Authorizing) else {
            return Ok(());
        };
        match obtain(cx, &mut connection).await? {
            Ok(_) => {
                connection.state = State::Authorized;
                connection.authorized = Some(cx.now());
            }
            Err(why) => {
                connection.state = State::Deauthorized;
                connection.reason = Some(why.chars().take(512).collect());
            }
        }
        cx.put(here, &connection).await
    }
}

/// What an authorization server answers.
#[derive(Clone, Debug, Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
}

/// Asks the server for a token and keeps it in the connection; or why there is none. The caller stores the connection.
///
/// # Errors
/// Faults of Welkin's.
pub(crate) async fn obtain(cx: &mut Cx, connection: &mut Connection) -> Result<std::result::Result<String, String>> {
    let parameters = connection.parameters(cx)?.and_then(|parameters| parameters.oauth_parameters);
    let Some(oauth) = parameters else { return Ok(Err("The connection has no OAuth parameters.".to_owned())) };
    let granted = cx.stage(async |cx| Ok(ask(cx, &oauth).await)).await?;
    match granted {
        Err(why) => Ok(Err(why)),
        Ok(granted) => {
            // A little before it ends, so that it does not end on the way.
            let until = granted.expires_in.map(|seconds| cx.after(Duration::from_secs(seconds.saturating_sub(10))));
            connection.keep_token(cx, &granted.access_token, until)?;
            Ok(Ok(granted.access_token))
        }
    }
}

async fn ask(cx: &Cx, oauth: &OAuth) -> std::result::Result<Granted, String> {
    let mut url = reqwest::Url::parse(&oauth.authorization_endpoint).map_err(|error| error.to_string())?;
    let beside = oauth.http_parameters.clone().unwrap_or_default();
    let form = form(oauth, &beside.body_parameters);
    let query =
        beside.query_string_parameters.iter().map(|it| (it.key.as_str(), it.value.as_deref().unwrap_or_default()));
    let in_query = oauth.http_method == "GET";
    if in_query || query.clone().next().is_some() {
        let mut pairs = url.query_pairs_mut();
        pairs.extend_pairs(query);
        if in_query {
            pairs.extend_pairs(&form);
        }
    }
    let client =
        welkin_outbound::client(&url, PATIENCE, endpoint::loopback(cx)).await.map_err(|error| error.to_string())?;
    let mut request = match oauth.http_method.as_str() {
        "GET" => client.get(url),
        "PUT" => client.put(url).form(&form),
        _ => client.post(url).form(&form),
    };
    for header in &beside.header_parameters {
        request = request.header(&header.key, header.value.as_deref().unwrap_or_default());
    }
    let answer = request.send().await.map_err(|error| format!("The authorization server does not answer: {error}"))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("The authorization server answered with HTTP status {}.", status.as_u16()));
    }
    let body = endpoint::read(answer, LARGEST).await.map_err(|error| format!("The answer cannot be read: {error}"))?;
    serde_json::from_slice(&body).map_err(|_| "The authorization server's answer has no access_token.".to_owned())
}

/// What the server is told: the credentials, and what the connection adds.
// UNVERIFIED: that the credentials are in the body, and that the grant type is there unless the connection says another.
fn form(oauth: &OAuth, body: &[Parameter]) -> Vec<(String, String)> {
    let mut form = vec![
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("client_id".to_owned(), oauth.client_parameters.id.clone()),
        ("client_secret".to_owned(), oauth.client_parameters.secret.clone().unwrap_or_default()),
    ];
    for parameter in body {
        form.retain(|(key, _)| *key != parameter.key);
        form.push((parameter.key.clone(), parameter.value.clone().unwrap_or_default()));
    }
    form
}

/// The token of a connection: the one that is kept, or a new one. The caller stores the connection.
///
/// # Errors
/// Faults of Welkin's.
pub(crate) async fn token(cx: &mut Cx, connection: &mut Connection) -> Result<std::result::Result<String, String>> {
    match connection.token(cx)? {
        Some(token) => Ok(Ok(token)),
        None => obtain(cx, connection).await,
    }
}
