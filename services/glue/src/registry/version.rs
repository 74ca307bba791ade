//! Versions of schemas: what is stored of them, how calls name them, and whether a new one is compatible.

pub(crate) mod check;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod find;
pub(crate) mod judge;
pub(crate) mod list;
pub(crate) mod metadata;
pub(crate) mod register;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use super::Address as RegistryAddress;
use super::definition::{DataFormat, Parsed};
use super::schema::{Address, Schema, SchemaId};
use crate::errors::{ResourceNumberLimitExceededException, invalid, not_found};

/// Versions of schemas of an account in a Region at most.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/dg/schema-registry-quotas.html>
const MOST: u64 = 10_000;

/// A version as it is stored, but for its definition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    registry: String,
    name: String,
    /// The id of its schema.
    schema: u64,
    pub(crate) number: u64,
    /// Its own id, a UUID.
    pub(crate) id: String,
    /// Of what it defines, whatever its spelling.
    hash: String,
    pub(crate) status: Status,
    created: Timestamp,
    metadata: Vec<Metadata>,
}

/// A pair of metadata of a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Metadata {
    key: String,
    value: String,
    created: Timestamp,
}

/// Index of versions by their ids.
const BY_ID: &str = "id";

/// Index of the versions of a schema by what they define.
const BY_HASH: &str = "hash";

impl Resource for Version {
    const KIND: &'static str = "glue/schema-version";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_ID, BY_HASH];

    fn key(&self) -> Key {
        (self.schema, self.number).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_ID, self.id.as_str().into_key()), (BY_HASH, (self.schema, &self.hash).into_key())]
    }
}

/// The text of a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Definition {
    schema: u64,
    number: u64,
    text: String,
}

impl Resource for Definition {
    const KIND: &'static str = "glue/schema-definition";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.schema, self.number).into_key()
    }
}

/// How far a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    /// It is being held against older ones.
    Pending,
    /// It can be used.
    Available,
    /// It does not go with older ones.
    Failure,
}

impl Version {
    /// A version of a schema, made now.
    pub(super) fn new(cx: &Cx, schema: &Schema, number: u64, hash: String, status: Status) -> Self {
        Self {
            registry: schema.registry.clone(),
            name: schema.name.clone(),
            schema: schema.id,
            number,
            id: cx.chance().uuid(),
            hash,
            status,
            created: cx.now(),
            metadata: Vec::new(),
        }
    }

    /// Where its schema is.
    fn address(&self, place: Place) -> Address {
        Address { registry: RegistryAddress { place, name: self.registry.clone() }, name: self.name.clone() }
    }

    /// What it defines.
    pub(crate) async fn text(&self, cx: &mut Cx, place: Place) -> Result<String> {
        let definition = cx.get::<Definition>(place, self.key()).await?;
        definition.map(|definition| definition.text).ok_or_else(no_version)
    }
}

/// Keeps a new version with its definition.
///
/// # Errors
/// `ResourceNumberLimitExceededException`
pub(super) async fn add(cx: &mut Cx, place: Place, version: &Version, text: &str) -> Result<()> {
    if cx.count::<Version>(place, 0u64, u64::MAX).await? >= MOST {
        // UNVERIFIED: the wording.
        let message = "More schema versions cannot be created. The maximum limit has been reached.";
        return Err(ResourceNumberLimitExceededException::because(message));
    }
    cx.put(place, version).await?;
    let definition = Definition { schema: version.schema, number: version.number, text: text.to_owned() };
    cx.put(place, &definition).await
}

/// Reads a definition.
///
/// # Errors
/// `InvalidInputException`, `NotImplemented`
// UNVERIFIED: the wording.
pub(crate) fn parse(format: DataFormat, text: &str) -> Result<Parsed> {
    Parsed::read(format, text)?
        .map_err(|fault| invalid(format!("Schema definition of {} data format is invalid: {fault}", format.name())))
}

/// There is no such version, in the words that AWS's own clients look for:
/// <https://github.com/awslabs/aws-glue-schema-registry>
pub(crate) fn no_version() -> Error {
    not_found("Schema version is not found.")
}

/// Which version of a schema a call is about.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaVersionNumber.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionNumber {
    #[serde(default)]
    latest_version: bool,
    version_number: Option<u64>,
}

impl VersionNumber {
    /// The version of this number.
    pub(crate) fn of(number: u64) -> Self {
        Self { latest_version: false, version_number: Some(number) }
    }

    /// # Errors
    /// `InvalidInputException`, `EntityNotFoundException`
    // UNVERIFIED: the wording.
    pub(super) async fn find(&self, cx: &mut Cx, place: Place, schema: &Schema) -> Result<Version> {
        let number = match (self.latest_version, self.version_number) {
            (true, None) => schema.latest,
            (false, Some(number)) => number,
            _ => return Err(invalid("Exactly one of latestVersion or versionNumber has to be provided.")),
        };
        cx.get::<Version>(place, (schema.id, number)).await?.ok_or_else(no_version)
    }
}

/// How calls name a version: by its id, or by its schema and number.
pub(crate) struct Choice<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) schema: Option<&'a SchemaId>,
    pub(crate) number: Option<&'a VersionNumber>,
}

impl Choice<'_> {
    /// The version with its schema, and the place of both.
    ///
    /// # Errors
    /// `InvalidInputException`, `EntityNotFoundException`
    // UNVERIFIED: the wordings.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<(Place, Schema, Version)> {
        match (self.id, self.schema, self.number) {
            (Some(id), None, None) => {
                let place = cx.here();
                let version = by_id(cx, place, id).await?.ok_or_else(no_version)?;
                let schema = version.address(place).online(cx).await.map_err(|_| no_version())?;
                Ok((place, schema, version))
            }
            (None, Some(schema), Some(number)) => {
                let address = schema.address(cx)?;
                let schema = address.online(cx).await?;
                let place = address.registry.place;
                let version = number.find(cx, place, &schema).await?;
                Ok((place, schema, version))
            }
            _ => Err(invalid("Either SchemaVersionId, or SchemaId and SchemaVersionNumber have to be provided.")),
        }
    }

    /// The access that an operation demands: on the schema of the version and on its registry. An id that no version
    /// has is no resource.
    pub(crate) async fn access(&self, cx: &mut Cx, operation: &str) -> Result<Access> {
        if let Some(schema) = self.schema {
            return schema.address(cx)?.access(cx, operation).await;
        }
        let place = cx.here();
        match self.id {
            Some(id) => match by_id(cx, place, id).await? {
                Some(version) => version.address(place).access(cx, operation).await,
                None => Ok(Access::to(format!("glue:{operation}"))),
            },
            None => Ok(Access::to(format!("glue:{operation}"))),
        }
    }
}

async fn by_id(cx: &mut Cx, place: Place, id: &str) -> Result<Option<Version>> {
    Ok(cx.find::<Version>(place, BY_ID, id, 1).await?.into_iter().next())
}

/// The version of a schema that defines the same, if there is one.
async fn by_hash(cx: &mut Cx, place: Place, schema: &Schema, hash: &str) -> Result<Option<Version>> {
    Ok(cx.find::<Version>(place, BY_HASH, (schema.id, hash), 1).await?.into_iter().next())
}
