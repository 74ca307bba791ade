//! A parameter, its versions, and what is stored of them.

pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod event;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod label;
pub(crate) mod path;
pub(crate) mod policy;
pub(crate) mod put;
pub(crate) mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::ParameterVersionNotFound;
use crate::name::{Address, Selector};
use crate::sharing::Sharing;
use policy::Policy;
use value::Value;

/// A parameter as it is stored, with its latest version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) latest: Version,
    /// The oldest version that is kept.
    first: u64,
    /// Versions by their labels.
    labels: BTreeMap<String, u64>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) sharing: Option<Sharing>,
}

/// A version of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: u64,
    pub(crate) kind: Kind,
    pub(crate) value: Value,
    /// The KMS key, as it was named.
    pub(crate) key_id: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) allowed_pattern: Option<String>,
    pub(crate) tier: Tier,
    pub(crate) policies: Vec<Policy>,
    pub(crate) data_type: String,
    pub(crate) modified: Timestamp,
    /// ARN of who made it.
    pub(crate) modified_by: String,
}

/// A version that is not the latest any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Past {
    name: String,
    version: Version,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    String,
    StringList,
    SecureString,
}

/// What a parameter may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tier {
    Standard,
    Advanced,
    /// As the parameter needs; only callers have it.
    #[serde(rename = "Intelligent-Tiering")]
    Intelligent,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }
}

impl Tier {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
            Self::Intelligent => "Intelligent-Tiering",
        }
    }
}

impl Resource for Parameter {
    const KIND: &'static str = "ssm/parameter";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Resource for Past {
    const KIND: &'static str = "ssm/version";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.name, self.version.number).into_key()
    }
}

impl Parameter {
    /// The version that a selector names; the latest without one.
    ///
    /// # Errors
    /// `ParameterVersionNotFound`
    pub(crate) async fn version(&self, cx: &mut Cx, place: Place, selector: Option<&Selector>) -> Result<Version> {
        let number = match selector {
            None => Some(self.latest.number),
            Some(Selector::Version(number)) => Some(*number),
            Some(Selector::Label(label)) => self.labels.get(label).copied(),
        };
        let found = match number {
            Some(number) if number == self.latest.number => Some(self.latest.clone()),
            Some(number) => cx.get::<Past>(place, (&self.name, number)).await?.map(|past| past.version),
            None => None,
        };
        found.ok_or_else(|| {
            let name = &self.name;
            ParameterVersionNotFound::because(format!(
                "Systems Manager could not find version or label of {name}. Verify the version and try again."
            ))
        })
    }

    /// The labels of a version.
    pub(crate) fn labels_of(&self, number: u64) -> Vec<String> {
        self.labels.iter().filter(|(_, of)| **of == number).map(|(label, _)| label.clone()).collect()
    }
}

/// The access to a parameter that an operation demands.
///
/// # Errors
/// When the store fails.
pub(crate) async fn access(cx: &mut Cx, address: &Address, action: &'static str) -> Result<Access> {
    let access = Access::to(action).on(address.arn()).recorded_as("AWS::SSM::Parameter");
    let Some(parameter) = address.find(cx).await? else { return Ok(access) };
    let mut access = access.resource_tags(&parameter.tags);
    for (key, value) in &parameter.tags {
        access = access.key(format!("ssm:resourceTag/{key}"), value);
    }
    let policy = parameter.sharing.as_ref().map(Sharing::policy);
    Ok(access.policy(policy))
}
