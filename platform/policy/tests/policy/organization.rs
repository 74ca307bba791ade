//! Service and resource control policies.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>,
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html>

use super::scene::Says::{Allow, Deny, Nothing};
use super::scene::*;
use welkin_policy::*;

const EVERYONE: &str = r#""Principal":"*""#;

/// "For a permission to be allowed for a specific account, there must be an explicit Allow statement
/// at every level from the root through each OU in the direct path to the account."
#[test]
fn every_level_must_allow() {
    for (levels, expected) in [
        (&[&[Allow][..], &[Allow], &[Allow]][..], None),
        (&[&[Allow], &[Nothing], &[Allow]], Some("no")),
        (&[&[Nothing], &[Allow], &[Allow]], Some("no")),
        (&[&[Allow], &[Nothing, Allow], &[Allow]], None),
        (&[&[Allow], &[], &[Allow]], Some("no")),
        (&[&[Allow], &[Allow, Deny], &[Allow]], Some("deny")),
        (&[&[Deny], &[Allow], &[Allow]], Some("deny")),
    ] {
        let wanted = |kind: &str| expected.map_or("allow".to_owned(), |answer| format!("{answer} {kind}"));
        assert_eq!(Scene::new(user()).identity(Allow).scps(levels).answer(), wanted("Scp"), "{levels:?}");
        assert_eq!(Scene::new(user()).identity(Allow).rcps(levels).answer(), wanted("Rcp"), "{levels:?}");
    }
}

/// "SCPs do not grant permissions." Nor do RCPs.
#[test]
fn they_grant_nothing() {
    assert_eq!(Scene::new(user()).scps(&[&[Allow]]).rcps(&[&[Allow]]).answer(), "no Identity");
}

#[test]
fn whom_they_restrict() {
    let callers = [
        ("user", user(), "deny Scp", "deny Rcp"),
        ("role session", session(), "deny Scp", "deny Rcp"),
        // "SCPs affect all users and roles in attached accounts, including the root user."
        ("root", root(), "deny Scp", "deny Rcp"),
        ("federated user", federated_user(), "deny Scp", "deny Rcp"),
        // "SCPs don't affect any service-linked role"; "RCPs … don't restrict service-linked roles".
        ("service-linked role", service_linked(), "allow", "allow"),
        // A service has no account whose SCPs could apply; RCPs guard the resource against anyone.
        ("service", PrincipalFacts::service(["sns.amazonaws.com"]), "allow", "deny Rcp"),
        ("federated by a provider", PrincipalFacts::federated("accounts.google.com"), "allow", "deny Rcp"),
        ("anonymous", PrincipalFacts::anonymous(), "allow", "deny Rcp"),
    ];
    for (name, principal, scp, rcp) in callers {
        let scene = || Scene::new(principal.clone()).identity(Allow).session(Allow).resource(Allow, EVERYONE);
        assert_eq!(scene().scps(&[&[Allow, Deny]]).answer(), scp, "{name}");
        assert_eq!(scene().rcps(&[&[Allow, Deny]]).answer(), rcp, "{name}");
        // A missing allow restricts the same callers.
        assert_eq!(scene().scps(&[&[Nothing]]).answer(), scp.replace("deny", "no"), "{name}");
        assert_eq!(scene().rcps(&[&[Nothing]]).answer(), rcp.replace("deny", "no"), "{name}");
    }
}

/// What a resource policy grants directly passes boundaries, but not an organization's policies.
#[test]
fn resource_grants_do_not_pass() {
    let named = r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"}"#;
    assert_eq!(Scene::new(user()).boundary(Nothing).resource(Allow, named).answer(), "allow");
    assert_eq!(Scene::new(user()).resource(Allow, named).scps(&[&[Nothing]]).answer(), "no Scp");
    assert_eq!(Scene::new(user()).resource(Allow, named).rcps(&[&[Nothing]]).answer(), "no Rcp");
}

/// Across accounts the caller's SCPs and the owner's RCPs count.
#[test]
fn across_accounts() {
    let scene = || Scene::new(user()).owned_by(OTHER).identity(Allow).resource(Allow, EVERYONE);
    assert_eq!(scene().scps(&[&[Allow]]).rcps(&[&[Allow]]).answer(), "allow");
    assert_eq!(scene().scps(&[&[Nothing]]).answer(), "no Scp");
    assert_eq!(scene().rcps(&[&[Allow, Deny]]).answer(), "deny Rcp");
}
