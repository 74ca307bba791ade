//! Evaluations per second on one core, for a caller with ten statements.
//!
//! `cargo run --release -p welkin-policy --example throughput`
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use welkin_policy::{
    Attached, Document, DocumentKind, Level, MapContext, Outcome, Policies, PrincipalFacts, Request, evaluate,
};

const CALLER: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":["ec2:Describe*","ec2:StartInstances","ec2:StopInstances"],"Resource":"*"},
  {"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"},
  {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::home/${aws:username}/*"},
  {"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:111122223333:app-*"},
  {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
  {"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{
     "StringNotEquals":{"aws:RequestedRegion":["eu-central-1","us-east-1"]}}},
  {"Effect":"Allow","Action":"dynamodb:*Item","Resource":"arn:aws:dynamodb:*:*:table/*-prod"},
  {"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::*:user/${aws:username}"},
  {"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:*:*:log-group:/app/*:log-stream:*"},
  {"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:*:*:key/*","Condition":{
     "IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]},
     "DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"},
     "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/*"}}}]}"#;

const KEY: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
  {"Effect":"Deny","Principal":"*","Action":"kms:ScheduleKeyDeletion","Resource":"*"}]}"#;

const SCP: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// As those under which `welkin-bench authorization` measures.
const GUARD: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Deny","NotAction":["iam:*","organizations:*"],"Resource":"*","Condition":{
     "StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-central-1"]}}},
  {"Effect":"Deny","Action":["cloudtrail:Stop*","sqs:DeleteQueue"],"Resource":"*","Condition":{
     "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}}]}"#;

/// One of ten policies, of which the last allows.
fn policy(last: bool) -> String {
    let actions = if last {
        ["lambda:InvokeFunction", "sns:Publish", "sqs:GetQueueUrl"]
    } else {
        ["s3:Get*", "dynamodb:*Item", "logs:PutLogEvents"]
    };
    let statements = actions.map(|action| {
        format!(
            r#"{{"Effect":"Allow","Action":["{action}"],"Resource":["arn:aws:s3:::*","*"],"Condition":{{
            "StringEquals":{{"aws:RequestedRegion":["us-east-1","eu-central-1"]}}}}}}"#
        )
    });
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn main() {
    let caller = Document::parse(CALLER, DocumentKind::Identity).unwrap();
    let key = Document::parse(KEY, DocumentKind::Resource).unwrap();
    let scp = Document::parse(SCP, DocumentKind::Scp).unwrap();
    let identity = [Attached { id: "caller", kind: DocumentKind::Identity, document: &caller }];
    let full = [Attached { id: "FullAWSAccess", kind: DocumentKind::Scp, document: &scp }];
    let levels = ["r-root", "ou-1", "111122223333"].map(|id| Level { id, policies: &full });
    let alone = Policies { identity: &identity, ..Policies::default() };
    let whole = Policies {
        scps: &levels,
        resource: Some(Attached { id: "key", kind: DocumentKind::Resource, document: &key }),
        ..alone
    };
    let ten: Vec<_> =
        (0..10).map(|number| Document::parse(&policy(number == 9), DocumentKind::Identity).unwrap()).collect();
    let ten: Vec<_> = ten.iter().map(|document| Attached { id: "p", kind: DocumentKind::Identity, document }).collect();
    let guard = Document::parse(GUARD, DocumentKind::Scp).unwrap();
    let guarded = [full[0], Attached { id: "guard", kind: DocumentKind::Scp, document: &guard }];
    let guarded = ["r-root", "ou-1", "111122223333"].map(|id| Level { id, policies: &guarded });
    let burdened = Policies { identity: &ten, scps: &guarded, ..Policies::default() };
    let principal = PrincipalFacts::user("111122223333", "arn:aws:iam::111122223333:user/ann", "AIDAANN");
    let context = MapContext::new()
        .with("aws:username", "ann")
        .with("aws:SourceIp", "203.0.113.9")
        .with("aws:CurrentTime", "2026-11-20T10:00:00Z")
        .with("aws:PrincipalArn", "arn:aws:iam::111122223333:user/ann")
        .with("aws:RequestedRegion", "eu-central-1")
        .with("aws:SecureTransport", "true");
    for (name, policies, action, resource) in [
        ("first statement allows", &alone, "ec2:DescribeInstances", "*"),
        ("variable in the ARN", &alone, "s3:GetObject", "arn:aws:s3:::home/ann/report.csv"),
        ("last statement, three conditions", &alone, "kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/1"),
        ("same, key policy and three SCP levels", &whole, "kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/1"),
        (
            "last of ten policies, three levels of two SCPs",
            &burdened,
            "sqs:GetQueueUrl",
            "arn:aws:sqs:us-east-1:111122223333:q",
        ),
        ("nothing allows", &alone, "lambda:InvokeFunction", "arn:aws:lambda:eu-central-1:111122223333:function:f"),
    ] {
        let request =
            Request { principal: &principal, action, resource, alias: None, resource_account: None, context: &context };
        let wanted = if name == "nothing allows" { Outcome::ImplicitDeny } else { Outcome::Allow };
        assert_eq!(evaluate(&request, policies).outcome, wanted, "{name}");
        println!("{:>9.0} evaluations/s  {name}", rate(&request, policies));
    }
}

fn rate(request: &Request<'_>, policies: &Policies<'_>) -> f64 {
    let start = Instant::now();
    let mut count = 0u32;
    while start.elapsed() < Duration::from_millis(500) {
        for _ in 0..1000 {
            black_box(evaluate(black_box(request), black_box(policies)));
        }
        count += 1000;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}
