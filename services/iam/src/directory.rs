//! What the chain asks IAM on every call: who holds a key, and what an identity may do.
//!
//! Each question costs one read when its answer is known: of the account's row, whose stamp tells whether
//! what is kept in memory is current.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use welkin_kernel::{
    AccountId, Arn, AssumableRole, Caller, Cx, Directory, IdentityPolicies, MfaFailure, NamedPolicy, OidcProvider,
    Page, Place, Principal, Region, Result, SamlProvider, SessionOf, StampCache, Timestamp, Use, credentials,
};

use crate::access_key::AccessKey;
use crate::account::Account;
use crate::entity::{self, by_id};
use crate::group::{Group, Membership};
use crate::role::Role;
use crate::user::{ROOT, User};
use crate::{attachment, inline_policy, mfa, oidc_provider, policy, root_access, saml_provider, usage};

/// Access keys kept in memory, and as many identities.
const KEPT: usize = 8_192;

/// A policy that permits nothing, in place of a session policy that was removed.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

/// IAM's side of the kernel's directory.
pub(crate) struct Identities {
    keys: StampCache<Arc<welkin_kernel::AccessKey>>,
    policies: StampCache<Arc<IdentityPolicies>>,
    uses: usage::Noted,
}

impl Identities {
    pub(crate) fn new() -> Self {
        Self { keys: StampCache::new(KEPT), policies: StampCache::new(KEPT), uses: usage::Noted::default() }
    }
}

impl Identities {
    /// The policies of a user or role; `None` if it is no more.
    async fn own_policies(
        &self,
        cx: &mut Cx,
        place: Place,
        holder: &Holder<'_>,
    ) -> Result<Option<Arc<IdentityPolicies>>> {
        if let Holder::Root = holder {
            return Ok(Some(Arc::default()));
        }
        let Some(stamp) = stamp(cx, place).await? else { return Ok(None) };
        if let Some(own) = self.policies.get(holder.id(), stamp) {
            return Ok(Some(own));
        }
        let Some(own) = read_policies(cx, place, holder).await?.map(Arc::new) else { return Ok(None) };
        self.policies.put(holder.id(), stamp, Arc::clone(&own));
        Ok(Some(own))
    }
}

/// Where an account's IAM is: it is one for all Regions.
pub(crate) fn home(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

/// The stamp of an account's IAM; `None` if nothing was ever made in it.
async fn stamp(cx: &mut Cx, place: Place) -> Result<Option<u64>> {
    Ok(cx.get::<Account>(place, ()).await?.map(|account| account.stamp))
}

impl Directory for Identities {
    fn access_key<'a>(
        &'a self,
        cx: &'a mut Cx,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Arc<welkin_kernel::AccessKey>>>> {
        Box::pin(async move {
            let Some(place) = credentials::account_of(id).map(home) else { return Ok(None) };
            let Some(stamp) = stamp(cx, place).await? else { return Ok(None) };
            if let Some(key) = self.keys.get(id, stamp) {
                return Ok(Some(key));
            }
            let key = read_key(cx, place, id).await?.map(Arc::new);
            if let Some(key) = &key {
                self.keys.put(id, stamp, Arc::clone(key));
            }
            Ok(key)
        })
    }

    fn policies<'a>(
        &'a self,
        cx: &'a mut Cx,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Option<Arc<IdentityPolicies>>>> {
        Box::pin(async move {
            if let Some(task) = principal.session().and_then(|session| session.task.as_ref()) {
                let identity = vec![named(cx, cx.here(), task.as_str()).await?];
                return Ok(Some(Arc::new(IdentityPolicies { identity, ..IdentityPolicies::default() })));
            }
            let Some((account, holder)) = holder(principal) else { return Ok(Some(Arc::default())) };
            let place = home(account);
            let Some(own) = self.own_policies(cx, place, &holder).await? else { return Ok(None) };
            match principal.session() {
                Some(session) if !session.policy_arns.is_empty() => {
                    let mut limited = IdentityPolicies::clone(&own);
                    limited.session = session_policies(cx, place, &session.policy_arns).await?;
                    Ok(Some(Arc::new(limited)))
                }
                _ => Ok(Some(own)),
            }
        })
    }

    fn root_sessions<'a>(
        &'a self,
        cx: &'a mut Cx,
        membership: &'a welkin_kernel::Membership,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(root_access::has_sessions(cx, membership))
    }

    fn role<'a>(
        &'a self,
        cx: &'a mut Cx,
        account: AccountId,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<AssumableRole>>> {
        Box::pin(async move {
            let Some(role) = cx.get::<Role>(home(account), entity::key(name)).await? else { return Ok(None) };
            let trust = role.trust.current(cx).await?.into_owned();
            let Role { head, max_session, tags, .. } = role;
            let role = welkin_kernel::Role { id: head.id, path: head.path, name: head.name };
            Ok(Some(AssumableRole { role, trust, max_session, tags }))
        })
    }

    fn verify_mfa<'a>(
        &'a self,
        cx: &'a mut Cx,
        serial: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<Result<(), MfaFailure>>> {
        Box::pin(mfa::verify(cx, serial, code))
    }

    fn is_news(&self, caller: &Caller, region: Region, at: Timestamp, service: &str, action: &str) -> bool {
        self.uses.is_news(caller, region, at, service, action)
    }

    fn note(&self, cx: &mut Cx, uses: &[Use]) -> Result<()> {
        usage::write(cx, uses)
    }

    fn noted(&self, uses: &[Use]) {
        self.uses.remember(uses);
    }

    fn forget_noted(&self) {
        self.uses.forget();
    }

    fn oidc_provider<'a>(&'a self, cx: &'a mut Cx, arn: &'a Arn) -> BoxFuture<'a, Result<Option<OidcProvider>>> {
        Box::pin(oidc_provider::trusted(cx, arn))
    }

    fn saml_provider<'a>(&'a self, cx: &'a mut Cx, arn: &'a Arn) -> BoxFuture<'a, Result<Option<SamlProvider>>> {
        Box::pin(saml_provider::trusted(cx, arn))
    }
}

