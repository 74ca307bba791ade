use super::*;
use crate::{Location, Mismatch};
use std::time::Duration;

fn short(kind: &ErrorKind, service: &str, protocol: Protocol) -> (&'static str, u16) {
    let answer = answer(kind, service, protocol);
    (answer.code, answer.status)
}

#[test]
fn unknown_keys_are_answered_by_family() {
    let kind = ErrorKind::UnknownKey("AKIDEXAMPLE".to_owned());
    for (service, protocol, expected) in [
        ("sts", Protocol::Query, ("InvalidClientTokenId", 403)),
        ("iam", Protocol::Query, ("InvalidClientTokenId", 403)),
        ("sqs", Protocol::Json, ("InvalidClientTokenId", 403)),
        ("sqs", Protocol::Query, ("InvalidClientTokenId", 403)),
        ("route53", Protocol::RestXml, ("InvalidClientTokenId", 403)),
        ("cloudwatch", Protocol::RpcV2Cbor, ("InvalidClientTokenId", 403)),
        ("dynamodb", Protocol::Json, ("UnrecognizedClientException", 400)),
        ("kms", Protocol::Json, ("UnrecognizedClientException", 400)),
        ("lambda", Protocol::RestJson, ("UnrecognizedClientException", 403)),
        ("s3", Protocol::RestXml, ("InvalidAccessKeyId", 403)),
        ("ec2", Protocol::Ec2, ("AuthFailure", 401)),
    ] {
        assert_eq!(short(&kind, service, protocol), expected, "{service}");
    }
    assert_eq!(answer(&kind, "s3", Protocol::RestXml).members, [("AWSAccessKeyId", "AKIDEXAMPLE".to_owned())]);
}

#[test]
fn skew_is_worded_as_the_services_word_it() {
    let time = |text: &str| crate::time::parse_basic(text).unwrap_or_default();
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let (timestamp, now) = (time("20220127T001427Z"), time("20220127T015928Z"));
    let expired = ErrorKind::Expired { timestamp, now, skew: minutes(15) };
    assert_eq!(
        answer(&expired, "sts", Protocol::Query).message,
        "Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)"
    );
    let skewed = answer(&expired, "s3", Protocol::RestXml);
    assert_eq!(skewed.code, "RequestTimeTooSkewed");
    assert_eq!(
        skewed.members,
        [
            ("RequestTime", "20220127T001427Z".to_owned()),
            ("ServerTime", "2022-01-27T01:59:28Z".to_owned()),
            ("MaxAllowedSkewMilliseconds", "900000".to_owned()),
        ]
    );
    let (timestamp, now) = (time("20181017T093750Z"), time("20181017T093139Z"));
    let early = answer(&ErrorKind::NotYetCurrent { timestamp, now, skew: minutes(5) }, "kinesis", Protocol::Json);
    assert_eq!((early.code, early.status), ("InvalidSignatureException", 400));
    assert_eq!(
        early.message,
        "Signature not yet current: 20181017T093750Z is still later than 20181017T093639Z (20181017T093139Z + 5 min.)"
    );
}

#[test]
fn s3_shows_what_it_signed() {
    let mismatch = Mismatch {
        access_key_id: "AKID".to_owned(),
        signature: "00".to_owned(),
        string_to_sign: "AB".to_owned(),
        canonical_request: Some("C".to_owned()),
    };
    let answer = answer(&ErrorKind::SignatureMismatch(Box::new(mismatch)), "s3", Protocol::RestXml);
    assert_eq!((answer.code, answer.status), ("SignatureDoesNotMatch", 403));
    let members: Vec<_> = answer.members.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        members,
        [
            ("AWSAccessKeyId", "AKID"),
            ("StringToSign", "AB"),
            ("SignatureProvided", "00"),
            ("StringToSignBytes", "41 42"),
            ("CanonicalRequest", "C"),
            ("CanonicalRequestBytes", "43"),
        ]
    );
}

#[test]
fn scopes_are_answered_by_their_place() {
    let wrong = |location| ErrorKind::WrongScopeRegion {
        given: "us-east-1".to_owned(),
        expected: "eu-central-1".to_owned(),
        location,
    };
    let header = answer(&wrong(Location::Header), "s3", Protocol::RestXml);
    assert_eq!((header.code, header.status), ("AuthorizationHeaderMalformed", 400));
    assert_eq!(
        header.message,
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"
    );
    assert_eq!(header.members, [("Region", "eu-central-1".to_owned())]);
    let query = answer(&wrong(Location::Query), "s3", Protocol::RestXml);
    assert_eq!((query.code, query.status), ("AuthorizationQueryParametersError", 400));
    let iam = answer(&wrong(Location::Header), "iam", Protocol::Query);
    assert_eq!((iam.code, iam.status), ("SignatureDoesNotMatch", 403));
    assert_eq!(iam.message, "Credential should be scoped to a valid region, not 'us-east-1'. ");
}

#[test]
fn expired_sessions_and_missing_signatures_are_answered_by_family() {
    let expired = ErrorKind::ExpiredToken("token".to_owned());
    for (service, protocol, code, missing) in [
        ("sts", Protocol::Query, ("ExpiredToken", 403), ("MissingAuthenticationToken", 403)),
        ("dynamodb", Protocol::Json, ("ExpiredTokenException", 400), ("MissingAuthenticationTokenException", 400)),
        ("lambda", Protocol::RestJson, ("ExpiredTokenException", 403), ("MissingAuthenticationTokenException", 403)),
        ("ec2", Protocol::Ec2, ("RequestExpired", 400), ("MissingParameter", 400)),
        ("s3", Protocol::RestXml, ("ExpiredToken", 400), ("AccessDenied", 403)),
    ] {
        assert_eq!(short(&expired, service, protocol), code, "{service}");
        assert_eq!(short(&ErrorKind::MissingToken, service, protocol), missing, "{service}");
    }
    assert_eq!(answer(&expired, "s3", Protocol::RestXml).members, [("Token-0", "token".to_owned())]);
}

#[test]
fn expired_urls_show_their_times() {
    let time = |text: &str| crate::time::parse_basic(text).unwrap_or_default();
    let (timestamp, now) = (time("20170720T041345Z"), time("20170720T041855Z"));
    let expired = ErrorKind::PresignedExpired { timestamp, expires: Duration::from_secs(300), now };
    let answer = answer(&expired, "s3", Protocol::RestXml);
    assert_eq!((answer.code, answer.status, answer.message.as_str()), ("AccessDenied", 403, "Request has expired"));
    let members =
        [("X-Amz-Expires", "300"), ("Expires", "2017-07-20T04:18:45Z"), ("ServerTime", "2017-07-20T04:18:55Z")];
    assert_eq!(answer.members, members.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn headers_that_are_no_pairs_are_quoted() {
    let pair = "/20150620/us-east-1/cloudformation/aws4_request".to_owned();
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIA /20150620/us-east-1/cloudformation/aws4_request".to_owned();
    let kind = ErrorKind::MalformedPair { pair, authorization };
    let answer = answer(&kind, "cloudformation", Protocol::Query);
    assert_eq!((answer.code, answer.status), ("IncompleteSignature", 400));
    assert_eq!(
        answer.message,
        "'/20150620/us-east-1/cloudformation/aws4_request' not a valid key=value pair (missing equal-sign) in \
         Authorization header: 'AWS4-HMAC-SHA256 Credential=AKIA /20150620/us-east-1/cloudformation/aws4_request'."
    );
}
