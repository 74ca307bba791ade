//! Streams of events, as lists of them.

use bytes::{Bytes, BytesMut};
use serde_json::{Value as Json, json};

use crate::event_stream::{Event, decode_frame};
use crate::route::event_stream;
use crate::{Body, Route, Stream, Value, decode_event, encode_event, value_from_json, value_to_json};

/// Puts a body of encoded events into the output's stream member.
pub(super) fn add(route: &Route, events: &[(String, Json)], output: &mut Value) -> Result<(), String> {
    let Some(member) = route.output().and_then(|(_, output)| event_stream(route.service, output)) else {
        return Ok(());
    };
    let mut body = BytesMut::new();
    for (name, json) in events {
        let shape = route.service.shape(member.shape).structure().and_then(|union| union.member(name));
        let shape = shape.ok_or_else(|| format!("unknown event {name}"))?.shape;
        let value = value_from_json(route.service, shape, json).map_err(|e| e.to_string())?;
        let frame = encode_event(route.service, route.protocol, member.shape, name, &value);
        body.extend_from_slice(&frame.map_err(|e| e.to_string())?);
    }
    if let Value::Map(map) = output {
        map.insert(member.name, Stream::new(Body::Full(body.freeze())));
    }
    Ok(())
}

/// The events of an answer's body; `None` if it has none.
pub(super) fn read(route: &Route, body: &Bytes) -> Result<Option<Vec<Json>>, String> {
    let Some(member) = route.output().and_then(|(_, output)| event_stream(route.service, output)) else {
        return Ok(None);
    };
    let mut buffer = BytesMut::from(body.as_ref());
    let mut events = Vec::new();
    while let Some(frame) = decode_frame(&mut buffer).map_err(|e| e.to_string())? {
        let event = decode_event(route.service, route.protocol, member.shape, route.operation.output, &frame);
        events.push(match event.map_err(|e| e.to_string())? {
            Event::Event(name, value) => json!({ "event": name, "value": value_to_json(&value) }),
            Event::Exception(name, value) => json!({ "exception": name, "value": value_to_json(&value) }),
            Event::Error(code, message) => json!({ "error": code, "message": message }),
            Event::Initial(value) => json!({ "initial": true, "value": value_to_json(&value) }),
        });
    }
    Ok(Some(events))
}
