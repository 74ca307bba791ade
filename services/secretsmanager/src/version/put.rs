//! `PutSecretValue`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Value, add};
use crate::errors::{invalid, not_implemented};
use crate::secret::{CURRENT, SecretId};

/// Labels of a version at most.
pub(crate) const STAGES: usize = 20;

/// Gives a secret a new value.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutSecretValue {
    secret_id: SecretId,
    client_request_token: Option<String>,
    secret_binary: Option<Bytes>,
    secret_string: Option<String>,
    version_stages: Option<Vec<String>>,
    rotation_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutSecretValueResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    version_stages: Vec<String>,
}

impl Operation for PutSecretValue {
    const NAME: &'static str = "PutSecretValue";
    type Output = PutSecretValueResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:PutSecretValue").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutSecretValueResponse> {
        if self.rotation_token.is_some() {
            return Err(not_implemented("rotation tokens"));
        }
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        let value = Value::of(self.secret_string.as_ref(), self.secret_binary.as_ref())?;
        let value = value.ok_or_else(|| invalid("You must provide either SecretString or SecretBinary."))?;
        let stages = self.version_stages.clone().unwrap_or_else(|| vec![CURRENT.to_owned()]);
        let id = self.client_request_token.clone().unwrap_or_else(|| cx.chance().uuid());
        add(cx, found.place, &mut found.secret, &id, &value, &stages).await?;
        found.store(cx).await?;
        let version = found.secret.version(&id);
        Ok(PutSecretValueResponse {
            arn: found.arn(),
            name: found.secret.name.clone(),
            version_stages: version.map(|version| version.stages.iter().cloned().collect()).unwrap_or_default(),
            version_id: id,
        })
    }
}
