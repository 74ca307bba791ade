//! What the parser accepts, and every way to break the grammar with its place.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::scene::parse;
use welkin_policy::DocumentKind::{Boundary, Identity, Rcp, Resource, Scp, Session, Trust, VpcEndpoint};
use welkin_policy::{Diagnostic, DiagnosticCode as Code, Document, DocumentKind, Effect, PrincipalEntry, Version};

const SYNTAX: &str = "Syntax errors in policy.";
const ORGANIZATIONS: &str = "The provided policy document does not meet the requirements of the specified policy type.";

/// The policy with `⟦…⟧` around what the error is about, and code and message.
fn check(kind: DocumentKind, marked: &str, code: Code, message: &str) {
    let (before, rest) = marked.split_once('⟦').unwrap();
    let (inside, after) = rest.split_once('⟧').unwrap();
    let source = format!("{before}{inside}{after}");
    let found = Document::parse(&source, kind).expect_err(&source);
    let found: Vec<&Diagnostic> = found.iter().collect();
    assert_eq!(found.len(), 1, "{source}: {found:?}");
    assert_eq!((found[0].code, found[0].message.as_str()), (code, message), "{source}");
    assert_eq!(&source[found[0].span.clone()], inside, "{source}");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    assert_eq!((found[0].line, found[0].column), (line, column), "{source}");
}

