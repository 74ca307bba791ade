//! The statement of access of IAM's operations.

use std::collections::BTreeMap;

use welkin_kernel::{Access, Cx, Result, SessionOf};

use crate::entity::Entity;
use crate::errors::InvalidClientTokenId;

/// Demands `action`. Temporary credentials of users need a second factor to call IAM, those of
/// federated users never may:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>.
pub(crate) fn to(cx: &Cx, action: &'static str) -> Result<Access> {
    if let Some(session) = cx.principal().session() {
        let admitted = match session.of {
            SessionOf::Role { .. } => true,
            // A task in a member account is done by the root user's session, limited by the task's policy.
            SessionOf::User(_) | SessionOf::Root => session.mfa.is_some() || session.task.is_some(),
            SessionOf::Federated { .. } => false,
        };
        if !admitted {
            return Err(InvalidClientTokenId.into());
        }
    }
    Ok(Access::to(action))
}

/// Demands `action` on the entity of this name. One that does not exist is taken to have the path `/`,
/// so that whoever may not act on it does not learn that it is missing.
pub(crate) async fn on<E: Entity>(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
    let access = to(cx, action)?;
    Ok(match crate::entity::find::<E>(cx, name).await? {
        Some(entity) => {
            let access = tagged(access.on(entity.head().arn(E::WHAT, cx.here())), entity.tags());
            with_boundary(access, entity.boundary().filter(|_| tests_boundary(action)))
        }
        None => access.on(cx.here().global_arn("iam", format_args!("{}/{name}", E::WHAT.word()))),
    })
}

/// Whether policies can test, of this action, which boundary the entity has: what delegates a part of the
/// administration depends on it. The actions that set a boundary show the new one instead.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>
fn tests_boundary(action: &str) -> bool {
    const KEY: &str = "iam:PermissionsBoundary";
    let sets = matches!(action, "iam:PutUserPermissionsBoundary" | "iam:PutRolePermissionsBoundary");
    !sets
        && welkin_kernel::model::actions::action(action).is_some_and(|action| {
            let of_resources = action.resource_types.iter().flat_map(|resource| &resource.condition_keys);
            action.condition_keys.iter().chain(of_resources).any(|key| *key == KEY)
        })
}

/// Adds the tags of the resource, under the names of both IAM and all services.
pub(crate) fn tagged(access: Access, tags: &BTreeMap<String, String>) -> Access {
    tags.iter()
        .fold(access.resource_tags(tags), |access, (key, value)| access.key(format!("iam:ResourceTag/{key}"), value))
}

/// Adds the permissions boundary that the request sets.
pub(crate) fn with_boundary(access: Access, boundary: Option<&String>) -> Access {
    match boundary {
        Some(arn) => access.key("iam:PermissionsBoundary", arn),
        None => access,
    }
}
