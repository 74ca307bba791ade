//! A secret: its name, its address, its versions' labels, and what is stored of it.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod list;
pub(crate) mod replicate;
pub(crate) mod update;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Principal, Region, Resource, Result, Scope, Timestamp};

use crate::errors::{ResourceNotFoundException, invalid, marked};

/// A secret as it is stored. Its values are [versions](crate::version::Version).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) name: String,
    /// The six characters at the end of its ARN, which tell it from others that had its name.
    pub(crate) suffix: String,
    pub(crate) description: Option<String>,
    /// The KMS key as it was given; `None` is the account's `aws/secretsmanager`.
    pub(crate) kms_key: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) changed: Timestamp,
    /// The day on which a value was last read.
    pub(crate) accessed: Option<Timestamp>,
    /// When it was marked for deletion, and when it will be deleted.
    pub(crate) deletion: Option<(Timestamp, Timestamp)>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) policy: Option<String>,
    /// In the order in which they came.
    pub(crate) versions: Vec<VersionState>,
    /// The Region whose secret it is a replica of.
    pub(crate) replica_of: Option<Region>,
    /// The Region that it was made in.
    pub(crate) primary: Region,
    pub(crate) replicas: Vec<Replica>,
}

/// What a secret knows of one of its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct VersionState {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) accessed: Option<Timestamp>,
    pub(crate) stages: BTreeSet<String>,
    /// The key by which it was encrypted.
    pub(crate) kms_key: String,
}

/// Another Region in which a secret is held, too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Replica {
    pub(crate) region: Region,
    pub(crate) kms_key: Option<String>,
    /// Why it is not in sync, if it is not.
    pub(crate) failure: Option<String>,
}

impl Resource for Secret {
    const KIND: &'static str = "secretsmanager/secret";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// The key of secrets that name none.
pub(crate) const MANAGED_KEY: &str = "alias/aws/secretsmanager";

/// Versions that are kept, those without labels included.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
pub(crate) const VERSIONS: usize = 100;

impl Secret {
    pub(crate) fn arn(&self, place: Place) -> Arn {
        place.arn("secretsmanager", format!("secret:{}-{}", self.name, self.suffix))
    }

    /// The KMS key by which new versions are encrypted.
    pub(crate) fn key_id(&self) -> &str {
        self.kms_key.as_deref().unwrap_or(MANAGED_KEY)
    }

    /// The KMS key as the listing of versions tells it.
    pub(crate) fn shown_key(&self) -> String {
        self.kms_key.clone().unwrap_or_else(|| "DefaultEncryptionKey".to_owned())
    }

    pub(crate) fn version(&self, id: &str) -> Option<&VersionState> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The version with a label.
    pub(crate) fn at_stage(&self, stage: &str) -> Option<&VersionState> {
        self.versions.iter().find(|version| version.stages.contains(stage))
    }

    /// Moves a label to a version. The one that was current before becomes the previous one.
    pub(crate) fn move_stage(&mut self, stage: &str, to: Option<&str>) {
        let before = self.at_stage(stage).map(|version| version.id.clone());
        for version in &mut self.versions {
            version.stages.remove(stage);
            if to == Some(version.id.as_str()) {
                version.stages.insert(stage.to_owned());
            }
        }
        if stage == CURRENT
            && let Some(before) = before.filter(|before| to.is_some_and(|to| to != before))
        {
            self.move_stage(PREVIOUS, Some(&before));
        }
    }

    /// Forgets the oldest versions without labels as long as there are too many; their ids.
    pub(crate) fn forget_old(&mut self) -> Vec<String> {
        let mut forgotten = Vec::new();
        while self.versions.len() > VERSIONS {
            let Some(at) = self.versions.iter().position(|version| version.stages.is_empty()) else { break };
            forgotten.push(self.versions.remove(at).id);
        }
        forgotten
    }

    /// # Errors
    /// `InvalidRequestException` when it waits for its deletion.
    pub(crate) fn check_alive(&self) -> Result<()> {
        if self.deletion.is_some() { Err(marked()) } else { Ok(()) }
    }

    /// # Errors
    /// `InvalidRequestException` when it waits for its deletion, `InvalidParameterException` when it is a replica.
    pub(crate) fn check_own(&self) -> Result<()> {
        self.check_alive()?;
        match self.replica_of {
            None => Ok(()),
            Some(_) => Err(invalid(
                "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
            )),
        }
    }
}

/// How a call names a secret: by name, by ARN, or by ARN without its six last characters.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretId(pub(crate) String);

/// A secret that was found.
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) secret: Secret,
}