#[test]
fn json() {
    for (marked, code) in [
        (r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow" ⟦"⟧Action":"*"}]}"#, Code::InvalidJson),
        ("{\"Statement\":\n  [{\"Effect\":\"Allow\",⟦,⟧}]}", Code::InvalidJson),
        ("⟦x⟧", Code::InvalidJson),
        ("{\"é\":⟦é⟧}", Code::InvalidJson),
        ("⟦⟧", Code::InvalidJson),
        (r#"{"Statement":{"Effect":"Allow",⟦"Effect"⟧:"Deny"}}"#, Code::DuplicateKey),
        (r#"{"Statement":[],⟦"Statement"⟧:[]}"#, Code::DuplicateKey),
        ("⟦[]⟧", Code::WrongType),
        ("⟦\"*\"⟧", Code::WrongType),
        (r#"{"Statement":⟦[]⟧}"#, Code::WrongType),
        (r#"{"Statement":⟦"x"⟧}"#, Code::WrongType),
        (r#"⟦{"Version":"2012-10-17"}⟧"#, Code::MissingField),
    ] {
        check(Identity, marked, code, SYNTAX);
    }
    check(Trust, "{⟦]⟧", Code::InvalidJson, "This policy contains invalid Json");
    check(Resource, "{⟦]⟧", Code::InvalidJson, "This policy contains invalid Json");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(Document::parse(&deep, Identity).unwrap_err().iter().next().unwrap().code, Code::InvalidJson);
    let large = format!(r#"{{"Id":"{}","Statement":[]}}"#, "x".repeat(300_000));
    assert_eq!(Document::parse(&large, Identity).unwrap_err().iter().next().unwrap().code, Code::TooLarge);
}

#[test]
fn permissions() {
    for (marked, code, message) in [
        (
            r#"{"Version":⟦"2012-10-18"⟧,"Statement":[]}"#,
            Code::InvalidVersion,
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (
            r#"{⟦"Statements"⟧:[],"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            Code::UnknownField,
            "Unknown field Statements",
        ),
        (
            r#"{"Statement":{⟦"Actions"⟧:[],"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            Code::UnknownField,
            "Unknown field Actions",
        ),
        (r#"{"Statement":⟦{"Action":"*","Resource":"*"}⟧}"#, Code::MissingField, "Missing required field Effect"),
        (
            r#"{"Statement":{"Effect":⟦"allow"⟧,"Action":"*","Resource":"*"}}"#,
            Code::InvalidEffect,
            "The policy failed legacy parsing",
        ),
        (
            r#"{"Statement":⟦{"Effect":"Allow","Resource":"*"}⟧}"#,
            Code::MissingField,
            "Policy statement must contain actions.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":⟦[]⟧,"Resource":"*"}}"#,
            Code::MissingField,
            "Policy statement must contain actions.",
        ),
        (
            r#"{"Statement":⟦{"Effect":"Allow","Action":"*"}⟧}"#,
            Code::MissingField,
            "Policy statement must contain resources.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦[]⟧}}"#,
            Code::MissingField,
            "Policy statement must contain resources.",
        ),
        (
            r#"{"Statement":{⟦"Principal"⟧:"*","Effect":"Allow","Action":"*","Resource":"*"}}"#,
            Code::ProhibitedField,
            "Policy document should not specify a principal.",
        ),
        (
            r#"{"Statement":{⟦"NotPrincipal"⟧:"*","Effect":"Allow","Action":"*","Resource":"*"}}"#,
            Code::ProhibitedField,
            "Policy document should not specify a principal.",
        ),
        (
            r#"{"Statement":{"Action":"*",⟦"NotAction"⟧:"*","Effect":"Allow","Resource":"*"}}"#,
            Code::ConflictingFields,
            SYNTAX,
        ),
        (
            r#"{"Statement":{⟦"NotResource"⟧:"*","Action":"*","Effect":"Allow","Resource":"*"}}"#,
            Code::ConflictingFields,
            SYNTAX,
        ),
        (
            r#"{"Statement":{"Sid":⟦"a-b"⟧,"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            Code::InvalidSid,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        ),
        (
            r#"{"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},⟦{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}⟧]}"#,
            Code::DuplicateSid,
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":⟦"GetObject"⟧,"Resource":"*"}}"#,
            Code::InvalidAction,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":["s3:Get*",⟦"arn:aws:x"⟧],"Resource":"*"}}"#,
            Code::InvalidAction,
            "Actions/Condition can contain only one colon.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":⟦"s 3:Get"⟧,"Resource":"*"}}"#,
            Code::InvalidAction,
            "Vendor s 3 is not valid",
        ),
        (r#"{"Statement":{"Effect":"Allow","Action":⟦5⟧,"Resource":"*"}}"#, Code::WrongType, SYNTAX),
        (r#"{"Statement":{"Effect":"Allow","Action":["s3:*",⟦{"Ref":"X"}⟧],"Resource":"*"}}"#, Code::WrongType, SYNTAX),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦"bucket"⟧}}"#,
            Code::InvalidResource,
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦""⟧}}"#,
            Code::InvalidResource,
            "Resource  must be in ARN format or \"*\".",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦"arn:awz:s3:::b"⟧}}"#,
            Code::InvalidPartition,
            "Partition \"awz\" is not valid for resource \"arn:awz:s3:::b\".",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦"arn::s3:::b"⟧}}"#,
            Code::InvalidPartition,
            "Partition \"\" is not valid for resource \"arn::s3:::b\".",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦"arn:aws:s3::b"⟧}}"#,
            Code::InvalidResource,
            "The policy failed legacy parsing",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦"arn:aws:s*:::b"⟧}}"#,
            Code::InvalidResource,
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":⟦"arn:aws:iam:us-east-1:1:user/x"⟧}}"#,
            Code::InvalidResource,
            "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{⟦"StringEqual"⟧:{"a:b":"c"}}}}"#,
            Code::InvalidOperator,
            "Invalid Condition type : StringEqual.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{⟦"NullIfExists"⟧:{"a:b":"true"}}}}"#,
            Code::InvalidOperator,
            "Invalid Condition type : NullIfExists.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{⟦"ForAll:StringEquals"⟧:{"a:b":"true"}}}}"#,
            Code::InvalidOperator,
            "Invalid Condition type : ForAll:StringEquals.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{⟦"key"⟧:"c"}}}}"#,
            Code::InvalidConditionKey,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":[true,⟦null⟧]}}}}"#,
            Code::WrongType,
            SYNTAX,
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":⟦true⟧}}}"#,
            Code::WrongType,
            SYNTAX,
        ),
        (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":⟦[]⟧}}"#, Code::WrongType, SYNTAX),
        (r#"{"Statement":{"Sid":⟦1⟧,"Effect":"Allow","Action":"*","Resource":"*"}}"#, Code::WrongType, SYNTAX),
    ] {
        for kind in [Identity, Boundary, Session] {
            check(kind, marked, code, message);
        }
    }
}

