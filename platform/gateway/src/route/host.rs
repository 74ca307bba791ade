//! What the host name of a request says of where it goes.
//!
//! Clients that override only DNS send the names of AWS (`sqs.us-east-1.amazonaws.com`,
//! `bucket.s3.us-west-2.amazonaws.com`); others put the same labels in front of a local name
//! (`bucket.s3.localhost`), or a bucket alone (`bucket.localhost`).
//! <https://docs.aws.amazon.com/general/latest/gr/rande.html>

use welkin_model::by_endpoint_prefix;

use crate::local_names::{LocalNames, host_of, is_address, strip_domain};

/// Domains under which AWS's end points stand.
const AWS: [&str; 5] = ["amazonaws.com", "amazonaws.com.cn", "api.aws", "api.amazonwebservices.com.cn", "amazonaws.eu"];

/// What a host name says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Host<'a> {
    /// Which end point it is.
    pub(super) endpoint: Option<Endpoint<'a>>,
    /// What stands in front of the end point: a bucket, an account, a host prefix.
    pub(super) front: &'a str,
    /// All that stands in front of a local name, `bucket.s3` as well as `bucket`; `""` for other hosts.
    pub(super) labels: &'a str,
    /// Region in the name.
    pub(super) region: Option<&'a str>,
}

/// An end point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    /// S3, whose front is a bucket.
    S3,
    /// S3's directory buckets: `s3express-control`, whose front is a bucket as well.
    S3ExpressControl,
    /// S3's web sites, whose front is a bucket.
    S3Website,
    /// S3 Control, whose front is an account.
    S3Control,
    /// S3 Object Lambda, whose front is a route.
    S3ObjectLambda,
    /// The end point with that prefix in the model.
    Prefix(&'a str),
}

/// Reads a `host` header.
pub(super) fn read<'a>(authority: &'a str, names: &LocalNames) -> Host<'a> {
    let host = host_of(authority);
    if let Some(labels) = names.prefix(host) {
        return if labels.is_empty() { Host::default() } else { Host { labels, ..read_labels(labels) } };
    }
    if is_address(host) {
        return Host::default();
    }
    AWS.iter().find_map(|domain| strip_domain(host, domain)).map(read_labels).unwrap_or_default()
}

/// Reads what stands in front of the domain: `[front.]service[.dualstack][.region]`.
fn read_labels(labels: &str) -> Host<'_> {
    let (service, region) = split_region(labels);
    let service = service.strip_suffix(".dualstack").unwrap_or(service);
    let (front, last) = service.rsplit_once('.').unwrap_or(("", service));
    if let Some((endpoint, dashed)) = read_s3(last) {
        return Host { endpoint: Some(endpoint), front, labels: "", region: region.or(dashed) };
    }
    if let Some((front, prefix)) = find_prefix(service) {
        return Host { endpoint: Some(Endpoint::Prefix(prefix)), front, labels: "", region };
    }
    Host { endpoint: None, front: service, labels: "", region }
}

/// Takes the last label that is a Region: what follows it (`vpce`) says nothing; what precedes it
/// is the service, except in old names that begin with the Region (`us-east-1.queue`).
fn split_region(labels: &str) -> (&str, Option<&str>) {
    let mut end = labels.len();
    while let Some(rest) = labels.get(..end) {
        let start = rest.rfind('.').map_or(0, |dot| dot.saturating_add(1));
        let label = rest.get(start..).unwrap_or_default();
        if is_region(label) {
            let service = match start {
                0 => labels.get(end.saturating_add(1)..),
                _ => labels.get(..start.saturating_sub(1)),
            };
            return (service.unwrap_or_default(), Some(label));
        }
        if start == 0 {
            break;
        }
        end = start.saturating_sub(1);
    }
    (labels, None)
}

/// Whether a label has the form of a Region: `us-east-1`, `us-gov-west-1`, `mx-central-1`.
fn is_region(label: &str) -> bool {
    let Some((area, number)) = label.rsplit_once('-') else { return false };
    let Some((country, rest)) = area.split_once('-') else { return false };
    (2..=4).contains(&country.len())
        && matches!(number.as_bytes(), [b'1'..=b'9'])
        && country.bytes().chain(rest.bytes()).all(|b| b.is_ascii_lowercase() || b == b'-')
        && DIRECTIONS.iter().any(|direction| rest.ends_with(direction))
}

/// Every Region's name ends so; buckets and services that look like Regions otherwise do not.
const DIRECTIONS: [&str; 5] = ["east", "west", "north", "south", "central"];

