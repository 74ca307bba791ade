//! Step 4: whether the caller may do it.

use std::borrow::Cow;
use std::sync::Arc;

use welkin_policy::{
    Attached, Decision, DocumentKind, Element, Identity, Issuer, Level, Policies, PrincipalFacts, Request as Demanded,
    ResourceRule,
};

use super::authenticate::closed;
use super::condition_keys::Keys;
use super::tag_rules;
use crate::access::Demand;
use crate::authorization_message;
use crate::explain::DecisionRecord;
use crate::family::Family;
use crate::{
    Access, AccountId, Arn, Cx, Error, IdentityPolicies, LakeDemand, Membership, NamedPolicy, Partition, Principal,
    Result, SessionOf, canonical_user,
};

impl Cx {
    /// Decides demands that are known only while the operation runs, such as those of each key of a batch.
    /// What the whole call needs belongs into [`Operation::access`](crate::Operation::access).
    ///
    /// # Errors
    /// The service's own error for a denial; the call itself goes on.
    pub async fn authorise(&mut self, access: &Access) -> Result<()> {
        let service = self.service.ok_or_else(|| Error::internal("a job is not authorised"))?;
        authorise(self, Family::of(service), access).await
    }
}

/// Decides every demand; the first one that is denied refuses the call.
pub(super) async fn authorise(cx: &mut Cx, family: Family, access: &Access) -> Result<()> {
    if access.demands.is_empty() {
        return open(cx).await;
    }
    let subject = Subject::load(cx, family).await?;
    for demand in &access.demands {
        decide(cx, family, &subject, demand).await?;
    }
    for demand in &access.lake {
        hold_lake(cx, family, demand).await?;
    }
    Ok(())
}

/// Whether Lake Formation permits what IAM does.
async fn hold_lake(cx: &mut Cx, family: Family, demand: &LakeDemand) -> Result<()> {
    let principal = cx.principal().clone();
    if cx.lake_rights(&principal, demand.place, &demand.thing).await?.has(&demand.any_of) {
        return Ok(());
    }
    let wanted = demand.any_of.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    let message = format!("Insufficient Lake Formation permission(s): Required {wanted} on {}", demand.thing);
    Err(family.access_denied(message))
}

/// What everyone may do who is anyone: not those whose account is closed.
async fn open(cx: &mut Cx) -> Result<()> {
    let Some(account) = cx.principal().account() else { return Ok(()) };
    match cx.membership(account).await? {
        Some(membership) if membership.closed => Err(closed(cx)),
        _ => Ok(()),
    }
}

/// The caller with all that bears on it whatever the resource.
pub(super) struct Subject {
    pub(super) facts: PrincipalFacts,
    pub(super) policies: Arc<IdentityPolicies>,
    /// Session policies; `None` if the session was made without.
    session: Option<Vec<NamedPolicy>>,
    pub(super) membership: Option<Arc<Membership>>,
    /// The organization of the resource for which a service acts.
    pub(super) source_membership: Option<Arc<Membership>>,
}

impl Subject {
    async fn load(cx: &mut Cx, family: Family) -> Result<Self> {
        let principal = cx.principal().clone();
        let partition = cx.region().partition();
        let policies = identity_policies(cx, family, &principal).await?;
        let session = session_policies(cx, &principal, &policies)?;
        let theirs = match principal.account() {
            Some(account) => cx.membership(account).await?,
            None => None,
        };
        let (membership, source_membership) = match principal {
            Principal::Service(_) => (None, theirs),
            _ => (theirs, None),
        };
        if membership.as_ref().is_some_and(|membership| membership.closed) {
            return Err(closed(cx));
        }
        let mut facts = facts(&principal, partition, policies.service_linked);
        facts.canonical_user = match principal {
            Principal::Anonymous => Some(canonical_user::ANONYMOUS.to_owned()),
            Principal::Service(_) => None,
            _ => principal.account().map(canonical_user::of),
        };
        Ok(Self { facts, policies, session, membership, source_membership })
    }
}

