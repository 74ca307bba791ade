//! Making a role that is linked to a service.

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{catalog, path};
use crate::attachment::Attachment;
use crate::entity::{Head, Kind, find};
use crate::errors::InvalidInputException;
use crate::role::{Role, RoleView, TrustPolicy, USUAL_SESSION};
use crate::tag::Tags;
use crate::{access, account, policy, quota};

/// Makes the role by which a service acts in the account.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateServiceLinkedRole {
    #[serde(rename = "AWSServiceName")]
    service: String,
    description: Option<String>,
    custom_suffix: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateServiceLinkedRoleResponse {
    role: RoleView,
}

impl CreateServiceLinkedRole {
    fn role_name(&self) -> String {
        let name = catalog::find(&self.service).map_or("", |role| role.name);
        match &self.custom_suffix {
            Some(suffix) => format!("AWSServiceRoleFor{name}_{suffix}"),
            None => format!("AWSServiceRoleFor{name}"),
        }
    }
}

impl Operation for CreateServiceLinkedRole {
    const NAME: &'static str = "CreateServiceLinkedRole";
    type Output = CreateServiceLinkedRoleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let role = format!("role{}{}", path(&self.service), self.role_name());
        Ok(access::to(cx, "iam:CreateServiceLinkedRole")?
            .on(cx.here().global_arn("iam", role))
            .key("iam:AWSServiceName", &self.service))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateServiceLinkedRoleResponse> {
        let Some(linked) = catalog::find(&self.service) else {
            // UNVERIFIED: AWS's wording.
            let message = format!("Service {} has no service-linked role.", self.service);
            return Err(InvalidInputException::because(message));
        };
        if self.custom_suffix.is_some() && !linked.takes_suffix {
            let message = format!("Custom suffix is not allowed for {}", self.service);
            return Err(InvalidInputException::because(message));
        }
        let name = self.role_name();
        if find::<Role>(cx, &name).await?.is_some() {
            return Err(InvalidInputException::because(format!(
                "Service role name {name} has been taken in this account, please try a different suffix."
            )));
        }
        quota::hold("RolesPerAccount", account::read(cx).await?.roles as usize, quota::ROLES)?;
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": [self.service] },
                "Action": ["sts:AssumeRole"],
            }],
        });
        let role = Role {
            head: Head::new(cx, "AROA", &name, Some(&path(linked.service))),
            description: self.description.clone(),
            trust: TrustPolicy::read(cx, &trust.to_string()).await?,
            max_session: USUAL_SESSION,
            boundary: None,
            tags: Tags::new(),
        };
        let policy_arn = policy::service_role_policy_arn(linked.policy);
        cx.put(cx.here(), &Attachment { entity: role.head.id.clone(), kind: Kind::Role, policy_arn }).await?;
        cx.put(cx.here(), &role).await?;
        account::changed_with(cx, |account| account.roles += 1).await?;
        Ok(CreateServiceLinkedRoleResponse { role: RoleView::whole(cx, &role).await? })
    }
}