/// S3's labels: `s3`, `s3-fips`, `s3-us-west-2`, `s3express-use1-az4`, `s3-website-eu-west-1`, ….
fn read_s3(label: &str) -> Option<(Endpoint<'_>, Option<&str>)> {
    let rest = label.strip_prefix("s3")?;
    if let Some(rest) = rest.strip_prefix("-website") {
        let region = rest.strip_prefix('-').filter(|region| is_region(region));
        return (rest.is_empty() || region.is_some()).then_some((Endpoint::S3Website, region));
    }
    let rest = rest.strip_suffix("-fips").unwrap_or(rest);
    Some(match rest {
        "" | "-accelerate" | "-accesspoint" | "-outposts" | "-external-1" | "-global" => (Endpoint::S3, None),
        "-control" => (Endpoint::S3Control, None),
        "-object-lambda" => (Endpoint::S3ObjectLambda, None),
        "express-control" => (Endpoint::S3ExpressControl, None),
        _ if rest.starts_with("express-") => (Endpoint::S3, None),
        _ => {
            let region = rest.strip_prefix('-').filter(|region| is_region(region))?;
            (Endpoint::S3, Some(region))
        }
    })
}

/// Prefixes that clients glue to an end point's name with a hyphen: `sync-states`.
const GLUED: [&str; 10] = [
    "sync-",
    "data-",
    "query-",
    "stream-",
    "runtime-",
    "control-storage-",
    "analytics-",
    "workflows-",
    "storage-",
    "tags-",
];

/// Finds the longest end of `service` that the model knows as an end point's prefix.
fn find_prefix(service: &str) -> Option<(&str, &str)> {
    let service = service.strip_suffix("-fips").unwrap_or(service);
    let starts = std::iter::once(0).chain(service.match_indices('.').map(|(dot, _)| dot.saturating_add(1)));
    for start in starts {
        let tail = service.get(start..)?;
        let plain = GLUED.iter().find_map(|glued| tail.strip_prefix(glued));
        if let Some(prefix) = [Some(tail), plain].into_iter().flatten().find_map(known) {
            return Some((service.get(..start.saturating_sub(1)).unwrap_or_default(), prefix));
        }
    }
    None
}

/// SQS's old name.
const OLD_SQS: &str = "queue";

fn known(name: &str) -> Option<&str> {
    let name = if name == OLD_SQS { "sqs" } else { name };
    by_endpoint_prefix(name).next().map(|_| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let names = LocalNames::default();
        let s3 = Some(Endpoint::S3);
        let prefix = |name| Some(Endpoint::Prefix(name));
        let express = "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com";
        let control = "123456789012.s3-control.us-east-1.amazonaws.com";
        for (authority, endpoint, front, region) in [
            ("localhost:4566", None, "", None),
            ("127.0.0.1:4566", None, "", None),
            ("[::1]", None, "", None),
            ("welkin:4566", None, "", None),
            ("sqs.us-east-1.amazonaws.com", prefix("sqs"), "", Some("us-east-1")),
            ("us-west-2.queue.amazonaws.com", prefix("sqs"), "", Some("us-west-2")),
            ("iam.amazonaws.com", prefix("iam"), "", None),
            ("api.ecr.eu-west-1.amazonaws.com", prefix("api.ecr"), "", Some("eu-west-1")),
            ("sync-states.us-east-1.amazonaws.com", prefix("states"), "", Some("us-east-1")),
            ("kms-fips.us-gov-west-1.amazonaws.com", prefix("kms"), "", Some("us-gov-west-1")),
            ("lambda.us-east-1.api.aws", prefix("lambda"), "", Some("us-east-1")),
            ("sqs.cn-north-1.amazonaws.com.cn", prefix("sqs"), "", Some("cn-north-1")),
            ("s3.amazonaws.com", s3, "", None),
            ("my.bucket.s3.us-west-2.amazonaws.com:443", s3, "my.bucket", Some("us-west-2")),
            ("bucket.s3-us-west-2.amazonaws.com", s3, "bucket", Some("us-west-2")),
            ("bucket.s3.dualstack.us-west-2.amazonaws.com", s3, "bucket", Some("us-west-2")),
            ("bucket.s3-accelerate.amazonaws.com", s3, "bucket", None),
            (express, s3, "b--use1-az4--x-s3", Some("us-east-1")),
            ("s3express-control.us-east-1.amazonaws.com", Some(Endpoint::S3ExpressControl), "", Some("us-east-1")),
            (control, Some(Endpoint::S3Control), "123456789012", Some("us-east-1")),
            ("bucket.s3.localhost:4566", s3, "bucket", None),
            ("bucket.s3.us-east-1.localhost.localstack.cloud", s3, "bucket", Some("us-east-1")),
            ("s3.localhost", s3, "", None),
            ("my.bucket.localhost:4566", None, "my.bucket", None),
            ("sqs.localhost", prefix("sqs"), "", None),
            ("api.iotsitewise.us-east-1.amazonaws.com", prefix("iotsitewise"), "api", Some("us-east-1")),
            ("s3.evil.example", None, "", None),
            ("", None, "", None),
            (".localhost", None, "", None),
        ] {
            let read = read(authority, &names);
            assert_eq!((read.endpoint, read.front, read.region), (endpoint, front, region), "{authority}");
        }
    }
}