/// The policies of a user or of a session's owner. One who is no more may do nothing.
async fn identity_policies(cx: &mut Cx, family: Family, principal: &Principal) -> Result<Arc<IdentityPolicies>> {
    let needs = match principal {
        Principal::User(_) => true,
        // The root user's own sessions have no policies but those that a task limits them by.
        Principal::Session(session) => session.of != SessionOf::Root || session.task.is_some(),
        Principal::Anonymous | Principal::Root { .. } | Principal::Federated(_) | Principal::Service(_) => false,
    };
    if !needs {
        return Ok(Arc::default());
    }
    let Some(directory) = cx.kernel.registry().directory.clone() else {
        return Err(Error::internal("no service knows identities"));
    };
    match directory.policies(cx, principal).await? {
        Some(policies) => Ok(policies),
        None => {
            let name = principal.arn(cx.region().partition()).map(String::from).unwrap_or_default();
            Err(family
                .access_denied(format!("User: {name} is not authorized: the user or role does not exist any more")))
        }
    }
}

fn session_policies(cx: &Cx, principal: &Principal, policies: &IdentityPolicies) -> Result<Option<Vec<NamedPolicy>>> {
    let Some(session) = principal.session() else { return Ok(None) };
    let federated = matches!(session.of, SessionOf::Federated { .. });
    if session.policies.is_empty() && session.policy_arns.is_empty() && !federated {
        return Ok(None);
    }
    let mut all = policies.session.clone();
    for json in &session.policies {
        let document = cx.kernel.documents.get(DocumentKind::Session, json)?;
        all.push(NamedPolicy { id: "session policy".to_owned(), document });
    }
    Ok(Some(all))
}

/// The caller as policies see it.
pub(super) fn facts(principal: &Principal, partition: Partition, service_linked: bool) -> PrincipalFacts {
    let iam = |account: AccountId, resource: &str| {
        Arn::from_parts(partition, "iam", None, Some(account), resource).as_str().to_owned()
    };
    let own = || principal.arn(partition).map(String::from).unwrap_or_default();
    let identity = match principal {
        Principal::Anonymous => return PrincipalFacts::anonymous(),
        Principal::Service(service) => return PrincipalFacts::service([service.name.clone()]),
        Principal::Federated(federated) => return PrincipalFacts::federated(federated.provider.as_str()),
        Principal::Root { .. } => Identity::Root { arn: own() },
        Principal::User(user) => Identity::User { arn: own(), id: user.id.clone() },
        Principal::Session(session) => match &session.of {
            SessionOf::Root => Identity::Root { arn: own() },
            SessionOf::User(user) => Identity::User { arn: own(), id: user.id.clone() },
            SessionOf::Role { role, .. } => Identity::RoleSession {
                role_arn: iam(session.account, &role.resource()),
                role_id: role.id.clone(),
                session_arn: own(),
                service_linked,
                federated_provider: session.provider.clone(),
            },
            SessionOf::Federated { by, .. } => Identity::FederatedUser {
                arn: own(),
                issuer: match by {
                    Some(user) => Issuer::User { arn: iam(user.account, &user.resource()), id: user.id.clone() },
                    None => Issuer::Root,
                },
            },
        },
    };
    PrincipalFacts { account: principal.account().map(|a| a.to_string()), canonical_user: None, identity }
}

/// What a demand is decided on: the resource, or what it is reached through.
#[derive(Clone, Copy)]
struct Target<'a> {
    arn: &'a str,
    /// The ARN through which it is addressed.
    alias: Option<&'a str>,
    owner: Option<AccountId>,
    /// Id and JSON of its policy.
    policy: Option<(&'a str, &'a str)>,
    rule: ResourceRule,
    /// What its access control list grants.
    acl: Option<&'a str>,
    /// Whose it is, if not the owner's of its policy.
    of_another: Option<Option<AccountId>>,
}

