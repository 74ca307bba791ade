//! `DeleteImportedKeyMaterial`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use super::{expiry, settle};
use crate::access::Demand;
use crate::errors::NotFoundException;
use crate::key::spec::KeySpec;
use crate::key::{Key, Origin};
use crate::material::Material;
use crate::{expunge, key_id, multi_region, quota};

/// Takes imported material from a key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteImportedKeyMaterial {
    key_id: String,
    key_material_id: Option<String>,
}

/// ARN of the key and id of the material.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteImportedKeyMaterialResponse {
    key_id: String,
    key_material_id: Option<String>,
}

impl Operation for DeleteImportedKeyMaterial {
    const NAME: &'static str = "DeleteImportedKeyMaterial";
    type Output = DeleteImportedKeyMaterialResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms DeleteImportedKeyMaterial", 15))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteImportedKeyMaterialResponse> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.has_origin(Origin::External)?;
        key.settled(cx.now())?;
        let id = self.key_material_id.clone().or_else(|| key.material.clone());
        if let Some(id) = &id {
            let missing = || NotFoundException::because(format!("Key material {id} is not found."));
            let material = cx.get::<Material>(key.place, (&key.id, id)).await?.ok_or_else(missing)?;
            delete(cx, &key, material).await?;
            expunge::soon(cx).await?;
            settle(cx, &mut key).await?;
        }
        Ok(DeleteImportedKeyMaterialResponse {
            key_id: key.arn().into(),
            key_material_id: id.filter(|_| key.spec == KeySpec::SymmetricDefault),
        })
    }
}

/// Takes the material away. What is not bound to the key yet is forgotten with it; at the primary key, by the replicas
/// as well.
async fn delete(cx: &mut Cx, key: &Key, mut material: Material) -> Result<()> {
    material.clear();
    expiry::schedule(cx, key, &material).await?;
    if !material.is_pending() || key.is_replica() {
        return cx.put(key.place, &material).await;
    }
    for other in multi_region::others(cx, key).await? {
        expiry::schedule(cx, &other, &material).await?;
        cx.discard::<Material>(other.place, (&key.id, &material.id))?;
    }
    cx.discard::<Material>(key.place, (&key.id, &material.id))
}
