//! When a bucket policy is public.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::policy::{statements, texts};

/// Whether a policy grants access to more than a fixed set of principals, networks or resources.
///
/// A policy is taken to be public until each of its grants is seen not to be.
pub(crate) fn is_public(policy: &Value) -> bool {
    statements(policy).iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && has_open_principal(statement)
            && !is_limited(statement.get("Condition"))
    })
}

/// Whether the principals of a statement are not fixed.
fn has_open_principal(statement: &Value) -> bool {
    match statement.get("Principal") {
        Some(Value::String(text)) => text == "*",
        Some(Value::Object(kinds)) => {
            kinds.iter().any(|(kind, names)| kind != "Service" && texts(Some(names)).any(|name| name.contains('*')))
        }
        // NotPrincipal grants to all others.
        _ => true,
    }
}

/// Whether a condition limits a statement to fixed values of one of the keys that count.
fn is_limited(condition: Option<&Value>) -> bool {
    let Some(Value::Object(operators)) = condition else { return false };
    operators.iter().any(|(operator, keys)| {
        let Value::Object(keys) = keys else { return false };
        keys.iter().any(|(key, values)| limits(operator, &key.to_ascii_lowercase(), values))
    })
}

/// Keys whose fixed values make a statement not public.
const FIXED: [&str; 15] = [
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceorgid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointaccount",
];

fn limits(operator: &str, key: &str, values: &Value) -> bool {
    let mut values = texts(Some(values)).peekable();
    if values.peek().is_none() {
        return false;
    }
    // With IfExists or a set operator the key may be missing, and the statement is open.
    if operator.ends_with("IfExists") || operator.starts_with("ForAllValues:") {
        return false;
    }
    let operator = operator.strip_prefix("ForAnyValue:").unwrap_or(operator);
    match operator {
        "IpAddress" => key == "aws:sourceip" && values.all(is_narrow),
        "StringEquals" | "StringEqualsIgnoreCase" | "ArnEquals" | "StringLike" | "ArnLike" => {
            (FIXED.contains(&key) || key == "s3:dataaccesspointarn") && values.all(|value| is_fixed(key, value))
        }
        _ => false,
    }
}

/// Whether a value has neither wildcards nor variables, where the key does not permit some.
fn is_fixed(key: &str, value: &str) -> bool {
    if value.contains("${") {
        return false;
    }
    match key {
        // Any session of a fixed role.
        "aws:userid" => !value.strip_suffix(":*").unwrap_or(value).contains(['*', '?']),
        // An access point of a fixed account, whatever its name.
        "s3:dataaccesspointarn" => {
            !value.rsplit_once(":accesspoint/").map_or(value, |(arn, _)| arn).contains(['*', '?'])
        }
        "aws:sourcearn" | "aws:principalarn" => {
            // The account is what must be fixed in an ARN.
            let account = value.split(':').nth(4).unwrap_or_default();
            !value.contains(['*', '?']) || account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
        }
        _ => !value.contains(['*', '?']),
    }
}

/// Whether a range of addresses is narrower than /8 (IPv4) or /32 (IPv6); private ranges count as narrow.
fn is_narrow(cidr: &str) -> bool {
    let (address, length) = match cidr.split_once('/') {
        Some((address, length)) => (address, length.parse::<u32>().ok()),
        None => (cidr, Some(u32::MAX)),
    };
    let Some(length) = length else { return false };
    if let Ok(address) = address.parse::<Ipv4Addr>() {
        return length >= 8 || address.is_private();
    }
    address.parse::<Ipv6Addr>().is_ok() && length >= 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn public(principal: Value, condition: Value) -> bool {
        let mut statement =
            json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*" });
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        is_public(&json!({ "Statement": statement }))
    }

    #[test]
    fn a_fixed_principal_is_not_public() {
        assert!(public(json!("*"), Value::Null));
        assert!(public(json!({ "AWS": "*" }), Value::Null));
        assert!(public(json!({ "AWS": ["arn:aws:iam::111122223333:root", "*"] }), Value::Null));
        assert!(!public(json!({ "AWS": "arn:aws:iam::111122223333:root" }), Value::Null));
        assert!(!public(json!({ "Service": "cloudtrail.amazonaws.com" }), Value::Null));
        assert!(is_public(&json!({ "Statement": [{ "Effect": "Allow", "NotPrincipal": { "AWS": "1" } }] })));
        assert!(!is_public(&json!({ "Statement": [{ "Effect": "Deny", "Principal": "*" }] })));
    }

    #[test]
    fn a_condition_on_fixed_values_is_not_public() {
        for condition in [
            json!({ "StringEquals": { "aws:SourceVpc": "vpc-91237329" } }),
            json!({ "StringEquals": { "aws:PrincipalOrgID": ["o-1", "o-2"] } }),
            json!({ "IpAddress": { "aws:SourceIp": "54.240.143.0/24" } }),
            json!({ "IpAddress": { "aws:SourceIp": ["2001:db8::/32", "10.0.0.0/8"] } }),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*" } }),
            json!({ "StringLike": { "aws:userid": "AROAEXAMPLE:*" } }),
        ] {
            assert!(!public(json!("*"), condition.clone()), "{condition}");
        }
        for condition in [
            json!({ "StringLike": { "aws:SourceVpc": "vpc-*" } }),
            json!({ "StringEqualsIfExists": { "aws:SourceVpc": "vpc-1" } }),
            json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1" } }),
            json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/1" } }),
            json!({ "IpAddress": { "aws:SourceIp": "2001::/16" } }),
            json!({ "ArnLike": { "aws:SourceArn": "*" } }),
            json!({ "StringEquals": { "aws:Referer": "https://example.com" } }),
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
            json!({ "StringEquals": { "aws:SourceVpc": [] } }),
        ] {
            assert!(public(json!("*"), condition.clone()), "{condition}");
        }
    }
}
