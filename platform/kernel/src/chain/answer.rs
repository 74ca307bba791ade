//! Step 8: output or error to bytes.

use http::Response;
use http_body_util::BodyExt;
use welkin_model as model;
use welkin_wire::{Body, ErrorAnswer, Fault, ResponseMeta, Route, Stream, Value};

use crate::error::{Answer, Failure, Outage};
use crate::{Cx, Error, Kernel, Result, family::Family};

/// A fresh request id, in the form that the service uses.
pub(super) fn request_id(kernel: &Kernel, service: &model::Service) -> String {
    if service.id == "s3" {
        kernel.chance().text(16, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    } else {
        kernel.chance().uuid()
    }
}

pub(super) fn meta(route: &Route, request_id: &str) -> ResponseMeta {
    let host_id = if route.service.id == "s3" { host_id(request_id) } else { String::new() };
    ResponseMeta { request_id: request_id.to_owned(), host_id }
}

/// S3's second id of a request, `x-amz-id-2`. It follows from the first, so that the record of the call has the same.
pub(super) fn host_id(request_id: &str) -> String {
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, request_id.as_bytes());
    let bytes = digest.as_ref().get(..57).unwrap_or_default();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Writes the answer of a call that succeeded.
pub(super) fn success(cx: Cx, route: &Route, mut output: Value) -> Result<Response<Body>> {
    let mut reply = cx.reply;
    if let (Some(stream), Value::Map(map)) = (reply.take_stream(), &mut output) {
        let member =
            streaming(route).ok_or_else(|| Error::internal("a stream, but the output has no place for one"))?;
        map.insert(member, Stream::new(told(stream, cx.request_id.clone())));
    }
    let meta = meta(route, &cx.request_id);
    let mut response = welkin_wire::serialise_response(route, &output, &meta)
        .map_err(|e| Error::internal(format_args!("output of {}: {e}", route.operation.name)))?;
    if let Some(status) = reply.status.and_then(|status| http::StatusCode::from_u16(status).ok()) {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(reply.headers);
    Ok(response)
}

/// The member of the output that streams: its payload, or the one that is a stream of events.
fn streaming(route: &Route) -> Option<&'static str> {
    let output = route.operation.output.and_then(|id| route.service.shape(id).structure())?;
    let is_events = |shape| route.service.shape(shape).structure().is_some_and(|shape| shape.event_stream);
    let events = || output.members.iter().find(|member| is_events(member.shape)).map(|member| member.name);
    output.payload.or_else(events)
}

/// A body that tells the log if it ends before its end: the client has had a success by then.
fn told(body: Body, request_id: String) -> Body {
    match body {
        Body::Full(_) => body,
        Body::Stream(stream) => Body::stream(stream.map_err(move |error| {
            tracing::error!(request_id, what = %error, "an answer is broken off");
            error
        })),
    }
}

/// Writes the answer of a call that failed.
pub(super) fn error(route: &Route, error: Error, request_id: &str) -> Response<Body> {
    let answer = match error.into_failure() {
        Failure::Answer(answer) => answer,
        Failure::Internal(what) => {
            tracing::error!(request_id, service = route.service.id, operation = route.operation.name, what, "fault");
            family_answer(route, |family| family.internal(request_id))
        }
        Failure::Unavailable(Outage { what, hint }) => {
            let (service, operation) = (route.service.id, route.operation.name);
            tracing::error!(request_id, service, operation, what, hint, "a call cannot be served");
            family_answer(route, |family| family.unavailable(request_id))
        }
        Failure::Again(_) => {
            tracing::error!(request_id, operation = route.operation.name, "a call was left to be run again");
            family_answer(route, |family| family.internal(request_id))
        }
    };
    let meta = meta(route, request_id);
    let headers = answer.headers;
    let fault = if answer.status.is_some_and(|status| status >= 500) { Fault::Receiver } else { Fault::Sender };
    let answer = ErrorAnswer {
        code: answer.code.into_owned(),
        message: answer.message,
        status: answer.status,
        members: answer.members,
        fault,
        request_id: meta.request_id,
        host_id: meta.host_id,
        resource: (route.service.id == "s3").then(|| route.path.clone()),
    };
    let mut response = welkin_wire::serialise_error(Some(route), route.service, route.protocol, &answer);
    for (name, value) in headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// An error as the service's family words it.
fn family_answer(route: &Route, error: impl FnOnce(Family) -> Error) -> Answer {
    match error(Family::of(route.service)).into_failure() {
        Failure::Answer(answer) => answer,
        // INVARIANT: the errors of a family are answers.
        _ => Answer {
            code: "InternalFailure".into(),
            message: String::new(),
            status: Some(500),
            members: Default::default(),
            headers: Vec::new(),
        },
    }
}
