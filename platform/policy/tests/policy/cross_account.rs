//! Requests across accounts, and callers without an account.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use super::scene::Says::{Allow, Deny, Nothing};
use super::scene::*;
use welkin_policy::*;

const USER: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"}"#;
const ACCOUNT_ROOT: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#;
const SESSION: &str = r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/app/one"}"#;
const EVERYONE: &str = r#""Principal":"*""#;
const OTHER_ACCOUNT: &str = r#""Principal":{"AWS":"999999999999"}"#;

/// "The request is allowed only if both evaluations return a decision of Allow."
#[test]
fn both_sides_must_allow() {
    for (identity, resource, principal, expected) in [
        (Allow, Allow, USER, "allow"),
        (Allow, Allow, ACCOUNT_ROOT, "allow"),
        (Allow, Allow, EVERYONE, "allow"),
        (Allow, Allow, OTHER_ACCOUNT, "no Resource"),
        (Allow, Nothing, USER, "no Resource"),
        (Nothing, Allow, USER, "no Identity"),
        (Nothing, Allow, EVERYONE, "no Identity"),
        (Nothing, Nothing, USER, "no Identity"),
        (Allow, Deny, ACCOUNT_ROOT, "deny Resource"),
        (Deny, Allow, USER, "deny Identity"),
    ] {
        let scene = Scene::new(user()).owned_by(OTHER).identity(identity).resource(resource, principal);
        assert_eq!(scene.answer(), expected, "{identity:?} {resource:?} {principal}");
    }
    assert_eq!(Scene::new(user()).owned_by(OTHER).identity(Allow).answer(), "no Resource");
    let both = Scene::new(user()).owned_by(OTHER).decide();
    assert_eq!(both.missing, [DocumentKind::Identity, DocumentKind::Resource]);
}

/// What a resource policy grants directly is not limited within the account; across accounts it is.
#[test]
fn limits_hold_across_accounts() {
    let scene = |principal: PrincipalFacts| Scene::new(principal).owned_by(OTHER).identity(Allow);
    assert_eq!(scene(user()).boundary(Nothing).resource(Allow, USER).answer(), "no Boundary");
    assert_eq!(scene(session()).session(Nothing).resource(Allow, SESSION).answer(), "no Session");
    assert_eq!(scene(session()).session(Allow).resource(Allow, SESSION).answer(), "allow");
    assert_eq!(Scene::new(root()).owned_by(OTHER).resource(Allow, ACCOUNT_ROOT).answer(), "allow");
    assert_eq!(Scene::new(root()).owned_by(OTHER).answer(), "no Resource");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services>
#[test]
fn services() {
    let service = || PrincipalFacts::service(["sns.amazonaws.com", "sns.eu-central-1.amazonaws.com"]);
    for (principal, expected) in [
        (r#""Principal":{"Service":"sns.amazonaws.com"}"#, "allow"),
        (r#""Principal":{"Service":["s3.amazonaws.com","sns.eu-central-1.amazonaws.com"]}"#, "allow"),
        (r#""Principal":{"Service":"s3.amazonaws.com"}"#, "no Resource"),
        (ACCOUNT_ROOT, "no Resource"),
        (EVERYONE, "allow"),
    ] {
        assert_eq!(Scene::new(service()).resource(Allow, principal).answer(), expected, "{principal}");
    }
    let named = r#""Principal":{"Service":"sns.amazonaws.com"}"#;
    assert_eq!(Scene::new(service()).answer(), "no Resource");
    assert_eq!(Scene::new(service()).resource(Deny, named).answer(), "deny Resource");
    // Identity policies are none of a service's.
    assert_eq!(Scene::new(service()).identity(Allow).answer(), "no Resource");
    assert_eq!(Scene::new(user()).resource(Allow, named).answer(), "no Identity");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous>
#[test]
fn anonymous() {
    for (principal, expected) in [
        (EVERYONE, "allow"),
        (r#""Principal":{"AWS":"*"}"#, "allow"),
        (ACCOUNT_ROOT, "no Resource"),
        (r#""Principal":{"Service":"*"}"#, "no Resource"),
    ] {
        assert_eq!(
            Scene::new(PrincipalFacts::anonymous()).resource(Allow, principal).answer(),
            expected,
            "{principal}"
        );
    }
    assert_eq!(Scene::new(PrincipalFacts::anonymous()).identity(Allow).answer(), "no Resource");
    assert_eq!(Scene::new(PrincipalFacts::anonymous()).resource(Deny, EVERYONE).answer(), "deny Resource");
}

#[test]
fn resource_only() {
    let scene = |owner| Scene::new(user()).owned_by(owner).rule(ResourceRule::ResourceOnly);
    for owner in [ACCOUNT, OTHER] {
        assert_eq!(scene(owner).resource(Allow, USER).answer(), "allow");
        assert_eq!(scene(owner).identity(Allow).answer(), "no Resource");
        assert_eq!(scene(owner).identity(Deny).resource(Allow, USER).answer(), "deny Identity");
    }
}
