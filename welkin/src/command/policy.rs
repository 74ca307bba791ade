//! `welkin policy`: the driver of `tests/authorization`. Each line is a request with the policies that bear on it;
//! the answer is what is decided.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use welkin_policy::{
    Attached, Document, DocumentKind, Identity, Issuer, Level, MapContext, Outcome, Policies, PrincipalFacts, Request,
    ResourceRule,
};

use crate::fault::Fault;

pub(crate) fn run() -> Result<(), Fault> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let broken = |e: io::Error| Fault::new("the lines cannot be read or written", e, "send one JSON object a line");
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<Case>(&line.map_err(broken)?) {
            Ok(case) => case.decide().unwrap_or_else(|error| Answer::Failed { error }),
            Err(error) => Answer::Failed { error: error.to_string() },
        };
        let answer = serde_json::to_string(&answer).map_err(|e| broken(e.into()))?;
        writeln!(out, "{answer}").map_err(broken)?;
    }
    out.flush().map_err(broken)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    caller: Caller,
    action: String,
    resource: String,
    owner: String,
    context: BTreeMap<String, Vec<String>>,
    identity: Vec<String>,
    boundary: Option<String>,
    session: Option<Vec<String>>,
    scps: Vec<Vec<String>>,
    rcps: Vec<Vec<String>>,
    resource_policy: Option<String>,
    endpoint: Option<String>,
    rule: Rule,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rule {
    Standard,
    Key,
    Trust,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Caller {
    Root { account: String, canonical: String },
    User { account: String, canonical: String, arn: String, id: String },
    Role { account: String, canonical: String, arn: String, id: String, session: String, service_linked: bool },
    FederatedUser { account: String, canonical: String, arn: Option<String>, id: Option<String>, session: String },
    Service { name: String },
    Anonymous,
    WebIdentity { provider: String },
    Saml { provider: String },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Decided {
        outcome: &'static str,
        /// The same by the evaluation that traces.
        explained: &'static str,
        /// What should have allowed.
        missing: Vec<&'static str>,
    },
    Failed {
        error: String,
    },
}

impl Caller {
    fn facts(self) -> PrincipalFacts {
        let of = |account, canonical, identity| PrincipalFacts {
            account: Some(account),
            canonical_user: Some(canonical),
            identity,
        };
        match self {
            Self::Root { account, canonical } => {
                PrincipalFacts { canonical_user: Some(canonical), ..PrincipalFacts::root(&account) }
            }
            Self::User { account, canonical, arn, id } => of(account, canonical, Identity::User { arn, id }),
            Self::Role { account, canonical, arn, id, session, service_linked } => {
                let federated_provider = None;
                let identity = Identity::RoleSession {
                    role_arn: arn,
                    role_id: id,
                    session_arn: session,
                    service_linked,
                    federated_provider,
                };
                of(account, canonical, identity)
            }
            Self::FederatedUser { account, canonical, arn, id, session } => {
                let issuer = match (arn, id) {
                    (Some(arn), Some(id)) => Issuer::User { arn, id },
                    _ => Issuer::Root,
                };
                of(account, canonical, Identity::FederatedUser { arn: session, issuer })
            }
            Self::Service { name } => PrincipalFacts::service([name]),
            Self::Anonymous => PrincipalFacts::anonymous(),
            Self::WebIdentity { provider } | Self::Saml { provider } => PrincipalFacts::federated(&provider),
        }
    }
}

fn parse(json: &String, kind: DocumentKind) -> Result<Document, String> {
    Document::parse(json, kind).map_err(|why| format!("{kind:?}: {why}: {json}"))
}

fn all<'a>(policies: impl IntoIterator<Item = &'a String>, kind: DocumentKind) -> Result<Vec<Document>, String> {
    policies.into_iter().map(|json| parse(json, kind)).collect()
}

fn attached(documents: &[Document]) -> Vec<Attached<'_>> {
    documents.iter().map(|document| Attached { id: "", kind: document.kind(), document }).collect()
}

fn levels(policies: &[Vec<String>], kind: DocumentKind) -> Result<Vec<Vec<Document>>, String> {
    policies.iter().map(|level| all(level, kind)).collect()
}

impl Case {
    fn decide(self) -> Result<Answer, String> {
        let resource_kind = if matches!(self.rule, Rule::Trust) { DocumentKind::Trust } else { DocumentKind::Resource };
        let identity = all(&self.identity, DocumentKind::Identity)?;
        let boundary = all(&self.boundary, DocumentKind::Boundary)?;
        let session = self.session.as_ref().map(|policies| all(policies, DocumentKind::Session)).transpose()?;
        let endpoint = all(&self.endpoint, DocumentKind::VpcEndpoint)?;
        let resource = all(&self.resource_policy, resource_kind)?;
        let (scps, rcps) = (levels(&self.scps, DocumentKind::Scp)?, levels(&self.rcps, DocumentKind::Rcp)?);
        let scps: Vec<_> = scps.iter().map(|level| attached(level)).collect();
        let rcps: Vec<_> = rcps.iter().map(|level| attached(level)).collect();
        let session = session.as_deref().map(attached);
        let policies = Policies {
            identity: &attached(&identity),
            boundary: attached(&boundary).pop(),
            session: session.as_deref(),
            scps: &scps.iter().map(|policies| Level { id: "", policies }).collect::<Vec<_>>(),
            rcps: &rcps.iter().map(|policies| Level { id: "", policies }).collect::<Vec<_>>(),
            resource: attached(&resource).pop(),
            acl: None,
            vpc_endpoint: attached(&endpoint).pop(),
            resource_rule: match self.rule {
                Rule::Standard => ResourceRule::Standard,
                Rule::Key => ResourceRule::KeyPolicy,
                Rule::Trust => ResourceRule::Trust,
            },
        };
        let context = self.context.into_iter().fold(MapContext::new(), |map, (key, values)| map.with_all(&key, values));
        let request = Request {
            principal: &self.caller.facts(),
            action: &self.action,
            resource: &self.resource,
            alias: None,
            resource_account: Some(&self.owner),
            context: &context,
        };
        let decision = welkin_policy::evaluate(&request, &policies);
        let explained = welkin_policy::explain(&request, &policies);
        Ok(Answer::Decided {
            outcome: outcome(decision.outcome),
            explained: outcome(explained.outcome),
            missing: decision.missing.into_iter().map(kind).collect(),
        })
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allowed",
        Outcome::ImplicitDeny => "implicitDeny",
        Outcome::ExplicitDeny => "explicitDeny",
    }
}

fn kind(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Identity => "identity",
        DocumentKind::Resource | DocumentKind::Trust | DocumentKind::AccessControlList => "resource",
        DocumentKind::Boundary => "boundary",
        DocumentKind::Session => "session",
        DocumentKind::Scp => "scp",
        DocumentKind::Rcp => "rcp",
        DocumentKind::VpcEndpoint => "endpoint",
    }
}
