//! Signing of `aws-chunked` bodies.

use crate::{
    Algorithm, Credentials, Scope, SigningKey,
    chunk_string::{chunk_string_to_sign, trailer_string_to_sign},
    ecdsa,
};

/// Signs the chunks of one body, each on top of the one before.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
#[derive(Debug)]
pub struct ChunkSigner {
    algorithm: Algorithm,
    credentials: Credentials,
    key: Option<SigningKey>,
    scope: Scope,
    time: String,
    previous: String,
}

impl ChunkSigner {
    pub(crate) fn new(
        algorithm: Algorithm,
        credentials: Credentials,
        scope: Scope,
        time: String,
        previous: String,
    ) -> Self {
        Self { algorithm, credentials, key: None, scope, time, previous }
    }

    /// The signature made last: at first the request's own.
    pub fn signature(&self) -> &str {
        &self.previous
    }

    /// One signed chunk, with its header and line ends; an empty one ends the data.
    pub fn chunk(&mut self, data: &[u8]) -> Vec<u8> {
        let message = chunk_string_to_sign(self.algorithm, &self.time, &self.scope, &self.previous, data);
        self.advance(&message);
        let mut out = format!("{:x};chunk-signature={}\r\n", data.len(), self.padded()).into_bytes();
        out.extend_from_slice(data);
        if !data.is_empty() {
            out.extend_from_slice(b"\r\n");
        }
        out
    }

    /// The end of a body without trailers, after the empty chunk.
    pub fn end(&self) -> &'static [u8] {
        b"\r\n"
    }

    /// Signed trailers and the end of the body, after the empty chunk. Names are in lower case.
    pub fn trailers(&mut self, trailers: &[(&str, &str)]) -> Vec<u8> {
        let mut sorted: Vec<_> = trailers.to_vec();
        sorted.sort_unstable();
        let canonical: String = sorted.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let message =
            trailer_string_to_sign(self.algorithm, &self.time, &self.scope, &self.previous, canonical.as_bytes());
        self.advance(&message);
        let lines: String = trailers.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
        format!("{lines}x-amz-trailer-signature:{}\r\n\r\n", self.padded()).into_bytes()
    }

    /// SigV4a pads signatures inside a body to a fixed length, so that the body's length is known before.
    fn padded(&self) -> String {
        match self.algorithm {
            Algorithm::HmacSha256 => self.previous.clone(),
            Algorithm::EcdsaP256Sha256 => format!("{:*<144}", self.previous),
        }
    }

    fn advance(&mut self, message: &[u8]) {
        let Credentials { access_key_id, secret, .. } = &self.credentials;
        let signature = match self.algorithm {
            Algorithm::HmacSha256 => {
                let key = self.key.get_or_insert_with(|| SigningKey::hmac(secret, &self.scope));
                key.sign(message).map(hex::encode)
            }
            Algorithm::EcdsaP256Sha256 => ecdsa::sign(access_key_id, secret, message),
        };
        // INVARIANT: the request was signed by the same secret, so a key exists.
        self.previous = signature.unwrap_or_default();
    }
}
