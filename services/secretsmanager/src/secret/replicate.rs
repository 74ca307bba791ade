//! Replicas in other Regions: `ReplicateSecretToRegions`, `RemoveRegionsFromReplication`, `StopReplicationToReplica`.
//!
//! AWS carries changes over a little later; here they are carried over in the call that makes them, with its caller's
//! rights to the keys of both Regions. What cannot be encrypted there is told as the replica's failure.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Place, Region, Result};

use super::delete::remove;
use super::{Found, MANAGED_KEY, Replica, Secret, SecretId};
use crate::errors::{invalid, not_now};
use crate::version::{Value, Version};

/// A Region that a secret is to be replicated to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReplicaRegion {
    pub(crate) region: String,
    kms_key_id: Option<String>,
}

/// How a replica is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReplicationStatus {
    region: String,
    kms_key_id: Option<String>,
    status: String,
    status_message: Option<String>,
}

/// How the replicas of a secret are.
pub(crate) fn status(secret: &Secret) -> Vec<ReplicationStatus> {
    let shown = |replica: &Replica| ReplicationStatus {
        region: replica.region.name().to_owned(),
        kms_key_id: replica.kms_key.clone().or_else(|| Some(MANAGED_KEY.to_owned())),
        status: if replica.failure.is_some() { "Failed" } else { "InSync" }.to_owned(),
        status_message: replica.failure.clone(),
    };
    secret.replicas.iter().map(shown).collect()
}

fn region(name: &str) -> Result<Region> {
    name.parse().map_err(|_| invalid(format!("Invalid replica region {name}.")))
}

fn at(place: Place, region: Region) -> Place {
    Place::new(place.account, region)
}

/// Adds replicas to a secret.
///
/// # Errors
/// `InvalidParameterException` for a Region that cannot have one.
pub(crate) async fn add(cx: &mut Cx, found: &mut Found, regions: &[ReplicaRegion], overwrite: bool) -> Result<()> {
    for wanted in regions {
        let region = region(&wanted.region)?;
        if region == found.place.region {
            return Err(invalid("Invalid replica region: a secret cannot be replicated to its own Region."));
        }
        if found.secret.replicas.iter().any(|replica| replica.region == region) {
            continue;
        }
        let there = cx.get::<Secret>(at(found.place, region), found.secret.name.as_str()).await?;
        let kms_key = wanted.kms_key_id.clone().filter(|key| !key.is_empty() && key != MANAGED_KEY);
        let mut replica = Replica { region, kms_key, failure: None };
        if there.is_some() && !overwrite {
            replica.failure = Some(format!(
                "Replication failed: Secret name {} already exists in region {}.",
                found.secret.name,
                region.name()
            ));
            found.secret.replicas.push(replica);
            continue;
        }
        remove(cx, at(found.place, region), &found.secret.name).await?;
        replica.failure = copy(cx, found, &replica).await?;
        found.secret.replicas.push(replica);
    }
    Ok(())
}

/// Writes a replica anew; why that cannot be.
async fn copy(cx: &mut Cx, found: &Found, replica: &Replica) -> Result<Option<String>> {
    let there = at(found.place, replica.region);
    let held = held(&found.secret, replica);
    let ids: Vec<String> = held.versions.iter().map(|version| version.id.clone()).collect();
    for id in &ids {
        let value = Version::read(cx, found.place, &found.secret, id).await?;
        if let Some(failure) = carry(cx, there, &held, id, &value).await? {
            return Ok(Some(failure));
        }
    }
    cx.put(there, &held).await?;
    Ok(None)
}

/// What a replica holds of its primary.
fn held(primary: &Secret, replica: &Replica) -> Secret {
    Secret {
        kms_key: replica.kms_key.clone(),
        replica_of: Some(primary.primary),
        replicas: Vec::new(),
        versions: primary.versions.iter().filter(|version| !version.stages.is_empty()).cloned().collect(),
        ..primary.clone()
    }
}

/// Writes a value in the Region of a replica; why that cannot be.
async fn carry(cx: &mut Cx, there: Place, held: &Secret, id: &str, value: &Value) -> Result<Option<String>> {
    match Version::write(cx, there, held, id, value).await {
        Ok(()) => Ok(None),
        Err(error) => match error.answer() {
            Some(answer) => Ok(Some(format!("Replication failed: {}", answer.message))),
            None => Err(error),
        },
    }
}

