//! Requests within one account.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>

use super::scene::Says::{Allow, Deny, Nothing};
use super::scene::*;
use welkin_policy::*;

const USER: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"}"#;
const ROLE: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/app"}"#;
const SESSION: &str = r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/app/one"}"#;
const FEDERATED: &str = r#""Principal":{"AWS":"arn:aws:sts::111122223333:federated-user/fed"}"#;
const ACCOUNT_ROOT: &str = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#;
const ACCOUNT_ID: &str = r#""Principal":{"AWS":"111122223333"}"#;
const EVERYONE: &str = r#""Principal":"*""#;

/// "If an action is allowed by an identity-based policy, a resource-based policy, or both, then AWS
/// allows the action. An explicit deny in either of these policies overrides the allow."
#[test]
fn union_of_identity_and_resource() {
    for (identity, resource, expected) in [
        (Nothing, Nothing, "no Identity"),
        (Allow, Nothing, "allow"),
        (Nothing, Allow, "allow"),
        (Allow, Allow, "allow"),
        (Deny, Allow, "deny Identity"),
        (Allow, Deny, "deny Resource"),
        (Deny, Deny, "deny Resource"),
    ] {
        let scene = Scene::new(user()).identity(identity).resource(resource, USER);
        assert_eq!(scene.answer(), expected, "{identity:?} {resource:?}");
    }
    assert_eq!(Scene::new(user()).answer(), "no Identity");
    assert_eq!(Scene::new(user()).identity(Nothing).identity(Allow).answer(), "allow");
    assert_eq!(Scene::new(user()).identity(Allow).identity(Deny).answer(), "deny Identity");
}

/// The table "Resource-based policies and implicit denies in other policy types (same account)":
/// identity policies, boundary and session policies allow nothing.
#[test]
fn implicit_denies_against_a_resource_policy() {
    let bounded = |principal| Scene::new(principal).identity(Nothing).boundary(Nothing);
    for (name, scene, expected) in [
        ("user, user ARN", bounded(user()).resource(Allow, USER), "allow"),
        ("user, account", bounded(user()).resource(Allow, ACCOUNT_ROOT), "no Identity"),
        ("user, everyone", bounded(user()).resource(Allow, EVERYONE), "allow"),
        ("session, role ARN", bounded(session()).session(Nothing).resource(Allow, ROLE), "no Boundary"),
        ("session, session ARN", bounded(session()).session(Nothing).resource(Allow, SESSION), "allow"),
        ("session, everyone", bounded(session()).session(Nothing).resource(Allow, EVERYONE), "allow"),
        ("session, account", bounded(session()).session(Nothing).resource(Allow, ACCOUNT_ID), "no Identity"),
        ("federated, user ARN", bounded(federated_user()).session(Nothing).resource(Allow, USER), "no Boundary"),
        ("federated, its ARN", bounded(federated_user()).session(Nothing).resource(Allow, FEDERATED), "allow"),
        ("root, root ARN", Scene::new(root()).resource(Allow, ACCOUNT_ROOT), "allow"),
    ] {
        assert_eq!(scene.answer(), expected, "{name}");
    }
}

/// "Resource-based policies that grant permissions to an IAM role ARN are limited by an implicit
/// deny in a permissions boundary or session policy", not by one in an identity policy.
#[test]
fn a_role_is_limited_by_boundary_and_session() {
    for (boundary, passed, expected) in [
        (None, None, "allow"),
        (Some(Allow), None, "allow"),
        (Some(Nothing), None, "no Boundary"),
        (None, Some(Allow), "allow"),
        (None, Some(Nothing), "no Session"),
        (Some(Allow), Some(Allow), "allow"),
        (Some(Allow), Some(Nothing), "no Session"),
        (Some(Deny), Some(Allow), "deny Boundary"),
        (Some(Allow), Some(Deny), "deny Session"),
    ] {
        let mut scene = Scene::new(session()).resource(Allow, ROLE);
        if let Some(says) = boundary {
            scene = scene.boundary(says);
        }
        if let Some(says) = passed {
            scene = scene.session(says);
        }
        assert_eq!(scene.answer(), expected, "{boundary:?} {passed:?}");
    }
}

