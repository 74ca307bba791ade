//! `UpdateAlias`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use super::{Alias, MOST, check_name, on_both, put};
use crate::access::Demand;
use crate::errors::{KMSInvalidStateException, LimitExceededException, NotFoundException};
use crate::key::Key;
use crate::{key_id, quota};

/// Points an alias to another key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAlias {
    alias_name: String,
    target_key_id: String,
}

impl UpdateAlias {
    async fn alias(&self, cx: &mut Cx) -> Result<Alias> {
        let here = cx.here();
        let missing =
            || NotFoundException::because(format!("Alias {} is not found.", here.arn("kms", &self.alias_name)));
        cx.get::<Alias>(here, &self.alias_name).await?.ok_or_else(missing)
    }
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        check_name(&self.alias_name)?;
        let alias = self.alias(cx).await?;
        let here = cx.here();
        let current = key_id::find_key(cx, here, &alias.target, None).await?;
        let target = key_id::find_without_alias(cx, &self.target_key_id).await?;
        let on_new = on_both(cx, "UpdateAlias", "kms:UpdateAlias", &self.alias_name, &target).await?;
        Ok(on_new.and(Demand::of("UpdateAlias", &current).by_the_owner().access(cx).await?))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms UpdateAlias", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        let alias = self.alias(cx).await?;
        let mut target = key_id::find_without_alias(cx, &self.target_key_id).await?.key()?;
        target.not_pending_deletion()?;
        if alias.target == target.id {
            return Ok(Empty {});
        }
        if let Some(mut current) = cx.get::<Key>(here, &alias.target).await? {
            if current.spec.family() != target.spec.family() || current.usage() != target.usage() {
                // UNVERIFIED: code and wording; the reference asks for the same type and usage.
                let message = "The current and new key must be the same type and have the same key usage.";
                return Err(KMSInvalidStateException::because(message));
            }
            current.aliases.remove(&alias.name);
            cx.put(here, &current).await?;
        }
        if target.aliases.len() >= MOST {
            return Err(LimitExceededException::because(format!("A KMS key can have at most {MOST} aliases.")));
        }
        put(cx, here, &alias.name, &target.id, Some(alias.created)).await?;
        target.aliases.insert(alias.name);
        cx.put(here, &target).await?;
        Ok(Empty {})
    }
}
