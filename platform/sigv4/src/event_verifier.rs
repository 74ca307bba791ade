//! Event streams whose messages are signed.
//!
//! <https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html>

use crate::{Error, ErrorKind, Mismatch, Scope, Secret, Seed, SigningKey, chunk_string, time::basic};
use jiff::Timestamp;
use std::sync::Arc;

/// Verifies the messages of one event stream, each on top of the one before.
///
/// A signed message has the headers `:date` and `:chunk-signature` and, as its payload, the message proper; an empty
/// payload ends the stream.
#[derive(Debug)]
pub struct EventVerifier {
    seed: Seed,
    secret: Secret,
}

impl EventVerifier {
    /// A verifier for a request whose verification said [`Body::Events`](crate::Body::Events). The secret is needed
    /// for streams that outlive their day.
    pub fn new(seed: Seed, secret: Secret) -> Self {
        Self { seed, secret }
    }

    /// Verifies one message: its `:date`, its `:chunk-signature` and its payload.
    ///
    /// # Errors
    /// [`ErrorKind::SignatureMismatch`] if the signature is not right in this place of the stream.
    pub fn verify(&mut self, date: Timestamp, signature: &[u8], payload: &[u8]) -> Result<(), Error> {
        let time = basic(date);
        self.enter_day(time.get(..8).unwrap_or_default());
        let Seed { algorithm, scope, signature: previous, .. } = &self.seed;
        let message = chunk_string::event_string_to_sign(*algorithm, &time, scope, previous, date, payload);
        let signature = hex::encode(signature);
        if self.seed.key.verifies(&message, &signature) {
            self.seed.signature = signature;
            return Ok(());
        }
        Err(ErrorKind::SignatureMismatch(Box::new(Mismatch {
            access_key_id: self.seed.access_key_id.clone(),
            signature,
            string_to_sign: String::from_utf8_lossy(&message).into_owned(),
            canonical_request: None,
        }))
        .into())
    }

    /// Messages are signed in the scope of their own day.
    fn enter_day(&mut self, day: &str) {
        if self.seed.scope.date == day {
            return;
        }
        let scope = Scope { date: day.to_owned(), ..self.seed.scope.clone() };
        if let Some(key) = SigningKey::derive(self.seed.algorithm, &self.seed.access_key_id, &self.secret, &scope) {
            self.seed.key = Arc::new(key);
        }
        self.seed.scope = scope;
    }
}
