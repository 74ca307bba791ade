//! `ListKeyRotations`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result, Timestamp};

use super::is_symmetric;
use crate::access::Demand;
use crate::import::{Expiration, ExpirationModel};
use crate::key::Key;
use crate::material::{self, Material, RotationType};
use crate::names::names;
use crate::{key_id, marker, multi_region, quota};

names! {
    /// Which materials to list.
    pub(crate) enum IncludeKeyMaterial {
        All = "ALL_KEY_MATERIAL",
        Rotations = "ROTATIONS_ONLY",
    }
}

/// Lists the rotations of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeyRotations {
    key_id: String,
    include_key_material: Option<IncludeKeyMaterial>,
    limit: Option<usize>,
    marker: Option<String>,
}

/// A page of rotations.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeyRotationsResponse {
    rotations: Vec<RotationsListEntry>,
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RotationsListEntry {
    key_id: String,
    key_material_id: String,
    key_material_description: Option<String>,
    import_state: Option<String>,
    key_material_state: String,
    expiration_model: Option<ExpirationModel>,
    valid_to: Option<Timestamp>,
    rotation_date: Option<Timestamp>,
    rotation_type: Option<RotationType>,
}

/// Rotations of a page unless the caller says; `Limit` in the reference above.
const DEFAULT: usize = 100;

impl Operation for ListKeyRotations {
    const NAME: &'static str = "ListKeyRotations";
    type Output = ListKeyRotationsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListKeyRotations", 100))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListKeyRotationsResponse> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        is_symmetric(&key)?;
        let all = self.include_key_material == Some(IncludeKeyMaterial::All);
        let mut materials = material::all(cx, &key).await?;
        let imported_everywhere = imported_everywhere(cx, &key, &materials).await?;
        materials.retain(|material| all || material.rotation.is_some());
        // What waits for a rotation comes last.
        materials.sort_by(|a, b| (a.is_pending(), a.created, &a.id).cmp(&(b.is_pending(), b.created, &b.id)));
        if let Some(after) = marker::read(self.marker.as_deref())?
            && let Some(at) = materials.iter().position(|material| material.id == after)
        {
            materials.drain(..=at);
        }
        let (materials, next_marker) = marker::page(materials, self.limit.unwrap_or(DEFAULT), |m| &m.id);
        let entry = |material| entry(&key, material, imported_everywhere);
        Ok(ListKeyRotationsResponse {
            rotations: materials.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}

/// Whether the material that waits for a rotation is in all related keys.
async fn imported_everywhere(cx: &mut Cx, key: &Key, materials: &[Material]) -> Result<bool> {
    let Some(waiting) = materials.iter().find(|material| material.is_pending()) else { return Ok(true) };
    let mut everywhere = waiting.is_there();
    for other in multi_region::others(cx, key).await? {
        let there = cx.get::<Material>(other.place, (&key.id, &waiting.id)).await?;
        everywhere &= there.is_some_and(|material| material.is_there());
    }
    Ok(everywhere)
}

fn entry(key: &Key, material: Material, imported_everywhere: bool) -> RotationsListEntry {
    let state = match material.is_pending() {
        true if imported_everywhere => "PENDING_ROTATION",
        true => "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
        false if Some(&material.id) == key.material.as_ref() => "CURRENT",
        false => "NON_CURRENT",
    };
    let there = material.is_there();
    let imported = material.imported.clone();
    let expiration = imported.as_ref().filter(|_| there).map(|imported| Expiration::of(imported.valid_to).parts());
    RotationsListEntry {
        key_id: key.arn().into(),
        key_material_state: state.to_owned(),
        import_state: imported.as_ref().map(|_| if there { "IMPORTED" } else { "PENDING_IMPORT" }.to_owned()),
        key_material_description: imported.and_then(|imported| imported.description),
        expiration_model: expiration.map(|(model, _)| model),
        valid_to: expiration.and_then(|(_, at)| at),
        rotation_date: material.rotation.map(|_| material.created),
        rotation_type: material.rotation,
        key_material_id: material.id,
    }
}
