//! `EnableKey` and `DisableKey`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use super::state::KeyState;
use crate::access::Demand;
use crate::{key_id, quota, rotation};

/// Lets a key be used again. <https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableKey {
    key_id: String,
}

/// Bars the use of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableKey {
    key_id: String,
}

impl Operation for EnableKey {
    const NAME: &'static str = "EnableKey";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("EnableKey", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms EnableKey", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        set(cx, &self.key_id, KeyState::Enabled).await
    }
}

impl Operation for DisableKey {
    const NAME: &'static str = "DisableKey";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("DisableKey", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms DisableKey", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        set(cx, &self.key_id, KeyState::Disabled).await
    }
}

async fn set(cx: &mut Cx, key_id: &str, state: KeyState) -> Result<Empty> {
    let mut key = key_id::find_without_alias(cx, key_id).await?.key()?;
    key.not_pending_deletion()?;
    if key.state == KeyState::PendingImport {
        return Err(key.is("pending import"));
    }
    key.settled(cx.now())?;
    key.state = state;
    cx.put(key.place, &key).await?;
    if state == KeyState::Enabled {
        // A rotation that came due while the key was disabled is made up for.
        rotation::schedule(cx, &key).await?;
    }
    Ok(Empty {})
}
