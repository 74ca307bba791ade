//! `CreateAlias`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use super::{Alias, MOST, check_name, on_both, put};
use crate::errors::{AlreadyExistsException, LimitExceededException};
use crate::{key_id, quota};

/// Names a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAlias {
    alias_name: String,
    target_key_id: String,
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        check_name(&self.alias_name)?;
        let target = key_id::find_without_alias(cx, &self.target_key_id).await?;
        on_both(cx, "CreateAlias", "kms:CreateAlias", &self.alias_name, &target).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms CreateAlias", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut key = key_id::find_without_alias(cx, &self.target_key_id).await?.key()?;
        let here = cx.here();
        if cx.exists::<Alias>(here, &self.alias_name).await? {
            let arn = here.arn("kms", &self.alias_name);
            return Err(AlreadyExistsException::because(format!("An alias with the name {arn} already exists")));
        }
        key.not_pending_deletion()?;
        if key.aliases.len() >= MOST {
            // UNVERIFIED: the wording.
            return Err(LimitExceededException::because(format!("A KMS key can have at most {MOST} aliases.")));
        }
        put(cx, here, &self.alias_name, &key.id, None).await?;
        key.aliases.insert(self.alias_name.clone());
        cx.put(here, &key).await?;
        Ok(Empty {})
    }
}
