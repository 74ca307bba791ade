//! Policies embedded in one user, group or role:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html#inline-policies>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Scope};
use welkin_policy::DocumentKind;

use crate::entity::{Entity, Head, missing, named};
use crate::group::Group;
use crate::page::{Paged, Wanted};
use crate::role::Role;
use crate::user::User;
use crate::{access, account, document};

/// An inline policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InlinePolicy {
    /// Unique id of the entity it is embedded in.
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) document: String,
    /// Characters without white space.
    size: u32,
}

impl Resource for InlinePolicy {
    const KIND: &'static str = "iam/inline-policy";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.owner, &self.name).into_key()
    }
}

/// Inline policies of the entity with this unique id, by name.
pub(crate) async fn of(cx: &mut Cx, place: Place, owner: &str) -> Result<Vec<InlinePolicy>> {
    cx.list::<InlinePolicy>(place, (owner,), Page::ALL).await
}

/// Whether the entity has any.
pub(crate) async fn any(cx: &mut Cx, owner: &str) -> Result<bool> {
    Ok(!cx.list::<InlinePolicy>(cx.here(), (owner,), Page::of(1, None)).await?.is_empty())
}

/// Whether the service that a role is linked to changes it, on behalf of a caller who may: Lake Formation permits its
/// role the locations that are registered.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/dg/service-linked-roles.html>
fn is_changed_by_its_service(cx: &Cx, owner: &Head) -> bool {
    cx.caller().via.last().is_some_and(|via| owner.path == format!("/aws-service-role/{via}/"))
}

async fn put<E: Entity>(cx: &mut Cx, entity: &str, name: &str, json: &str) -> Result<Empty> {
    let owner = named::<E>(cx, entity).await?;
    if !is_changed_by_its_service(cx, owner.head()) {
        owner.hold_modifiable()?;
    }
    let size = document::parse(json, DocumentKind::Identity)?.size();
    let others = of(cx, cx.here(), &owner.head().id).await?;
    let others: usize = others.iter().filter(|policy| policy.name != name).map(|policy| policy.size as usize).sum();
    let whose = format!("{} {}", E::WHAT.word(), owner.head().name);
    document::hold_size(others + size, E::WHAT.inline_size(), &whose)?;
    let policy = InlinePolicy {
        owner: owner.head().id.clone(),
        name: name.to_owned(),
        document: json.to_owned(),
        size: u32::try_from(size).unwrap_or(u32::MAX),
    };
    cx.put(cx.here(), &policy).await?;
    account::changed(cx).await?;
    Ok(Empty {})
}

/// The entity's name as it was given at its making, and the policy.
async fn get<E: Entity>(cx: &mut Cx, entity: &str, name: &str) -> Result<(String, InlinePolicy)> {
    let owner = named::<E>(cx, entity).await?;
    match cx.get::<InlinePolicy>(cx.here(), (&owner.head().id, name)).await? {
        Some(policy) => Ok((owner.head().name.clone(), policy)),
        None => Err(missing(&format!("{} policy", E::WHAT.word()), name)),
    }
}

async fn delete<E: Entity>(cx: &mut Cx, entity: &str, name: &str) -> Result<Empty> {
    let (_, policy) = get::<E>(cx, entity, name).await?;
    let owner = named::<E>(cx, entity).await?;
    if !is_changed_by_its_service(cx, owner.head()) {
        owner.hold_modifiable()?;
    }
    cx.delete::<InlinePolicy>(cx.here(), (&policy.owner, name)).await?;
    account::changed(cx).await?;
    Ok(Empty {})
}

async fn names<E: Entity>(cx: &mut Cx, entity: &str, wanted: Wanted<'_>) -> Result<Paged<String>> {
    let owner = named::<E>(cx, entity).await?.head().id.clone();
    let policies = of(cx, cx.here(), &owner).await?;
    wanted.of(policies.into_iter().map(|policy| policy.name).collect(), String::clone)
}

/// Names of inline policies.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyNames {
    policy_names: Vec<String>,
    is_truncated: bool,
    marker: Option<String>,
}

/// The four operations for one kind of entity.
macro_rules! inline_policies {
    ($entity:ident, $name:ident:
        $put:ident $put_action:literal, $get:ident $got:ident $get_action:literal,
        $delete:ident $delete_action:literal, $list:ident $list_action:literal) => {
        /// Embeds a policy in the entity, in place of its policy of that name.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($put), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $put {
            $name: String,
            policy_name: String,
            policy_document: String,
        }

        impl Operation for $put {
            const NAME: &'static str = stringify!($put);
            type Output = Empty;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::on::<$entity>(cx, $put_action, &self.$name).await
            }

            async fn run(&self, cx: &mut Cx) -> Result<Empty> {
                put::<$entity>(cx, &self.$name, &self.policy_name, &self.policy_document).await
            }
        }

        /// Shows a policy that is embedded in the entity.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($get), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $get {
            $name: String,
            policy_name: String,
        }

        #[derive(Debug, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $got {
            $name: String,
            policy_name: String,
            policy_document: String,
        }

        impl Operation for $get {
            const NAME: &'static str = stringify!($get);
            type Output = $got;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::on::<$entity>(cx, $get_action, &self.$name).await
            }

            async fn run(&self, cx: &mut Cx) -> Result<$got> {
                let ($name, policy) = get::<$entity>(cx, &self.$name, &self.policy_name).await?;
                let policy_document = document::encode(&policy.document);
                Ok($got { $name, policy_name: policy.name, policy_document })
            }
        }

        /// Removes a policy that is embedded in the entity.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($delete), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $delete {
            $name: String,
            policy_name: String,
        }

        impl Operation for $delete {
            const NAME: &'static str = stringify!($delete);
            type Output = Empty;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::on::<$entity>(cx, $delete_action, &self.$name).await
            }

            async fn run(&self, cx: &mut Cx) -> Result<Empty> {
                delete::<$entity>(cx, &self.$name, &self.policy_name).await
            }
        }

        /// Lists the names of the policies that are embedded in the entity.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($list), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $list {
            $name: String,
            marker: Option<String>,
            max_items: Option<u32>,
        }

        impl Operation for $list {
            const NAME: &'static str = stringify!($list);
            type Output = PolicyNames;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::on::<$entity>(cx, $list_action, &self.$name).await
            }

            async fn run(&self, cx: &mut Cx) -> Result<PolicyNames> {
                let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
                let page = names::<$entity>(cx, &self.$name, wanted).await?;
                Ok(PolicyNames { is_truncated: page.is_truncated(), policy_names: page.items, marker: page.marker })
            }
        }
    };
}

inline_policies!(User, user_name:
    PutUserPolicy "iam:PutUserPolicy", GetUserPolicy GetUserPolicyResponse "iam:GetUserPolicy",
    DeleteUserPolicy "iam:DeleteUserPolicy", ListUserPolicies "iam:ListUserPolicies");
inline_policies!(Group, group_name:
    PutGroupPolicy "iam:PutGroupPolicy", GetGroupPolicy GetGroupPolicyResponse "iam:GetGroupPolicy",
    DeleteGroupPolicy "iam:DeleteGroupPolicy", ListGroupPolicies "iam:ListGroupPolicies");
inline_policies!(Role, role_name:
    PutRolePolicy "iam:PutRolePolicy", GetRolePolicy GetRolePolicyResponse "iam:GetRolePolicy",
    DeleteRolePolicy "iam:DeleteRolePolicy", ListRolePolicies "iam:ListRolePolicies");
