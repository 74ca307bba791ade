//! Bytes: encodings and digests.
//!
//! <https://trino.io/docs/current/functions/binary.html>

use aws_lc_rs::hmac;
use base64::Engine;
use base64::alphabet::{STANDARD as LETTERS, URL_SAFE as URL_LETTERS};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::Digest;

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

/// As Java's decoder: the padding may be missing.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&LETTERS, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&URL_LETTERS, LENIENT);

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
    list.plain("hmac_md5", "(varbinary, varbinary) -> varbinary", |args| {
        Ok(Value::bytes(hmac_md5(args[0].as_bytes()?, args[1].as_bytes()?)))
    });
    list.plain("crc32", "(varbinary) -> bigint", |args| {
        let crc = args[0].as_bytes()?.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        });
        Ok(Value::Integer(i64::from(!crc)))
    });
    list.plain("to_base32", "(varbinary) -> varchar", |args| Ok(Value::text(to_base32(args[0].as_bytes()?))));
    list.plain("from_base32", "(varchar) -> varbinary", |args| from_base32(args[0].as_str()?).map(Value::bytes));
    list.plain("to_ieee754_64", "(double) -> varbinary", |args| Ok(Value::bytes(args[0].as_f64()?.to_be_bytes())));
    list.plain("from_ieee754_64", "(varbinary) -> double", |args| {
        exactly(args[0].as_bytes()?).map(|bytes| Value::Double(f64::from_be_bytes(bytes)))
    });
    list.plain("to_ieee754_32", "(real) -> varbinary", |args| {
        Ok(Value::bytes((args[0].as_f64()? as f32).to_be_bytes()))
    });
    list.plain("from_ieee754_32", "(varbinary) -> real", |args| {
        exactly(args[0].as_bytes()?).map(|bytes| Value::Real(f32::from_be_bytes(bytes)))
    });
    list.plain("lpad", "(varbinary, bigint, varbinary) -> varbinary", |args| pad(args, true));
    list.plain("rpad", "(varbinary, bigint, varbinary) -> varbinary", |args| pad(args, false));
    list.plain("to_big_endian_64", "(bigint) -> varbinary", |args| Ok(Value::bytes(args[0].as_int()?.to_be_bytes())));
    list.plain("from_big_endian_64", "(varbinary) -> bigint", |args| {
        exactly(args[0].as_bytes()?).map(|bytes| Value::Integer(i64::from_be_bytes(bytes)))
    });
    list.plain("to_big_endian_32", "(integer) -> varbinary", |args| {
        Ok(Value::bytes((args[0].as_int()? as i32).to_be_bytes()))
    });
    list.plain("from_big_endian_32", "(varbinary) -> integer", |args| {
        exactly(args[0].as_bytes()?).map(|bytes| Value::Integer(i32::from_be_bytes(bytes).into()))
    });
}

fn sign(algorithm: hmac::Algorithm, args: &[Value]) -> Result<Value> {
    let key = hmac::Key::new(algorithm, args[1].as_bytes()?);
    Ok(Value::bytes(hmac::sign(&key, args[0].as_bytes()?)))
}

/// Bytes of which there must be so many.
fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes
        .try_into()
        .map_err(|_| SqlError::argument(format!("expected {N}-byte input, but got instead: {}", bytes.len())))
}

fn pad(args: &[Value], left: bool) -> Result<Value> {
    let (bytes, filler) = (args[0].as_bytes()?, args[2].as_bytes()?);
    let size = usize::try_from(args[1].as_int()?).ok().filter(|size| *size <= 1 << 24);
    let size = size.ok_or_else(|| SqlError::argument("Target length must be in the range [0..2147483647]"))?;
    if filler.is_empty() {
        return Err(SqlError::argument("Padding bytes must not be empty"));
    }
    let kept = &bytes[..bytes.len().min(size)];
    let padding: Vec<u8> = filler.iter().copied().cycle().take(size - kept.len()).collect();
    Ok(Value::bytes(if left { [&padding, kept].concat() } else { [kept, &padding].concat() }))
}

/// HMAC with MD5, for what was signed so once.
///
/// <https://www.rfc-editor.org/rfc/rfc2104>
fn hmac_md5(data: &[u8], key: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut block = if key.len() > BLOCK { md5::Md5::digest(key).to_vec() } else { key.to_vec() };
    block.resize(BLOCK, 0);
    let masked = |by: u8| block.iter().map(|byte| byte ^ by).collect::<Vec<u8>>();
    let inner = md5::Md5::digest([&masked(0x36), data].concat());
    md5::Md5::digest([&masked(0x5c), &inner[..]].concat()).to_vec()
}

/// The letters of RFC 4648's base 32.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn to_base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for block in bytes.chunks(5) {
        let bits = block.iter().enumerate().fold(0_u64, |bits, (n, byte)| bits | u64::from(*byte) << (32 - 8 * n));
        let letters = (block.len() * 8).div_ceil(5);
        (0..8).for_each(|n| {
            let letter = BASE32[(bits >> (35 - 5 * n) & 31) as usize];
            text.push(if n < letters { char::from(letter) } else { '=' });
        });
    }
    text
}

fn from_base32(text: &str) -> Result<Vec<u8>> {
    let fail = || SqlError::argument(format!("Invalid base32: {text}"));
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u64, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let five = BASE32.iter().position(|own| *own == letter.to_ascii_uppercase()).ok_or_else(fail)?;
        bits = (bits << 5 | five as u64) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Ok(bytes)
}
