//! An answer as the bare server gives it: status and headers as lines, an empty line, the body.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::failure::{Failure, Result};

/// Headers that a server writes by itself.
const OWN: [&str; 4] = ["connection", "content-length", "date", "transfer-encoding"];

#[derive(Clone, Debug)]
pub(crate) struct Canned {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Canned {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{}\n", self.status.as_u16()).into_bytes();
        for (name, value) in self.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            out.extend_from_slice(name.as_str().as_bytes());
            out.push(b':');
            out.extend_from_slice(value.as_bytes());
            out.push(b'\n');
        }
        out.push(b'\n');
        out.extend_from_slice(&self.body);
        out
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").ok_or("the canned answer has no empty line")?;
        let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(Failure::of)?;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.parse().ok()).ok_or("the canned answer has no status")?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or("a canned header has no colon")?;
            let name = name.parse::<HeaderName>().map_err(Failure::of)?;
            headers.append(name, HeaderValue::from_str(value).map_err(Failure::of)?);
        }
        let body = Bytes::copy_from_slice(bytes.get(end + 2..).unwrap_or_default());
        Ok(Self { status, headers, body })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn comes_back_as_it_went_without_what_the_server_writes() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-requestid", HeaderValue::from_static("a:b"));
        headers.insert("date", HeaderValue::from_static("now"));
        let canned = Canned { status: StatusCode::OK, headers, body: Bytes::from_static(b"a\n\nb") };
        let back = Canned::parse(&canned.to_bytes()).unwrap();
        assert_eq!((back.status, back.body), (canned.status, canned.body));
        assert_eq!(back.headers.len(), 1);
        assert_eq!(back.headers.get("x-amzn-requestid").unwrap(), "a:b");
    }
}
