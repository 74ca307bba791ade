//! The policy of a bus.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html>

use serde::Deserialize;
use serde_json::{Value, json};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result};

use super::{Bus, BusAddress, BusName};
use crate::errors::{PolicyLengthExceededException, ResourceNotFoundException, invalid, invalid_parameter};

/// Longest policy, in bytes.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const LONGEST: usize = 10_240;

/// Lets others use a bus: by a statement for one of them, or by a whole policy.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutPermission {
    #[serde(default)]
    event_bus_name: BusName,
    action: Option<String>,
    principal: Option<String>,
    statement_id: Option<String>,
    condition: Option<Condition>,
    policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    r#type: String,
    key: String,
    value: String,
}

impl Operation for PutPermission {
    const NAME: &'static str = "PutPermission";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.event_bus_name.own(cx)?;
        Ok(Access::to("events:PutPermission"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.event_bus_name.own(cx)?;
        let mut bus = address.bus(cx).await?;
        let policy = match &self.policy {
            Some(policy) if self.statement_id.is_none() && self.action.is_none() && self.principal.is_none() => {
                policy.clone()
            }
            Some(_) => return Err(invalid("Policy cannot be set together with StatementId, Action or Principal.")),
            None => {
                let statement = self.statement(cx, &address)?;
                let mut policy = document(&bus);
                let statements = statements(&mut policy);
                // UNVERIFIED: that a statement of the same id is replaced.
                statements.retain(|other| other["Sid"] != statement["Sid"]);
                statements.push(statement);
                policy.to_string()
            }
        };
        bus.policy = Some(check(policy)?);
        bus.modified = Some(cx.now());
        cx.put(address.place, &bus).await?;
        Ok(Empty {})
    }
}

impl PutPermission {
    fn statement(&self, cx: &Cx, address: &BusAddress) -> Result<Value> {
        let missing = |name: &str| invalid_parameter(name, format_args!("{name} is a required argument."));
        let id = self.statement_id.as_deref().ok_or_else(|| missing("StatementId"))?;
        let action = self.action.as_deref().ok_or_else(|| missing("Action"))?;
        let principal = self.principal.as_deref().ok_or_else(|| missing("Principal"))?;
        if !matches!(action, "events:PutEvents" | "events:PutRule" | "events:PutTargets") {
            return Err(invalid(format_args!("Provided value in parameter 'action' is not supported.")));
        }
        let principal = match principal {
            "*" => json!("*"),
            account => {
                let account: AccountId = account.parse().map_err(|_| {
                    invalid("Provided value in parameter 'principal' is not valid: it must be '*' or an account id.")
                })?;
                json!({ "AWS": format!("arn:{}:iam::{account}:root", cx.region().partition()) })
            }
        };
        let mut statement = json!({
            "Sid": id,
            "Effect": "Allow",
            "Principal": principal,
            "Action": action,
            "Resource": address.arn(),
        });
        if let Some(condition) = &self.condition {
            if condition.r#type != "StringEquals" || condition.key != "aws:PrincipalOrgID" {
                return Err(invalid("Only the condition StringEquals of aws:PrincipalOrgID is supported."));
            }
            statement["Condition"] = json!({ &condition.r#type: { &condition.key: condition.value } });
        }
        Ok(statement)
    }
}

/// Removes a statement of the policy of a bus, or all of it.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemovePermission {
    #[serde(default)]
    event_bus_name: BusName,
    statement_id: Option<String>,
    #[serde(default)]
    remove_all_permissions: bool,
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.event_bus_name.own(cx)?;
        Ok(Access::to("events:RemovePermission"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = self.event_bus_name.own(cx)?;
        let mut bus = address.bus(cx).await?;
        if self.remove_all_permissions {
            bus.policy = None;
        } else {
            let Some(id) = &self.statement_id else {
                return Err(invalid_parameter("StatementId", "StatementId is a required argument."));
            };
            if bus.policy.is_none() {
                return Err(ResourceNotFoundException::because("EventBus does not have a policy."));
            }
            let mut policy = document(&bus);
            let statements = statements(&mut policy);
            let before = statements.len();
            statements.retain(|statement| statement["Sid"] != **id);
            if statements.len() == before {
                return Err(ResourceNotFoundException::because("Statement with the provided id does not exist."));
            }
            bus.policy = (!statements.is_empty()).then(|| policy.to_string());
        }
        bus.modified = Some(cx.now());
        cx.put(address.place, &bus).await?;
        Ok(Empty {})
    }
}

/// The policy of a bus, or one without statements.
fn document(bus: &Bus) -> Value {
    let stored = bus.policy.as_deref().and_then(|policy| serde_json::from_str(policy).ok());
    stored.unwrap_or_else(|| json!({ "Version": "2012-10-17", "Statement": [] }))
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

/// Holds a policy against the rules.
///
/// # Errors
/// `PolicyLengthExceededException`, `ValidationException`
fn check(policy: String) -> Result<String> {
    if policy.len() > LONGEST {
        return Err(PolicyLengthExceededException.into());
    }
    // UNVERIFIED: the wording.
    Document::parse(&policy, DocumentKind::Resource)
        .map_err(|error| invalid(format_args!("The policy is not valid: {}", error.to_string().replace('\n', " "))))?;
    Ok(policy)
}
