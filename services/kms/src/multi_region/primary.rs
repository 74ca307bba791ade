//! `UpdatePrimaryRegion`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Place, Region, Result};

use super::replicate::{A_MOMENT, is_primary};
use crate::access::Demand;
use crate::errors::{NotFoundException, ValidationException};
use crate::key::Key;
use crate::key::state::{Passing, Transition};
use crate::key_id::{self, Target};
use crate::{quota, rotation};

/// Makes a replica the primary key, and the primary key a replica.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdatePrimaryRegion {
    key_id: String,
    primary_region: String,
}

impl UpdatePrimaryRegion {
    /// The replica that is to be the primary key.
    // UNVERIFIED: the wording, and the code for a Region that there is not.
    async fn replica(&self, cx: &mut Cx, primary: &Target) -> Result<Target> {
        let unknown = || ValidationException::because(format!("The Region {} is not valid.", self.primary_region));
        let region: Region = self.primary_region.parse().map_err(|_| unknown())?;
        let place = Place { region, ..primary.place };
        let id = primary.found.as_ref().map(|key| key.id.clone()).unwrap_or_default();
        match key_id::find_key(cx, place, &id, None).await {
            Ok(target) if target.found.is_some() => Ok(target),
            _ => Err(NotFoundException::because(format!(
                "Key '{}' does not exist",
                place.arn("kms", format_args!("key/{id}"))
            ))),
        }
    }
}

impl Operation for UpdatePrimaryRegion {
    const NAME: &'static str = "UpdatePrimaryRegion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let primary = key_id::find_without_alias(cx, &self.key_id).await?;
        let on_primary = Demand::of(Self::NAME, &primary).by_the_owner().access(cx).await?;
        let on_primary = on_primary.key("kms:PrimaryRegion", &self.primary_region);
        let replica = self.replica(cx, &primary).await?;
        let on_replica = Demand::of(Self::NAME, &replica).by_the_owner().access(cx).await?;
        Ok(on_primary.and(on_replica.key("kms:PrimaryRegion", &self.primary_region)))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms UpdatePrimaryRegion", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let replica = self.replica(cx, &target).await?.key()?;
        let primary = target.key()?;
        is_primary(&primary)?;
        for key in [&primary, &replica] {
            key.usable(cx.now())?;
            key.settled(cx.now())?;
        }
        if primary.place != replica.place {
            swap(cx, &primary, replica.place.region).await?;
        }
        Ok(Empty {})
    }
}

async fn swap(cx: &mut Cx, old: &Key, to: Region) -> Result<()> {
    let until = cx.after(A_MOMENT);
    let from = old.place.region;
    rotation::unschedule(cx, old).await?;
    for mut key in super::others(cx, old).await?.into_iter().chain([old.clone()]) {
        if let Some(regions) = &mut key.multi_region {
            regions.primary = to;
            regions.replicas.remove(&to);
            regions.replicas.insert(from);
        }
        if [from, to].contains(&key.place.region) {
            key.passing = Some(Passing { transition: Transition::Updating, until });
        }
        cx.put(key.place, &key).await?;
        // Only the primary one has a schedule.
        rotation::schedule(cx, &key).await?;
    }
    Ok(())
}
