//! `UpdateKeyDescription`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use crate::access::Demand;
use crate::{key_id, quota};

/// Changes the description of a key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateKeyDescription {
    key_id: String,
    description: String,
}

impl Operation for UpdateKeyDescription {
    const NAME: &'static str = "UpdateKeyDescription";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("UpdateKeyDescription", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms UpdateKeyDescription", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.not_pending_deletion()?;
        key.description.clone_from(&self.description);
        cx.put(key.place, &key).await?;
        Ok(Empty {})
    }
}
