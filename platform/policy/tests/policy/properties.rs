//! What must hold for every policy and every request.

use super::scene::{OTHER, federated_user, root, service_linked, session, user};
use proptest::prelude::*;
use welkin_policy::*;

const KINDS: [DocumentKind; 8] = [
    DocumentKind::Identity,
    DocumentKind::Resource,
    DocumentKind::Trust,
    DocumentKind::Boundary,
    DocumentKind::Session,
    DocumentKind::Scp,
    DocumentKind::Rcp,
    DocumentKind::VpcEndpoint,
];

/// A statement without its principal.
#[derive(Debug, Clone)]
struct Draft {
    effect: &'static str,
    principal: &'static str,
    action: &'static str,
    resource: &'static str,
    condition: &'static str,
}

fn draft() -> impl Strategy<Value = Draft> {
    let principals = [
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"111122223333"}"#,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"}"#,
        r#""Principal":{"AWS":["arn:aws:iam::111122223333:role/app","444455556666"]}"#,
        r#""Principal":{"Service":"sns.amazonaws.com"}"#,
        r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/ann","111122223333"]}"#,
    ];
    let actions =
        [r#""Action":"*""#, r#""Action":"s3:Get*""#, r#""Action":["sqs:*","s3:PutObject"]"#, r#""NotAction":"s3:*""#];
    let resources = [
        r#""Resource":"*""#,
        r#""Resource":"arn:aws:s3:::a/*""#,
        r#""NotResource":"arn:aws:s3:::a/*""#,
        r#""Resource":"arn:aws:s3:::${aws:username}/*""#,
        r#""NotResource":"arn:aws:s3:::${aws:username}/*""#,
    ];
    let conditions = [
        "",
        r#","Condition":{"StringEquals":{"aws:username":"a"}}"#,
        r#","Condition":{"StringNotEquals":{"aws:username":["a","${aws:userid}"]}}"#,
        r#","Condition":{"ForAllValues:StringLike":{"aws:TagKeys":"x*"},"Null":{"aws:username":"false"}}"#,
    ];
    (
        prop_oneof![3 => Just("Allow"), 1 => Just("Deny")],
        prop::sample::select(principals.to_vec()),
        prop::sample::select(actions.to_vec()),
        prop::sample::select(resources.to_vec()),
        prop::sample::select(conditions.to_vec()),
    )
        .prop_map(|(effect, principal, action, resource, condition)| Draft {
            effect,
            principal,
            action,
            resource,
            condition,
        })
}

