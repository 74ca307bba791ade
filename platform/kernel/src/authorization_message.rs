//! Encoded authorization messages: why a call was denied, for those who may know.
//!
//! Some services, EC2 above all, answer a denial with a text that only `sts:DecodeAuthorizationMessage`
//! reads. It is sealed, so that whoever was denied learns nothing from it.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::{Chance, Result, Sealer};

const CONTEXT: &str = "authorization message v1";

/// Encodes a message: the JSON object that `DecodeAuthorizationMessage` answers.
///
/// # Errors
/// When it cannot be sealed: a fault of Welkin's.
pub fn encode(sealer: &Sealer, chance: &Chance, message: &serde_json::Value) -> Result<String> {
    Ok(BASE64.encode(sealer.seal(chance, CONTEXT, message.to_string().as_bytes())?))
}

/// The message that was encoded; `None` if this Welkin did not encode it.
pub fn decode(sealer: &Sealer, encoded: &str) -> Option<String> {
    let sealed = BASE64.decode(encoded).ok()?;
    String::from_utf8(sealer.open(CONTEXT, &sealed)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_only_as_it_was_written() {
        let (chance, sealer) = (Chance::from_seed(1), Sealer::new(&[7; crate::ROOT_KEY_LEN]));
        let message = serde_json::json!({ "allowed": false, "explicitDeny": true });
        let encoded = encode(&sealer, &chance, &message).expect("encoded");
        assert_eq!(decode(&sealer, &encoded), Some(message.to_string()));
        assert!(!encoded.contains("explicitDeny"));
        assert_eq!(decode(&sealer, &encoded[1..]), None);
        assert_eq!(decode(&Sealer::new(&[8; crate::ROOT_KEY_LEN]), &encoded), None);
    }
}
