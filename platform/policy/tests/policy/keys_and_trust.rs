//! KMS key policies and role trust policies: "they must explicitly allow access for principals".
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>

use super::scene::Says::{Allow, Deny, Nothing};
use super::scene::*;
use welkin_policy::*;

const USER: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"}"#;
const ROLE: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/app"}"#;
const ACCOUNT_ROOT: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#;
const OTHER_ROOT: &str = r#""Principal":{"AWS":"arn:aws:iam::444455556666:root"}"#;
const EVERYONE: &str = r#""Principal":{"AWS":"*"}"#;

#[test]
fn key_policies() {
    let key = |principal| Scene::new(principal).rule(ResourceRule::KeyPolicy);
    for (name, scene, expected) in [
        // "No AWS principal, including the account root user or key creator, has any permissions
        // to a KMS key unless they are explicitly allowed."
        ("identity policy alone", key(user()).identity(Allow).resource(Nothing, USER), "no Resource"),
        ("no key policy at all", key(user()).identity(Allow), "no Resource"),
        ("root user, unnamed", key(root()).resource(Allow, USER), "no Resource"),
        ("root user", key(root()).resource(Allow, ACCOUNT_ROOT), "allow"),
        ("default key policy", key(user()).identity(Allow).resource(Allow, ACCOUNT_ROOT), "allow"),
        // "… it doesn't by itself give any IAM users or roles permission to use the key."
        ("default key policy alone", key(user()).identity(Nothing).resource(Allow, ACCOUNT_ROOT), "no Identity"),
        (
            "account and boundary",
            key(user()).identity(Allow).boundary(Nothing).resource(Allow, ACCOUNT_ROOT),
            "no Boundary",
        ),
        ("named user", key(user()).resource(Allow, USER), "allow"),
        ("named role", key(session()).resource(Allow, ROLE), "allow"),
        ("named role, session policy", key(session()).session(Nothing).resource(Allow, ROLE), "no Session"),
        ("everyone", key(user()).resource(Allow, EVERYONE), "allow"),
        ("denied in the key policy", key(user()).identity(Allow).resource(Deny, ACCOUNT_ROOT), "deny Resource"),
        ("denied in the identity policy", key(user()).identity(Deny).resource(Allow, USER), "deny Identity"),
    ] {
        assert_eq!(scene.answer(), expected, "{name}");
    }
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>
#[test]
fn keys_of_other_accounts() {
    let key = || Scene::new(user()).owned_by(OTHER).rule(ResourceRule::KeyPolicy);
    assert_eq!(key().identity(Allow).resource(Allow, OTHER_ROOT).answer(), "no Resource");
    assert_eq!(key().identity(Allow).resource(Allow, ACCOUNT_ROOT).answer(), "allow");
    assert_eq!(key().identity(Allow).resource(Allow, USER).answer(), "allow");
    assert_eq!(key().identity(Nothing).resource(Allow, USER).answer(), "no Identity");
    assert_eq!(key().identity(Allow).answer(), "no Resource");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html>
#[test]
fn trust_policies() {
    let service = r#""Principal":{"Service":"ec2.amazonaws.com"}"#;
    let provider = r#""Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#;
    let ec2 = || PrincipalFacts::service(["ec2.amazonaws.com"]);
    let saml = || PrincipalFacts::federated("arn:aws:iam::111122223333:saml-provider/idp");
    for (name, scene, expected) in [
        ("untrusted", Scene::new(user()).identity(Allow).trust(Nothing, USER), "no Trust"),
        ("no trust policy", Scene::new(user()).identity(Allow).rule(ResourceRule::Trust), "no Trust"),
        ("user named", Scene::new(user()).trust(Allow, USER), "allow"),
        ("role named, chained", Scene::new(session()).trust(Allow, ROLE), "allow"),
        ("role named, boundary", Scene::new(session()).boundary(Nothing).trust(Allow, ROLE), "no Boundary"),
        ("account, no identity policy", Scene::new(user()).trust(Allow, ACCOUNT_ROOT), "no Identity"),
        ("user named, other account", Scene::new(user()).owned_by(OTHER).trust(Allow, USER), "no Identity"),
        ("service", Scene::new(ec2()).trust(Allow, service), "allow"),
        ("service untrusted", Scene::new(ec2()).trust(Allow, provider), "no Trust"),
        ("provider", Scene::new(saml()).trust(Allow, provider), "allow"),
        ("provider, only everyone", Scene::new(saml()).trust(Allow, EVERYONE), "no Trust"),
        ("everyone denied", Scene::new(saml()).trust(Deny, EVERYONE), "deny Trust"),
        ("user denied", Scene::new(user()).trust(Deny, USER), "deny Trust"),
    ] {
        assert_eq!(scene.answer(), expected, "{name}");
    }
}

/// The account is trusted and the caller's own policy allows `sts:AssumeRole`.
#[test]
fn delegated_trust() {
    let identity = parse(
        r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/target"}}"#,
        DocumentKind::Identity,
    );
    let trust = parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
            "Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"42"}}}}"#,
        DocumentKind::Trust,
    );
    let principal = user();
    for (external, owner, resource, expected) in [
        ("42", ACCOUNT, "arn:aws:iam::111122223333:role/target", Outcome::Allow),
        ("42", OTHER, "arn:aws:iam::444455556666:role/target", Outcome::Allow),
        ("43", OTHER, "arn:aws:iam::444455556666:role/target", Outcome::ImplicitDeny),
        ("42", OTHER, "arn:aws:iam::444455556666:role/else", Outcome::ImplicitDeny),
    ] {
        let context = MapContext::new().with("sts:ExternalId", external);
        let request = Request {
            principal: &principal,
            action: "sts:AssumeRole",
            resource,
            alias: None,
            resource_account: Some(owner),
            context: &context,
        };
        let policies = Policies {
            identity: &[Attached { id: "i", kind: DocumentKind::Identity, document: &identity }],
            resource: Some(Attached { id: "t", kind: DocumentKind::Trust, document: &trust }),
            resource_rule: ResourceRule::Trust,
            ..Policies::default()
        };
        assert_eq!(evaluate(&request, &policies).outcome, expected, "{external} {resource}");
    }
}