/// The closest naming counts, whatever the order of statements.
#[test]
fn the_closest_name_wins() {
    let statement = |principal: &str| format!(r#"{{"Effect":"Allow",{principal},"Action":"*","Resource":"*"}}"#);
    for principals in [[ACCOUNT_ROOT, ROLE, SESSION], [SESSION, ROLE, ACCOUNT_ROOT]] {
        let json = format!(r#"{{"Statement":[{}]}}"#, principals.map(statement).join(","));
        let scene = Scene::new(session()).boundary(Nothing).resource_json(&json);
        assert_eq!(scene.answer(), "allow");
    }
    let one = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333",
        "arn:aws:iam::111122223333:role/app","arn:aws:sts::111122223333:assumed-role/app/one"]},"Action":"*"}]}"#;
    assert_eq!(Scene::new(session()).boundary(Nothing).resource_json(one).answer(), "allow");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
#[test]
fn boundaries_and_sessions_intersect() {
    for (identity, boundary, expected) in [
        (Allow, Allow, "allow"),
        (Allow, Nothing, "no Boundary"),
        (Nothing, Allow, "no Identity"),
        (Nothing, Nothing, "no Identity"),
        (Allow, Deny, "deny Boundary"),
    ] {
        assert_eq!(Scene::new(user()).identity(identity).boundary(boundary).answer(), expected);
    }
    for (identity, passed, expected) in [
        (Allow, &[Allow][..], "allow"),
        (Allow, &[Nothing], "no Session"),
        (Allow, &[Nothing, Allow], "allow"),
        (Allow, &[Allow, Deny], "deny Session"),
        (Nothing, &[Allow], "no Identity"),
    ] {
        let scene = Scene::new(session()).identity(identity);
        assert_eq!(passed.iter().fold(scene, |scene, says| scene.session(*says)).answer(), expected, "{passed:?}");
    }
}

/// "If there is no session policy, the code checks whether the principal is a role session. If it
/// is, then the request is allowed. Otherwise, the request is implicitly denied."
#[test]
fn without_session_policies() {
    assert_eq!(Scene::new(session()).identity(Allow).answer(), "allow");
    assert_eq!(Scene::new(federated_user()).identity(Allow).answer(), "no Session");
    assert_eq!(Scene::new(federated_user()).identity(Allow).session(Allow).answer(), "allow");
    assert_eq!(Scene::new(federated_user()).identity(Nothing).session(Allow).answer(), "no Identity");
}

/// "By default, all requests are implicitly denied with the exception of the root user."
#[test]
fn root_user() {
    let decision = Scene::new(root()).decide();
    assert_eq!((decision.outcome, decision.by), (Outcome::Allow, None));
    assert_eq!(Scene::new(root()).resource(Deny, EVERYONE).answer(), "deny Resource");
    assert_eq!(Scene::new(root()).session(Nothing).answer(), "no Session");
    assert_eq!(Scene::new(root()).session(Allow).answer(), "allow");
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>: an endpoint
/// policy restricts, and grants nothing.
#[test]
fn vpc_endpoint() {
    assert_eq!(Scene::new(user()).identity(Allow).vpc_endpoint(Allow).answer(), "allow");
    assert_eq!(Scene::new(user()).identity(Allow).vpc_endpoint(Nothing).answer(), "no VpcEndpoint");
    assert_eq!(Scene::new(user()).identity(Allow).vpc_endpoint(Deny).answer(), "deny VpcEndpoint");
    assert_eq!(Scene::new(user()).vpc_endpoint(Allow).answer(), "no Identity");
    assert_eq!(Scene::new(user()).resource(Allow, USER).vpc_endpoint(Nothing).answer(), "no VpcEndpoint");
}

/// Without an owner the resource is the caller's own.
#[test]
fn without_an_owner() {
    let mut scene = Scene::new(user()).identity(Allow);
    scene.owner = None;
    assert_eq!(scene.answer(), "allow");
}
