//! The Schema Registry: registries hold schemas, schemas hold versions of a definition.
//!
//! How it works: <https://docs.aws.amazon.com/glue/latest/dg/schema-registry-works.html>
//!
//! | kind | key | what |
//! | --- | --- | --- |
//! | `glue/registry` | name | a registry |
//! | `glue/schema` | registry, name | a schema |
//! | `glue/schema-version` | id of the schema, number | a version: its state and metadata |
//! | `glue/schema-definition` | id of the schema, number | the text of a version |

pub(crate) mod change;
pub(crate) mod clear;
pub(crate) mod create;
pub(crate) mod definition;
pub(crate) mod get;
pub(crate) mod schema;
pub(crate) mod version;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::{invalid, not_found};

/// The registry of schemas that name none. It is made when the first of them is.
pub(crate) const DEFAULT: &str = "default-registry";

/// Things on a page of a listing, where the caller does not say: "this will be defaulted to 25 per page".
const PAGE: usize = 25;

/// A registry as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Registry {
    pub(crate) name: String,
    description: Option<String>,
    created: Timestamp,
    updated: Timestamp,
    /// It is being deleted, with all that it holds.
    deleting: bool,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for Registry {
    const KIND: &'static str = "glue/registry";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Registry {
    fn status(&self) -> &'static str {
        if self.deleting { "DELETING" } else { "AVAILABLE" }
    }
}

/// How calls name a registry: by its name, or by its ARN.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_RegistryId.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegistryId {
    registry_name: Option<String>,
    registry_arn: Option<String>,
}

/// Where a registry is, whether or not there is one.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
}

impl RegistryId {
    /// # Errors
    /// `InvalidInputException`: neither name nor ARN, or an ARN of something else.
    // UNVERIFIED: the wordings; and that the ARN counts where both are given.
    pub(crate) fn address(&self, cx: &Cx) -> Result<Address> {
        match (&self.registry_arn, &self.registry_name) {
            (Some(arn), _) => {
                let (place, resource) = parts(cx, arn)?;
                let name = resource.strip_prefix("registry/").filter(|name| !name.is_empty() && !name.contains('/'));
                let name = name.ok_or_else(|| invalid(format!("Registry ARN is not valid: {arn}")))?;
                Ok(Address { place, name: name.to_owned() })
            }
            (None, Some(name)) => Ok(Address { place: cx.here(), name: name.clone() }),
            (None, None) => {
                Err(invalid("One of registryName or registryArn has to be provided, both cannot be empty."))
            }
        }
    }
}

/// The place and the resource of an ARN of Glue's in this Region.
// UNVERIFIED: the wordings.
fn parts(cx: &Cx, arn: &str) -> Result<(Place, String)> {
    let parsed: Arn = arn.parse().map_err(|_| invalid(format!("ARN is not valid: {arn}")))?;
    match (parsed.account(), parsed.region()) {
        (Some(account), Some(region)) if parsed.service() == "glue" && region == cx.region() => {
            Ok((Place::new(account, region), parsed.resource().to_owned()))
        }
        _ => Err(invalid(format!("ARN is not valid: {arn}"))),
    }
}

/// There is no such registry.
pub(crate) fn no_registry(name: &str) -> Error {
    // UNVERIFIED: the wording.
    not_found(format!("Registry is not found. RegistryName: {name}"))
}

impl Address {
    /// The registry of schemas that name none.
    pub(crate) fn default_of(cx: &Cx) -> Self {
        Self { place: cx.here(), name: DEFAULT.to_owned() }
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("glue", format_args!("registry/{}", self.name))
    }

    /// The access that an operation on the registry demands.
    pub(crate) async fn access(&self, cx: &mut Cx, operation: &str) -> Result<Access> {
        let tags = self.find(cx).await?.map(|registry| registry.tags).unwrap_or_default();
        Ok(Access::to(format!("glue:{operation}"))
            .on(self.arn())
            .resource_tags(&tags)
            .recorded_as("AWS::Glue::Registry"))
    }

    /// The registry, if there is one.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Registry>> {
        cx.get::<Registry>(self.place, self.name.as_str()).await
    }

    /// The registry, while it is not being deleted: "Deleting a registry will deactivate all online operations".
    ///
    /// # Errors
    /// `EntityNotFoundException`
    pub(crate) async fn online(&self, cx: &mut Cx) -> Result<Registry> {
        let found = self.find(cx).await?.filter(|registry| !registry.deleting);
        found.ok_or_else(|| no_registry(&self.name))
    }
}

/// A time as the registry tells it.
// UNVERIFIED: the form.
fn shown_time(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(at.millis()).ok().map(|at| format!("{at:.3}"))
}
