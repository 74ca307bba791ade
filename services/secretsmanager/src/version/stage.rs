//! `UpdateSecretVersionStage`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::put::STAGES;
use crate::errors::{LimitExceededException, ResourceNotFoundException, invalid};
use crate::secret::{CURRENT, Found, SecretId, replicate};

/// Moves a label from one version of a secret to another, or takes it away.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSecretVersionStage {
    secret_id: SecretId,
    version_stage: String,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSecretVersionStageResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

impl Operation for UpdateSecretVersionStage {
    const NAME: &'static str = "UpdateSecretVersionStage";
    type Output = UpdateSecretVersionStageResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = self.secret_id.access(cx, "secretsmanager:UpdateSecretVersionStage").await?;
        Ok(access.key("secretsmanager:VersionStage", &self.version_stage))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateSecretVersionStageResponse> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        self.check(&found)?;
        found.secret.move_stage(&self.version_stage, self.move_to_version_id.as_deref());
        found.secret.changed = cx.now();
        found.store(cx).await?;
        replicate::follow_stages(cx, found.place, &found.secret).await?;
        Ok(UpdateSecretVersionStageResponse { arn: found.arn(), name: found.secret.name })
    }
}

impl UpdateSecretVersionStage {
    fn check(&self, found: &Found) -> Result<()> {
        let stage = &self.version_stage;
        for id in [&self.move_to_version_id, &self.remove_from_version_id].into_iter().flatten() {
            if found.secret.version(id).is_none() {
                return Err(ResourceNotFoundException::because(format!(
                    "Secrets Manager can't find the specified secret value for VersionId: {id}"
                )));
            }
        }
        let holder = found.secret.at_stage(stage).map(|version| version.id.as_str());
        match (holder, self.remove_from_version_id.as_deref()) {
            (Some(holder), None) if self.move_to_version_id.as_deref() != Some(holder) => Err(invalid(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to \
                 version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
            ))),
            (holder, Some(from)) if holder != Some(from) => Err(invalid(format!(
                "You can't remove staging label {stage} from version {from}, since it isn't attached to it."
            ))),
            _ if stage == CURRENT && self.move_to_version_id.is_none() => Err(invalid(format!(
                "You can only move staging label {CURRENT} to a different secret version. It can't be \
                                     completely removed."
            ))),
            _ => match self.move_to_version_id.as_deref().and_then(|id| found.secret.version(id)) {
                Some(version) if version.stages.len() >= STAGES && !version.stages.contains(stage) => {
                    Err(LimitExceededException::because(format!("A version can have at most {STAGES} staging labels.")))
                }
                _ => Ok(()),
            },
        }
    }
}
