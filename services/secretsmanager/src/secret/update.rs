//! `UpdateSecret`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{CURRENT, Found, MANAGED_KEY, SecretId, replicate};
use crate::errors::not_implemented;
use crate::version::{Value, Version, add};

/// Changes a secret's description, key and value.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSecret {
    secret_id: SecretId,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_binary: Option<Bytes>,
    secret_string: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSecretResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: Option<String>,
}

impl Operation for UpdateSecret {
    const NAME: &'static str = "UpdateSecret";
    type Output = UpdateSecretResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut access = self.secret_id.access(cx, "secretsmanager:UpdateSecret").await?;
        if let Some(description) = &self.description {
            access = access.key("secretsmanager:Description", description);
        }
        if let Some(key) = &self.kms_key_id {
            access = access.key("secretsmanager:KmsKeyId", key);
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateSecretResponse> {
        if self.kind.as_ref().is_some_and(|kind| !kind.is_empty()) {
            return Err(not_implemented("secrets of partners (Type)"));
        }
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        let value = Value::of(self.secret_string.as_ref(), self.secret_binary.as_ref())?;
        if let Some(description) = &self.description {
            found.secret.description = Some(description.clone());
        }
        if let Some(key) = &self.kms_key_id {
            change_key(cx, &mut found, key).await?;
        }
        let mut version_id = None;
        if let Some(value) = value {
            let id = self.client_request_token.clone().unwrap_or_else(|| cx.chance().uuid());
            add(cx, found.place, &mut found.secret, &id, &value, &[CURRENT.to_owned()]).await?;
            version_id = Some(id);
        }
        found.secret.changed = cx.now();
        found.store(cx).await?;
        replicate::follow_stages(cx, found.place, &found.secret).await?;
        Ok(UpdateSecretResponse { arn: found.arn(), name: found.secret.name, version_id })
    }
}

/// Encrypts the versions that have labels by another key.
async fn change_key(cx: &mut Cx, found: &mut Found, key: &str) -> Result<()> {
    let labelled: Vec<String> = found
        .secret
        .versions
        .iter()
        .filter(|version| !version.stages.is_empty())
        .map(|version| version.id.clone())
        .collect();
    let mut values = Vec::with_capacity(labelled.len());
    for id in &labelled {
        values.push(Version::read(cx, found.place, &found.secret, id).await?);
    }
    found.secret.kms_key = Some(key.to_owned()).filter(|key| !key.is_empty() && key != MANAGED_KEY);
    for (id, value) in labelled.iter().zip(&values) {
        Version::write(cx, found.place, &found.secret, id, value).await?;
    }
    let shown = found.secret.shown_key();
    for version in found.secret.versions.iter_mut().filter(|version| !version.stages.is_empty()) {
        version.kms_key.clone_from(&shown);
    }
    Ok(())
}
