//! Managed policies with all their versions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Page, Result, Timestamp};

use super::version::{VersionId, VersionView};
use super::{Managed, Policy, PolicyView, get, known, version};
use crate::attachment::Attachment;
use crate::role::Role;
use crate::user::User;

/// A managed policy with all its versions.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyDetail {
    policy_name: String,
    policy_id: Option<String>,
    arn: String,
    path: String,
    default_version_id: VersionId,
    attachment_count: u32,
    permissions_boundary_usage_count: u32,
    is_attachable: bool,
    description: Option<String>,
    create_date: Timestamp,
    update_date: Timestamp,
    policy_version_list: Vec<VersionView>,
}

impl PolicyDetail {
    /// The policy with this ARN.
    pub(crate) async fn of(cx: &mut Cx, arn: &str) -> Result<Self> {
        let policy = known(cx, arn).await?;
        let view = PolicyView::of(&policy, cx.here(), get::usage(cx, arn).await?);
        let policy_version_list = match &policy {
            Managed::Own(policy) => version::whole(cx, policy).await?,
            Managed::Aws(policy) => vec![VersionView::of_aws(*policy)?],
        };
        Ok(Self {
            policy_name: view.policy_name,
            policy_id: view.policy_id,
            arn: view.arn,
            path: view.path,
            default_version_id: view.default_version_id,
            attachment_count: view.attachment_count,
            permissions_boundary_usage_count: view.permissions_boundary_usage_count,
            is_attachable: view.is_attachable,
            description: view.description,
            create_date: view.create_date,
            update_date: view.update_date,
            policy_version_list,
        })
    }
}

/// ARNs of the account's own policies.
pub(crate) async fn own_arns(cx: &mut Cx) -> Result<Vec<String>> {
    let place = cx.here();
    let all = cx.list::<Policy>(place, (), Page::ALL).await?;
    Ok(all.into_iter().map(|policy| policy.arn(place).into()).collect())
}

/// ARNs of AWS's policies that the account uses, attached or as a boundary.
pub(crate) async fn used_arns_of_aws(cx: &mut Cx) -> Result<BTreeSet<String>> {
    let place = cx.here();
    let attached = cx.list::<Attachment>(place, (), Page::ALL).await?.into_iter().map(|attached| attached.policy_arn);
    let users = cx.find::<User>(place, "boundary", (), 0).await?.into_iter().filter_map(|user| user.boundary);
    let roles = cx.find::<Role>(place, "boundary", (), 0).await?.into_iter().filter_map(|role| role.boundary);
    Ok(attached.chain(users).chain(roles).filter(|arn| arn.contains(":iam::aws:policy/")).collect())
}

/// How many versions the account's own policies have together.
pub(crate) async fn count_versions(cx: &mut Cx) -> Result<usize> {
    Ok(cx.list::<version::PolicyVersion>(cx.here(), (), Page::ALL).await?.len())
}