async fn read_key(cx: &mut Cx, place: Place, id: &str) -> Result<Option<welkin_kernel::AccessKey>> {
    let Some(key) = cx.get::<AccessKey>(place, id).await? else { return Ok(None) };
    let principal = if key.holder == ROOT {
        Principal::Root { account: place.account }
    } else {
        match by_id::<User>(cx, place, &key.holder).await? {
            Some(user) => Principal::User(user.principal(place)),
            None => return Ok(None),
        }
    };
    let secret = cx.sealer().open(&AccessKey::seal_context(id), &key.secret).and_then(|s| String::from_utf8(s).ok());
    let secret = secret.ok_or_else(|| {
        welkin_kernel::Error::internal(format_args!("the secret of access key {id} was sealed by another root key"))
    })?;
    Ok(Some(welkin_kernel::AccessKey { secret, principal, active: key.active }))
}

/// Whose policies apply to a principal.
enum Holder<'a> {
    User(&'a str),
    Role(&'a str),
    /// The root user made the session; only session policies apply.
    Root,
}

impl Holder<'_> {
    fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Role(id) => id,
            Self::Root => ROOT,
        }
    }
}

/// Account and owner of a principal's policies; `None` for those that have none.
fn holder(principal: &Principal) -> Option<(AccountId, Holder<'_>)> {
    match principal {
        Principal::Anonymous | Principal::Root { .. } | Principal::Federated(_) | Principal::Service(_) => None,
        Principal::User(user) => Some((user.account, Holder::User(&user.id))),
        Principal::Session(session) => {
            let holder = match &session.of {
                SessionOf::Role { role, .. } => Holder::Role(&role.id),
                SessionOf::User(user) | SessionOf::Federated { by: Some(user), .. } => Holder::User(&user.id),
                SessionOf::Federated { by: None, .. } if !session.policy_arns.is_empty() => Holder::Root,
                SessionOf::Root | SessionOf::Federated { by: None, .. } => return None,
            };
            Some((session.account, holder))
        }
    }
}

/// The policies of a user or role; `None` if it is no more.
async fn read_policies(cx: &mut Cx, place: Place, holder: &Holder<'_>) -> Result<Option<IdentityPolicies>> {
    let (id, boundary, tags, service_linked) = match holder {
        Holder::Root => return Ok(Some(IdentityPolicies::default())),
        Holder::User(id) => match by_id::<User>(cx, place, id).await? {
            Some(user) => (user.head.id, user.boundary, user.tags, false),
            None => return Ok(None),
        },
        Holder::Role(id) => match by_id::<Role>(cx, place, id).await? {
            Some(role) => {
                let service_linked = role.is_service_linked();
                (role.head.id, role.boundary, role.tags, service_linked)
            }
            None => return Ok(None),
        },
    };
    let mut identity = Vec::new();
    collect(cx, place, &id, "", &mut identity).await?;
    if matches!(holder, Holder::User(_)) {
        for membership in cx.list::<Membership>(place, (&id,), Page::ALL).await? {
            if let Some(group) = by_id::<Group>(cx, place, &membership.group).await? {
                collect(cx, place, &group.head.id, &format!("group/{}/", group.head.name), &mut identity).await?;
            }
        }
    }
    let boundary = match boundary {
        Some(arn) => Some(named(cx, place, &arn).await?),
        None => None,
    };
    Ok(Some(IdentityPolicies { identity, boundary, session: Vec::new(), tags, service_linked }))
}

/// Adds the inline and managed policies of a user, group or role. `of` begins the names of inline ones.
async fn collect(cx: &mut Cx, place: Place, entity: &str, of: &str, into: &mut Vec<NamedPolicy>) -> Result<()> {
    for inline in inline_policy::of(cx, place, entity).await? {
        let id = format!("{of}{}", inline.name);
        let document = policy::compile(&id, &inline.document)?;
        into.push(NamedPolicy { id, document });
    }
    for attachment in attachment::of(cx, place, entity).await? {
        if let Some(document) = policy::compiled(cx, place.account, &attachment.policy_arn).await? {
            into.push(NamedPolicy { id: attachment.policy_arn, document });
        }
    }
    Ok(())
}

/// A managed policy that limits: one that is no more permits nothing.
async fn named(cx: &mut Cx, place: Place, arn: &str) -> Result<NamedPolicy> {
    let document = match policy::compiled(cx, place.account, arn).await? {
        Some(document) => document,
        None => policy::compile(arn, NOTHING)?,
    };
    Ok(NamedPolicy { id: arn.to_owned(), document })
}

async fn session_policies(cx: &mut Cx, place: Place, arns: &[welkin_kernel::Arn]) -> Result<Vec<NamedPolicy>> {
    let mut policies = Vec::with_capacity(arns.len());
    for arn in arns {
        policies.push(named(cx, place, arn.as_str()).await?);
    }
    Ok(policies)
}
