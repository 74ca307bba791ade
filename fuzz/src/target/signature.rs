//! Signatures in headers and in presigned URLs.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use welkin_sigv4::sign::{Parts, Signer, presign, sign_headers};
use welkin_sigv4::{Algorithm, Credentials, KeyCache, Payload, Presented, RequestView, Rules, Style, present, verify};

use super::wire::headers;
use super::{Seed, Target};
use crate::chance::Chance;

const METHOD: &str = "GET";

pub(crate) struct Signatures;

fn credentials() -> Credentials {
    Credentials { access_key_id: "AKIDEXAMPLE".to_owned(), secret: "secret".into(), session_token: None }
}

impl Target for Signatures {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let credentials = credentials();
        let signer = Signer {
            credentials: &credentials,
            algorithm: Algorithm::HmacSha256,
            region: "us-east-1",
            service: "s3",
            style: Style::S3,
            time: Timestamp::UNIX_EPOCH,
        };
        let path = *chance.pick(&["/", "/bucket/key", "/a%20b/c%2Fd/../e", "/%E2%82%AC"]);
        let mut query = (*chance.pick(&["", "uploads", "a=1&b=2&a=0", "list-type=2&prefix=%20"])).to_owned();
        let mut map = HeaderMap::new();
        map.insert("host", HeaderValue::from_static("localhost:4566"));
        let parts = Parts { method: METHOD, path, query: &query };
        // INVARIANT: the host is there, and all values are plain text.
        if chance.one_in(2) {
            sign_headers(parts, &mut map, &Payload::Unsigned, &signer).expect("signs");
        } else {
            query = presign(parts, &map, &Payload::Unsigned, Duration::from_secs(600), &signer).expect("signs");
        }
        let mut bytes = format!("{path}\n{query}\n").into_bytes();
        for (name, value) in &map {
            bytes.extend_from_slice(format!("{name}:").as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(b'\n');
        }
        bytes.into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let mut lines = input.splitn(3, |byte| *byte == b'\n');
        let mut line = || String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let (path, query) = (line(), line());
        let (headers, _) = headers(lines.next().unwrap_or_default());
        let view = RequestView { method: METHOD, path: &path, query: &query, headers: &headers };
        let claim = match present(&view).map_err(|error| error.to_string())? {
            Presented::Anonymous => return Err("anonymous".to_owned()),
            Presented::Signed(claim) => claim,
        };
        let keys = KeyCache::new();
        let (secret, rules) = (&credentials().secret, Rules::of("s3"));
        let verified = verify(&claim, &view, None, secret, Timestamp::UNIX_EPOCH, &rules, &keys);
        verified.map(drop).map_err(|error| error.to_string())
    }
}
