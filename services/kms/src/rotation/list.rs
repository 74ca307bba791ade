//! `ListKeyRotations`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Page, Result, Timestamp};

use crate::access::Demand;
use crate::material::{Material, RotationType};
use crate::{key_id, marker, quota};

/// Lists the rotations of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeyRotations {
    key_id: String,
    include_key_material: Option<String>,
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
    key_material_state: String,
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
        let all = self.include_key_material.as_deref() == Some("ALL_KEY_MATERIAL");
        let mut materials = cx.list::<Material>(key.place, (&key.id,), Page::ALL).await?;
        materials.retain(|material| all || material.rotation.is_some());
        materials.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        if let Some(after) = marker::read(self.marker.as_deref())?
            && let Some(at) = materials.iter().position(|material| material.id == after)
        {
            materials.drain(..=at);
        }
        let (materials, next_marker) = marker::page(materials, self.limit.unwrap_or(DEFAULT), |m| &m.id);
        let entry = |material: Material| RotationsListEntry {
            key_id: key.arn().into(),
            key_material_state: if Some(&material.id) == key.material.as_ref() { "CURRENT" } else { "NON_CURRENT" }
                .to_owned(),
            key_material_id: material.id,
            rotation_date: material.rotation.map(|_| material.created),
            rotation_type: material.rotation,
        };
        Ok(ListKeyRotationsResponse {
            rotations: materials.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}
