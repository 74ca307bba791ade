//! A request and all its policies, put together in a few words.

use welkin_policy::*;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";
pub(crate) const ACTION: &str = "svc:Act";
pub(crate) const RESOURCE: &str = "arn:aws:svc:eu-central-1:111122223333:thing/1";

/// What a policy says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Allow,
    /// It allows something else.
    Nothing,
    Deny,
}

impl Says {
    fn json(self, principal: &str) -> String {
        let (effect, action) = match self {
            Says::Allow => ("Allow", "svc:Act"),
            Says::Nothing => ("Allow", "svc:Other"),
            Says::Deny => ("Deny", "svc:Act"),
        };
        format!(r#"{{"Statement":[{{"Effect":"{effect}",{principal}"Action":"{action}","Resource":"*"}}]}}"#)
    }
}

/// Everything of one evaluation. Starts with no policies at all.
pub(crate) struct Scene {
    pub(crate) principal: PrincipalFacts,
    pub(crate) owner: Option<&'static str>,
    pub(crate) rule: ResourceRule,
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Option<Vec<Document>>,
    scps: Vec<Vec<Document>>,
    rcps: Vec<Vec<Document>>,
    resource: Option<Document>,
    acl: Option<Document>,
    vpc_endpoint: Option<Document>,
    pub(crate) context: MapContext,
}

impl Scene {
    pub(crate) fn new(principal: PrincipalFacts) -> Self {
        Self {
            principal,
            owner: Some(ACCOUNT),
            rule: ResourceRule::Standard,
            identity: Vec::new(),
            boundary: None,
            session: None,
            scps: Vec::new(),
            rcps: Vec::new(),
            resource: None,
            acl: None,
            vpc_endpoint: None,
            context: MapContext::new(),
        }
    }

    pub(crate) fn owned_by(mut self, owner: &'static str) -> Self {
        self.owner = Some(owner);
        self
    }

    pub(crate) fn rule(mut self, rule: ResourceRule) -> Self {
        self.rule = rule;
        self
    }

    pub(crate) fn identity(mut self, says: Says) -> Self {
        self.identity.push(parse(&says.json(""), DocumentKind::Identity));
        self
    }

    pub(crate) fn boundary(mut self, says: Says) -> Self {
        self.boundary = Some(parse(&says.json(""), DocumentKind::Boundary));
        self
    }

    pub(crate) fn session(mut self, says: Says) -> Self {
        self.session.get_or_insert_default().push(parse(&says.json(""), DocumentKind::Session));
        self
    }

    pub(crate) fn scps(mut self, levels: &[&[Says]]) -> Self {
        let level = |level: &&[Says]| level.iter().map(|says| parse(&says.json(""), DocumentKind::Scp)).collect();
        self.scps = levels.iter().map(level).collect();
        self
    }

