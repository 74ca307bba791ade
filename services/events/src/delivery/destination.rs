//! Delivery to API destinations.
//!
//! An invocation has two parts. The first finds the destination, as the target's role, and takes the next turn of its
//! rate; the second, at that turn, calls the endpoint.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

mod request;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Arn, Call, Cx, Error, Event as EventKind, IntoKey, Key, Operation, Resource, Result, Scope, Timestamp,
};

use super::{Deliver, Outcome, Trouble, role};
use crate::connection::{AuthorizationType, Connection, State, authorize};
use crate::destination::Destination;
use request::Answer;

/// When a destination may be invoked next, by its rate.
#[derive(Serialize, Deserialize)]
struct Turn {
    destination: String,
    next: Timestamp,
}

impl Resource for Turn {
    const KIND: &'static str = "events/turn";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.destination.as_str().into_key()
    }
}

/// Delivers an event to an API destination.
///
/// # Errors
/// Faults of Welkin's; what the endpoint does is the outcome.
pub(super) async fn send(cx: &mut Cx, deliver: &Deliver, body: &str) -> Result<Outcome> {
    let arn: Arn = deliver.target.arn.parse().map_err(Error::internal)?;
    let gone = |message: String| Ok(Outcome::Refused(Trouble { code: "NO_RESOURCE", message }));
    let Some(destination) = Destination::at(cx, &arn).await? else {
        return gone("The API destination does not exist.".to_owned());
    };
    let Some(mut connection) = Connection::at(cx, &destination.connection).await? else {
        return gone("The connection of the API destination does not exist.".to_owned());
    };
    if !deliver.has_turn {
        let shown = serde_json::json!({ "Name": destination.name });
        let call = Call::to("events", "DescribeApiDestination").input(&shown).with(Invoke { arn: arn.to_string() });
        return match role::caller(cx, deliver.bearer(), call.at(deliver.rule.bus.place)).await? {
            Err(outcome) => Ok(outcome),
            Ok(call) => match Outcome::of(cx.call(call).await)? {
                Outcome::Delivered => take_turn(cx, &destination).await,
                refused => Ok(refused),
            },
        };
    }
    if connection.state == State::Authorizing {
        let message = "The connection is not authorized yet.".to_owned();
        return Ok(Outcome::Failed(Trouble { code: "ERROR_FROM_TARGET", message }, None));
    }
    let Some(parameters) = connection.parameters(cx)? else {
        let message = "The connection is not authorized.".to_owned();
        return Ok(Outcome::Refused(Trouble { code: "NO_PERMISSIONS", message }));
    };
    let token = match connection.authorization {
        AuthorizationType::OauthClientCredentials => match authorize::token(cx, &mut connection).await? {
            Ok(token) => Some(token),
            Err(message) => return Ok(Outcome::Failed(Trouble { code: "ERROR_FROM_TARGET", message }, None)),
        },
        _ => None,
    };
    let request = match request::Request::of(deliver, &destination, &parameters, token.as_deref(), body) {
        Ok(request) => request,
        Err(message) => return Ok(Outcome::Refused(Trouble { code: "INVALID_PARAMETER", message })),
    };
    let answer = cx.stage(async |cx| Ok(request.send(cx).await)).await?;
    if token.is_some() {
        // A token that is not taken any more is asked for anew, before the next attempt.
        if matches!(answer, Answer::Status { status: 401 | 407, .. }) {
            connection.forget_token();
        }
        let place = cx.here();
        cx.put(place, &connection).await?;
    }
    Ok(judge(answer, token.is_some()))
}

/// The turn of an invocation.
async fn take_turn(cx: &mut Cx, destination: &Destination) -> Result<Outcome> {
    let place = cx.here();
    let now = cx.now();
    let turn = cx.get::<Turn>(place, &destination.id).await?.map_or(now, |turn| turn.next.max(now));
    let next = turn.plus(Duration::from_secs(1) / destination.rate.max(1));
    cx.put(place, &Turn { destination: destination.id.clone(), next }).await?;
    Ok(Outcome::InTurn(turn))
}

/// What an answer means.
///
/// Source: "EventBridge … retries on error codes 401, 407, 409, 429, and 5xx. Error codes 1xx, 2xx, 3xx, and 4xx (excluding
/// 429) are not retried", of which 401 and 407 concern tokens.
fn judge(answer: Answer, has_token: bool) -> Outcome {
    let (status, wait) = match answer {
        Answer::None { code, message, passes: true } => return Outcome::Failed(Trouble { code, message }, None),
        Answer::None { code, message, passes: false } => return Outcome::Refused(Trouble { code, message }),
        Answer::Status { status, wait } => (status, wait),
    };
    let trouble =
        Trouble { code: "ERROR_FROM_TARGET", message: format!("The endpoint answered with HTTP status {status}.") };
    match status {
        200..300 => Outcome::Delivered,
        401 | 407 if has_token => Outcome::Failed(trouble, wait),
        409 | 429 | 500.. => Outcome::Failed(trouble, wait),
        _ => Outcome::Refused(trouble),
    }
}

/// Whether the target's role may invoke the destination. It is no operation of the API: nothing of it is recorded.
#[derive(Deserialize)]
struct Invoke {
    arn: String,
}

impl Operation for Invoke {
    const NAME: &'static str = "DescribeApiDestination";
    const EVENT: EventKind = EventKind::Data("AWS::Events::ApiDestination");
    type Output = welkin_kernel::Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:InvokeApiDestination").on(&self.arn))
    }

    async fn run(&self, _: &mut Cx) -> Result<welkin_kernel::Empty> {
        Ok(welkin_kernel::Empty {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_the_guide_says() {
        let judged = |status, has_token| judge(Answer::Status { status, wait: None }, has_token);
        assert_eq!(judged(204, false), Outcome::Delivered);
        for status in [409, 429, 500, 503] {
            assert!(matches!(judged(status, false), Outcome::Failed(..)), "{status}");
        }
        for status in [301, 400, 401, 403, 404] {
            assert!(matches!(judged(status, false), Outcome::Refused(_)), "{status}");
        }
        assert!(matches!(judged(401, true), Outcome::Failed(..)));
    }
}
