//! Permissions boundaries of users and roles:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::entity::{Entity, named};
use crate::role::Role;
use crate::user::User;
use crate::{access, account, policy};

/// A permissions boundary in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedBoundary {
    permissions_boundary_type: BoundaryType,
    permissions_boundary_arn: String,
}

#[derive(Debug, Serialize, Deserialize)]
enum BoundaryType {
    PermissionsBoundaryPolicy,
}

impl AttachedBoundary {
    pub(crate) fn of(arn: String) -> Self {
        Self { permissions_boundary_type: BoundaryType::PermissionsBoundaryPolicy, permissions_boundary_arn: arn }
    }
}

/// Makes sure that the policy exists and may be a boundary.
pub(crate) async fn check(cx: &mut Cx, arn: &str) -> Result<()> {
    policy::attachable(cx, arn).await
}

macro_rules! boundaries {
    ($entity:ident, $name:ident: $put:ident, $delete:ident, $put_action:literal, $delete_action:literal) => {
        /// Limits what the policies of the entity can grant it.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($put), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $put {
            $name: String,
            permissions_boundary: String,
        }

        impl Operation for $put {
            const NAME: &'static str = stringify!($put);
            type Output = Empty;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                let access = access::on::<$entity>(cx, $put_action, &self.$name).await?;
                Ok(access::with_boundary(access, Some(&self.permissions_boundary)))
            }

            async fn run(&self, cx: &mut Cx) -> Result<Empty> {
                let mut entity = named::<$entity>(cx, &self.$name).await?;
                entity.hold_modifiable()?;
                check(cx, &self.permissions_boundary).await?;
                entity.boundary = Some(self.permissions_boundary.clone());
                cx.put(cx.here(), &entity).await?;
                account::changed(cx).await?;
                Ok(Empty {})
            }
        }

        /// Lifts the limit on what the policies of the entity can grant it.
        #[doc = concat!("<https://docs.aws.amazon.com/IAM/latest/APIReference/API_", stringify!($delete), ".html>")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $delete {
            $name: String,
        }

        impl Operation for $delete {
            const NAME: &'static str = stringify!($delete);
            type Output = Empty;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                access::on::<$entity>(cx, $delete_action, &self.$name).await
            }

            async fn run(&self, cx: &mut Cx) -> Result<Empty> {
                let mut entity = named::<$entity>(cx, &self.$name).await?;
                entity.hold_modifiable()?;
                if entity.boundary.take().is_none() {
                    let what = concat!(stringify!($entity), " does not have a permissions boundary.");
                    return Err(crate::errors::NoSuchEntityException::because(what));
                }
                cx.put(cx.here(), &entity).await?;
                account::changed(cx).await?;
                Ok(Empty {})
            }
        }
    };
}

boundaries!(User, user_name: PutUserPermissionsBoundary, DeleteUserPermissionsBoundary,
    "iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary");
boundaries!(Role, role_name: PutRolePermissionsBoundary, DeleteRolePermissionsBoundary,
    "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary");
