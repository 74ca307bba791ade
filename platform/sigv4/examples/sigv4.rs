//! Verifies and makes signatures from JSON lines, for tests by other signers (`tests/sigv4/run.py`).
//!
//! One request per line in, one answer per line out. `op` is `verify`, `sign`, `presign` or `post`; bodies are in
//! hexadecimal, times in RFC 3339.
#![allow(clippy::print_stdout)]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{error::Error, io::BufRead, time::Duration};
use welkin_sigv4::{
    Algorithm, Body, Credentials, ErrorKind, KeyCache, Payload, Presented, Protocol, RequestView, Rules, Secret,
    answer, post_policy, present, sha256,
    sign::{Parts, Signer, presign, sign_headers},
    verify,
};

fn main() -> Result<(), Box<dyn Error>> {
    let keys = KeyCache::new();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        println!("{}", run(&request, &keys)?);
    }
    Ok(())
}

fn run(request: &Value, keys: &KeyCache) -> Result<Value, Box<dyn Error>> {
    let outcome = match text(request, "op")? {
        "verify" => verify_request(request, keys)?,
        "post" => verify_form(request, keys)?,
        "sign" | "presign" => return sign_request(request),
        other => return Err(format!("unknown op {other}").into()),
    };
    Ok(outcome.unwrap_or_else(|error| refusal(error.kind())))
}

fn refusal(kind: &ErrorKind) -> Value {
    let answer = answer(kind, "s3", Protocol::RestXml);
    let mut out = json!({"ok": false, "code": answer.code, "status": answer.status, "message": answer.message});
    if let ErrorKind::SignatureMismatch(mismatch) = kind {
        out["canonical_request"] = json!(mismatch.canonical_request);
        out["string_to_sign"] = json!(mismatch.string_to_sign);
    }
    out
}

type Outcome = Result<Value, welkin_sigv4::Error>;

fn verify_request(request: &Value, keys: &KeyCache) -> Result<Outcome, Box<dyn Error>> {
    let headers = headers(request)?;
    let view = RequestView {
        method: text(request, "method")?,
        path: text(request, "path")?,
        query: text(request, "query")?,
        headers: &headers,
    };
    let body = sha256(&hex::decode(text(request, "body")?)?);
    let (secret, now) = (Secret::new(text(request, "secret")?), time(request)?);
    let rules = Rules::of(text(request, "service")?);
    Ok(present(&view).and_then(|presented| match presented {
        Presented::Anonymous => Err(ErrorKind::MissingToken.into()),
        Presented::Signed(claim) => {
            let verified = verify(&claim, &view, Some(body), &secret, now, &rules, keys)?;
            let signed = matches!(verified.body, Body::Verified);
            Ok(json!({"ok": true, "access_key_id": claim.access_key_id, "token": claim.session_token, "body": signed}))
        }
    }))
}

fn verify_form(request: &Value, keys: &KeyCache) -> Result<Outcome, Box<dyn Error>> {
    let form = post_policy::Form::new(pairs(request, "fields")?);
    let (secret, now) = (Secret::new(text(request, "secret")?), time(request)?);
    let bucket = text(request, "bucket")?;
    let size = request["size"].as_u64().unwrap_or_default();
    Ok(form.present().and_then(|claim| {
        let claim = claim.ok_or(ErrorKind::MissingToken)?;
        let policy = post_policy::verify(&claim, &form, bucket, &secret, now, keys)?;
        policy.check_size(size)?;
        Ok(json!({"ok": true, "access_key_id": claim.access_key_id}))
    }))
}

fn sign_request(request: &Value) -> Result<Value, Box<dyn Error>> {
    let mut headers = headers(request)?;
    let parts =
        Parts { method: text(request, "method")?, path: text(request, "path")?, query: text(request, "query")? };
    let credentials = Credentials {
        access_key_id: text(request, "access_key_id")?.to_owned(),
        secret: Secret::new(text(request, "secret")?),
        session_token: request["token"].as_str().map(str::to_owned),
    };
    let service = text(request, "service")?;
    let signer = Signer {
        credentials: &credentials,
        algorithm: Algorithm::HmacSha256,
        region: text(request, "region")?,
        service,
        style: Rules::of(service).style,
        time: time(request)?,
    };
    let payload = Payload::Sha256(sha256(&hex::decode(text(request, "body")?)?));
    if text(request, "op")? == "presign" {
        let expires = Duration::from_secs(request["expires"].as_u64().unwrap_or_default());
        return Ok(json!({"query": presign(parts, &headers, &payload, expires, &signer)?}));
    }
    sign_headers(parts, &mut headers, &payload, &signer)?;
    let authorization = headers.get("authorization").map(HeaderValue::to_str).transpose()?;
    Ok(json!({"authorization": authorization}))
}

fn text<'a>(request: &'a Value, name: &str) -> Result<&'a str, Box<dyn Error>> {
    request[name].as_str().ok_or_else(|| format!("{name} is missing").into())
}

fn time(request: &Value) -> Result<Timestamp, Box<dyn Error>> {
    Ok(text(request, "now")?.parse()?)
}

fn pairs(request: &Value, name: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    Ok(serde_json::from_value(request[name].clone())?)
}

fn headers(request: &Value) -> Result<HeaderMap, Box<dyn Error>> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(request, "headers")? {
        headers.append(HeaderName::try_from(name)?, HeaderValue::from_bytes(value.as_bytes())?);
    }
    Ok(headers)
}