fn document(drafts: &[Draft], kind: DocumentKind) -> Document {
    let statement = |draft: &Draft| {
        let Draft { effect, principal, action, resource, condition } = draft;
        let principal = match kind {
            DocumentKind::Resource => format!(r#"{principal},"#),
            DocumentKind::Rcp => r#""Principal":"*","#.to_owned(),
            _ => String::new(),
        };
        // RCPs know no NotAction.
        let action = if kind == DocumentKind::Rcp { action.replace("NotAction", "Action") } else { (*action).into() };
        format!(r#"{{"Effect":"{effect}",{principal}{action},{resource}{condition}}}"#)
    };
    let statements: Vec<_> = drafts.iter().map(statement).collect();
    let json = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    Document::parse(&json, kind).unwrap_or_else(|found| panic!("{json}: {found}"))
}

/// All policies of a request; a list for each kind.
#[derive(Debug, Clone)]
struct World {
    identity: Vec<Draft>,
    boundary: Option<Vec<Draft>>,
    session: Option<Vec<Draft>>,
    scp: Option<Vec<Draft>>,
    rcp: Option<Vec<Draft>>,
    resource: Option<Vec<Draft>>,
    caller: usize,
    foreign: bool,
    rule: ResourceRule,
    action: &'static str,
    object: &'static str,
    name: Option<&'static str>,
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    prop::collection::vec(draft(), 1..4)
}

fn world() -> impl Strategy<Value = World> {
    let policies = (
        drafts(),
        prop::option::of(drafts()),
        prop::option::of(drafts()),
        prop::option::of(drafts()),
        prop::option::of(drafts()),
        prop::option::of(drafts()),
    );
    let request = (
        0..CALLERS,
        any::<bool>(),
        prop::sample::select(vec![ResourceRule::Standard, ResourceRule::KeyPolicy, ResourceRule::ResourceOnly]),
        prop::sample::select(vec!["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]),
        prop::sample::select(vec!["arn:aws:s3:::a/x", "arn:aws:s3:::b/x", "*"]),
        prop::option::of(prop::sample::select(vec!["a", "b"])),
    );
    (policies, request).prop_map(|((identity, boundary, session, scp, rcp, resource), request)| {
        let (caller, foreign, rule, action, object, name) = request;
        World { identity, boundary, session, scp, rcp, resource, caller, foreign, rule, action, object, name }
    })
}

const CALLERS: usize = 7;

fn caller(index: usize) -> PrincipalFacts {
    match index {
        0 => user(),
        1 => session(),
        2 => root(),
        3 => federated_user(),
        4 => service_linked(),
        5 => PrincipalFacts::service(["sns.amazonaws.com"]),
        _ => PrincipalFacts::anonymous(),
    }
}

impl World {
    fn decide(&self) -> Decision {
        let parse = |drafts: &Option<Vec<Draft>>, kind| drafts.as_ref().map(|drafts| document(drafts, kind));
        let identity = document(&self.identity, DocumentKind::Identity);
        let boundary = parse(&self.boundary, DocumentKind::Boundary);
        let session = parse(&self.session, DocumentKind::Session);
        let scp = parse(&self.scp, DocumentKind::Scp);
        let rcp = parse(&self.rcp, DocumentKind::Rcp);
        let resource = parse(&self.resource, DocumentKind::Resource);
        fn attach(document: &Document) -> Attached<'_> {
            Attached { id: "p", kind: document.kind(), document }
        }
        let session: Option<Vec<_>> = session.as_ref().map(|document| vec![attach(document)]);
        let scps: Vec<_> = scp.iter().map(attach).collect();
        let rcps: Vec<_> = rcp.iter().map(attach).collect();
        let level = |policies| [Level { id: "r", policies }];
        let (scp_levels, rcp_levels) = (level(&scps), level(&rcps));
        let policies = Policies {
            identity: &[attach(&identity)],
            boundary: boundary.as_ref().map(attach),
            session: session.as_deref(),
            scps: if scps.is_empty() { &[] } else { &scp_levels },
            rcps: if rcps.is_empty() { &[] } else { &rcp_levels },
            resource: resource.as_ref().map(attach),
            acl: None,
            vpc_endpoint: None,
            resource_rule: self.rule,
        };
        let principal = caller(self.caller);
        let context = self.name.map_or(MapContext::new(), |name| MapContext::new().with("aws:username", name));
        let request = Request {
            principal: &principal,
            action: self.action,
            resource: self.object,
            alias: None,
            resource_account: self.foreign.then_some(OTHER),
            context: &context,
        };
        let decision = evaluate(&request, &policies);
        let told = explain(&request, &policies);
        crate::scene::same(&decision, &told);
        assert_eq!(decision.outcome == Outcome::ImplicitDeny, !decision.missing.is_empty());
        assert_eq!(decision.outcome == Outcome::ExplicitDeny, !decision.is_allowed() && decision.by.is_some());
        decision
    }

    fn lists(&mut self) -> Vec<&mut Vec<Draft>> {
        let optional = [&mut self.boundary, &mut self.session, &mut self.scp, &mut self.rcp, &mut self.resource];
        let mut lists: Vec<_> = optional.into_iter().flatten().collect();
        lists.push(&mut self.identity);
        lists
    }

    fn limits(&mut self) -> Vec<&mut Vec<Draft>> {
        [&mut self.boundary, &mut self.session, &mut self.scp, &mut self.rcp].into_iter().flatten().collect()
    }
}

/// A statement about everything.
fn everything(effect: &'static str) -> Draft {
    Draft {
        effect,
        principal: r#""Principal":"*""#,
        action: r#""Action":"*""#,
        resource: r#""Resource":"*""#,
        condition: "",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_parser_never_panics(text in ".{0,80}", kind in 0usize..8) {
        if let Err(found) = Document::parse(&text, KINDS[kind]) {
            prop_assert!(found.iter().count() > 0);
            for found in &found {
                prop_assert!(text.get(found.span.clone()).is_some(), "{found:?}");
            }
        }
    }

    /// Policies with a piece cut out, doubled or replaced.
    #[test]
    fn the_parser_survives_damage(
        drafts in drafts(), kind in 0usize..8, at in 0.0f64..1.0, length in 0usize..12, with in r#"[{}\[\]",:*$é0-9a-zA-Z ]{0,4}"#,
    ) {
        let source = document(&drafts, DocumentKind::Resource).source().to_owned();
        let start = ((source.len() as f64 * at) as usize).min(source.len());
        let end = (start + length).min(source.len());
        let damaged = format!("{}{with}{}", &source[..start], &source[end..]);
        if let Err(found) = Document::parse(&damaged, KINDS[kind]) {
            for found in &found {
                prop_assert!(damaged.get(found.span.clone()).is_some() && found.line > 0 && found.column > 0);
            }
        }
    }

    #[test]
    fn globs_agree_with_a_naive_matcher(pattern in "[ab*?:é]{0,8}", text in "[ab:é]{0,10}") {
        // After five colons, wildcards match everything.
        prop_assert_eq!(matches_arn(&format!("a:b:c:d:e:{pattern}"), &format!("a:b:c:d:e:{text}")), naive(&pattern, &text));
        prop_assert_eq!(matches_action(&pattern, &text), naive(&pattern, &text));
    }

    /// In the first five fields only a * that ends its field runs on.
    #[test]
    fn arn_fields_agree_with_a_naive_matcher(pattern in "[ab*?:]{0,10}", text in "[ab:]{0,12}") {
        let pattern: Vec<char> = pattern.chars().collect();
        let text: Vec<char> = text.chars().collect();
        let whole = |chars: &[char]| chars.iter().collect::<String>();
        prop_assert_eq!(matches_arn(&whole(&pattern), &whole(&text)), naive_arn(&pattern, 0, &text));
    }

    #[test]
    fn a_deny_always_wins(mut world in world(), which: prop::sample::Index) {
        // Organizations' policies do not restrict service-linked roles, services and anonymous callers.
        if world.caller >= 4 {
            (world.scp, world.rcp) = (None, None);
        }
        which.get_mut(&mut world.lists()).push(everything("Deny"));
        prop_assert_eq!(world.decide().outcome, Outcome::ExplicitDeny);
    }

    #[test]
    fn adding_a_deny_never_grants(mut world in world(), which: prop::sample::Index, mut added in draft()) {
        let before = world.decide().is_allowed();
        added.effect = "Deny";
        which.get_mut(&mut world.lists()).push(added);
        prop_assert!(before || !world.decide().is_allowed());
    }

    #[test]
    fn adding_an_allow_never_revokes(mut world in world(), which: prop::sample::Index, mut added in draft()) {
        let before = world.decide();
        added.effect = "Allow";
        which.get_mut(&mut world.lists()).push(added);
        let after = world.decide();
        prop_assert!(!before.is_allowed() || after.is_allowed());
        prop_assert_eq!(before.outcome == Outcome::ExplicitDeny, after.outcome == Outcome::ExplicitDeny);
    }

    /// A boundary, session policy, SCP or RCP that allows everything grants nothing by itself.
    #[test]
    fn limits_never_grant(mut world in world()) {
        for limit in world.limits() {
            *limit = vec![everything("Allow")];
        }
        let limited = world.decide().is_allowed();
        let federated = world.caller == 3;
        // NotPrincipal with Deny treats callers with a boundary apart, and a federated user needs session policies.
        if !federated && world.boundary.is_none() {
            let free = World { session: None, scp: None, rcp: None, ..world };
            prop_assert_eq!(limited, free.decide().is_allowed());
        }
    }

    #[test]
    fn what_nothing_allows_is_denied(mut world in world()) {
        for list in world.lists() {
            list.iter_mut().for_each(|draft| draft.effect = "Deny");
        }
        // The root user needs no allow; its session policies, SCPs and RCPs would have to.
        let root = world.caller == 2 && world.session.is_none() && world.scp.is_none() && world.rcp.is_none();
        prop_assert!(root || !world.decide().is_allowed());
    }
}

/// `*` is any text, `?` any character, by trying everything.
fn naive(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| naive(rest.as_str(), &text[at..]))
        }
        Some(c) => {
            let mut chars = text.chars();
            chars.next().is_some_and(|other| (c == '?' || c == other) && naive(rest.as_str(), chars.as_str()))
        }
    }
}

fn naive_arn(pattern: &[char], at: usize, text: &[char]) -> bool {
    let head = pattern[..at].iter().filter(|c| **c == ':').count() < 5;
    match pattern.get(at) {
        None => text.is_empty(),
        Some('*') => {
            // Stars in a row are one star, which ends the field if the last does.
            let end = pattern[at..].iter().take_while(|c| **c == '*').count() + at;
            let crosses = !head || pattern.get(end).is_none_or(|c| *c == ':');
            (0..=text.len())
                .take_while(|length| crosses || !text[..*length].contains(&':'))
                .any(|length| naive_arn(pattern, end, &text[length..]))
        }
        Some('?') => text.first().is_some_and(|c| (!head || *c != ':') && naive_arn(pattern, at + 1, &text[1..])),
        Some(c) => text.first() == Some(c) && naive_arn(pattern, at + 1, &text[1..]),
    }
}
