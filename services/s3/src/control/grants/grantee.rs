//! Grantees: users and roles.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Partition, Principal, Result};

use crate::control::errors::InvalidAccessGrant;
use crate::errors::not_implemented;

/// Who is granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Grantee {
    pub(super) grantee_type: Option<String>,
    pub(super) grantee_identifier: Option<String>,
}

impl Grantee {
    /// Whether it is a user or a role of IAM.
    ///
    /// # Errors
    /// `InvalidAccessGrant`; `NotImplemented` for identities of a directory
    pub(super) fn check(&self) -> Result<()> {
        match self.grantee_type.as_deref() {
            Some("IAM") => {}
            Some(kind) => return Err(not_implemented(&format!("grantees of the type {kind}"))),
            None => return Err(InvalidAccessGrant.into()),
        }
        let arn: Option<Arn> = self.identifier().parse().ok();
        let is_one = |arn: &Arn| {
            let kind = arn.resource().split('/').next();
            arn.service() == "iam" && arn.account().is_some() && matches!(kind, Some("user" | "role"))
        };
        match arn.filter(is_one) {
            Some(_) => Ok(()),
            None => Err(InvalidAccessGrant.into()),
        }
    }

    pub(super) fn identifier(&self) -> &str {
        self.grantee_identifier.as_deref().unwrap_or_default()
    }
}

/// The ARN by which grants name the caller: of the user, or of the role whose session it is.
pub(super) fn of_caller(cx: &Cx) -> Option<String> {
    arn(cx.principal(), cx.region().partition())
}

fn arn(principal: &Principal, partition: Partition) -> Option<String> {
    let account = principal.account()?;
    let resource = match (principal.user(), principal.role()) {
        (Some(user), _) => user.resource(),
        (_, Some(role)) => role.resource(),
        _ => return None,
    };
    Some(format!("arn:{partition}:iam::{account}:{resource}"))
}
