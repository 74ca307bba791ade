//! `RotateKeyOnDemand`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use super::{can_rotate, rotate};
use crate::access::Demand;
use crate::errors::{ConflictException, KMSInvalidStateException, LimitExceededException};
use crate::key::{Key, Origin};
use crate::material::{self, Material, RotationType};
use crate::{import, key_id, multi_region, quota, service_event};

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

/// How long before an automatic rotation there is none on demand.
///
/// Source: the reference above, `ConflictException`.
const AT_HAND: Duration = Duration::from_secs(20 * 60);

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
        can_rotate(cx, &key)?;
        if key.rotation.is_some_and(|rotation| rotation.next < cx.after(AT_HAND)) {
            return Err(ConflictException.into());
        }
        let materials = material::all(cx, &key).await?;
        if materials.iter().filter(|m| m.rotation == Some(RotationType::OnDemand)).count() >= MOST {
            // UNVERIFIED: the wording.
            return Err(LimitExceededException::because(format!(
                "A key can be rotated on demand at most {MOST} times."
            )));
        }
        match key.origin {
            Origin::AwsKms => rotate(cx, &mut key, RotationType::OnDemand).await?,
            Origin::External => rotate_to_imported(cx, &key, &materials).await?,
        }
        Ok(RotateKeyOnDemandResponse { key_id: key.arn().into() })
    }
}

/// Makes the imported material that waits the current one, of the key and of those that are related to it.
async fn rotate_to_imported(cx: &mut Cx, key: &Key, materials: &[Material]) -> Result<()> {
    // UNVERIFIED: the code and wording.
    let none =
        || KMSInvalidStateException::because(format!("{} has no key material that is pending rotation.", key.arn()));
    let waiting = materials.iter().find(|material| material.is_pending() && material.is_there()).ok_or_else(none)?;
    let mut keys = multi_region::others(cx, key).await?;
    keys.push(key.clone());
    for mut key in keys {
        let material = cx.get::<Material>(key.place, (&key.id, &waiting.id)).await?;
        let mut material = material.filter(Material::is_there).ok_or_else(none)?;
        material.bind(cx.now());
        cx.put(key.place, &material).await?;
        key.material = Some(material.id);
        import::settle(cx, &mut key).await?;
    }
    service_event::rotated(cx, key, RotationType::OnDemand).await?;
    Ok(())
}
