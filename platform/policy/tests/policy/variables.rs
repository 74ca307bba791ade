//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use super::scene::{applies, parse, user};
use welkin_policy::*;

fn decide(effect: &str, version: &str, element: &str, pattern: &str, resource: &str, context: &MapContext) -> Outcome {
    let json = format!(
        r#"{{"Version":"{version}","Statement":[{{"Effect":"{effect}","Action":"*","{element}":"{pattern}"}}]}}"#
    );
    let document = parse(&json, DocumentKind::Identity);
    let policy = Attached { id: "p", kind: DocumentKind::Identity, document: &document };
    let principal = user();
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource,
        alias: None,
        resource_account: None,
        context,
    };
    evaluate(&request, &Policies { identity: &[policy], ..Policies::default() }).outcome
}

#[test]
fn in_resources() {
    let context = MapContext::new()
        .with("aws:username", "ann")
        .with("aws:PrincipalTag/team", "a*b")
        .with_all("aws:TagKeys", ["x", "y"]);
    for (pattern, resource, expected) in [
        ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ann/x", true),
        ("arn:aws:s3:::home/${AWS:UserName}/*", "arn:aws:s3:::home/ann/x", true),
        ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/bob/x", false),
        ("arn:aws:sqs:*:*:${aws:username}-queue", "arn:aws:sqs:us-east-2:1:ann-queue", true),
        // No value, no default: nothing matches.
        ("arn:aws:s3:::home/${aws:userid}", "arn:aws:s3:::home/", false),
        ("arn:aws:s3:::home/${aws:userid}", "arn:aws:s3:::home/${aws:userid}", false),
        ("arn:aws:s3:::home/${aws:userid, 'anonymous'}", "arn:aws:s3:::home/anonymous", true),
        ("arn:aws:s3:::home/${aws:username, 'anonymous'}", "arn:aws:s3:::home/ann", true),
        ("arn:aws:s3:::home/${aws:userid, 'a}b'}/*", "arn:aws:s3:::home/a}b/c", true),
        ("arn:aws:s3:::home/${aws:userid,''}x", "arn:aws:s3:::home/x", true),
        // The value is literal text.
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}", "arn:aws:s3:::home/a*b", true),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team}", "arn:aws:s3:::home/axb", false),
        // Only single-valued keys can be variables.
        ("arn:aws:s3:::home/${aws:TagKeys}", "arn:aws:s3:::home/x", false),
        // The escapes.
        ("arn:aws:s3:::home/${*}", "arn:aws:s3:::home/*", true),
        ("arn:aws:s3:::home/${*}", "arn:aws:s3:::home/x", false),
        ("arn:aws:s3:::home/${?}", "arn:aws:s3:::home/?", true),
        ("arn:aws:s3:::home/${?}", "arn:aws:s3:::home/x", false),
        ("arn:aws:s3:::home/${$}{x}", "arn:aws:s3:::home/${x}", true),
        ("arn:aws:s3:::home/${", "arn:aws:s3:::home/${", true),
        // Not before the fifth colon.
        ("arn:aws:sqs:eu-west-1:${aws:username}:q", "arn:aws:sqs:eu-west-1:ann:q", false),
    ] {
        let outcome = decide("Allow", "2012-10-17", "Resource", pattern, resource, &context);
        assert_eq!(outcome == Outcome::Allow, expected, "{pattern} {resource}");
    }
}

/// "If you don't include the Version element … variables are treated as literal strings."
#[test]
fn only_in_version_2012() {
    let context = MapContext::new().with("aws:username", "ann");
    let pattern = "arn:aws:s3:::home/${aws:username}";
    for (resource, expected) in
        [("arn:aws:s3:::home/ann", Outcome::ImplicitDeny), ("arn:aws:s3:::home/${aws:username}", Outcome::Allow)]
    {
        assert_eq!(decide("Allow", "2008-10-17", "Resource", pattern, resource, &context), expected);
    }
    let missing = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(parse(missing, DocumentKind::Identity).version(), Version::V2008);
}

/// A variable without value fails closed: it widens no `Allow` and weakens no `Deny`.
#[test]
fn unresolved_fails_closed() {
    let context = MapContext::new().with("test:key", "x");
    let pattern = "arn:aws:s3:::home/${aws:username}";
    let resource = "arn:aws:s3:::home/ann";
    assert_eq!(decide("Allow", "2012-10-17", "NotResource", pattern, resource, &context), Outcome::ImplicitDeny);
    assert_eq!(decide("Deny", "2012-10-17", "NotResource", pattern, resource, &context), Outcome::ExplicitDeny);
    for operator in ["StringNotEquals", "StringNotLike", "StringNotEqualsIfExists", "ForAllValues:StringNotEquals"] {
        let condition = format!(r#"{{"{operator}":{{"test:key":"${{aws:username}}"}}}}"#);
        assert!(!applies("Allow", &condition, &context), "{condition}");
        assert!(applies("Deny", &condition, &context), "{condition}");
    }
}

#[test]
fn in_conditions() {
    let context = MapContext::new()
        .with("aws:username", "ann")
        .with("aws:PrincipalArn", "arn:aws:iam::111122223333:user/ann")
        .with("aws:PrincipalTag/team", "Red")
        .with("aws:ResourceTag/team", "red")
        .with("aws:SecureTransport", "true")
        .with("s3:prefix", "home/ann/x")
        .with("s3:max-keys", "10");
    for (condition, expected) in [
        (r#"{"StringLike":{"s3:prefix":["","home/${aws:username}/*"]}}"#, true),
        (r#"{"StringLike":{"s3:prefix":"home/${aws:userid}/*"}}"#, false),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#, false),
        (r#"{"StringEqualsIgnoreCase":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/unit, 'red'}"}}"#, true),
        (r#"{"StringNotEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#, true),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:username}"}}"#, true),
        (r#"{"ArnEquals":{"aws:PrincipalArn":"${aws:PrincipalArn}"}}"#, true),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:userid}"}}"#, false),
        (r#"{"Bool":{"aws:SecureTransport":"${aws:SecureTransport}"}}"#, true),
        // Numeric, date, binary, address and null operators take no variables.
        (r#"{"NumericEquals":{"s3:max-keys":"${s3:max-keys}"}}"#, false),
    ] {
        assert_eq!(applies("Allow", condition, &context), expected, "{condition}");
    }
}
