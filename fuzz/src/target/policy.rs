//! IAM policy documents: parsed as every kind, then evaluated and explained.

use welkin_policy::{
    Attached, Document, DocumentKind, MapContext, Policies, PrincipalFacts, Request, evaluate, explain,
};

use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Documents;

const STATEMENTS: &[&str] = &[
    r#"{"Sid":"One","Effect":"Allow","Action":["s3:Get*","s3:List?ucket"],"Resource":"arn:aws:s3:::b/${aws:username}/*"}"#,
    r#"{"Effect":"Deny","NotAction":"iam:*","NotResource":["arn:aws:s3:::b"],"Condition":{"StringNotLikeIfExists":{"aws:PrincipalTag/team":["a*","?b"]}}}"#,
    r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]},"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"},"NumericLessThanEquals":{"s3:max-keys":"10"},"Bool":{"aws:SecureTransport":true},"Null":{"aws:TokenIssueTime":"false"}}}"#,
    r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"},"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:t*"},"BinaryEquals":{"aws:k":"QmluYXJ5"}}}"#,
    r#"{"Effect":"Allow","Principal":{"AWS":["111111111111","arn:aws:iam::111111111111:user/u"],"Service":"sqs.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
    r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"s3:*","Resource":"*"}"#,
];

const KINDS: [DocumentKind; 4] =
    [DocumentKind::Identity, DocumentKind::Resource, DocumentKind::Trust, DocumentKind::Scp];

impl Target for Documents {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let named = chance.one_in(3);
        let from = if named { &STATEMENTS[4..] } else { &STATEMENTS[..4] };
        let count = 1 + chance.below(4);
        let mut statements: Vec<&str> = (0..count).map(|_| *chance.pick(from)).collect();
        // A Sid stands once.
        statements.sort_unstable();
        statements.dedup();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")).into_bytes().into()
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let mut refused = String::new();
        let mut parsed = false;
        for kind in KINDS {
            match Document::parse(&text, kind) {
                Ok(document) => {
                    parsed = true;
                    decide(&document, kind);
                }
                Err(diagnostics) => refused = diagnostics.to_string(),
            }
        }
        if parsed { Ok(()) } else { Err(refused) }
    }
}

fn decide(document: &Document, kind: DocumentKind) {
    let context = MapContext::new()
        .with("aws:username", "u*?${aws:username}")
        .with("aws:SourceIp", "10.1.2.3")
        .with("aws:CurrentTime", "2026-01-01T00:00:00Z")
        .with_all("aws:TagKeys", ["a", "b"]);
    let principal = PrincipalFacts::user("111111111111", "arn:aws:iam::111111111111:user/u", "AIDAEXAMPLE");
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/u/key",
        alias: None,
        resource_account: None,
        context: &context,
    };
    let attached = [Attached { id: "p", kind, document }];
    let policies = match kind {
        DocumentKind::Identity => Policies { identity: &attached, ..Policies::default() },
        _ => Policies { resource: attached.first().copied(), ..Policies::default() },
    };
    let decision = evaluate(&request, &policies);
    assert_eq!(decision.outcome, explain(&request, &policies).outcome, "an explanation decides as the evaluation");
    drop(document.context_keys());
    assert!(document.size() <= document.source().len());
}
