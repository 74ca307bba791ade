//! `CreateSecret`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::replicate::{self, ReplicaRegion, ReplicationStatus};
use super::{CURRENT, Found, MANAGED_KEY, Secret};
use crate::errors::{ResourceExistsException, invalid, not_implemented, not_now};
use crate::tags::{self, Tag};
use crate::version::{Value, add};

/// What the six characters at the end of an ARN are drawn from.
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes a secret.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSecret {
    name: String,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_binary: Option<Bytes>,
    secret_string: Option<String>,
    tags: Option<Vec<Tag>>,
    add_replica_regions: Option<Vec<ReplicaRegion>>,
    force_overwrite_replica_secret: Option<bool>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    #[serde(rename = "CrossAccountPrimaryARN")]
    cross_account_primary_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSecretResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: Option<String>,
    replication_status: Option<Vec<ReplicationStatus>>,
}

impl Operation for CreateSecret {
    const NAME: &'static str = "CreateSecret";
    type Output = CreateSecretResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::map(self.tags.as_deref());
        let arn = cx.here().arn("secretsmanager", format!("secret:{}", self.name));
        let mut access = Access::to("secretsmanager:CreateSecret").on(&arn).recorded_as("AWS::SecretsManager::Secret");
        access = access.request_tags(&tags).key("secretsmanager:Name", &self.name);
        if let Some(description) = &self.description {
            access = access.key("secretsmanager:Description", description);
        }
        if let Some(key) = &self.kms_key_id {
            access = access.key("secretsmanager:KmsKeyId", key);
        }
        for replica in self.add_replica_regions.iter().flatten() {
            access = access.key("secretsmanager:AddReplicaRegions", replica.region.clone());
        }
        if tags.is_empty() {
            return Ok(access);
        }
        Ok(access.and(Access::to("secretsmanager:TagResource").on(arn).request_tags(&tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateSecretResponse> {
        if self.kind.as_ref().is_some_and(|kind| !kind.is_empty()) {
            return Err(not_implemented("secrets of partners (Type)"));
        }
        if self.cross_account_primary_arn.is_some() {
            return Err(not_implemented("replicas across accounts"));
        }
        check_name(&self.name)?;
        let value = Value::of(self.secret_string.as_ref(), self.secret_binary.as_ref())?;
        let tags = tags::map(self.tags.as_deref());
        tags::check(&tags)?;
        if let Some(there) = cx.get::<Secret>(cx.here(), self.name.as_str()).await? {
            return self.again(cx, there, value).await;
        }
        let secret = Secret {
            name: self.name.clone(),
            suffix: cx.chance().text(6, ALPHABET),
            description: self.description.clone(),
            kms_key: self.kms_key_id.clone().filter(|key| !key.is_empty() && key != MANAGED_KEY),
            created: cx.now(),
            changed: cx.now(),
            accessed: None,
            deletion: None,
            tags,
            policy: None,
            versions: Vec::new(),
            replica_of: None,
            primary: cx.region(),
            replicas: Vec::new(),
        };
        let mut found = Found { place: cx.here(), secret };
        let mut version_id = None;
        if let Some(value) = value {
            let id = self.client_request_token.clone().unwrap_or_else(|| cx.chance().uuid());
            add(cx, found.place, &mut found.secret, &id, &value, &[CURRENT.to_owned()]).await?;
            version_id = Some(id);
        }
        if let Some(regions) = &self.add_replica_regions {
            replicate::add(cx, &mut found, regions, self.force_overwrite_replica_secret.unwrap_or(false)).await?;
        }
        found.store(cx).await?;
        Ok(CreateSecretResponse {
            arn: found.arn(),
            name: self.name.clone(),
            version_id,
            replication_status: self.add_replica_regions.as_ref().map(|_| replicate::status(&found.secret)),
        })
    }
}

impl CreateSecret {
    /// There is a secret of this name: it is the same call again, or a refusal.
    async fn again(&self, cx: &mut Cx, there: Secret, value: Option<Value>) -> Result<CreateSecretResponse> {
        if there.deletion.is_some() {
            return Err(not_now(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ));
        }
        let exists = || {
            ResourceExistsException::because(format!(
                "The operation failed because the secret {} already exists.",
                self.name
            ))
        };
        let token = self.client_request_token.as_deref().filter(|token| there.version(token).is_some());
        let (Some(token), Some(value)) = (token, value) else { return Err(exists()) };
        let mut found = Found { place: cx.here(), secret: there };
        let again = add(cx, found.place, &mut found.secret, token, &value, &[]).await;
        again.map_err(|error| if error.is("ResourceExistsException") { exists() } else { error })?;
        Ok(CreateSecretResponse {
            arn: found.arn(),
            name: self.name.clone(),
            version_id: Some(token.to_owned()),
            replication_status: None,
        })
    }
}

fn check_name(name: &str) -> Result<()> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&b));
    if plain && !name.is_empty() && name.len() <= 512 {
        return Ok(());
    }
    Err(invalid(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    ))
}
