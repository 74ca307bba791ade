//! Imported key material: keys whose material customers make, and may take back.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html>
//!
//! A symmetric key can have several materials, as one that rotates has: the first import and every rotation on
//! demand bind one to the key for good. What is bound may expire or be deleted, and comes back only by importing
//! the same; meanwhile the key is pending import.

pub(crate) mod delete;
pub(crate) mod expiry;
pub(crate) mod material;
pub(crate) mod parameters;
pub(crate) mod wrapping;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Result, Timestamp};

use crate::key::Key;
use crate::key::state::KeyState;
use crate::material::Material;
use crate::names::names;

names! {
    /// Whether imported material expires.
    pub(crate) enum ExpirationModel {
        Expires = "KEY_MATERIAL_EXPIRES",
        Never = "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
}

/// When the imported material of a key expires: the first of what is bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Expiration {
    Never,
    At(Timestamp),
}

impl Expiration {
    /// That of one material.
    pub(crate) fn of(valid_to: Option<Timestamp>) -> Self {
        valid_to.map_or(Self::Never, Self::At)
    }

    /// Its model, and the time.
    pub(crate) fn parts(self) -> (ExpirationModel, Option<Timestamp>) {
        match self {
            Self::Never => (ExpirationModel::Never, None),
            Self::At(at) => (ExpirationModel::Expires, Some(at)),
        }
    }
}

/// Brings the state and expiration of a key into line with its materials, and stores it.
pub(crate) async fn settle(cx: &mut Cx, key: &mut Key) -> Result<()> {
    let materials = crate::material::all(cx, key).await?;
    (key.state, key.expiration) = settled(key.state, &materials);
    cx.put(key.place, key).await
}

/// State and expiration of a key that had `state` and now has these materials.
fn settled(state: KeyState, materials: &[Material]) -> (KeyState, Option<Expiration>) {
    let bound = || materials.iter().filter(|material| !material.is_pending());
    let whole = bound().next().is_some() && bound().all(Material::is_there);
    let state = match state {
        KeyState::PendingImport if whole => KeyState::Enabled,
        KeyState::Enabled | KeyState::Disabled if !whole => KeyState::PendingImport,
        other => other,
    };
    let there = bound().filter(|material| material.is_there());
    let times = there.map(|material| material.imported.as_ref().and_then(|imported| imported.valid_to));
    // `None`, for never, would sort before all times.
    let first = times.min_by_key(|time| time.map_or(i64::MAX, Timestamp::micros));
    (state, first.map(Expiration::of))
}
