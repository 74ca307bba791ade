//! Privileged tasks in member accounts.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Operation, Principal, Result, SessionOf};

use crate::caller;
use crate::credentials::{self, Credentials};
use crate::errors::{AccessDenied, ValidationError};
use crate::session_policy::PolicyDescriptor;

/// Longest session, and the usual one, in seconds.
const LONGEST: u32 = 900;

/// The policies that tasks are limited by.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>
const TASKS: [&str; 5] = [
    "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
    "arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword",
    "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
    "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy",
];

/// Gives an organization's administrators temporary credentials of the root user of a member account, for one task.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoot {
    target_principal: String,
    task_policy_arn: PolicyDescriptor,
    duration_seconds: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRootResponse {
    credentials: Credentials,
    source_identity: Option<String>,
}

impl Operation for AssumeRoot {
    const NAME: &'static str = "AssumeRoot";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = AssumeRootResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::hold_not_user_session(cx, "AssumeRoot")?;
        if cx.principal().is_root() {
            return Err(AccessDenied::because("Root credentials cannot be used to call AssumeRoot."));
        }
        let target = self.target()?;
        let arn = Arn::from_parts(cx.region().partition(), "iam", None, Some(target), "root");
        let own = cx.account();
        // The member account has no policy that could permit it: the organization does, see `run`.
        let access = Access::to("sts:AssumeRoot").on(arn).owned_by(own).recorded_as("AWS::IAM::User");
        Ok(match &self.task_policy_arn.arn {
            Some(task) => access.key("sts:TaskPolicyArn", task),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<AssumeRootResponse> {
        let task = self.task()?;
        let target = self.target()?;
        self.hold_administers(cx, target).await?;
        let seconds = self.duration_seconds.unwrap_or(LONGEST);
        let mut session = credentials::session(cx, target, SessionOf::Root, seconds);
        session.task = Some(task);
        session.source_identity = match cx.principal() {
            Principal::Session(made_with) => made_with.source_identity.clone(),
            _ => None,
        };
        Ok(AssumeRootResponse {
            credentials: credentials::issue(cx, &session)?,
            source_identity: session.source_identity,
        })
    }
}

impl AssumeRoot {
    /// The member account: by its id, or by the ARN of its root user or of the account in the organization.
    fn target(&self) -> Result<AccountId> {
        let text = &self.target_principal;
        let by_arn = || {
            let arn: Arn = text.parse().ok()?;
            match (arn.service(), arn.resource()) {
                ("iam", "root") => arn.account(),
                ("organizations", resource) => {
                    resource.strip_prefix("account/")?.split_once('/')?.1.parse::<AccountId>().ok()
                }
                _ => None,
            }
        };
        let account = text.parse::<AccountId>().ok().or_else(by_arn);
        account.ok_or_else(|| ValidationError::because(format!("{text} is not a valid target principal")))
    }

    fn task(&self) -> Result<Arn> {
        let text = self.task_policy_arn.arn.as_deref().unwrap_or_default();
        let task = TASKS.iter().find(|task| **task == text).and_then(|task| task.parse().ok());
        // UNVERIFIED: AWS's wording.
        task.ok_or_else(|| ValidationError::because(format!("{text} is not a valid task policy")))
    }

    /// The caller's account must administer root access of the organization that the target is a member of.
    async fn hold_administers(&self, cx: &mut Cx, target: AccountId) -> Result<()> {
        // UNVERIFIED: AWS's wording; that it is a denial of access is documented.
        let denied = || AccessDenied::because("You do not have access to perform privileged tasks in this account.");
        let own = cx.membership(cx.account()).await?.ok_or_else(denied)?;
        let theirs = cx.membership(target).await?.ok_or_else(denied)?;
        let administers = own.management || own.administers.contains("iam.amazonaws.com");
        let member = theirs.organization == own.organization && !theirs.management && !theirs.closed;
        if administers && member && cx.has_root_sessions(&own).await? { Ok(()) } else { Err(denied()) }
    }
}
