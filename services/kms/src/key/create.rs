//! `CreateKey`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Limit, Operation, Place, Result};

use super::metadata::KeyMetadata;
use super::spec::{Family, KeySpec, KeyUsage};
use super::state::KeyState;
use super::{Key, KeyManager, Origin};
use crate::asymmetric::{self, Pair};
use crate::errors::{NotImplemented, TagException, UnsupportedOperationException, ValidationException};
use crate::tag::{self, Tag};
use crate::{access, material, policy, quota};

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

    /// Refuses by name what Welkin does not do.
    fn check_features(&self) -> Result<()> {
        if self.custom_key_store_id.is_some() || self.xks_key_id.is_some() {
            return Err(NotImplemented::because("Welkin does not implement KMS custom key stores yet."));
        }
        match self.origin.as_deref() {
            None | Some("AWS_KMS") => {}
            Some(origin) => {
                let message = format!("Welkin does not make keys of Origin {origin} yet.");
                return Err(UnsupportedOperationException::because(message));
            }
        }
        if self.multi_region == Some(true) {
            return Err(UnsupportedOperationException::because("Welkin does not make multi-Region keys yet."));
        }
        Ok(())
    }

    fn tags(&self) -> Result<BTreeMap<String, String>> {
        let mut tags = BTreeMap::new();
        for tag in &self.tags {
            tag::check(tag)?;
            if tags.insert(tag.tag_key.clone(), tag.tag_value.clone()).is_some() {
                // UNVERIFIED: the wording.
                return Err(TagException::because("Duplicate tag keys"));
            }
        }
        tag::check_count(&tags)?;
        Ok(tags)
    }
}

impl Operation for CreateKey {
    const NAME: &'static str = "CreateKey";
    type Output = CreateKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (spec, usage) = self.spec()?;
        let access = Access::to("kms:CreateKey").key("kms:MultiRegion", "false").request_tags(&self.tags()?);
        let access = access::lockout_check(access, self.bypass_policy_lockout_safety_check);
        let access = access::kind(access, spec, usage, Origin::AwsKms);
        Ok(access::caller_keys(cx, access))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms CreateKey", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateKeyResponse> {
        self.check_features()?;
        let here = cx.here();
        let policy = match &self.policy {
            Some(json) => {
                policy::check(cx, json, self.bypass_policy_lockout_safety_check.unwrap_or_default())?;
                json.clone()
            }
            None => policy::default_policy(here),
        };
        let (spec, usage) = self.spec()?;
        let pair = draw_pair(cx, spec).await?;
        let draft = Draft {
            description: self.description.clone().unwrap_or_default(),
            spec,
            usage,
            manager: KeyManager::Customer,
            policy,
            tags: self.tags()?,
        };
        let key = create(cx, here, draft, pair).await?;
        Ok(CreateKeyResponse { key_metadata: KeyMetadata::of(&key) })
    }
}

/// Makes the pair of an asymmetric key. What takes long is done beside, outside of the transaction.
pub(crate) async fn draw_pair(cx: &mut Cx, spec: KeySpec) -> Result<Option<Pair>> {
    if !spec.is_asymmetric() {
        return Ok(None);
    }
    if spec.family() != Family::Rsa {
        return asymmetric::generate(spec, cx.chance()).map(Some);
    }
    let drawn = cx.stage(async move |_: &mut Cx| {
        let drawn = tokio::task::spawn_blocking(move || asymmetric::rsa::generate(spec)).await;
        drawn.map_err(Error::internal)?
    });
    drawn.await.map(Some)
}

/// What a key is to be.
pub(super) struct Draft {
    pub(super) description: String,
    pub(super) spec: KeySpec,
    pub(super) usage: KeyUsage,
    pub(super) manager: KeyManager,
    pub(super) policy: String,
    pub(super) tags: BTreeMap<String, String>,
}

/// Makes a key and its first material: `pair`, or drawn here.
pub(super) async fn create(cx: &mut Cx, place: Place, draft: Draft, pair: Option<Pair>) -> Result<Key> {
    let id = cx.chance().uuid();
    let (material, public) = match pair {
        Some(pair) => (pair.private, Some(pair.public.into())),
        // INVARIANT: a key that is no pair has a secret.
        None => (material::draw(cx, draft.spec.secret_len().unwrap_or_default()), None),
    };
    let material = material::create(cx, place, &id, &material, None).await?;
    let key = Key {
        id,
        place,
        created: cx.now(),
        description: draft.description,
        spec: draft.spec,
        usage: Some(draft.usage),
        origin: Origin::AwsKms,
        state: KeyState::Enabled,
        manager: draft.manager,
        policy: draft.policy,
        tags: draft.tags,
        aliases: BTreeSet::new(),
        grants: 0,
        material: Some(material),
        public,
        rotation: None,
    };
    cx.put(place, &key).await?;
    Ok(key)
}