impl Found {
    pub(crate) fn arn(&self) -> String {
        self.secret.arn(self.place).to_string()
    }

    pub(crate) async fn store(&self, cx: &mut Cx) -> Result<()> {
        cx.put(self.place, &self.secret).await
    }
}

impl SecretId {
    /// Place and name of the secret that is meant, and the characters at the end of its ARN if they are told.
    fn address(&self, cx: &Cx) -> (Place, Vec<(String, Option<String>)>) {
        let Some(arn) = self.0.starts_with("arn:").then(|| self.0.parse::<Arn>().ok()).flatten() else {
            return (cx.here(), vec![(self.0.clone(), None)]);
        };
        let place = match (arn.account(), arn.region()) {
            (Some(account), Some(region)) => Place::new(account, region),
            _ => cx.here(),
        };
        let name = arn.resource().strip_prefix("secret:").unwrap_or_default().to_owned();
        let mut names = Vec::new();
        if let Some((stem, suffix)) = name.rsplit_once('-').filter(|(_, suffix)| suffix.len() == 6) {
            names.push((stem.to_owned(), Some(suffix.to_owned())));
        }
        names.push((name, None));
        (place, names)
    }

    /// The secret, if there is one.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Found>> {
        let (place, names) = self.address(cx);
        for (name, suffix) in names {
            if let Some(secret) = cx.get::<Secret>(place, name.as_str()).await?
                && suffix.is_none_or(|suffix| suffix == secret.suffix)
            {
                return Ok(Some(Found { place, secret }));
            }
        }
        Ok(None)
    }

    /// The secret.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn found(&self, cx: &mut Cx) -> Result<Found> {
        self.find(cx).await?.ok_or_else(|| ResourceNotFoundException.into())
    }

    /// The access to the secret that an operation demands.
    ///
    /// # Errors
    /// `ResourceNotFoundException` to callers of other accounts, when there is no such secret.
    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        if let Some(found) = self.find(cx).await? {
            return Ok(found.access(action));
        }
        let (place, names) = self.address(cx);
        if cx.principal().account() != Some(place.account) || matches!(cx.principal(), Principal::Service(_)) {
            return Err(ResourceNotFoundException.into());
        }
        let name = names.into_iter().next_back().map(|(name, _)| name).unwrap_or_default();
        Ok(Access::to(action).on(place.arn("secretsmanager", format!("secret:{name}"))))
    }
}

impl Found {
    /// The access to it that an operation demands.
    pub(crate) fn access(&self, action: &'static str) -> Access {
        let arn = self.arn();
        let mut access = Access::to(action)
            .on(&arn)
            .recorded_as("AWS::SecretsManager::Secret")
            .policy(self.secret.policy.as_deref())
            .resource_tags(&self.secret.tags)
            .key("secretsmanager:SecretId", arn)
            .key("secretsmanager:SecretPrimaryRegion", self.secret.primary.name());
        for (key, value) in &self.secret.tags {
            access = access.key(format!("secretsmanager:ResourceTag/{key}"), value.clone());
        }
        access
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn secret(ids: &[&str]) -> Secret {
        let versions = ids.iter().map(|id| VersionState {
            id: (*id).to_owned(),
            created: Timestamp::default(),
            accessed: None,
            stages: BTreeSet::new(),
            kms_key: String::new(),
        });
        Secret {
            name: "s".to_owned(),
            suffix: "abcdef".to_owned(),
            description: None,
            kms_key: None,
            created: Timestamp::default(),
            changed: Timestamp::default(),
            accessed: None,
            deletion: None,
            tags: BTreeMap::new(),
            policy: None,
            versions: versions.collect(),
            replica_of: None,
            primary: Region::US_EAST_1,
            replicas: Vec::new(),
        }
    }

    #[test]
    fn the_version_that_was_current_becomes_the_previous_one() {
        let mut secret = secret(&["a", "b", "c"]);
        for id in ["a", "b", "c"] {
            secret.move_stage(CURRENT, Some(id));
        }
        let stages = |id: &str| secret.version(id).unwrap().stages.iter().cloned().collect::<Vec<_>>();
        assert_eq!((stages("a"), stages("b"), stages("c")), (vec![], vec![PREVIOUS.into()], vec![CURRENT.into()]));
    }

    #[test]
    fn only_versions_without_labels_are_forgotten() {
        let ids: Vec<String> = (0..103).map(|n| format!("v{n}")).collect();
        let mut secret = secret(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        secret.move_stage(CURRENT, Some("v0"));
        assert_eq!(secret.forget_old(), ["v1", "v2", "v3"]);
        assert_eq!(secret.versions.len(), VERSIONS);
    }
}
