//! `DeleteSecret` and `RestoreSecret`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Job, Operation, Place, Result, Schedule, Timestamp};

use super::{Secret, SecretId};
use crate::errors::{ResourceNotFoundException, invalid};
use crate::version::Version;

/// Days that a secret can be restored after it was deleted: at least, at most, and unless it is said otherwise.
const LEAST_DAYS: i64 = 7;
const MOST_DAYS: i64 = 30;

/// Marks a secret for deletion, or deletes it at once.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSecret {
    secret_id: SecretId,
    recovery_window_in_days: Option<i64>,
    force_delete_without_recovery: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSecretResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    deletion_date: Timestamp,
}

impl Operation for DeleteSecret {
    const NAME: &'static str = "DeleteSecret";
    type Output = DeleteSecretResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut access = self.secret_id.access(cx, "secretsmanager:DeleteSecret").await?;
        if let Some(days) = self.recovery_window_in_days {
            access = access.key("secretsmanager:RecoveryWindowInDays", days.to_string());
        }
        if let Some(force) = self.force_delete_without_recovery {
            access = access.key("secretsmanager:ForceDeleteWithoutRecovery", force.to_string());
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteSecretResponse> {
        let force = self.force_delete_without_recovery.unwrap_or(false);
        if force && self.recovery_window_in_days.is_some() {
            return Err(invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."));
        }
        let days = self.recovery_window_in_days.unwrap_or(MOST_DAYS);
        if !(LEAST_DAYS..=MOST_DAYS).contains(&days) {
            return Err(invalid(format!(
                "The RecoveryWindowInDays value must be between {LEAST_DAYS} and {MOST_DAYS} days (inclusive)."
            )));
        }
        let Some(mut found) = self.secret_id.find(cx).await? else {
            return if force { Ok(self.gone(cx)) } else { Err(ResourceNotFoundException.into()) };
        };
        if found.secret.replica_of.is_some() {
            found.secret.check_own()?;
        }
        if !force {
            found.secret.check_alive()?;
        }
        if !found.secret.replicas.is_empty() {
            let regions: Vec<&str> = found.secret.replicas.iter().map(|replica| replica.region.name()).collect();
            return Err(invalid(format!(
                "You can't delete secret {} that still has replica regions [{}].",
                found.arn(),
                regions.join(", ")
            )));
        }
        let (arn, name, place) = (found.arn(), found.secret.name.clone(), found.place);
        if force {
            remove(cx, place, &name).await?;
            return Ok(DeleteSecretResponse { arn, name, deletion_date: cx.now() });
        }
        #[allow(clippy::cast_sign_loss)]
        let due = cx.after(Duration::from_secs(days as u64 * 86_400));
        found.secret.deletion = Some((cx.now(), due));
        found.store(cx).await?;
        cx.enqueue_at(place, &Expire { name: name.clone(), due }, Schedule::at(due)).await?;
        Ok(DeleteSecretResponse { arn, name, deletion_date: due })
    }
}

impl DeleteSecret {
    /// The answer about a secret that is not there: who deletes by force and tries again is not refused.
    ///
    /// Source: `ForceDeleteWithoutRecovery` in the API reference.
    fn gone(&self, cx: &Cx) -> DeleteSecretResponse {
        // UNVERIFIED: what is told; of a name AWS cannot know the ARN that it had.
        let id = self.secret_id.0.clone();
        let name = id.split_once(":secret:").map_or(id.as_str(), |(_, name)| name).to_owned();
        let arn = if id.starts_with("arn:") {
            id
        } else {
            cx.here().arn("secretsmanager", format!("secret:{name}")).to_string()
        };
        DeleteSecretResponse { arn, name, deletion_date: cx.now() }
    }
}

/// Removes a secret with its values.
pub(crate) async fn remove(cx: &mut Cx, place: Place, name: &str) -> Result<()> {
    cx.delete_all::<Version>(place, name)?;
    cx.delete::<Secret>(place, name).await?;
    Ok(())
}

/// Deletes a secret whose time to be restored is over.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {
    name: String,
    due: Timestamp,
}

impl Job for Expire {
    const NAME: &'static str = "secretsmanager/expire";
    const PRINCIPAL: &'static str = "secretsmanager.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let secret = cx.get::<Secret>(here, self.name.as_str()).await?;
        // It may have been restored, and deleted again.
        if secret.is_some_and(|secret| secret.deletion.is_some_and(|(_, due)| due == self.due)) {
            remove(cx, here, &self.name).await?;
        }
        Ok(())
    }
}

/// Takes back that a secret was deleted.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreSecret {
    secret_id: SecretId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreSecretResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

impl Operation for RestoreSecret {
    const NAME: &'static str = "RestoreSecret";
    type Output = RestoreSecretResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:RestoreSecret").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<RestoreSecretResponse> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.deletion = None;
        found.store(cx).await?;
        Ok(RestoreSecretResponse { arn: found.arn(), name: found.secret.name })
    }
}
