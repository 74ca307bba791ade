//! The request to an API destination, and its answer.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde_json::Value;
use welkin_kernel::Cx;
use welkin_outbound::NoClient;

use super::super::Deliver;
use crate::connection::parameters::{AuthParameters, Parameter};
use crate::destination::{Destination, endpoint};
use crate::transform::Path;

/// How long an endpoint has for its answer.
///
/// Source: "EventBridge requests to an API destination endpoint must have a maximum client execution timeout of 5 seconds"
const PATIENCE: Duration = Duration::from_secs(5);

/// A request, ready to be sent.
pub(super) struct Request {
    method: reqwest::Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: String,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A status, and how long the endpoint asks to wait.
    Status { status: u16, wait: Option<Duration> },
    /// None; whether that may pass.
    None { code: &'static str, message: String, passes: bool },
}

/// Headers that every request has, unless parameters say otherwise.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html#eb-api-destination-headers>
const HEADERS: [(&str, &str); 3] = [
    ("content-type", "application/json; charset=utf-8"),
    ("range", "bytes=0-1048575"),
    ("accept-encoding", "gzip,deflate"),
];

const USER_AGENT: &str = "Amazon/EventBridge/ApiDestinations";

impl Request {
    /// The request that brings an event; or why there is none.
    pub(super) fn of(
        deliver: &Deliver,
        destination: &Destination,
        parameters: &AuthParameters,
        token: Option<&str>,
        body: &str,
    ) -> Result<Self, String> {
        let event = deliver.event.document();
        let of_target = deliver.target.http_parameters.clone().unwrap_or_default();
        let of_connection = parameters.invocation_http_parameters.clone().unwrap_or_default();
        let method = destination.method.parse().map_err(|_| format!("{} is no HTTP method.", destination.method))?;
        let path_values: Vec<String> =
            of_target.path_parameter_values.iter().map(|value| value_of(value, &event)).collect();
        let mut url = Url::parse(&with_path_values(&destination.endpoint, &path_values)?)
            .map_err(|error| format!("The endpoint is no URL: {error}"))?;
        // What the connection says goes before what the target says.
        let mut query: Vec<(String, String)> = of_target
            .query_string_parameters
            .iter()
            .map(|(key, value)| (key.clone(), value_of(value, &event)))
            .collect();
        replace(&mut query, &of_connection.query_string_parameters, |a, b| a == b);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(&query);
        }
        let mut headers: Vec<(String, String)> =
            HEADERS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        for (key, value) in &of_target.header_parameters {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(key));
            headers.push((key.clone(), value_of(value, &event)));
        }
        replace(&mut headers, &of_connection.header_parameters, str::eq_ignore_ascii_case);
        if let Some((name, value)) = authorization(parameters, token) {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
            headers.push((name, value));
        }
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("user-agent"));
        headers.push(("user-agent".to_owned(), USER_AGENT.to_owned()));
        Ok(Self { method, url, headers, body: with_body(body, &of_connection.body_parameters) })
    }

    /// Sends it. The answer's body is not read.
    pub(super) async fn send(&self, cx: &Cx) -> Answer {
        let client = match welkin_outbound::client(&self.url, PATIENCE, endpoint::loopback(cx)).await {
            Ok(client) => client,
            Err(error) => {
                // Source: a DNS look-up that fails is not tried again.
                let passes = matches!(error, NoClient::Fault(_));
                return Answer::None { code: "CONNECTION_FAILURE", message: error.to_string(), passes };
            }
        };
        let mut request = client.request(self.method.clone(), self.url.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !matches!(self.method, reqwest::Method::GET | reqwest::Method::HEAD) {
            request = request.body(self.body.clone());
        }
        match request.send().await {
            Ok(answer) => {
                let wait = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                Answer::Status { status: answer.status().as_u16(), wait: wait.map(Duration::from_secs) }
            }
            Err(error) if error.is_builder() => {
                Answer::None { code: "INVALID_PARAMETER", message: error.to_string(), passes: false }
            }
            Err(error) => {
                let code = if error.is_timeout() { "TIMEOUT" } else { "CONNECTION_FAILURE" };
                Answer::None { code, message: format!("There is no answer: {error}"), passes: true }
            }
        }
    }
}

/// By what the endpoint knows EventBridge: a header.
fn authorization(parameters: &AuthParameters, token: Option<&str>) -> Option<(String, String)> {
    if let Some(token) = token {
        return Some(("authorization".to_owned(), format!("Bearer {token}")));
    }
    if let Some(basic) = &parameters.basic_auth_parameters {
        let credentials = format!("{}:{}", basic.username, basic.password.as_deref().unwrap_or_default());
        return Some(("authorization".to_owned(), format!("Basic {}", STANDARD.encode(credentials))));
    }
    let api_key = parameters.api_key_auth_parameters.as_ref()?;
    Some((api_key.api_key_name.clone(), api_key.api_key_value.clone().unwrap_or_default()))
}

/// A value as it is, or what a path leads to in the event.
fn value_of(value: &str, event: &Value) -> String {
    match Path::parse(value) {
        None => value.to_owned(),
        Some(path) => match path.find(event) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        },
    }
}

/// The endpoint with values in place of its `*`.
fn with_path_values(endpoint: &str, values: &[String]) -> Result<String, String> {
    let mut parts = endpoint.split('*');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for part in parts {
        let value =
            values.next().ok_or("The target has fewer path parameter values than the endpoint has wildcards.")?;
        filled.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        filled.push_str(part);
    }
    Ok(filled)
}

fn replace(pairs: &mut Vec<(String, String)>, parameters: &[Parameter], same: impl Fn(&str, &str) -> bool) {
    for parameter in parameters {
        pairs.retain(|(key, _)| !same(key, &parameter.key));
        pairs.push((parameter.key.clone(), parameter.value.clone().unwrap_or_default()));
    }
}

/// The body with the connection's members, where it is an object.
fn with_body(body: &str, parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return body.to_owned();
    }
    match serde_json::from_str(body) {
        Ok(Value::Object(mut members)) => {
            for parameter in parameters {
                members.insert(parameter.key.clone(), parameter.value.clone().unwrap_or_default().into());
            }
            Value::Object(members).to_string()
        }
        _ => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_fill_the_path_and_come_from_the_event() {
        let values = ["a/b".to_owned(), "c".to_owned()];
        assert_eq!(with_path_values("https://h/x/*/y/*", &values).as_deref(), Ok("https://h/x/a%2Fb/y/c"));
        assert!(with_path_values("https://h/*/*/*", &values).is_err());
        let event = json!({ "detail": { "n": 7, "s": "t" } });
        assert_eq!((value_of("$.detail.s", &event), value_of("$.detail.n", &event)), ("t".to_owned(), "7".to_owned()));
        assert_eq!(value_of("plain", &event), "plain");
    }

    #[test]
    fn members_are_added_to_objects_alone() {
        let key = Parameter { key: "k".to_owned(), value: Some("v".to_owned()), is_value_secret: true };
        assert_eq!(with_body(r#"{"a":1}"#, std::slice::from_ref(&key)), r#"{"a":1,"k":"v"}"#);
        assert_eq!(with_body(r#""text""#, &[key]), r#""text""#);
    }
}
