//! Who may use a queue: the access that operations demand, and the permissions that callers add to its policy.

use serde::Deserialize;
use serde_json::{Value, json};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Principal, Result};

use crate::errors::{InvalidParameterValue, OverLimit, QueueDoesNotExist, invalid};
use crate::queue::{Address, QueueUrl};

/// Whether other accounts may be given an operation.
///
/// Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#grant-cross-account-permissions-to-role-and-user-name>
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// The queue's policy may give it to anyone.
    Anyone,
    /// Only principals of the owner's account can have it.
    Owner,
}

/// The access to a queue that an operation demands.
///
/// # Errors
/// `QueueDoesNotExist` to callers of other accounts; those of its own are first asked for their permission.
pub(crate) async fn access(cx: &mut Cx, address: &Address, action: &'static str, sharing: Sharing) -> Result<Access> {
    let access = Access::to(action).on(address.arn()).recorded_as("AWS::SQS::Queue");
    let own = cx.principal().account() == Some(address.place.account);
    match address.find(cx).await? {
        Some(queue) => {
            // The owner's root user may always mend a policy, whatever the policy says.
            let mends = matches!(action, "sqs:SetQueueAttributes" | "sqs:GetQueueAttributes");
            let unlocks = own && mends && cx.principal().is_root();
            let policy = queue.attributes.policy.filter(|_| (own || sharing == Sharing::Anyone) && !unlocks);
            Ok(access.policy(policy.as_deref()).resource_tags(&queue.tags))
        }
        // A service has no policy of its own by which to ask for its permission.
        None if own && !matches!(cx.principal(), Principal::Service(_)) => Ok(access),
        None => Err(QueueDoesNotExist::because("The specified queue does not exist or you do not have access to it.")),
    }
}

/// Most statements that `AddPermission` makes of a policy, and actions in one.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html>
const MOST_STATEMENTS: usize = 20;
const MOST_ACTIONS: usize = 7;

/// Actions that a queue's policy can give.
const ACTIONS: &[&str] = &[
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

/// Adds a statement to the policy of a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddPermission {
    queue_url: QueueUrl,
    label: String,
    #[serde(rename = "AWSAccountIds")]
    accounts: Vec<String>,
    actions: Vec<String>,
}

impl Operation for AddPermission {
    const NAME: &'static str = "AddPermission";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.queue_url.address(cx)?, "sqs:AddPermission", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let mut queue = address.queue(cx).await?;
        let statement = self.statement(cx, &address)?;
        let mut policy = read(queue.attributes.policy.as_deref(), &address);
        let statements = statements(&mut policy);
        if statements.iter().any(|statement| has_label(statement, &self.label)) {
            return Err(invalid(&self.label, "Label", "Already exists."));
        }
        if statements.len() >= MOST_STATEMENTS {
            return Err(OverLimit::because(format!(
                "{} statements are in the policy; the limit is {MOST_STATEMENTS}.",
                statements.len()
            )));
        }
        statements.push(statement);
        queue.attributes.policy = Some(policy.to_string());
        queue.modified = cx.now();
        cx.put(address.place, &queue).await?;
        Ok(Empty {})
    }
}

impl AddPermission {
    fn statement(&self, cx: &Cx, address: &Address) -> Result<Value> {
        check_label(&self.label)?;
        if self.actions.is_empty() || self.actions.len() > MOST_ACTIONS {
            return Err(OverLimit::because(format!(
                "{} Actions were found, maximum allowed is {MOST_ACTIONS}.",
                self.actions.len()
            )));
        }
        if let Some(unknown) = self.actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
            let reason = "Only the queue owner is allowed to invoke this action.";
            return Err(invalid(format_args!("SQS:{unknown}"), "ActionName", reason));
        }
        let mut principals = Vec::with_capacity(self.accounts.len());
        for account in &self.accounts {
            let parsed: Option<AccountId> = account.parse().ok();
            let account =
                parsed.ok_or_else(|| invalid(format_args!("[{account}]"), "PrincipalId", "Unable to verify."))?;
            principals.push(format!("arn:{}:iam::{account}:root", cx.region().partition()));
        }
        if principals.is_empty() {
            return Err(InvalidParameterValue::because("The request must name an account."));
        }
        Ok(json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": { "AWS": one_or_many(principals) },
            "Action": one_or_many(self.actions.iter().map(|action| format!("SQS:{action}")).collect()),
            "Resource": address.arn(),
        }))
    }
}

/// Removes the statement with a label from the policy of a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemovePermission {
    queue_url: QueueUrl,
    label: String,
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.queue_url.address(cx)?, "sqs:RemovePermission", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.queue_url.address(cx)?;
        let mut queue = address.queue(cx).await?;
        let mut policy = read(queue.attributes.policy.as_deref(), &address);
        let statements = statements(&mut policy);
        let before = statements.len();
        statements.retain(|statement| !has_label(statement, &self.label));
        if statements.len() == before {
            return Err(invalid(&self.label, "Label", "can't find label on existing policy."));
        }
        queue.attributes.policy = (!statements.is_empty()).then(|| policy.to_string());
        queue.modified = cx.now();
        cx.put(address.place, &queue).await?;
        Ok(Empty {})
    }
}

/// A policy as JSON; a new one if there is none.
fn read(policy: Option<&str>, address: &Address) -> Value {
    let new =
        || json!({ "Version": "2012-10-17", "Id": format!("{}/SQSDefaultPolicy", address.arn()), "Statement": [] });
    policy.and_then(|policy| serde_json::from_str(policy).ok()).unwrap_or_else(new)
}

/// The statements of a policy; a single one becomes a list.
fn statements(policy: &mut Value) -> &mut Vec<Value> {
    let statement = &mut policy["Statement"];
    if !statement.is_array() {
        *statement = match statement.take() {
            Value::Null => json!([]),
            one => json!([one]),
        };
    }
    // INVARIANT: it was made an array just now.
    statement.as_array_mut().expect("statements are an array")
}

fn has_label(statement: &Value, label: &str) -> bool {
    statement["Sid"] == label
}

fn one_or_many(mut values: Vec<String>) -> Value {
    if values.len() == 1 { Value::from(values.remove(0)) } else { Value::from(values) }
}

fn check_label(label: &str) -> Result<()> {
    let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if plain && (1..=80).contains(&label.len()) {
        return Ok(());
    }
    Err(invalid(
        label,
        "Label",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_with_a_single_statement_becomes_one_with_a_list() {
        let mut policy = json!({ "Statement": { "Sid": "a" } });
        assert!(has_label(&statements(&mut policy)[0], "a"));
        let mut empty = json!({});
        assert!(statements(&mut empty).is_empty());
    }
}
