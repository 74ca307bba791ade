//! KMS.

use serde_json::{Value, json};

use crate::client::{Answer, Spec};
use crate::failure::Result;
use crate::world::{World, json_body, text};

pub(crate) fn call(target: &'static str, input: &Value) -> Spec {
    Spec::json("kms", "application/x-amz-json-1.1", target, input.to_string())
}

pub(crate) fn generate(world: &World, number: u64) -> Spec {
    let context = json!({"order": number.to_string()});
    let input = json!({"KeyId": world.key_id, "KeySpec": "AES_256", "EncryptionContext": context});
    call("TrentService.GenerateDataKey", &input)
}

pub(crate) fn check(world: &World, answer: &Answer) -> Result<()> {
    let answer = json_body(answer)?;
    let (plain, sealed) = (text(&answer, &["Plaintext"])?, text(&answer, &["CiphertextBlob"])?);
    let key = text(&answer, &["KeyId"])?;
    // 32 bytes are 44 characters of base64.
    let right = plain.len() == 44 && sealed.len() > plain.len() && key.ends_with(&world.key_id);
    if right { Ok(()) } else { Err(format!("{answer} is no data key").into()) }
}
