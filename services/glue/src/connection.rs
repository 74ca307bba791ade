//! Connections: where data are that crawlers and jobs read, with the secrets that it takes.
//!
//! A secret is sealed by Welkin's root key, or encrypted by the catalog's key of KMS (see [`crate::encryption`]).

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod update;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::descriptor::Parameters;
use crate::encryption;
use crate::errors::{invalid, not_found, not_implemented};

/// A connection as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) name: String,
    created: Timestamp,
    updated: Timestamp,
    updated_by: Option<String>,
    /// Without secrets.
    definition: Definition,
    /// Secrets among its properties, sealed.
    secrets: BTreeMap<String, Bytes>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for Connection {
    const KIND: &'static str = "glue/connection";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// Properties that are secrets. Encrypted, each has `ENCRYPTED_` before its name.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/webapi/API_Connection.html>
const SECRETS: [&str; 5] = [
    "PASSWORD",
    "KAFKA_CLIENT_KEYSTORE_PASSWORD",
    "KAFKA_CLIENT_KEY_PASSWORD",
    "KAFKA_SASL_PLAIN_PASSWORD",
    "KAFKA_SASL_SCRAM_PASSWORD",
];

/// What seals are for.
const CONTEXT: &str = "glue connection";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Definition {
    description: Option<String>,
    connection_type: String,
    match_criteria: Option<Vec<String>>,
    properties: Parameters,
    spark_properties: Option<Parameters>,
    athena_properties: Option<Parameters>,
    python_properties: Option<Parameters>,
    physical: Option<PhysicalRequirements>,
    authentication: Option<Authentication>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PhysicalConnectionRequirements.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PhysicalRequirements {
    subnet_id: Option<String>,
    security_group_id_list: Option<Vec<String>>,
    availability_zone: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_AuthenticationConfiguration.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Authentication {
    authentication_type: Option<String>,
    secret_arn: Option<String>,
    kms_key_arn: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_AuthenticationConfigurationInput.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthenticationInput {
    authentication_type: Option<String>,
    secret_arn: Option<String>,
    kms_key_arn: Option<String>,
    #[serde(rename = "OAuth2Properties")]
    oauth: Option<IgnoredAny>,
    basic_authentication_credentials: Option<IgnoredAny>,
    custom_authentication_credentials: Option<IgnoredAny>,
}

/// A connection as callers describe it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ConnectionInput.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConnectionInput {
    name: String,
    description: Option<String>,
    connection_type: String,
    match_criteria: Option<Vec<String>>,
    connection_properties: Parameters,
    spark_properties: Option<Parameters>,
    athena_properties: Option<Parameters>,
    python_properties: Option<Parameters>,
    physical_connection_requirements: Option<PhysicalRequirements>,
    authentication_configuration: Option<AuthenticationInput>,
    validate_credentials: Option<bool>,
}

impl ConnectionInput {
    /// What is kept of it, and its secrets, sealed.
    ///
    /// # Errors
    /// `InvalidInputException`, `GlueEncryptionException`, `NotImplemented`
    async fn keep(&self, cx: &mut Cx, place: Place) -> Result<(Definition, BTreeMap<String, Bytes>)> {
        if self.connection_type == "SFTP" {
            // "SFTP is not supported": https://docs.aws.amazon.com/glue/latest/webapi/API_ConnectionInput.html
            return Err(invalid("Connection type SFTP is not supported."));
        }
        if self.validate_credentials == Some(true) {
            return Err(not_implemented("validation of credentials (ValidateCredentials)"));
        }
        let authentication = self.authentication_configuration.as_ref().map(AuthenticationInput::keep).transpose()?;
        let mut properties = self.connection_properties.clone();
        let mut secrets = BTreeMap::new();
        for name in SECRETS {
            let Some(plain) = properties.remove(name) else { continue };
            match encryption::password(cx, place, &plain).await? {
                Some(encrypted) => {
                    properties.insert(format!("ENCRYPTED_{name}"), encrypted);
                }
                None => {
                    let sealed = cx.sealer().seal(cx.chance(), CONTEXT, plain.as_bytes())?;
                    secrets.insert(name.to_owned(), sealed.into());
                }
            }
        }
        let definition = Definition {
            description: self.description.clone(),
            connection_type: self.connection_type.clone(),
            match_criteria: self.match_criteria.clone(),
            properties,
            spark_properties: self.spark_properties.clone(),
            athena_properties: self.athena_properties.clone(),
            python_properties: self.python_properties.clone(),
            physical: self.physical_connection_requirements.clone(),
            authentication,
        };
        Ok((definition, secrets))
    }
}

impl AuthenticationInput {
    fn keep(&self) -> Result<Authentication> {
        let creates_secrets = self.oauth.is_some()
            || self.basic_authentication_credentials.is_some()
            || self.custom_authentication_credentials.is_some();
        if creates_secrets {
            return Err(not_implemented("secrets that connections create (AuthenticationConfiguration)"));
        }
        Ok(Authentication {
            authentication_type: self.authentication_type.clone(),
            secret_arn: self.secret_arn.clone(),
            kms_key_arn: self.kms_key_arn.clone(),
        })
    }
}

/// The connection of a name, if there is one.
pub(crate) async fn find(cx: &mut Cx, place: Place, name: &str) -> Result<Option<Connection>> {
    cx.get::<Connection>(place, name).await
}

/// The connection of a name.
///
/// # Errors
/// `EntityNotFoundException`
async fn get_one(cx: &mut Cx, place: Place, name: &str) -> Result<Connection> {
    // UNVERIFIED: the wording.
    find(cx, place, name).await?.ok_or_else(|| not_found(format!("Connection {name} not found.")))
}

impl Connection {
    /// Its properties as they are shown: with its secrets, or without.
    fn properties(&self, cx: &Cx, hide: bool) -> Result<Parameters> {
        let mut properties = self.definition.properties.clone();
        if hide {
            properties.retain(|name, _| !name.starts_with("ENCRYPTED_"));
            return Ok(properties);
        }
        for (name, sealed) in &self.secrets {
            let plain = cx.sealer().open(CONTEXT, sealed).and_then(|plain| String::from_utf8(plain).ok());
            let plain = plain.ok_or_else(|| Error::internal("a secret of a connection does not open"))?;
            properties.insert(name.clone(), plain);
        }
        Ok(properties)
    }

    /// Version of its form: the second has an authentication configuration.
    fn schema_version(&self) -> i32 {
        if self.definition.authentication.is_some() { 2 } else { 1 }
    }
}
