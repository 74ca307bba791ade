//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>

use super::scene::Says::{Allow, Deny};
use super::scene::*;
use welkin_policy::*;

fn canonical(principal: PrincipalFacts) -> PrincipalFacts {
    PrincipalFacts { canonical_user: Some("79a59df900b949e5".into()), ..principal }
}

fn web_session() -> PrincipalFacts {
    let Identity::RoleSession { role_arn, role_id, session_arn, service_linked, .. } = session().identity else {
        unreachable!()
    };
    let federated_provider = Some("accounts.google.com".into());
    let identity = Identity::RoleSession { role_arn, role_id, session_arn, service_linked, federated_provider };
    PrincipalFacts { identity, ..session() }
}

/// Who is denied by a statement that names them.
#[test]
fn who_is_named() {
    for (principal, entry, named) in [
        (user(), r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, true),
        (user(), r#"{"AWS":"arn:aws:iam::111122223333:user/Ann"}"#, false),
        (user(), r#"{"AWS":["arn:aws:iam::111122223333:user/bob","arn:aws:iam::111122223333:user/ann"]}"#, true),
        (user(), r#"{"AWS":"AIDAANNANNANNANNANNAN"}"#, true),
        (user(), r#"{"AWS":"AIDABOBBOBBOBBOBBOBBO"}"#, false),
        (user(), r#"{"AWS":"111122223333"}"#, true),
        (user(), r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, true),
        (user(), r#"{"AWS":"444455556666"}"#, false),
        (user(), r#"{"AWS":"*"}"#, true),
        (user(), r#""*""#, true),
        (user(), r#"{"Service":"*"}"#, false),
        (user(), r#"{"Federated":"*"}"#, false),
        (user(), r#"{"CanonicalUser":"79a59df900b949e5"}"#, false),
        (canonical(user()), r#"{"CanonicalUser":"79a59df900b949e5"}"#, true),
        (session(), r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, true),
        (session(), r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/one"}"#, true),
        (session(), r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/two"}"#, false),
        (session(), r#"{"AWS":"AROAAPPAPPAPPAPPAPPAP"}"#, true),
        (session(), r#"{"Federated":"accounts.google.com"}"#, false),
        (web_session(), r#"{"Federated":"accounts.google.com"}"#, true),
        (federated_user(), r#"{"AWS":"arn:aws:sts::111122223333:federated-user/fed"}"#, true),
        (federated_user(), r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, true),
        (federated_user(), r#"{"AWS":"AIDAANNANNANNANNANNAN"}"#, true),
        (root(), r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, true),
        (root(), r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#, false),
        (PrincipalFacts::service(["s3.amazonaws.com"]), r#"{"Service":"s3.amazonaws.com"}"#, true),
        (PrincipalFacts::service(["s3.amazonaws.com"]), r#"{"AWS":"111122223333"}"#, false),
        (PrincipalFacts::anonymous(), r#"{"AWS":"111122223333"}"#, false),
        (PrincipalFacts::anonymous(), r#"{"AWS":"*"}"#, true),
    ] {
        let answer = Scene::new(principal.clone()).resource(Deny, &format!(r#""Principal":{entry}"#)).answer();
        assert_eq!(answer == "deny Resource", named, "{} {entry}: {answer}", principal.name());
    }
}

/// The documentation's examples: to spare a caller, a `Deny` lists it at every level.
#[test]
fn not_principal_denies_who_is_not_listed() {
    let user_arn = "arn:aws:iam::111122223333:user/ann";
    let role = "arn:aws:iam::111122223333:role/app";
    let one = "arn:aws:sts::111122223333:assumed-role/app/one";
    let account = "arn:aws:iam::111122223333:root";
    for (principal, listed, spared) in [
        (user(), &[user_arn, account][..], true),
        (user(), &[user_arn], false),
        (user(), &[account], false),
        (user(), &["arn:aws:iam::111122223333:user/bob", account], false),
        (session(), &[one, role, account], true),
        (session(), &[role, account], false),
        (session(), &[one, role], false),
        (federated_user(), &["arn:aws:sts::111122223333:federated-user/fed", user_arn, account], true),
        (federated_user(), &["arn:aws:sts::111122223333:federated-user/fed", account], false),
        (root(), &[account], true),
        (root(), &[user_arn], false),
        (PrincipalFacts::anonymous(), &[account], false),
        (PrincipalFacts::service(["s3.amazonaws.com"]), &[account], false),
    ] {
        let element = format!(r#""NotPrincipal":{{"AWS":{}}}"#, serde_json::to_string(listed).unwrap());
        let scene = || Scene::new(principal.clone()).identity(Allow).session(Allow).resource(Deny, &element);
        assert_eq!(scene().answer() != "deny Resource", spared, "{} {listed:?}", principal.name());
        // "… will always deny any IAM principal that has a permissions boundary policy attached,
        // regardless of the values specified in the NotPrincipal element."
        let bounded = scene().boundary(Allow).answer();
        assert!(bounded == "deny Resource" || matches!(principal.identity, Identity::Root { .. }), "{bounded}");
    }
}

/// An `Allow` with `NotPrincipal` grants to everyone else.
#[test]
fn not_principal_allows_who_is_not_listed() {
    for (listed, expected) in [
        ("arn:aws:iam::111122223333:user/bob", "allow"),
        ("arn:aws:iam::111122223333:user/ann", "no Identity"),
        ("111122223333", "no Identity"),
        ("444455556666", "allow"),
    ] {
        let element = format!(r#""NotPrincipal":{{"AWS":"{listed}"}}"#);
        assert_eq!(Scene::new(user()).resource(Allow, &element).answer(), expected, "{listed}");
    }
}

/// `aws:PrincipalArn` takes wildcards where the element does not, and what it grants with
/// `"Principal": "*"` is not limited by a boundary.
#[test]
fn principal_arn_condition() {
    let json = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",
        "Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ap*"}}}}"#;
    let mut scene = Scene::new(session()).boundary(Says::Nothing).resource_json(json);
    scene.context = MapContext::new().with("aws:PrincipalArn", "arn:aws:iam::111122223333:role/app");
    assert_eq!(scene.answer(), "allow");
    scene.context = MapContext::new().with("aws:PrincipalArn", "arn:aws:iam::111122223333:role/else");
    assert_eq!(scene.answer(), "no Identity");
}