/// Decides a demand: what the resource is reached through must permit it, and the resource itself.
async fn decide(cx: &mut Cx, family: Family, subject: &Subject, demand: &Demand) -> Result<()> {
    let alias = demand.through.as_ref().map(|through| through.arn.as_str());
    if let Some(through) = &demand.through {
        let policy = through.policy.as_deref().map(|json| (through.arn.as_str(), json));
        let target = Target {
            arn: &through.arn,
            alias: None,
            owner: Some(through.owner),
            policy,
            rule: ResourceRule::Standard,
            acl: None,
            of_another: None,
        };
        permit(cx, family, subject, demand, target).await?;
    }
    let policy = demand.policy.as_ref().map(|policy| (policy.id.as_str(), policy.json.as_str()));
    let target = Target {
        arn: &demand.resource,
        alias,
        owner: demand.owner,
        policy,
        rule: demand.rule,
        acl: demand.acl.as_deref(),
        of_another: demand.of_another,
    };
    permit(cx, family, subject, demand, target).await
}

async fn permit(cx: &mut Cx, family: Family, subject: &Subject, demand: &Demand, target: Target<'_>) -> Result<()> {
    let owner = target.owner.or_else(|| target.arn.parse::<Arn>().ok()?.account());
    let owner = owner.or(cx.principal().account()).unwrap_or(cx.account());
    let owner_membership = match cx.principal().account() {
        Some(own) if own == owner => subject.membership.clone().or_else(|| subject.source_membership.clone()),
        _ => cx.membership(owner).await?,
    };
    hold_usable(cx, family, (demand, target.arn), owner, owner_membership.as_deref()).await?;
    let resource_policy = match target.policy {
        Some((id, json)) => {
            let kind = match target.rule {
                ResourceRule::Trust => DocumentKind::Trust,
                _ => DocumentKind::Resource,
            };
            Some((id, kind, cx.kernel.documents.get(kind, json)?))
        }
        None => None,
    };
    let acl = match target.acl {
        Some(json) => Some(cx.kernel.documents.get(DocumentKind::AccessControlList, json)?),
        None => None,
    };
    let owner_text = owner.to_string();
    let grantor = match target.of_another {
        None => owner_text.clone(),
        Some(account) => account.map_or_else(|| canonical_user::ANONYMOUS.to_owned(), |account| account.to_string()),
    };
    let keys = Keys { cx, subject, demand, owner: &owner_text, owner_membership: owner_membership.as_deref() };
    let demanded = Demanded {
        principal: &subject.facts,
        action: &demand.action,
        resource: target.arn,
        alias: target.alias,
        resource_account: Some(&grantor),
        context: &keys,
    };
    let of_resource = OfResource { policy: resource_policy.as_ref(), acl: acl.as_deref(), rule: target.rule };
    let (decision, advice) = evaluate(subject, owner_membership.as_deref(), &of_resource, &demanded);
    let denied = (!decision.is_allowed()).then(|| message(subject, &demand.action, target.arn, &decision));
    let record = DecisionRecord {
        request_id: cx.facts().request_id.clone(),
        time: cx.now(),
        principal: subject.facts.name().to_owned(),
        via: cx.caller().via.last().copied(),
        action: demand.action.clone().into_owned(),
        resource: target.arn.to_owned(),
        decision,
        advice,
    };
    let denied = match denied {
        Some(message) if family == Family::Ec2 => Some(format!("{message} {}", encoded(cx, &record)?)),
        denied => denied,
    };
    cx.kernel.decisions.push(record);
    match (denied, owner_membership) {
        (Some(message), _) => Err(family.access_denied(message)),
        (None, Some(membership)) => tag_rules::hold(&membership, demand),
        (None, None) => Ok(()),
    }
}

/// What only those who may ask STS can read of a denial.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn encoded(cx: &Cx, record: &DecisionRecord) -> Result<String> {
    let message = authorization_message::of(record, cx.principal());
    let encoded = authorization_message::encode(cx.sealer(), cx.chance(), &message)?;
    Ok(format!("Encoded authorization failure message: {encoded}"))
}

