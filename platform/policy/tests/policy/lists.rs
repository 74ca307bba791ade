//! Access control lists beside policies, and resources that their writers own.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html>

use super::scene::Says::{Allow, Deny, Nothing};
use super::scene::*;
use welkin_policy::*;

const CANONICAL: &str = r#""Principal":{"CanonicalUser":"79a59df900b949e5"}"#;
const EVERYONE: &str = r#""Principal":"*""#;
const OTHER_ACCOUNT: &str = r#""Principal":{"AWS":"999999999999"}"#;

fn known(principal: PrincipalFacts) -> PrincipalFacts {
    PrincipalFacts { canonical_user: Some("79a59df900b949e5".into()), ..principal }
}

/// A list grants to accounts, which pass it on by their own policies.
#[test]
fn a_list_grants_as_a_policy_does() {
    for (scene, expected) in [
        (Scene::new(PrincipalFacts::anonymous()).acl(Allow, EVERYONE), "allow"),
        (Scene::new(PrincipalFacts::anonymous()).acl(Nothing, EVERYONE), "no Resource"),
        (Scene::new(PrincipalFacts::anonymous()).acl(Allow, CANONICAL), "no Resource"),
        (Scene::new(known(root())).owned_by(OTHER).acl(Allow, CANONICAL), "allow"),
        (Scene::new(known(user())).owned_by(OTHER).acl(Allow, CANONICAL), "no Identity"),
        (Scene::new(known(user())).owned_by(OTHER).acl(Allow, CANONICAL).identity(Allow), "allow"),
        (Scene::new(known(user())).owned_by(OTHER).acl(Allow, EVERYONE).identity(Nothing), "no Identity"),
        (Scene::new(known(user())).acl(Allow, CANONICAL), "no Identity"),
        (Scene::new(known(user())).acl(Allow, EVERYONE), "allow"),
        (Scene::new(user()).owned_by(OTHER).acl(Allow, CANONICAL).identity(Allow), "no Resource"),
    ] {
        assert_eq!(scene.answer(), expected, "{:?}", scene.decide());
    }
}

/// List and policy each may grant; who grants neither, and what either forbids, decides.
#[test]
fn either_of_list_and_policy_grants() {
    let scene = || Scene::new(known(root())).owned_by(OTHER);
    assert_eq!(scene().acl(Allow, CANONICAL).resource(Nothing, EVERYONE).answer(), "allow");
    assert_eq!(scene().acl(Nothing, CANONICAL).resource(Allow, EVERYONE).answer(), "allow");
    assert_eq!(scene().acl(Nothing, CANONICAL).resource(Allow, OTHER_ACCOUNT).answer(), "no Resource");
    assert_eq!(scene().acl(Allow, CANONICAL).resource(Deny, EVERYONE).answer(), "deny Resource");
    let by = scene().acl(Allow, CANONICAL).resource(Nothing, EVERYONE).decide().by.unwrap();
    assert_eq!(by.kind, DocumentKind::AccessControlList);
}

/// A list cannot forbid: what would be a `Deny` is no grant, and nothing more.
#[test]
fn a_list_denies_nothing() {
    assert_eq!(Scene::new(user()).identity(Allow).acl(Deny, EVERYONE).answer(), "allow");
}

/// "If the object is not owned by the bucket owner, S3 checks whether the bucket's policy denies; the owner of the
/// object grants by its list."
#[test]
fn what_its_writer_owns_is_granted_by_the_list_alone() {
    let theirs = |principal| Scene::new(principal).owned_by(OTHER).rule(ResourceRule::ListOnly);
    assert_eq!(theirs(root()).resource(Allow, EVERYONE).answer(), "no Resource");
    assert_eq!(theirs(PrincipalFacts::anonymous()).resource(Allow, EVERYONE).answer(), "no Resource");
    assert_eq!(theirs(known(root())).resource(Allow, OTHER_ACCOUNT).acl(Allow, CANONICAL).answer(), "allow");
    assert_eq!(theirs(known(root())).resource(Deny, EVERYONE).acl(Allow, CANONICAL).answer(), "deny Resource");
    let own = |principal| Scene::new(principal).rule(ResourceRule::ListOnly);
    assert_eq!(own(root()).answer(), "allow");
    assert_eq!(own(user()).answer(), "no Identity");
    assert_eq!(own(user()).identity(Allow).answer(), "allow");
    assert_eq!(own(user()).identity(Allow).resource(Deny, EVERYONE).answer(), "deny Resource");
}
