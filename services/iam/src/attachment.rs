//! Managed policies attached to users, groups and roles:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Scope};

use crate::entity::{Entity, Kind, named};
use crate::errors::NoSuchEntityException;
use crate::group::Group;
use crate::page::{Paged, Wanted};
use crate::role::Role;
use crate::user::User;
use crate::{access, account, policy, quota};

/// A managed policy attached to an entity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// Unique id of the entity.
    pub(crate) entity: String,
    pub(crate) kind: Kind,
    pub(crate) policy_arn: String,
}

impl Resource for Attachment {
    const KIND: &'static str = "iam/attachment";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["policy"];

    fn key(&self) -> Key {
        (&self.entity, &self.policy_arn).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("policy", (&self.policy_arn).into_key())]
    }
}

/// Attachments of the entity with this unique id, by ARN.
pub(crate) async fn of(cx: &mut Cx, place: Place, entity: &str) -> Result<Vec<Attachment>> {
    cx.list::<Attachment>(place, (entity,), Page::ALL).await
}

/// Whether the entity has any.
pub(crate) async fn any(cx: &mut Cx, entity: &str) -> Result<bool> {
    Ok(!cx.list::<Attachment>(cx.here(), (entity,), Page::of(1, None)).await?.is_empty())
}

/// Attachments of a policy.
pub(crate) async fn of_policy(cx: &mut Cx, arn: &str) -> Result<Vec<Attachment>> {
    cx.find::<Attachment>(cx.here(), "policy", arn, 0).await
}

async fn attach<E: Entity>(cx: &mut Cx, entity: &str, arn: &str) -> Result<Empty> {
    let owner = named::<E>(cx, entity).await?;
    owner.hold_modifiable()?;
    policy::attachable(cx, arn).await?;
    let id = owner.head().id.clone();
    let present = of(cx, cx.here(), &id).await?;
    if present.iter().any(|attachment| attachment.policy_arn == arn) {
        return Ok(Empty {});
    }
    quota::hold(&format!("PoliciesPer{}", E::WHAT.title()), present.len(), quota::ATTACHED_POLICIES)?;
    cx.put(cx.here(), &Attachment { entity: id, kind: E::WHAT, policy_arn: arn.to_owned() }).await?;
    account::changed(cx).await?;
    Ok(Empty {})
}

async fn detach<E: Entity>(cx: &mut Cx, entity: &str, arn: &str) -> Result<Empty> {
    let owner = named::<E>(cx, entity).await?;
    owner.hold_modifiable()?;
    if cx.delete::<Attachment>(cx.here(), (&owner.head().id, arn)).await?.is_none() {
        return Err(NoSuchEntityException::because(format!("Policy {arn} was not found.")));
    }
    account::changed(cx).await?;
    Ok(Empty {})
}

async fn attached<E: Entity>(
    cx: &mut Cx,
    entity: &str,
    prefix: Option<&str>,
    wanted: Wanted<'_>,
) -> Result<Paged<AttachedPolicy>> {
    let owner = named::<E>(cx, entity).await?.head().id.clone();
    let prefix = prefix.unwrap_or("/");
    let attachments = of(cx, cx.here(), &owner).await?;
    let policies =
        attachments.into_iter().filter(|attachment| policy::path_of(&attachment.policy_arn).starts_with(prefix));
    wanted.of(policies.map(AttachedPolicy::from).collect(), |policy| policy.policy_arn.clone())
}

impl From<Attachment> for AttachedPolicy {
    fn from(attachment: Attachment) -> Self {
        let policy_name = policy::name_of(&attachment.policy_arn).to_owned();
        Self { policy_name, policy_arn: attachment.policy_arn }
    }
}

/// A managed policy in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedPolicy {
    policy_name: String,
    policy_arn: String,
}

/// Managed policies of an entity.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedPolicies {
    attached_policies: Vec<AttachedPolicy>,
    is_truncated: bool,
    marker: Option<String>,
}

/// The three operations for one kind of entity.
macro_rules! attachments {
    ($entity:ident, $name:ident:
        $attach:ident $attach_action:literal, $detach:ident $detach_action:literal,
        $list:ident $list_action:literal) => {
        /// Attaches a managed policy to the entity; attached already is well.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($attach), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $attach {
            $name: String,
            policy_arn: String,
        }

        impl Operation for $attach {
            const NAME: &'static str = stringify!($attach);
            type Output = Empty;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                let access = access::on::<$entity>(cx, $attach_action, &self.$name).await?;
                Ok(access.key("iam:PolicyARN", &self.policy_arn))
            }

            async fn run(&self, cx: &mut Cx) -> Result<Empty> {
                attach::<$entity>(cx, &self.$name, &self.policy_arn).await
            }
        }

        /// Takes a managed policy away from the entity.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($detach), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $detach {
            $name: String,
            policy_arn: String,
        }

        impl Operation for $detach {
            const NAME: &'static str = stringify!($detach);
            type Output = Empty;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                let access = access::on::<$entity>(cx, $detach_action, &self.$name).await?;
                Ok(access.key("iam:PolicyARN", &self.policy_arn))
            }

            async fn run(&self, cx: &mut Cx) -> Result<Empty> {
                detach::<$entity>(cx, &self.$name, &self.policy_arn).await
            }
        }

        /// Lists the managed policies that are attached to the entity, by ARN.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($list), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $list {
            $name: String,
            path_prefix: Option<String>,
            marker: Option<String>,
            max_items: Option<u32>,
        }

        impl Operation for $list {
            const NAME: &'static str = stringify!($list);
            type Output = AttachedPolicies;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::on::<$entity>(cx, $list_action, &self.$name).await
            }

            async fn run(&self, cx: &mut Cx) -> Result<AttachedPolicies> {
                let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
                let page = attached::<$entity>(cx, &self.$name, self.path_prefix.as_deref(), wanted).await?;
                Ok(AttachedPolicies {
                    is_truncated: page.is_truncated(),
                    attached_policies: page.items,
                    marker: page.marker,
                })
            }
        }
    };
}

attachments!(User, user_name: AttachUserPolicy "iam:AttachUserPolicy", DetachUserPolicy "iam:DetachUserPolicy",
    ListAttachedUserPolicies "iam:ListAttachedUserPolicies");
attachments!(Group, group_name: AttachGroupPolicy "iam:AttachGroupPolicy", DetachGroupPolicy "iam:DetachGroupPolicy",
    ListAttachedGroupPolicies "iam:ListAttachedGroupPolicies");
attachments!(Role, role_name: AttachRolePolicy "iam:AttachRolePolicy", DetachRolePolicy "iam:DetachRolePolicy",
    ListAttachedRolePolicies "iam:ListAttachedRolePolicies");
