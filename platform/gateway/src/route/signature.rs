//! What the signature of a request says of where it goes. It is verified later, by the kernel.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::query_string;

/// How a request is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signature<'a> {
    /// Signature Version 4 or 4A, in the header or the query string.
    V4 {
        /// Name of the service in the credential scope.
        service: Cow<'a, str>,
        /// Region in the credential scope, or first one of `X-Amz-Region-Set`.
        region: Option<Cow<'a, str>>,
    },
    /// S3's Signature Version 2, in the header or the query string.
    V2,
    /// A token.
    Bearer,
    /// Something else in `Authorization`, or a credential scope that is none.
    Unreadable,
    /// None.
    Absent,
}

/// Reads the signature of a request.
pub(super) fn read<'a>(headers: &'a HeaderMap, query: &'a str) -> Signature<'a> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        return header.to_str().map_or(Signature::Unreadable, |text| read_header(text, headers));
    }
    if query.is_empty() {
        return Signature::Absent;
    }
    if let Some(credential) = query_string::value(query, "X-Amz-Credential") {
        return match credential {
            Cow::Borrowed(credential) => scope(credential, headers, query),
            Cow::Owned(credential) => owned(scope(&credential, headers, query)),
        };
    }
    if query_string::has(query, "AWSAccessKeyId") && query_string::has(query, "Signature") {
        return Signature::V2;
    }
    Signature::Absent
}

fn read_header<'a>(text: &'a str, headers: &'a HeaderMap) -> Signature<'a> {
    if text.starts_with("AWS4-") {
        let credential = text.split_once("Credential=").map_or("", |(_, rest)| rest);
        let end = credential.find([',', ' ']).unwrap_or(credential.len());
        return scope(credential.get(..end).unwrap_or_default(), headers, "");
    }
    match text.split_once(' ') {
        Some(("AWS", _)) => Signature::V2,
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => Signature::Bearer,
        _ => Signature::Unreadable,
    }
}

/// `AKID/20260101/us-east-1/sqs/aws4_request`, without the Region for SigV4A.
fn scope<'a>(credential: &'a str, headers: &'a HeaderMap, query: &'a str) -> Signature<'a> {
    let mut parts = credential.rsplit('/');
    let (Some("aws4_request"), Some(service), Some(region)) = (parts.next(), parts.next(), parts.next()) else {
        return Signature::Unreadable;
    };
    if service.is_empty() {
        return Signature::Unreadable;
    }
    let is_date = region.len() == 8 && region.bytes().all(|b| b.is_ascii_digit());
    let region = if is_date { region_set(headers, query) } else { Some(Cow::Borrowed(region)) };
    Signature::V4 { service: Cow::Borrowed(service), region: region.filter(|region| !region.is_empty()) }
}

/// First Region of a SigV4A signature that is one.
fn region_set<'a>(headers: &'a HeaderMap, query: &'a str) -> Option<Cow<'a, str>> {
    let header = headers.get("x-amz-region-set").and_then(|value| value.to_str().ok()).map(Cow::Borrowed);
    let set = header.or_else(|| query_string::value(query, "X-Amz-Region-Set"))?;
    let first = set.split(',').map(str::trim).find(|region| !region.contains('*'))?;
    Some(Cow::Owned(first.to_owned()))
}

fn owned(signature: Signature<'_>) -> Signature<'static> {
    match signature {
        Signature::V4 { service, region } => Signature::V4 {
            service: Cow::Owned(service.into_owned()),
            region: region.map(|region| Cow::Owned(region.into_owned())),
        },
        Signature::V2 => Signature::V2,
        Signature::Bearer => Signature::Bearer,
        Signature::Unreadable => Signature::Unreadable,
        Signature::Absent => Signature::Absent,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn v4(service: &'static str, region: Option<&'static str>) -> Signature<'static> {
        Signature::V4 { service: service.into(), region: region.map(Into::into) }
    }

    #[test]
    fn signatures() {
        let eu = v4("sqs", Some("eu-west-1"));
        let spaced = "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host";
        let tight = "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/sqs/aws4_request,SignedHeaders=host";
        let v4a = "AWS4-ECDSA-P256-SHA256 Credential=AK/20260101/s3/aws4_request, SignedHeaders=host";
        let nameless = "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1//aws4_request";
        let presigned = "X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=x";
        for (authorization, query, expected) in [
            (Some(spaced), "", eu.clone()),
            (Some(tight), "", eu),
            (Some(v4a), "", v4("s3", Some("us-west-2"))),
            (Some("AWS AK:c2ln"), "", Signature::V2),
            (Some("Bearer x"), "", Signature::Bearer),
            (Some("Basic eDp5"), "", Signature::Unreadable),
            (Some("AWS4-HMAC-SHA256 garbage"), "", Signature::Unreadable),
            (Some(nameless), "", Signature::Unreadable),
            (None, presigned, v4("s3", Some("us-east-1"))),
            (None, "AWSAccessKeyId=AK&Expires=1&Signature=x", Signature::V2),
            (None, "list-type=2", Signature::Absent),
            (None, "", Signature::Absent),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-region-set", "*,us-west-2".parse().unwrap());
            if let Some(text) = authorization {
                headers.insert(AUTHORIZATION, text.parse().unwrap());
            }
            assert_eq!(read(&headers, query), expected, "{authorization:?} {query}");
        }
    }
}
