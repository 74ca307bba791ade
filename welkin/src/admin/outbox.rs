//! What services have sent to people and to their devices, and what these answer.

use http::StatusCode;
use serde_json::{Value as Json, json};
use welkin_kernel::Message;

use super::{Answer, failed, rfc3339};
use crate::fault::Fault;
use crate::server::Server;

/// The messages, oldest first.
pub(super) async fn list(server: &Server) -> Answer {
    Ok(server.kernel.messages().await.map_err(failed)?.iter().map(row).collect())
}

/// One message.
pub(super) async fn show(server: &Server, id: &str) -> Answer {
    let messages = server.kernel.messages().await.map_err(failed)?;
    messages.iter().find(|message| message.id == id).map(row).ok_or_else(|| none(id))
}

/// Answers a message in place of its receiver.
pub(super) async fn answer(server: &Server, id: &str, body: &Json) -> Answer {
    let Some(text) = body.get("text").and_then(Json::as_str) else {
        let hint = "send {\"text\": \"STOP\"}, for instance";
        return Err((StatusCode::BAD_REQUEST, Fault::new("the answer has no text", "", hint)));
    };
    match server.kernel.answer_message(id, text).await.map_err(failed)? {
        true => Ok(json!({ "answered": id })),
        false => Err(none(id)),
    }
}

fn row(message: &Message) -> Json {
    json!({
        "id": message.id,
        "sent": rfc3339(message.sent),
        "account": message.from.map(|place| place.account),
        "region": message.from.map(|place| place.region),
        "to": message.to,
        "subject": message.subject,
        "text": message.text,
    })
}

fn none(id: &str) -> (StatusCode, Fault) {
    let hint = "'welkin outbox' lists those that are there";
    (StatusCode::NOT_FOUND, Fault::new(format!("the outbox has no message {id}"), "the latest 1,000 are kept", hint))
}