/// Carries a new version over to the replicas of a secret.
pub(crate) async fn follow(cx: &mut Cx, place: Place, secret: &mut Secret, id: &str, value: &Value) -> Result<()> {
    for index in 0..secret.replicas.len() {
        let replica = secret.replicas[index].clone();
        let (there, held) = (at(place, replica.region), held(secret, &replica));
        let name_is_taken =
            cx.get::<Secret>(there, secret.name.as_str()).await?.is_none_or(|it| it.replica_of.is_none());
        if name_is_taken {
            continue;
        }
        let failure = carry(cx, there, &held, id, value).await?;
        if failure.is_none() {
            cx.put(there, &held).await?;
        }
        secret.replicas[index].failure = failure;
    }
    Ok(())
}

/// Carries what is not a value over to the replicas of a secret: labels, tags, description, policy.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>
pub(crate) async fn follow_stages(cx: &mut Cx, place: Place, secret: &Secret) -> Result<()> {
    for replica in secret.replicas.iter().filter(|replica| replica.failure.is_none()) {
        let there = at(place, replica.region);
        let old = cx.get::<Secret>(there, secret.name.as_str()).await?;
        if old.is_some_and(|old| old.replica_of.is_some()) {
            cx.put(there, &held(secret, replica)).await?;
        }
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReplicationResponse {
    #[serde(rename = "ARN")]
    arn: String,
    replication_status: Vec<ReplicationStatus>,
}

/// Replicates a secret to other Regions.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ReplicateSecretToRegions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReplicateSecretToRegions {
    secret_id: SecretId,
    add_replica_regions: Vec<ReplicaRegion>,
    force_overwrite_replica_secret: Option<bool>,
}

impl Operation for ReplicateSecretToRegions {
    const NAME: &'static str = "ReplicateSecretToRegions";
    type Output = ReplicationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = self.secret_id.access(cx, "secretsmanager:ReplicateSecretToRegions").await?;
        let regions = self.add_replica_regions.iter().map(|replica| replica.region.clone());
        Ok(access.keys("secretsmanager:AddReplicaRegions", regions))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReplicationResponse> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        let overwrite = self.force_overwrite_replica_secret.unwrap_or(false);
        // A replica that failed is tried again.
        found.secret.replicas.retain(|replica| {
            replica.failure.is_none() || !self.add_replica_regions.iter().any(|it| it.region == replica.region.name())
        });
        add(cx, &mut found, &self.add_replica_regions, overwrite).await?;
        found.store(cx).await?;
        Ok(ReplicationResponse { arn: found.arn(), replication_status: status(&found.secret) })
    }
}

/// Removes the replicas of a secret in some Regions.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveRegionsFromReplication {
    secret_id: SecretId,
    remove_replica_regions: Vec<String>,
}

impl Operation for RemoveRegionsFromReplication {
    const NAME: &'static str = "RemoveRegionsFromReplication";
    type Output = ReplicationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:RemoveRegionsFromReplication").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReplicationResponse> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        for name in &self.remove_replica_regions {
            let region = region(name)?;
            let before = found.secret.replicas.len();
            found.secret.replicas.retain(|replica| replica.region != region);
            if found.secret.replicas.len() == before {
                return Err(invalid(format!("The secret isn't replicated to region {name}.")));
            }
            let there = at(found.place, region);
            let held = cx.get::<Secret>(there, found.secret.name.as_str()).await?;
            if held.is_some_and(|held| held.replica_of == Some(found.place.region)) {
                remove(cx, there, &found.secret.name).await?;
            }
        }
        found.store(cx).await?;
        Ok(ReplicationResponse { arn: found.arn(), replication_status: status(&found.secret) })
    }
}

/// Makes a replica a secret of its own.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_StopReplicationToReplica.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopReplicationToReplica {
    secret_id: SecretId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopReplicationToReplicaResponse {
    #[serde(rename = "ARN")]
    arn: String,
}

impl Operation for StopReplicationToReplica {
    const NAME: &'static str = "StopReplicationToReplica";
    type Output = StopReplicationToReplicaResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:StopReplicationToReplica").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<StopReplicationToReplicaResponse> {
        let mut found = self.secret_id.found(cx).await?;
        let Some(primary) = found.secret.replica_of.take() else {
            // UNVERIFIED: the wording.
            return Err(not_now("Operation not permitted on a secret that is no replica."));
        };
        found.secret.primary = found.place.region;
        found.store(cx).await?;
        let there = at(found.place, primary);
        if let Some(mut secret) = cx.get::<Secret>(there, found.secret.name.as_str()).await? {
            secret.replicas.retain(|replica| replica.region != found.place.region);
            cx.put(there, &secret).await?;
        }
        Ok(StopReplicationToReplicaResponse { arn: found.arn() })
    }
}
