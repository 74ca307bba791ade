//! Schemas: what is stored of them, and how calls name them.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Error, IntoKey, Key, Resource, Result, Scope, Timestamp};

use super::definition::DataFormat;
use super::{Address as RegistryAddress, parts};
use crate::errors::{invalid, not_found};

/// A schema as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Schema {
    pub(crate) registry: String,
    pub(crate) name: String,
    /// What its versions are kept under.
    pub(crate) id: u64,
    pub(crate) format: DataFormat,
    pub(crate) compatibility: Compatibility,
    /// The version from which on new ones are held against older ones.
    pub(crate) checkpoint: u64,
    /// The newest version that is available.
    pub(crate) latest: u64,
    /// The number of the next version.
    pub(crate) next: u64,
    pub(crate) tags: BTreeMap<String, String>,
    /// It is being deleted.
    pub(super) deleting: bool,
    description: Option<String>,
    created: Timestamp,
    updated: Timestamp,
}

impl Resource for Schema {
    const KIND: &'static str = "glue/schema";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.registry, &self.name).into_key()
    }
}

impl Schema {
    fn status(&self) -> &'static str {
        if self.deleting { "DELETING" } else { "AVAILABLE" }
    }

    /// Its address in the place where it is.
    pub(super) fn address(&self, place: welkin_kernel::Place) -> Address {
        let registry = RegistryAddress { place, name: self.registry.clone() };
        Address { registry, name: self.name.clone() }
    }
}

/// Which older versions a new one must go with.
///
/// <https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html#schema-registry-compatibility>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Compatibility {
    None,
    Disabled,
    Backward,
    BackwardAll,
    Forward,
    ForwardAll,
    Full,
    FullAll,
}

impl Compatibility {
    /// Whether a new version must read what older ones have written.
    pub(crate) fn backward(self) -> bool {
        matches!(self, Self::Backward | Self::BackwardAll | Self::Full | Self::FullAll)
    }

    /// Whether older versions must read what a new one writes.
    pub(crate) fn forward(self) -> bool {
        matches!(self, Self::Forward | Self::ForwardAll | Self::Full | Self::FullAll)
    }

    /// Whether this holds for all older versions since the checkpoint, rather than the last one.
    pub(crate) fn all(self) -> bool {
        matches!(self, Self::BackwardAll | Self::ForwardAll | Self::FullAll)
    }
}

/// How calls name a schema: by its ARN, or by its name and that of its registry.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaId.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SchemaId {
    schema_arn: Option<String>,
    schema_name: Option<String>,
    registry_name: Option<String>,
}

/// Where a schema is, whether or not there is one.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) registry: RegistryAddress,
    pub(crate) name: String,
}

impl SchemaId {
    /// # Errors
    /// `InvalidInputException`: neither name nor ARN, or an ARN of something else.
    // UNVERIFIED: the wordings; and that the ARN counts where both are given.
    pub(crate) fn address(&self, cx: &Cx) -> Result<Address> {
        match (&self.schema_arn, &self.schema_name) {
            (Some(arn), _) => {
                let (place, resource) = parts(cx, arn)?;
                let path = resource.strip_prefix("schema/").and_then(|path| path.split_once('/'));
                let named = path.filter(|(registry, name)| !registry.is_empty() && !name.is_empty());
                let (registry, name) = named.ok_or_else(|| invalid(format!("Schema ARN is not valid: {arn}")))?;
                Ok(Address { registry: RegistryAddress { place, name: registry.to_owned() }, name: name.to_owned() })
            }
            (None, Some(name)) => {
                let mut registry = RegistryAddress::default_of(cx);
                if let Some(named) = &self.registry_name {
                    registry.name.clone_from(named);
                }
                Ok(Address { registry, name: name.clone() })
            }
            (None, None) => Err(invalid("One of schemaArn or schemaName has to be provided, both cannot be empty.")),
        }
    }
}

/// There is no such schema, in the words that AWS's own clients look for:
/// <https://github.com/awslabs/aws-glue-schema-registry>
pub(crate) fn no_schema() -> Error {
    not_found("Schema is not found.")
}

impl Address {
    /// Its ARN.
    pub(crate) fn arn(&self) -> Arn {
        self.registry.place.arn("glue", format_args!("schema/{}/{}", self.registry.name, self.name))
    }

    /// The access that an operation demands: on the schema, and on the registry that it is in.
    pub(crate) async fn access(&self, cx: &mut Cx, operation: &str) -> Result<Access> {
        let tags = self.find(cx).await?.map(|schema| schema.tags).unwrap_or_default();
        let registry = self.registry.access(cx, operation).await?;
        let schema = Access::to(format!("glue:{operation}")).on(self.arn()).resource_tags(&tags);
        Ok(registry.and(schema.recorded_as("AWS::Glue::Schema")))
    }

    /// The schema, if there is one.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Schema>> {
        cx.get::<Schema>(self.registry.place, (&self.registry.name, &self.name)).await
    }

    /// The schema, while neither it nor its registry is being deleted.
    ///
    /// # Errors
    /// `EntityNotFoundException`
    pub(crate) async fn online(&self, cx: &mut Cx) -> Result<Schema> {
        let found = self.find(cx).await?.filter(|schema| !schema.deleting);
        let schema = found.ok_or_else(no_schema)?;
        self.registry.online(cx).await?;
        Ok(schema)
    }
}
