//! The end of imported material by the clock.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule, Timestamp};

use super::settle;
use crate::key::Key;
use crate::material::Material;
use crate::{expunge, service_event};

/// Takes material away when it expires; a key that it is bound to is pending import then.
#[derive(Serialize, Deserialize)]
pub(crate) struct ExpireKeyMaterial {
    key_id: String,
    material_id: String,
    at: Timestamp,
}

fn job_id(key: &Key, material: &Material) -> String {
    format!("kms/expire-key-material {} {}", key.arn(), material.id)
}

/// Enqueues the expiration of the material, or takes back one that was.
pub(crate) async fn schedule(cx: &mut Cx, key: &Key, material: &Material) -> Result<()> {
    let id = job_id(key, material);
    let Some(at) = material.imported.as_ref().and_then(|imported| imported.valid_to) else {
        cx.cancel(&id).await?;
        return Ok(());
    };
    let job = ExpireKeyMaterial { key_id: key.id.clone(), material_id: material.id.clone(), at };
    cx.enqueue_at(key.place, &job, Schedule::at(at).id(id)).await.map(drop)
}

impl Job for ExpireKeyMaterial {
    const NAME: &'static str = "kms/expire-key-material";
    const PRINCIPAL: &'static str = "kms.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(mut key) = cx.get::<Key>(here, &self.key_id).await? else { return Ok(()) };
        let Some(mut material) = cx.get::<Material>(here, (&self.key_id, &self.material_id)).await? else {
            return Ok(());
        };
        if material.imported.as_ref().and_then(|imported| imported.valid_to) != Some(self.at) {
            return Ok(());
        }
        material.clear();
        cx.put(here, &material).await?;
        expunge::soon(cx).await?;
        service_event::material_expired(cx, &key).await?;
        settle(cx, &mut key).await
    }
}
