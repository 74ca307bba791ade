//! Decodes the frame of one service; written by `xtask/src/actions.rs`, in the same order.

use super::{AccessLevel, Action, ActionResource, ConditionKey, ConditionValue, Entry, ResourceType, ServiceActions};
use crate::frame::{Corrupt, Frame, Read};

pub(super) fn service(entry: &Entry, mut frame: Frame) -> Read<ServiceActions> {
    let condition_keys = frame.many(condition_key)?;
    let resource_types = frame.many(resource_type)?;
    let actions = frame.many(action)?;
    let counted = [(actions.len(), entry.actions), (resource_types.len(), entry.resource_types)];
    if !frame.is_finished() || condition_keys.len() != entry.condition_keys || counted.iter().any(|(is, was)| is != was)
    {
        return Err(Corrupt);
    }
    Ok(ServiceActions { prefix: entry.prefix, name: entry.name, actions, resource_types, condition_keys })
}

fn condition_key(frame: &mut Frame) -> Read<ConditionKey> {
    let name = frame.string()?;
    let kind = frame.string()?;
    let (multivalued, kind) = match kind.strip_prefix("ArrayOf") {
        Some(item) => (true, item),
        None => (false, kind),
    };
    let value = match kind {
        "String" => ConditionValue::String,
        "ARN" => ConditionValue::Arn,
        "Numeric" => ConditionValue::Numeric,
        "Date" => ConditionValue::Date,
        "Bool" => ConditionValue::Bool,
        "IPAddress" => ConditionValue::IpAddress,
        _ => return Err(Corrupt),
    };
    Ok(ConditionKey { name, value, multivalued })
}

fn resource_type(frame: &mut Frame) -> Read<ResourceType> {
    Ok(ResourceType { name: frame.string()?, arn: frame.string()?, condition_keys: frame.list()? })
}

fn action(frame: &mut Frame) -> Read<Action> {
    Ok(Action {
        name: frame.string()?,
        access_level: match frame.string()? {
            "List" => AccessLevel::List,
            "Read" => AccessLevel::Read,
            "Write" => AccessLevel::Write,
            "Permissions management" => AccessLevel::PermissionsManagement,
            "Tagging" => AccessLevel::Tagging,
            _ => return Err(Corrupt),
        },
        condition_keys: frame.list()?,
        dependent_actions: frame.list()?,
        resource_types: frame.many(action_resource)?,
    })
}

fn action_resource(frame: &mut Frame) -> Read<ActionResource> {
    Ok(ActionResource {
        resource_type: frame.string()?,
        required: frame.number()? == 1,
        condition_keys: frame.list()?,
        dependent_actions: frame.list()?,
    })
}
