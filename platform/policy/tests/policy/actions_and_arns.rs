//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use super::scene::{parse, user};
use welkin_policy::*;

#[test]
fn actions() {
    for (pattern, action, expected) in [
        ("*", "s3:GetObject", true),
        ("s3:*", "s3:GetObject", true),
        ("S3:getobject", "s3:GetObject", true),
        ("s3:Get*", "s3:GetObject", true),
        ("s3:Get*", "s3:PutObject", false),
        ("s3:*Object", "s3:GetObject", true),
        ("s3:*Object", "s3:GetObjectAcl", false),
        ("iam:*AccessKey*", "iam:CreateAccessKey", true),
        ("iam:*AccessKey*", "iam:GetAccessKeyLastUsed", true),
        ("s3:?etObject", "s3:GetObject", true),
        ("s3:?GetObject", "s3:GetObject", false),
        ("s3:", "s3:GetObject", false),
        ("s3*", "s3:GetObject", true),
        ("s3-outposts:*", "s3:GetObject", false),
        ("*:*", "s3:GetObject", true),
        ("", "", true),
        ("", "s3:GetObject", false),
    ] {
        assert_eq!(matches_action(pattern, action), expected, "{pattern} {action}");
    }
}

#[test]
fn resources() {
    for (pattern, arn, expected) in [
        ("*", "*", true),
        ("*", "arn:aws:s3:::bucket/a:b/c", true),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket", true),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::Bucket", false),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", true),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false),
        ("arn:aws:s3:::bucket/*/c", "arn:aws:s3:::bucket/a:x/b/c", true),
        ("arn:aws:s3:::b?cket", "arn:aws:s3:::bücket", true),
        ("arn:aws:s3:::*log*", "arn:aws:s3:::carlossalazar-logs", true),
        ("arn:aws:sqs:*:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:sqs:eu-*-1:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:sqs:eu-west-?:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        // Within a field neither runs on beyond its colon …
        ("arn:aws:sqs:e*1:111122223333:q", "arn:aws:sqs:eu:west-1:111122223333:q", false),
        ("arn:aws:sqs:eu?west:1:q", "arn:aws:sqs:eu:west:1:q", false),
        // … but a * that ends a field may.
        ("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:sqs:eu-west-1:*", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:*", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:*:s3:::bucket", "arn:aws-cn:s3:::bucket", true),
        (
            "arn:aws:logs:*:*:log-group:/app/*:log-stream:*",
            "arn:aws:logs:eu-west-1:1:log-group:/app/x:log-stream:a:b",
            true,
        ),
        ("arn:aws:logs:*:*:log-group:/app/?:*", "arn:aws:logs:eu-west-1:1:log-group:/app/xy:z", false),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", true),
        ("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:user/x", false),
        ("", "", true),
        ("", "*", false),
        // In a pattern outside a policy of version 2012 a variable is text.
        ("arn:aws:s3:::${aws:username}", "arn:aws:s3:::${aws:username}", true),
    ] {
        assert_eq!(matches_arn(pattern, arn), expected, "{pattern} {arn}");
    }
}

#[test]
fn fields_of_arns() {
    for (pattern, arn, expected) in [
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b", true),
        ("arn:*:*:*:*:*", "arn:aws:s3:::bucket", true),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:111122223333:q", false),
        ("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:sqs", "arn:aws:sqs:eu-west-1:111122223333:q", true),
        ("arn:aws:sns", "arn:aws:sqs:eu-west-1:111122223333:q", false),
        ("arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:role/a/b", true),
        ("arn:aws:iam::123456789012:role/*", "role/a", false),
        ("arn:aws:s3:*bucket", "arn:aws:s3:::bucket", false),
    ] {
        assert_eq!(matches_arn_like(pattern, arn), expected, "{pattern} {arn}");
    }
}

#[test]
fn not_action_and_not_resource() {
    let decide = |element: &str, action: &str, resource: &str| {
        let document = parse(&format!(r#"{{"Statement":{{"Effect":"Allow",{element}}}}}"#), DocumentKind::Identity);
        let policy = Attached { id: "p", kind: DocumentKind::Identity, document: &document };
        let (principal, context) = (user(), MapContext::new());
        let request =
            Request { principal: &principal, action, resource, alias: None, resource_account: None, context: &context };
        evaluate(&request, &Policies { identity: &[policy], ..Policies::default() }).is_allowed()
    };
    let not_action = r#""NotAction":["iam:*","sts:Get*"],"Resource":"*""#;
    assert!(decide(not_action, "s3:GetObject", "*"));
    assert!(!decide(not_action, "iam:CreateUser", "*"));
    assert!(!decide(not_action, "STS:GetCallerIdentity", "*"));
    let not_resource = r#""Action":"*","NotResource":["arn:aws:s3:::a","arn:aws:s3:::a/*"]"#;
    assert!(decide(not_resource, "s3:GetObject", "arn:aws:s3:::b/x"));
    assert!(!decide(not_resource, "s3:GetObject", "arn:aws:s3:::a/x"));
}

#[test]
fn an_alias_is_a_name_for_callers_and_none_for_the_resource() {
    let bucket = "arn:aws:s3:::b/k";
    let point = "arn:aws:s3:us-east-1:111122223333:accesspoint/p/object/k";
    let decide = |kind: DocumentKind, statements: &str, alias: Option<&str>| {
        let document = parse(&format!(r#"{{"Statement":[{statements}]}}"#), kind);
        let policy = Attached { id: "p", kind, document: &document };
        let (principal, context) = (user(), MapContext::new());
        let (action, resource_account) = ("s3:GetObject", None);
        let request =
            Request { principal: &principal, action, resource: bucket, alias, resource_account, context: &context };
        let policies = match kind {
            DocumentKind::Identity => Policies { identity: &[policy], ..Policies::default() },
            _ => Policies { resource: Some(policy), ..Policies::default() },
        };
        evaluate(&request, &policies).is_allowed()
    };
    let statement = |effect: &str, rest: &str, resource: &str| {
        format!(r#"{{"Effect":"{effect}",{rest}"Action":"s3:*","Resource":"{resource}"}}"#)
    };
    let own = |resource: &str| statement("Allow", "", resource);
    assert!(decide(DocumentKind::Identity, &own(point), Some(point)));
    assert!(decide(DocumentKind::Identity, &own(bucket), Some(point)));
    assert!(!decide(DocumentKind::Identity, &own(point), None));
    let denied = [own(point), statement("Deny", "", bucket)].join(",");
    assert!(!decide(DocumentKind::Identity, &denied, Some(point)));
    let only_point = format!(r#"{},{{"Effect":"Deny","Action":"*","NotResource":"{point}"}}"#, own(point));
    assert!(decide(DocumentKind::Identity, &only_point, Some(point)));
    let everyone = r#""Principal":"*","#;
    assert!(decide(DocumentKind::Resource, &statement("Allow", everyone, bucket), Some(point)));
    assert!(!decide(DocumentKind::Resource, &statement("Allow", everyone, point), Some(point)));
}
