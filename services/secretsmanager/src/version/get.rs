//! `GetSecretValue`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Value, Version};
use crate::errors::{ResourceNotFoundException, not_now};
use crate::secret::{CURRENT, Secret, SecretId, VersionState};

/// Reads the value of a secret.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSecretValue {
    secret_id: SecretId,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSecretValueResponse {
    #[serde(rename = "ARN")]
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) version_id: String,
    pub(crate) secret_binary: Option<Bytes>,
    pub(crate) secret_string: Option<String>,
    pub(crate) version_stages: Vec<String>,
    pub(crate) created_date: Timestamp,
}

impl Operation for GetSecretValue {
    const NAME: &'static str = "GetSecretValue";
    type Output = GetSecretValueResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut access = self.secret_id.access(cx, "secretsmanager:GetSecretValue").await?;
        if let Some(id) = &self.version_id {
            access = access.key("secretsmanager:VersionId", id);
        }
        let stage = self.version_stage.as_deref().or(self.version_id.is_none().then_some(CURRENT));
        Ok(stage.into_iter().fold(access, |access, stage| access.key("secretsmanager:VersionStage", stage)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSecretValueResponse> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_alive()?;
        let version = self.version(&found.secret)?.clone();
        let value = Version::read(cx, found.place, &found.secret, &version.id).await?;
        // AWS tells the day of the last access, so one note a day is enough.
        let day = Timestamp::from_secs(cx.now().secs().div_euclid(86_400) * 86_400);
        if found.secret.accessed != Some(day) || version.accessed != Some(day) {
            found.secret.accessed = Some(day);
            found.secret.versions.iter_mut().filter(|it| it.id == version.id).for_each(|it| it.accessed = Some(day));
            found.store(cx).await?;
        }
        let (secret_string, secret_binary) = match value {
            Value::Text(text) => (Some(text), None),
            Value::Binary(bytes) => (None, Some(bytes)),
        };
        Ok(GetSecretValueResponse {
            arn: found.arn(),
            name: found.secret.name,
            version_id: version.id,
            secret_binary,
            secret_string,
            version_stages: version.stages.into_iter().collect(),
            created_date: version.created,
        })
    }
}

impl GetSecretValue {
    fn version<'a>(&self, secret: &'a Secret) -> Result<&'a VersionState> {
        let missing = |what: String| {
            ResourceNotFoundException::because(format!(
                "Secrets Manager can't find the specified secret value for {what}"
            ))
        };
        if let Some(id) = &self.version_id {
            let version = secret.version(id).ok_or_else(|| missing(format!("VersionId: {id}")))?;
            return match &self.version_stage {
                Some(stage) if !version.stages.contains(stage) => {
                    Err(not_now("You provided a VersionStage that is not associated to the provided VersionId."))
                }
                _ => Ok(version),
            };
        }
        let stage = self.version_stage.as_deref().unwrap_or(CURRENT);
        secret.at_stage(stage).ok_or_else(|| missing(format!("staging label: {stage}")))
    }
}
