//! `CreateKey`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Limit, Operation, Place, Result};

use super::metadata::KeyMetadata;
use super::spec::{Family, KeySpec, KeyUsage};
use super::state::KeyState;
use super::{Key, KeyManager, Origin, count};
use crate::asymmetric::{self, Pair};
use crate::errors::{NotImplemented, UnsupportedOperationException, ValidationException};
use crate::material::{self, Material};
use crate::multi_region::{self, MultiRegion};
use crate::secret::Secret;
use crate::tag::{self, Tag};
use crate::{access, policy, quota};

/// Makes a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateKey {
    policy: Option<String>,
    description: Option<String>,
    key_usage: Option<KeyUsage>,
    customer_master_key_spec: Option<String>,
    key_spec: Option<String>,
    origin: Option<String>,
    custom_key_store_id: Option<String>,
    bypass_policy_lockout_safety_check: Option<bool>,
    #[serde(default)]
    tags: Vec<Tag>,
    multi_region: Option<bool>,
    xks_key_id: Option<String>,
}

/// The key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateKeyResponse {
    key_metadata: KeyMetadata,
}

impl CreateKey {
    fn spec(&self) -> Result<(KeySpec, KeyUsage)> {
        let spec = match (self.key_spec.as_deref(), self.customer_master_key_spec.as_deref()) {
            (Some(_), Some(_)) => {
                return Err(ValidationException::because(
                    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                     deprecated.",
                ));
            }
            (spec, old) => spec.or(old),
        };
        KeySpec::choose(spec, self.key_usage)
    }

    /// Where its material is to come from.
    ///
    /// # Errors
    /// `NotImplemented`: from a custom key store. `UnsupportedOperationException`: such material cannot be imported.
    fn origin(&self, spec: KeySpec) -> Result<Origin> {
        let custom = || NotImplemented::because("Welkin does not implement custom key stores of KMS yet.");
        if self.custom_key_store_id.is_some() || self.xks_key_id.is_some() {
            return Err(custom());
        }
        match self.origin.as_deref() {
            None | Some("AWS_KMS") => Ok(Origin::AwsKms),
            // UNVERIFIED: that ML-KEM keys cannot be imported; ImportKeyMaterial does not list them.
            Some("EXTERNAL") if spec.family() == Family::MlKem => Err(UnsupportedOperationException::because(format!(
                "Key material of key spec {} cannot be imported.",
                spec.name()
            ))),
            Some("EXTERNAL") => Ok(Origin::External),
            Some(_) => Err(custom()),
        }
    }
}

impl Operation for CreateKey {
    const NAME: &'static str = "CreateKey";
    type Output = CreateKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (spec, usage) = self.spec()?;
        let tags = tag::read(&self.tags)?;
        let primary = (self.multi_region == Some(true)).then_some(false);
        let access = multi_region::condition_keys(Access::to("kms:CreateKey"), primary).request_tags(&tags);
        let access = access::lockout_check(access, self.bypass_policy_lockout_safety_check);
        let access = access::kind(access, spec, usage, self.origin(spec)?);
        Ok(access::caller_keys(cx, access).and(access::tagging(cx, &tags)))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms CreateKey", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateKeyResponse> {
        let (spec, usage) = self.spec()?;
        let origin = self.origin(spec)?;
        let here = cx.here();
        count::add(cx, here).await?;
        let policy = match &self.policy {
            Some(json) => {
                policy::check(cx, json, self.bypass_policy_lockout_safety_check.unwrap_or_default())?;
                json.clone()
            }
            None => policy::default_policy(here),
        };
        let material = match origin {
            Origin::AwsKms => Some(draw(cx, spec).await?),
            Origin::External => None,
        };
        let draft = Draft {
            description: self.description.clone().unwrap_or_default(),
            spec,
            usage,
            manager: KeyManager::Customer,
            policy,
            tags: tag::read(&self.tags)?,
            multi_region: self.multi_region.unwrap_or_default(),
        };
        let key = create(cx, here, draft, material).await?;
        Ok(CreateKeyResponse { key_metadata: KeyMetadata::of(&key, cx.now()) })
    }
}

/// The material of a key, and the public key if it is a pair.
pub(super) type Drawn = (Secret, Option<Bytes>);

/// Draws the material of a key.
pub(super) async fn draw(cx: &mut Cx, spec: KeySpec) -> Result<Drawn> {
    if let Some(length) = spec.secret_len() {
        return Ok((material::draw(cx, length), None));
    }
    let pair = draw_pair(cx, spec).await?;
    Ok((pair.private, Some(pair.public.into())))
}

/// Draws a key pair. What takes long is done beside, outside of the transaction.
pub(crate) async fn draw_pair(cx: &mut Cx, spec: KeySpec) -> Result<Pair> {
    if spec.family() != Family::Rsa {
        return asymmetric::generate(spec, cx.chance());
    }
    let drawn = cx.stage(async move |_: &mut Cx| {
        let drawn = tokio::task::spawn_blocking(move || asymmetric::rsa::generate(spec)).await;
        drawn.map_err(Error::internal)?
    });
    drawn.await
}

/// What a key is to be.
pub(super) struct Draft {
    pub(super) description: String,
    pub(super) spec: KeySpec,
    pub(super) usage: KeyUsage,
    pub(super) manager: KeyManager,
    pub(super) policy: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) multi_region: bool,
}

/// Makes a key with its first material; without, it waits for an import.
pub(super) async fn create(cx: &mut Cx, place: Place, draft: Draft, drawn: Option<Drawn>) -> Result<Key> {
    let id = match draft.multi_region {
        true => format!("{}{}", multi_region::PREFIX, cx.chance().uuid().replace('-', "")),
        false => cx.chance().uuid(),
    };
    let (origin, state, material) = match &drawn {
        None => (Origin::External, KeyState::PendingImport, None),
        Some((plain, _)) => {
            let mut material = Material::empty(cx, &id, &cx.chance().hex(64), None);
            material.fill(cx, place, plain)?;
            cx.put(place, &material).await?;
            (Origin::AwsKms, KeyState::Enabled, Some(material.id))
        }
    };
    let key = Key {
        id,
        place,
        created: cx.now(),
        description: draft.description,
        spec: draft.spec,
        usage: Some(draft.usage),
        origin,
        state,
        manager: draft.manager,
        policy: draft.policy,
        tags: draft.tags,
        aliases: BTreeSet::new(),
        grants: 0,
        material,
        public: drawn.and_then(|(_, public)| public),
        rotation: None,
        expiration: None,
        multi_region: draft.multi_region.then(|| MultiRegion { primary: place.region, replicas: BTreeSet::new() }),
        passing: None,
    };
    cx.put(place, &key).await?;
    Ok(key)
}
