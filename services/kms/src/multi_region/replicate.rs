//! `ReplicateKey`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Place, Region, Result};

use super::condition_keys;
use crate::access::{self, Demand};
use crate::errors::{AlreadyExistsException, UnsupportedOperationException, ValidationException};
use crate::key::metadata::KeyMetadata;
use crate::key::state::{KeyState, Passing, Transition};
use crate::key::{Key, Origin, count};
use crate::material::{self, Material};
use crate::tag::{self, Tag};
use crate::{key_id, policy, quota};

/// Makes a replica of a multi-Region key in another Region.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReplicateKey {
    key_id: String,
    replica_region: String,
    policy: Option<String>,
    bypass_policy_lockout_safety_check: Option<bool>,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The replica.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReplicateKeyResponse {
    replica_key_metadata: KeyMetadata,
    replica_policy: String,
    replica_tags: Vec<Tag>,
}

/// How long a new replica is being created.
// UNVERIFIED: "a few seconds", says the reference.
pub(super) const A_MOMENT: Duration = Duration::from_secs(2);

impl ReplicateKey {
    /// Where the replica is to be.
    // UNVERIFIED: the codes and wording.
    async fn place(&self, cx: &mut Cx, key: &Key) -> Result<Place> {
        let unknown = || ValidationException::because(format!("The Region {} is not valid.", self.replica_region));
        let region: Region = self.replica_region.parse().map_err(|_| unknown())?;
        if region.partition() != key.place.region.partition() || !cx.has_region(key.place.account, region).await? {
            return Err(UnsupportedOperationException::because(format!(
                "The Region {region} is not available to the account."
            )));
        }
        let place = Place { region, ..key.place };
        if cx.exists::<Key>(place, &key.id).await? {
            let arn = place.arn("kms", format_args!("key/{}", key.id));
            return Err(AlreadyExistsException::because(format!("{arn} already exists.")));
        }
        Ok(place)
    }
}

/// Refuses a key that is not the primary one of a multi-Region key.
// UNVERIFIED: the wording.
pub(super) fn is_primary(key: &Key) -> Result<()> {
    if key.multi_region.is_some() && !key.is_replica() {
        return Ok(());
    }
    Err(UnsupportedOperationException::because(format!("{} is not a multi-Region primary key.", key.arn())))
}

impl Operation for ReplicateKey {
    const NAME: &'static str = "ReplicateKey";
    type Output = ReplicateKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let on_primary = Demand::of(Self::NAME, &target).by_the_owner().access(cx).await?;
        let on_primary = on_primary.key("kms:ReplicaRegion", &self.replica_region);
        let tags = tag::read(&self.tags)?;
        let mut create = condition_keys(Access::to("kms:CreateKey"), Some(true)).request_tags(&tags);
        create = access::lockout_check(create, self.bypass_policy_lockout_safety_check);
        if let Some(key) = &target.found {
            create = access::kind(create, key.spec, key.usage(), key.origin);
        }
        let create = access::caller_keys(cx, create);
        Ok(on_primary.and(create).and(access::tagging(cx, &tags)))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ReplicateKey", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReplicateKeyResponse> {
        let primary = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        is_primary(&primary)?;
        match primary.state {
            // Its replicas wait for their import as it does.
            KeyState::PendingImport => {}
            _ => primary.usable(cx.now())?,
        }
        primary.settled(cx.now())?;
        let place = self.place(cx, &primary).await?;
        count::add(cx, place).await?;
        let policy = match &self.policy {
            Some(json) => {
                policy::check(cx, json, self.bypass_policy_lockout_safety_check.unwrap_or_default())?;
                json.clone()
            }
            None => policy::default_policy(place),
        };
        let replica = replica(cx, &primary, place, policy, self.description.clone(), tag::read(&self.tags)?).await?;
        Ok(ReplicateKeyResponse {
            replica_key_metadata: KeyMetadata::of(&replica, cx.now()),
            replica_policy: replica.policy,
            replica_tags: tag::list(replica.tags),
        })
    }
}

/// Makes the replica, and has its relatives know of it.
async fn replica(
    cx: &mut Cx,
    primary: &Key,
    place: Place,
    policy: String,
    description: Option<String>,
    tags: BTreeMap<String, String>,
) -> Result<Key> {
    let mut regions = primary.multi_region.clone();
    if let Some(regions) = &mut regions {
        regions.replicas.insert(place.region);
    }
    for mut relative in super::others(cx, primary).await?.into_iter().chain([primary.clone()]) {
        relative.multi_region.clone_from(&regions);
        cx.put(relative.place, &relative).await?;
    }
    for material in material::all(cx, primary).await? {
        cx.put(place, &copy(cx, primary, &material, place)?).await?;
    }
    let mut replica = Key {
        place,
        created: cx.now(),
        description: description.unwrap_or_default(),
        policy,
        tags,
        multi_region: regions,
        passing: Some(Passing { transition: Transition::Creating, until: cx.after(A_MOMENT) }),
        ..primary.clone()
    };
    (replica.aliases, replica.grants) = (BTreeSet::new(), 0);
    if primary.origin == Origin::External {
        (replica.state, replica.public, replica.expiration) = (KeyState::PendingImport, None, None);
    }
    cx.put(place, &replica).await?;
    Ok(replica)
}

/// Material for the replica: the same, but what was imported has to be imported there too.
fn copy(cx: &Cx, primary: &Key, material: &Material, place: Place) -> Result<Material> {
    let mut copy = material.clone();
    copy.clear();
    if primary.origin == Origin::AwsKms
        && let Some(plain) = material.open(cx, primary.place)?
    {
        copy.fill(cx, place, &plain)?;
    }
    Ok(copy)
}
