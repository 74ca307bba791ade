//! The parts together: parse, decide, explain.
#![allow(clippy::unwrap_used)]

use welkin_policy::*;

#[test]
fn a_user_with_a_policy() {
    let document = Document::parse(
        r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"Own","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::home/${aws:username}/*"},
            {"Sid":"NoLogs","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"s3:prefix":"log*"}}}]}"#,
        DocumentKind::Identity,
    )
    .unwrap();
    let policy = Attached { id: "home", kind: DocumentKind::Identity, document: &document };
    let principal = PrincipalFacts::user("111122223333", "arn:aws:iam::111122223333:user/ann", "AIDAANN");
    let policies = Policies { identity: &[policy], ..Policies::default() };
    let decide = |resource: &str, context: MapContext| {
        let request = Request {
            principal: &principal,
            action: "s3:getobject",
            resource,
            alias: None,
            resource_account: None,
            context: &context,
        };
        explain(&request, &policies)
    };
    let ann = MapContext::new().with("aws:username", "ann");
    let allowed = decide("arn:aws:s3:::home/ann/x/y", ann.clone());
    assert_eq!(allowed.outcome, Outcome::Allow);
    assert_eq!(allowed.by.unwrap().sid.as_deref(), Some("Own"));
    let other = decide("arn:aws:s3:::home/bob/x", ann.clone());
    assert_eq!(
        other.message(principal.name(), "s3:GetObject", "arn:aws:s3:::home/bob/x"),
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:GetObject on resource: \
         arn:aws:s3:::home/bob/x because no identity-based policy allows the s3:GetObject action"
    );
    let denied = decide("arn:aws:s3:::home/ann/x", ann.with("s3:prefix", "logs/"));
    assert_eq!(denied.outcome, Outcome::ExplicitDeny);
    let reason = denied.by.clone().unwrap();
    assert!(document.source()[reason.span].starts_with(r#"{"Sid":"NoLogs""#));
    assert!(denied.message("u", "a:b", "").ends_with("a:b with an explicit deny in an identity-based policy"));
    assert!(denied.keys.iter().any(|used| used.key == "s3:prefix" && used.values == Some(vec!["logs/".into()])));
    let again: Decision = serde_json::from_str(&serde_json::to_string(&denied).unwrap()).unwrap();
    assert_eq!(again, denied);
}
