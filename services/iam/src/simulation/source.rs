//! The policies of a simulation and where they come from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Page, Result};
use welkin_policy::{Attached, Document, DocumentKind};

use super::caller::EntityArn;
use super::exclusion::Exclusions;
use super::invalid;
use crate::entity::{self, Entity, Kind, by_id, named};
use crate::group::{Group, Membership};
use crate::role::Role;
use crate::user::User;
use crate::{attachment, inline_policy, policy};

/// What kind of policy a statement is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PolicySource {
    /// Inline policy of a user.
    User,
    /// Inline policy of a group.
    Group,
    /// Inline policy of a role.
    Role,
    /// Managed by AWS.
    AwsManaged,
    /// Managed by the account.
    UserManaged,
    /// A resource's.
    Resource,
    /// Given with the request.
    None,
}

/// A policy that takes part.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Name, or place in the request: `PolicyInputList.1`.
    pub(super) id: String,
    pub(super) kind: PolicySource,
    /// ARN of a managed policy, or name of the entity an inline one is embedded in.
    pub(super) of: String,
    pub(super) document: Arc<Document>,
}

impl Source {
    /// A policy of the request.
    pub(super) fn given(id: String, json: &str, kind: DocumentKind) -> Result<Self> {
        let document = Document::parse(json, kind)
            // UNVERIFIED: the wording; the documented code is InvalidInput.
            .map_err(|why| invalid(format!("The policy {id} is not valid: {}", why.message())))?;
        Ok(Self { id, kind: PolicySource::None, of: String::new(), document: Arc::new(document) })
    }

    /// The policies of a list of the request, `LIST.1` and so on.
    pub(super) fn list(list: &str, policies: Option<&Vec<String>>, kind: DocumentKind) -> Result<Vec<Self>> {
        let policies = policies.into_iter().flatten().enumerate();
        policies.map(|(index, json)| Self::given(format!("{list}.{}", index + 1), json, kind)).collect()
    }

    pub(super) fn attached(&self, kind: DocumentKind) -> Attached<'_> {
        Attached { id: &self.id, kind, document: &self.document }
    }
}

/// The policies of an entity.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
}

/// The policies of the user (with those of its groups), group or role with this ARN, but those excluded.
///
/// # Errors
/// `NoSuchEntity` if there is no such entity.
pub(super) async fn of_entity(cx: &mut Cx, arn: &EntityArn, exclusions: &Exclusions) -> Result<Own> {
    let mut identity = Vec::new();
    let boundary = match arn.kind {
        Kind::User => {
            let user = exactly::<User>(cx, arn).await?;
            collect(cx, &user, &mut identity).await?;
            for membership in cx.list::<Membership>(cx.here(), (&user.head.id,), Page::ALL).await? {
                if let Some(group) = by_id::<Group>(cx, cx.here(), &membership.group).await? {
                    collect(cx, &group, &mut identity).await?;
                }
            }
            user.boundary
        }
        Kind::Group => {
            let group = exactly::<Group>(cx, arn).await?;
            collect(cx, &group, &mut identity).await?;
            None
        }
        Kind::Role => {
            let role = exactly::<Role>(cx, arn).await?;
            collect(cx, &role, &mut identity).await?;
            role.boundary
        }
    };
    identity.retain(|source| !exclusions.exclude(source));
    let boundary = match boundary.filter(|_| !exclusions.exclude_boundary()) {
        Some(arn) => managed(cx, &arn).await?,
        None => None,
    };
    Ok(Own { identity, boundary })
}

/// The entity whose whole ARN, with its path, this is.
async fn exactly<E: Entity>(cx: &mut Cx, arn: &EntityArn) -> Result<E> {
    let entity = named::<E>(cx, arn.name()).await?;
    if entity.head().arn(E::WHAT, cx.here()) == arn.arn {
        return Ok(entity);
    }
    Err(entity::missing(E::WHAT.word(), arn.name()))
}

/// Adds the inline and managed policies of one entity.
async fn collect<E: Entity>(cx: &mut Cx, entity: &E, into: &mut Vec<Source>) -> Result<()> {
    let place = cx.here();
    let head = entity.head();
    let kind = match E::WHAT {
        Kind::User => PolicySource::User,
        Kind::Group => PolicySource::Group,
        Kind::Role => PolicySource::Role,
    };
    for inline in inline_policy::of(cx, place, &head.id).await? {
        let document = policy::compile(&inline.name, &inline.document)?;
        into.push(Source { id: inline.name, kind, of: head.name.clone(), document });
    }
    for attachment in attachment::of(cx, place, &head.id).await? {
        into.extend(managed(cx, &attachment.policy_arn).await?);
    }
    Ok(())
}

async fn managed(cx: &mut Cx, arn: &str) -> Result<Option<Source>> {
    let Some(document) = policy::compiled(cx, cx.account(), arn).await? else { return Ok(None) };
    let kind = if arn.contains(":iam::aws:") { PolicySource::AwsManaged } else { PolicySource::UserManaged };
    Ok(Some(Source { id: policy::name_of(arn).to_owned(), kind, of: arn.to_owned(), document }))
}