/// What a closed account has, and what is in a Region that the owner has not enabled, nobody may use.
async fn hold_usable(
    cx: &mut Cx,
    family: Family,
    (demand, resource): (&Demand, &str),
    owner: AccountId,
    membership: Option<&Membership>,
) -> Result<()> {
    if membership.is_some_and(|membership| membership.closed) {
        let message = format!("The account {owner}, which owns {resource}, is closed.");
        return Err(family.access_denied(message));
    }
    let region = cx.region();
    if cx.has_region(owner, region).await? {
        return Ok(());
    }
    if demand.action.starts_with("sts:") {
        let message = "STS is not activated in the requested region for the account that is being asked to generate \
                       credentials. The account administrator must use the IAM console to activate STS in that \
                       region.";
        return Err(Error::new("RegionDisabledException", message).status(403));
    }
    Err(family.access_denied(format!("The account {owner} has not enabled the Region {region}.")))
}

fn message(subject: &Subject, action: &str, resource: &str, decision: &Decision) -> String {
    // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
    if matches!(subject.facts.identity, Identity::Federated { .. }) {
        return format!("Not authorized to perform {action}");
    }
    let resource = if action.starts_with("s3:") && resource != "*" {
        Cow::Owned(format!("\"{resource}\""))
    } else {
        Cow::Borrowed(resource)
    };
    decision.message(subject.facts.name(), action, &resource)
}

fn attached(policies: &[NamedPolicy], kind: DocumentKind) -> Vec<Attached<'_>> {
    policies.iter().map(|policy| Attached { id: &policy.id, kind, document: &policy.document }).collect()
}

/// Control policies by level; the management account has none.
fn levels<'a>(
    membership: &'a Membership,
    levels: &'a [Vec<NamedPolicy>],
    kind: DocumentKind,
) -> Vec<(&'a str, Vec<Attached<'a>>)> {
    if membership.management {
        return Vec::new();
    }
    // No level is lost for want of a name.
    let names = membership.levels.iter().map(String::as_str).chain(std::iter::repeat("?"));
    names.zip(levels).map(|(id, level)| (id, attached(level, kind))).collect()
}

/// What the resource says of who may use it.
struct OfResource<'a> {
    policy: Option<&'a (&'a str, DocumentKind, Arc<welkin_policy::Document>)>,
    acl: Option<&'a welkin_policy::Document>,
    rule: ResourceRule,
}

/// Evaluates; a denial is evaluated once more with a trace and with what would allow it, for those who ask why.
fn evaluate(
    subject: &Subject,
    owner: Option<&Membership>,
    resource: &OfResource<'_>,
    demanded: &Demanded<'_>,
) -> (Decision, Vec<String>) {
    let identity = attached(&subject.policies.identity, DocumentKind::Identity);
    let session = subject.session.as_deref().map(|policies| attached(policies, DocumentKind::Session));
    let scps =
        subject.membership.as_deref().map(|m| levels(m, &m.service_control, DocumentKind::Scp)).unwrap_or_default();
    let bound = owner.filter(|_| welkin_policy::has_resource_control(demanded.action));
    let rcps = bound.map(|m| levels(m, &m.resource_control, DocumentKind::Rcp)).unwrap_or_default();
    let scps: Vec<_> = scps.iter().map(|(id, policies)| Level { id, policies }).collect();
    let rcps: Vec<_> = rcps.iter().map(|(id, policies)| Level { id, policies }).collect();
    let policies = Policies {
        identity: &identity,
        boundary: subject.policies.boundary.as_ref().map(|policy| Attached {
            id: &policy.id,
            kind: DocumentKind::Boundary,
            document: &policy.document,
        }),
        session: session.as_deref(),
        scps: &scps,
        rcps: &rcps,
        resource: resource.policy.map(|(id, kind, document)| Attached { id, kind: *kind, document }),
        acl: resource.acl.map(|document| Attached {
            id: demanded.resource,
            kind: DocumentKind::AccessControlList,
            document,
        }),
        vpc_endpoint: None,
        resource_rule: resource.rule,
    };
    let decision = welkin_policy::evaluate(demanded, &policies);
    if decision.is_allowed() {
        return (decision, Vec::new());
    }
    let mut decision = welkin_policy::explain(demanded, &policies);
    let advice = welkin_policy::advice(demanded, &policies, &decision);
    for policy in &mut decision.policies {
        policy.statements.retain(|statement| statement.failed != Some(Element::Action));
    }
    (decision, advice)
}
