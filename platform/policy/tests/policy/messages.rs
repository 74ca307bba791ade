//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use super::scene::Says::{Allow, Deny, Nothing};
use super::scene::*;
use welkin_policy::ResourceRule;

const EVERYONE: &str = r#""Principal":{"AWS":"*"}"#;

#[test]
fn each_kind_of_policy() {
    let allowed = || Scene::new(user()).identity(Allow);
    for (scene, because) in [
        (Scene::new(user()), "because no identity-based policy allows the svc:Act action"),
        (allowed().identity(Deny), "with an explicit deny in an identity-based policy"),
        (allowed().boundary(Nothing), "because no permissions boundary allows the svc:Act action"),
        (allowed().boundary(Deny), "with an explicit deny in a permissions boundary"),
        (allowed().session(Nothing), "because no session policy allows the svc:Act action"),
        (allowed().session(Deny), "with an explicit deny in a session policy"),
        (allowed().scps(&[&[Nothing]]), "because no service control policy allows the svc:Act action"),
        (allowed().scps(&[&[Deny]]), "with an explicit deny in a service control policy"),
        (allowed().rcps(&[&[Nothing]]), "because no resource control policy allows the svc:Act action"),
        (allowed().rcps(&[&[Deny]]), "with an explicit deny in a resource control policy"),
        (allowed().vpc_endpoint(Nothing), "because no VPC endpoint policy allows the svc:Act action"),
        (allowed().vpc_endpoint(Deny), "with an explicit deny in a VPC endpoint policy"),
        (allowed().owned_by(OTHER), "because no resource-based policy allows the svc:Act action"),
        (allowed().rule(ResourceRule::KeyPolicy), "because no resource-based policy allows the svc:Act action"),
        (allowed().resource(Deny, EVERYONE), "with an explicit deny in a resource-based policy"),
        (allowed().trust(Nothing, EVERYONE), "because no role trust policy allows the svc:Act action"),
        (allowed().trust(Deny, EVERYONE), "with an explicit deny in the role trust policy"),
    ] {
        let decision = scene.decide();
        let full = decision.message(scene.principal.name(), "svc:Act", RESOURCE);
        let start = format!(
            "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: svc:Act on resource: {RESOURCE} "
        );
        assert_eq!(full, format!("{start}{because}"));
        let bare = decision.message("u", "svc:Act", "");
        assert_eq!(bare, format!("User: u is not authorized to perform: svc:Act {because}"));
    }
    assert_eq!(allowed().decide().message("u", "svc:Act", ""), "");
}
