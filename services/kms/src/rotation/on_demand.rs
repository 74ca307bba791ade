//! `RotateKeyOnDemand`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Page, Result};

use super::{can_rotate, rotate};
use crate::access::Demand;
use crate::errors::LimitExceededException;
use crate::material::{Material, RotationType};
use crate::{key_id, quota};

/// Rotates a key at once. <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RotateKeyOnDemand {
    key_id: String,
}

/// ARN of the key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RotateKeyOnDemandResponse {
    key_id: String,
}

/// Rotations on demand of one key at most.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MOST: usize = 25;

impl Operation for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    type Output = RotateKeyOnDemandResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms RotateKeyOnDemand", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<RotateKeyOnDemandResponse> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        can_rotate(&key)?;
        let materials = cx.list::<Material>(key.place, (&key.id,), Page::ALL).await?;
        if materials.iter().filter(|m| m.rotation == Some(RotationType::OnDemand)).count() >= MOST {
            // UNVERIFIED: the wording.
            return Err(LimitExceededException::because(format!(
                "A key can be rotated on demand at most {MOST} times."
            )));
        }
        rotate(cx, &mut key, RotationType::OnDemand).await?;
        cx.put(key.place, &key).await?;
        Ok(RotateKeyOnDemandResponse { key_id: key.arn().into() })
    }
}