#[test]
fn resource_and_trust_policies() {
    for (kind, marked, code, message) in [
        (
            Resource,
            r#"{"Statement":⟦{"Effect":"Allow","Action":"*","Resource":"*"}⟧}"#,
            Code::MissingField,
            "Missing required field Principal",
        ),
        (Resource, r#"⟦{}⟧"#, Code::MissingField, "Missing required field Statement"),
        (Resource, r#"{"Statement":⟦[]⟧}"#, Code::WrongType, "Could not parse the policy: Statement is empty!"),
        (
            Resource,
            r#"{"Statement":⟦{"Effect":"Allow","Principal":"*","Resource":"*"}⟧}"#,
            Code::MissingField,
            "Missing required field Action",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":⟦"allow"⟧,"Principal":"*","Action":"*"}}"#,
            Code::InvalidEffect,
            "Invalid effect: allow",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":"Allow","Principal":⟦"111122223333"⟧,"Action":"*"}}"#,
            Code::InvalidPrincipal,
            "Invalid principal in policy",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":"Allow","Principal":⟦{}⟧,"Action":"*"}}"#,
            Code::InvalidPrincipal,
            "Invalid principal in policy",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":"Allow","Principal":{⟦"Aws"⟧:"*"},"Action":"*"}}"#,
            Code::InvalidPrincipal,
            "Invalid principal in policy",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":⟦"ann"⟧},"Action":"*"}}"#,
            Code::InvalidPrincipal,
            "Invalid principal in policy: \"AWS\":\"ann\"",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":⟦"arn:aws:iam::111122223333:user/*"⟧},"Action":"*"}}"#,
            Code::InvalidPrincipal,
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/*\"",
        ),
        (
            Resource,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":⟦"arn:aws:s3:::bucket"⟧},"Action":"*"}}"#,
            Code::InvalidPrincipal,
            "Invalid principal in policy: \"AWS\":\"arn:aws:s3:::bucket\"",
        ),
        (
            Trust,
            r#"{"Statement":{"Effect":"Allow","Principal":⟦"*"⟧,"Action":"sts:AssumeRole"}}"#,
            Code::InvalidPrincipal,
            "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".",
        ),
        (
            Trust,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},⟦"Resource"⟧:"*","Action":"sts:AssumeRole"}}"#,
            Code::ProhibitedField,
            "Has prohibited field Resource",
        ),
        (
            Trust,
            r#"{"Statement":{"Effect":"Allow",⟦"NotPrincipal"⟧:{"AWS":"*"},"Action":"sts:AssumeRole"}}"#,
            Code::ProhibitedField,
            "Has prohibited field NotPrincipal",
        ),
        (
            Trust,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":⟦"s3:GetObject"⟧}}"#,
            Code::InvalidAction,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            Trust,
            r#"{"Statement":⟦{"Effect":"Allow","Action":"sts:AssumeRole"}⟧}"#,
            Code::MissingField,
            "Missing required field Principal",
        ),
        (
            VpcEndpoint,
            r#"{"Statement":⟦{"Effect":"Allow","Action":"*","Resource":"*"}⟧}"#,
            Code::MissingField,
            "Missing required field Principal",
        ),
        (
            VpcEndpoint,
            r#"{"Statement":⟦{"Effect":"Allow","Principal":"*","Action":"*"}⟧}"#,
            Code::MissingField,
            "Policy statement must contain resources.",
        ),
        (
            Scp,
            r#"{"Statement":{"Effect":"Allow",⟦"Principal"⟧:"*","Action":"*","Resource":"*"}}"#,
            Code::ProhibitedField,
            ORGANIZATIONS,
        ),
        (Scp, r#"{"Statement":⟦{"Effect":"Allow","Action":"*"}⟧}"#, Code::MissingField, ORGANIZATIONS),
        (
            Rcp,
            r#"{"Statement":{"Effect":"Deny",⟦"Principal"⟧:{"AWS":"*"},"Action":"*","Resource":"*"}}"#,
            Code::ProhibitedField,
            ORGANIZATIONS,
        ),
        (
            Rcp,
            r#"{"Statement":{"Effect":"Deny","Principal":"*",⟦"NotAction"⟧:"s3:*","Resource":"*"}}"#,
            Code::ProhibitedField,
            ORGANIZATIONS,
        ),
    ] {
        check(kind, marked, code, message);
    }
}

#[test]
fn all_errors_at_once_in_order() {
    let source = r#"{"Statement":[
        {"Effect":"Permit","Action":"Get","Resource":"x"},
        {"Principal":"*","Effect":"Allow","Action":[]}]}"#;
    let found = Document::parse(source, Identity).unwrap_err();
    let codes: Vec<_> = found.iter().map(|found| (found.line, found.code)).collect();
    let expected = [
        (2, Code::InvalidEffect),
        (2, Code::InvalidAction),
        (2, Code::InvalidResource),
        (3, Code::MissingField),
        (3, Code::ProhibitedField),
        (3, Code::MissingField),
    ];
    assert_eq!(codes, expected);
    assert_eq!(found.message(), "The policy failed legacy parsing");
    let first = found.to_string();
    assert!(first.starts_with("2:19: The policy failed legacy parsing (Invalid effect: Permit)\n2:37:"), "{first}");
}

#[test]
fn accepted() {
    for (kind, source) in [
        // A single value or a list, wherever a list may stand.
        (Identity, r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        (
            Identity,
            r#"{"Version":"2008-10-17","Id":"x y","Statement":[{"Sid":"","Effect":"Deny","NotAction":["s3:*"],"NotResource":["arn:aws:s3:::b"]}]}"#,
        ),
        (
            Identity,
            r#"{"Statement":[{"Sid":"","Effect":"Allow","Action":"*:*","Resource":"*"},{"Sid":"","Effect":"Allow","Action":"*","Resource":"arn:*:s3:::x"}]}"#,
        ),
        (
            Identity,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":["arn:aws:logs:*","arn:aws-cn:s3:::b","arn:aws:iam::*:role/x"],
            "Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":[10,"20"]},"ForAnyValue:StringLikeIfExists":{"aws:RequestTag/a:b":"*"}}}}"#,
        ),
        (Boundary, r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        (Session, r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        (Scp, r#"{"Statement":{"Effect":"Deny","NotAction":"*","NotResource":"*"}}"#),
        (Rcp, r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::b"}}"#),
        (
            Trust,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["*","111122223333"],"Service":"ec2.amazonaws.com","Federated":["accounts.google.com"]},"Action":["sts:AssumeRole","STS:TagSession"]}}"#,
        ),
        (
            Resource,
            r#"{"Statement":[{"Sid":"with space","Effect":"Allow","Principal":{"CanonicalUser":"79a5","AWS":["AIDAANNANNANNANNANNAN","arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"]},"Action":"s3:*"}]}"#,
        ),
        (Resource, r#"{"Statement":{"Effect":"Deny","NotPrincipal":"*","Action":"SQS:*","Resource":"queue"}}"#),
        (VpcEndpoint, r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#),
    ] {
        parse(source, kind);
    }
}

#[test]
fn what_a_document_tells() {
    fn shared<T: Send + Sync>(_: &T) {}
    let source = "{\"Version\":\"2012-10-17\", \"Id\":\"é\",\n \"Statement\":[{\"Sid\":\"One\",\"Effect\":\"Deny\",\
        \"NotAction\":[\"S3:Get*\"],\"NotResource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}";
    let document = parse(source, Identity);
    shared(&document);
    assert_eq!(document.source(), source);
    assert_eq!((document.kind(), document.version(), document.id()), (Identity, Version::V2012, Some("é")));
    assert_eq!(document.size(), source.chars().count() - 3);
    let statement = &document.statements()[0];
    assert_eq!((statement.index(), statement.sid(), statement.effect()), (0, Some("One"), Effect::Deny));
    assert!(statement.is_not_action() && statement.is_not_resource() && statement.principal().is_none());
    assert_eq!(statement.actions().collect::<Vec<_>>(), ["S3:Get*"]);
    assert_eq!(statement.resources().collect::<Vec<_>>(), ["*"]);
    assert_eq!(statement.conditions().collect::<Vec<_>>(), [("Bool", "aws:securetransport")]);
    assert!(source[statement.span()].starts_with("{\"Sid\":\"One\"") && source[statement.span()].ends_with("}}}"));
}

/// What services do when a policy is saved: names become ids.
#[test]
fn principals_are_rewritten_in_place() {
    let source = r#"{ "Statement":[
        {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app", "111122223333"],"Service":"a.b"},"Action":"*"},
        {"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"*"}] }"#;
    let document = parse(source, Resource);
    let ids = document.rewrite_principals(|entry| match entry {
        PrincipalEntry::Arn(arn) if arn.ends_with("role/app") => Some("AROAAPPAPPAPPAPPAPPAP".into()),
        _ => None,
    });
    assert_eq!(ids, source.replace("arn:aws:iam::111122223333:role/app", "AROAAPPAPPAPPAPPAPPAP"));
    let stored = parse(&ids, Resource);
    let shown = stored.rewrite_principals(|entry| match entry {
        PrincipalEntry::UniqueId(_) => Some("arn:aws:iam::111122223333:role/app".into()),
        _ => None,
    });
    assert_eq!(shown, source);
    assert_eq!(document.rewrite_principals(|_| None), source);
    let odd = document.rewrite_principals(|_| Some("a\"b\\c\n".into()));
    let json: serde_json::Value = serde_json::from_str(&odd).unwrap();
    assert_eq!(json["Statement"][1]["NotPrincipal"]["AWS"], "a\"b\\c\n");
}

#[test]
fn context_keys() {
    let document = parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*",
            "Resource":"arn:aws:s3:::b/${aws:UserName}/${aws:PrincipalTag/Team, 'x'}",
            "Condition":{"StringLike":{"s3:Prefix":"${aws:userid}/*"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::${aws:username}"}}}}"#,
        Identity,
    );
    let keys: Vec<_> = document.context_keys().into_iter().collect();
    assert_eq!(keys, ["aws:principaltag/team", "aws:sourcearn", "aws:userid", "aws:username", "s3:prefix"]);
}

/// A large policy of nothing but errors is answered quickly.
#[test]
fn errors_are_bounded() {
    let source =
        format!(r#"{{"Statement":{{"Effect":"Allow","Resource":"*","Action":[{}"x"]}}}}"#, r#""x","#.repeat(50_000));
    assert_eq!(Document::parse(&source, Identity).unwrap_err().iter().count(), 64);
}
