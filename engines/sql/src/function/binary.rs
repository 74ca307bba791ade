//! Bytes: encodings and digests.
//!
//! <https://trino.io/docs/current/functions/binary.html>

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use md5::Digest;

use super::List;
use crate::error::SqlError;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("to_hex", "(varbinary) -> varchar", |args| Ok(Value::text(hex::encode_upper(args[0].as_bytes()?))));
    list.plain("from_hex", "(varchar) -> varbinary", |args| {
        hex::decode(args[0].as_str()?).map(Value::bytes).map_err(|_| {
            SqlError::argument(format!("Invalid hex character or length: {:?}", args[0].as_str().unwrap_or_default()))
        })
    });
    list.plain("to_base64", "(varbinary) -> varchar", |args| Ok(Value::text(STANDARD.encode(args[0].as_bytes()?))));
    list.plain("from_base64", "(varchar) -> varbinary", |args| {
        STANDARD
            .decode(args[0].as_str()?)
            .map(Value::bytes)
            .map_err(|why| SqlError::argument(format!("Invalid base64: {why}")))
    });
    list.plain("to_base64url", "(varbinary) -> varchar", |args| Ok(Value::text(URL_SAFE.encode(args[0].as_bytes()?))));
    list.plain("from_base64url", "(varchar) -> varbinary", |args| {
        URL_SAFE
            .decode(args[0].as_str()?)
            .map(Value::bytes)
            .map_err(|why| SqlError::argument(format!("Invalid base64: {why}")))
    });
    list.plain("md5", "(varbinary) -> varbinary", |args| Ok(Value::bytes(md5::Md5::digest(args[0].as_bytes()?))));
    list.plain("sha1", "(varbinary) -> varbinary", |args| Ok(Value::bytes(sha1::Sha1::digest(args[0].as_bytes()?))));
    list.plain("sha256", "(varbinary) -> varbinary", |args| {
        Ok(Value::bytes(sha2::Sha256::digest(args[0].as_bytes()?)))
    });
    list.plain("sha512", "(varbinary) -> varbinary", |args| {
        Ok(Value::bytes(sha2::Sha512::digest(args[0].as_bytes()?)))
    });
    list.plain("hmac_sha1", "(varbinary, varbinary) -> varbinary", |args| {
        sign(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, args)
    });
    list.plain("hmac_sha256", "(varbinary, varbinary) -> varbinary", |args| sign(hmac::HMAC_SHA256, args));
    list.plain("hmac_sha512", "(varbinary, varbinary) -> varbinary", |args| sign(hmac::HMAC_SHA512, args));
    list.plain("crc32", "(varbinary) -> bigint", |args| {
        let crc = args[0].as_bytes()?.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        });
        Ok(Value::Integer(i64::from(!crc)))
    });
    list.plain("to_big_endian_64", "(bigint) -> varbinary", |args| Ok(Value::bytes(args[0].as_int()?.to_be_bytes())));
    list.plain("from_big_endian_64", "(varbinary) -> bigint", |args| {
        let bytes =
            <[u8; 8]>::try_from(args[0].as_bytes()?).map_err(|_| SqlError::argument("expected 8-byte input"))?;
        Ok(Value::Integer(i64::from_be_bytes(bytes)))
    });
    list.plain("to_big_endian_32", "(integer) -> varbinary", |args| {
        Ok(Value::bytes((args[0].as_int()? as i32).to_be_bytes()))
    });
    list.plain("from_big_endian_32", "(varbinary) -> integer", |args| {
        let bytes =
            <[u8; 4]>::try_from(args[0].as_bytes()?).map_err(|_| SqlError::argument("expected 4-byte input"))?;
        Ok(Value::Integer(i64::from(i32::from_be_bytes(bytes))))
    });
}

fn sign(algorithm: hmac::Algorithm, args: &[Value]) -> crate::error::Result<Value> {
    let key = hmac::Key::new(algorithm, args[1].as_bytes()?);
    Ok(Value::bytes(hmac::sign(&key, args[0].as_bytes()?)))
}
