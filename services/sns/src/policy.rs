//! Who may use a topic: the access that operations demand, and the permissions that callers add to its policy.

use serde::Deserialize;
use serde_json::{Value, json};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Principal, Result};

use crate::errors::{invalid, invalid_because};
use crate::topic::{Address, Topic, TopicArn};

/// Actions that a topic's policy can give, beside those that only some of AWS's own services use.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html>
const ACTIONS: [&str; 9] = [
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "Receive",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];

/// Longest policy, in bytes.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/sns.html>
const LONGEST: usize = 30_720;

/// Services that say for which account they act. Alarms of CloudWatch reach topics of their account without a statement
/// of their own: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>
const SOURCE_OWNERS: [&str; 2] = [crate::PRINCIPAL, "cloudwatch.amazonaws.com"];

/// The access to a topic that an operation demands. To callers of other accounts a topic that does not exist is one
/// that they may not use.
pub(crate) async fn access(cx: &mut Cx, address: &Address, action: &'static str) -> Result<Access> {
    let mut access = Access::to(action).on(address.arn()).recorded_as("AWS::SNS::Topic");
    if let Principal::Service(service) = cx.principal()
        && SOURCE_OWNERS.contains(&service.name.as_str())
    {
        access = access.key("aws:SourceOwner", service.account.to_string());
    }
    let Some(topic) = address.find(cx).await? else { return Ok(access) };
    let own = cx.principal().account() == Some(address.place.account);
    // UNVERIFIED: that the owner's root user may always mend a policy, whatever the policy says, as in SQS.
    let mends = matches!(action, "sns:SetTopicAttributes" | "sns:GetTopicAttributes");
    let unlocks = own && mends && cx.principal().is_root();
    let policy = (!unlocks).then(|| of(&topic, address));
    Ok(access.policy(policy.as_deref()).resource_tags(&topic.tags))
}

/// The policy of a topic: its own, or the one that every topic has from the beginning.
///
/// Its condition key says for which account one of AWS's services acts.
// UNVERIFIED: which services set it. SNS does, for what happens in platform applications, and CloudWatch; the others that
// Welkin has do not: S3 and CloudTrail are documented to need a statement of their own. It is no key of users' calls, whose own
// policies must permit them.
pub(crate) fn of(topic: &Topic, address: &Address) -> String {
    if let Some(policy) = &topic.attributes.policy {
        return policy.clone();
    }
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
            ],
            "Resource": address.arn(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": address.place.account } },
        }],
    })
    .to_string()
}

/// Holds a policy against the rules.
///
/// # Errors
/// `InvalidParameter`
pub(crate) fn check(json: String) -> Result<String> {
    if json.len() > LONGEST {
        return Err(invalid_because("Policy", format_args!("is longer than {LONGEST} bytes")));
    }
    // UNVERIFIED: what follows the colon.
    Document::parse(&json, DocumentKind::Resource)
        .map_err(|error| invalid(format_args!("Policy Error: {}", error.to_string().replace('\n', " "))))?;
    let mut policy: Value = serde_json::from_str(&json).map_err(|_| invalid("Policy Error: null"))?;
    let actions = statements(&mut policy).iter().flat_map(|statement| one_or_many(&statement["Action"]));
    match actions.filter_map(Value::as_str).all(is_in_scope) {
        true => Ok(json),
        false => Err(out_of_scope()),
    }
}

fn is_in_scope(action: &str) -> bool {
    let name = action.split_once(':').filter(|(service, _)| service.eq_ignore_ascii_case("sns"));
    name.is_some_and(|(_, name)| ACTIONS.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

fn out_of_scope() -> welkin_kernel::Error {
    invalid("Policy statement action out of service scope!")
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// Adds a statement to the policy of a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddPermission {
    topic_arn: TopicArn,
    label: String,
    #[serde(rename = "AWSAccountId")]
    accounts: Vec<String>,
    #[serde(rename = "ActionName")]
    actions: Vec<String>,
}

impl Operation for AddPermission {
    const NAME: &'static str = "AddPermission";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.topic_arn.address(cx)?, "sns:AddPermission").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.topic_arn.address(cx)?;
        let mut topic = address.topic(cx).await?;
        let statement = self.statement(cx, &address)?;
        let mut policy: Value = serde_json::from_str(&of(&topic, &address)).map_err(welkin_kernel::Error::internal)?;
        let statements = statements(&mut policy);
        if statements.iter().any(|statement| statement["Sid"] == *self.label) {
            return Err(invalid("Statement already exists"));
        }
        statements.push(statement);
        topic.attributes.policy = Some(check(policy.to_string())?);
        cx.put(address.place, &topic).await?;
        Ok(Empty {})
    }
}

impl AddPermission {
    fn statement(&self, cx: &Cx, address: &Address) -> Result<Value> {
        if self.label.is_empty() {
            return Err(invalid("Label"));
        }
        if self.actions.is_empty() {
            return Err(invalid("ActionName"));
        }
        if !self.actions.iter().all(|action| ACTIONS.contains(&action.as_str())) {
            return Err(out_of_scope());
        }
        let mut principals = Vec::with_capacity(self.accounts.len());
        for account in &self.accounts {
            let account: AccountId = account.parse().map_err(|_| invalid("AWSAccountId"))?;
            principals.push(format!("arn:{}:iam::{account}:root", cx.region().partition()));
        }
        if principals.is_empty() {
            return Err(invalid("AWSAccountId"));
        }
        Ok(json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": { "AWS": single_if_one(principals) },
            "Action": single_if_one(self.actions.iter().map(|action| format!("SNS:{action}")).collect()),
            "Resource": address.arn(),
        }))
    }
}

/// Removes the statement with a label from the policy of a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemovePermission {
    topic_arn: TopicArn,
    label: String,
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.topic_arn.address(cx)?, "sns:RemovePermission").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.topic_arn.address(cx)?;
        let mut topic = address.topic(cx).await?;
        let mut policy: Value = serde_json::from_str(&of(&topic, &address)).map_err(welkin_kernel::Error::internal)?;
        let statements = statements(&mut policy);
        let before = statements.len();
        statements.retain(|statement| statement["Sid"] != *self.label);
        // UNVERIFIED: that a label which is not there is no error.
        if statements.len() < before {
            topic.attributes.policy = Some(policy.to_string());
            cx.put(address.place, &topic).await?;
        }
        Ok(Empty {})
    }
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

fn single_if_one(mut values: Vec<String>) -> Value {
    if values.len() == 1 { Value::from(values.remove(0)) } else { Value::from(values) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(action: &Value) -> String {
        json!({ "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*",
        } })
        .to_string()
    }

    #[test]
    fn policies_give_the_actions_that_can_be_given() {
        for action in [json!("SNS:Publish"), json!(["sns:publish", "sns:Subscribe"])] {
            assert!(check(policy(&action)).is_ok(), "{action}");
        }
        for action in [json!("sns:*"), json!("*"), json!("sns:TagResource"), json!(["SNS:Publish", "sqs:SendMessage"])]
        {
            let error = check(policy(&action)).expect_err("it is out of scope");
            assert!(error.to_string().contains("action out of service scope"), "{action}: {error}");
        }
        assert!(check("{".to_owned()).is_err_and(|error| error.is("InvalidParameterException")));
    }
}