    pub(crate) fn rcps(mut self, levels: &[&[Says]]) -> Self {
        let document = |says: &Says| parse(&says.json(r#""Principal":"*","#), DocumentKind::Rcp);
        self.rcps = levels.iter().map(|level| level.iter().map(document).collect()).collect();
        self
    }

    /// A resource policy whose one statement has this element: `"Principal":"*"`.
    pub(crate) fn resource(self, says: Says, principal: &str) -> Self {
        self.resource_json(&says.json(&format!("{principal},")))
    }

    pub(crate) fn resource_json(mut self, json: &str) -> Self {
        self.resource = Some(parse(json, DocumentKind::Resource));
        self
    }

    /// An access control list whose one grant is to these principals.
    pub(crate) fn acl(mut self, says: Says, principal: &str) -> Self {
        self.acl = Some(parse(&says.json(&format!("{principal},")), DocumentKind::AccessControlList));
        self
    }

    /// A trust policy, which has no resource.
    pub(crate) fn trust(mut self, says: Says, principal: &str) -> Self {
        let (effect, action) = match says {
            Says::Allow => ("Allow", "sts:AssumeRole"),
            Says::Nothing => ("Allow", "sts:TagSession"),
            Says::Deny => ("Deny", "sts:AssumeRole"),
        };
        let json = format!(r#"{{"Statement":[{{"Effect":"{effect}",{principal},"Action":"{action}"}}]}}"#);
        self.resource = Some(parse(&json, DocumentKind::Trust));
        self.rule = ResourceRule::Trust;
        self
    }

    pub(crate) fn vpc_endpoint(mut self, says: Says) -> Self {
        self.vpc_endpoint = Some(parse(&says.json(r#""Principal":"*","#), DocumentKind::VpcEndpoint));
        self
    }

    pub(crate) fn decide(&self) -> Decision {
        self.decide_action(if self.rule == ResourceRule::Trust { "sts:AssumeRole" } else { ACTION })
    }

    pub(crate) fn decide_action(&self, action: &str) -> Decision {
        let identity = attach(&self.identity, DocumentKind::Identity);
        let session = self.session.as_ref().map(|session| attach(session, DocumentKind::Session));
        let scps: Vec<_> = self.scps.iter().map(|level| attach(level, DocumentKind::Scp)).collect();
        let rcps: Vec<_> = self.rcps.iter().map(|level| attach(level, DocumentKind::Rcp)).collect();
        let policies = Policies {
            identity: &identity,
            boundary: one(&self.boundary, DocumentKind::Boundary),
            session: session.as_deref(),
            scps: &levels(&scps),
            rcps: &levels(&rcps),
            resource: self.resource.as_ref().map(|document| Attached { id: "p", kind: document.kind(), document }),
            acl: one(&self.acl, DocumentKind::AccessControlList),
            vpc_endpoint: one(&self.vpc_endpoint, DocumentKind::VpcEndpoint),
            resource_rule: self.rule,
        };
        let request = Request {
            principal: &self.principal,
            action,
            resource: RESOURCE,
            alias: None,
            resource_account: self.owner,
            context: &self.context,
        };
        let decision = evaluate(&request, &policies);
        let explained = welkin_policy::explain(&request, &policies);
        same(&decision, &explained);
        decision
    }

    /// `allow`, `deny`, or `no` and the first policy that should have allowed.
    pub(crate) fn answer(&self) -> String {
        let decision = self.decide();
        match decision.outcome {
            Outcome::Allow => "allow".into(),
            Outcome::ExplicitDeny => format!("deny {:?}", decision.by.unwrap().kind),
            Outcome::ImplicitDeny => format!("no {:?}", decision.missing[0]),
        }
    }
}

pub(crate) fn parse(json: &str, kind: DocumentKind) -> Document {
    Document::parse(json, kind).unwrap_or_else(|found| panic!("{json}: {found}"))
}

fn attach(documents: &[Document], kind: DocumentKind) -> Vec<Attached<'_>> {
    documents.iter().map(|document| Attached { id: "p", kind, document }).collect()
}

fn one(document: &Option<Document>, kind: DocumentKind) -> Option<Attached<'_>> {
    document.as_ref().map(|document| Attached { id: "p", kind, document })
}

fn levels<'a>(attached: &'a [Vec<Attached<'a>>]) -> Vec<Level<'a>> {
    attached.iter().map(|policies| Level { id: "level", policies }).collect()
}

pub(crate) fn user() -> PrincipalFacts {
    PrincipalFacts::user(ACCOUNT, "arn:aws:iam::111122223333:user/ann", "AIDAANNANNANNANNANNAN")
}

pub(crate) fn session() -> PrincipalFacts {
    PrincipalFacts::role_session(
        ACCOUNT,
        "arn:aws:iam::111122223333:role/app",
        "AROAAPPAPPAPPAPPAPPAP",
        "arn:aws:sts::111122223333:assumed-role/app/one",
    )
}

pub(crate) fn federated_user() -> PrincipalFacts {
    let arn = "arn:aws:sts::111122223333:federated-user/fed".into();
    let issuer = Issuer::User { arn: "arn:aws:iam::111122223333:user/ann".into(), id: "AIDAANNANNANNANNANNAN".into() };
    PrincipalFacts { identity: Identity::FederatedUser { arn, issuer }, ..user() }
}

pub(crate) fn service_linked() -> PrincipalFacts {
    let Identity::RoleSession { role_arn, role_id, session_arn, federated_provider, .. } = session().identity else {
        unreachable!()
    };
    let identity = Identity::RoleSession { role_arn, role_id, session_arn, service_linked: true, federated_provider };
    PrincipalFacts { identity, ..session() }
}

pub(crate) fn root() -> PrincipalFacts {
    PrincipalFacts::root(ACCOUNT)
}

/// Whether a statement with this condition applies, for both effects.
pub(crate) fn applies(effect: &str, condition: &str, context: &MapContext) -> bool {
    let json = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{condition}}}]}}"#
    );
    let document = parse(&json, DocumentKind::Identity);
    let policy = Attached { id: "p", kind: DocumentKind::Identity, document: &document };
    let principal = user();
    let request = Request {
        principal: &principal,
        action: ACTION,
        resource: RESOURCE,
        alias: None,
        resource_account: None,
        context,
    };
    let outcome = evaluate(&request, &Policies { identity: &[policy], ..Policies::default() }).outcome;
    outcome == if effect == "Allow" { Outcome::Allow } else { Outcome::ExplicitDeny }
}

/// An explanation must not change the decision; it tells more of the statement that decided, and of a denial
/// what else lacks an `Allow`.
pub(crate) fn same(decision: &Decision, explained: &Decision) {
    let by = |decision: &Decision| decision.by.clone().map(|by| (by.kind, by.policy, by.statement, by.sid, by.span));
    assert_eq!((decision.outcome, by(decision)), (explained.outcome, by(explained)));
    if decision.outcome != Outcome::ExplicitDeny {
        assert_eq!(decision.missing, explained.missing);
    }
    assert_eq!(explained.by.as_ref().is_some(), explained.by.as_ref().is_some_and(|by| by.line.is_some()));
}
