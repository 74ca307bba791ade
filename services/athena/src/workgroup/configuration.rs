//! What a workgroup has its queries do.
//!
//! <https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use crate::engine_version::EngineVersion;
use crate::errors::{argument, not_implemented};

/// The configuration, as the API has it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Configuration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) result_configuration: Option<ResultConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enforce_work_group_configuration: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publish_cloud_watch_metrics_enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bytes_scanned_cutoff_per_query: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requester_pays_enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    engine_version: Option<EngineVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    managed_query_results_configuration: Option<Enabled>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    execution_role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enable_minimum_encryption_configuration: Option<bool>,
}

/// Something that can be switched on, and that Welkin does not have.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Enabled {
    enabled: bool,
}

/// Where results go, and how.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ResultConfiguration.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResultConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output_location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_configuration: Option<EncryptionConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expected_bucket_owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acl_configuration: Option<AclConfiguration>,
}

/// How results are encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EncryptionConfiguration {
    pub(crate) encryption_option: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key: Option<String>,
}

/// Whom results belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AclConfiguration {
    s3_acl_option: String,
}

impl EncryptionConfiguration {
    /// # Errors
    /// `InvalidRequestException`, `NotImplemented`
    // UNVERIFIED: the wording.
    fn check(&self) -> Result<()> {
        match (self.encryption_option.as_str(), &self.kms_key) {
            ("CSE_KMS", _) => Err(not_implemented("client-side encryption of results (CSE_KMS)")),
            ("SSE_KMS", None) => Err(argument("KmsKey is required for the encryption option SSE_KMS")),
            _ => Ok(()),
        }
    }
}

impl ResultConfiguration {
    /// # Errors
    /// `InvalidRequestException`, `NotImplemented`
    // UNVERIFIED: the wording.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(location) = &self.output_location
            && bucket_and_prefix(location).is_none()
        {
            return Err(argument(format!("outputLocation is not a valid S3 path: {location}")));
        }
        self.encryption_configuration.as_ref().map_or(Ok(()), EncryptionConfiguration::check)
    }
}

/// Bucket and prefix of a location; the prefix is empty or ends with a slash.
pub(crate) fn bucket_and_prefix(location: &str) -> Option<(String, String)> {
    let rest = location.strip_prefix("s3://").or_else(|| location.strip_prefix("s3a://"))?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let end = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
    (!bucket.is_empty()).then(|| (bucket.to_owned(), format!("{prefix}{end}")))
}

impl Configuration {
    /// What the workgroup has that nobody made.
    pub(super) fn of_primary() -> Self {
        Self { enforce_work_group_configuration: Some(false), ..Self::default() }.with_defaults()
    }

    // UNVERIFIED: that configurations are enforced and metrics published unless said; consoles and tools have it so.
    fn with_defaults(mut self) -> Self {
        self.enforce_work_group_configuration.get_or_insert(true);
        self.publish_cloud_watch_metrics_enabled.get_or_insert(true);
        self.requester_pays_enabled.get_or_insert(false);
        self.engine_version.get_or_insert_default();
        self
    }

    /// As it is stored for a new workgroup.
    ///
    /// # Errors
    /// `InvalidRequestException`, `NotImplemented`
    pub(super) fn checked(&self) -> Result<Self> {
        self.result_configuration.as_ref().map_or(Ok(()), ResultConfiguration::check)?;
        if self.managed_query_results_configuration.as_ref().is_some_and(|managed| managed.enabled) {
            return Err(not_implemented("managed query results"));
        }
        if self.execution_role.is_some() {
            return Err(not_implemented("execution roles of workgroups (Apache Spark, IAM Identity Center)"));
        }
        let mut stored = self.clone();
        stored.engine_version = self.engine_version.as_ref().map(EngineVersion::checked).transpose()?;
        Ok(stored.with_defaults())
    }

    /// Whether queries have no say.
    pub(crate) fn is_enforced(&self) -> bool {
        self.enforce_work_group_configuration.unwrap_or(true)
    }

    /// What the engine's version is, as it was chosen and as it is.
    pub(crate) fn engine(&self) -> EngineVersion {
        self.engine_version.clone().unwrap_or_default()
    }
}

/// What UpdateWorkGroup changes.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfigurationUpdates.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfigurationUpdates {
    enforce_work_group_configuration: Option<bool>,
    result_configuration_updates: Option<ResultConfigurationUpdates>,
    publish_cloud_watch_metrics_enabled: Option<bool>,
    bytes_scanned_cutoff_per_query: Option<u64>,
    remove_bytes_scanned_cutoff_per_query: Option<bool>,
    requester_pays_enabled: Option<bool>,
    engine_version: Option<EngineVersion>,
    managed_query_results_configuration_updates: Option<Enabled>,
    execution_role: Option<String>,
    enable_minimum_encryption_configuration: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultConfigurationUpdates {
    output_location: Option<String>,
    remove_output_location: Option<bool>,
    encryption_configuration: Option<EncryptionConfiguration>,
    remove_encryption_configuration: Option<bool>,
    expected_bucket_owner: Option<String>,
    remove_expected_bucket_owner: Option<bool>,
    acl_configuration: Option<AclConfiguration>,
    remove_acl_configuration: Option<bool>,
}

/// The new value, unless it is to be removed.
fn change<T: Clone>(old: &mut Option<T>, new: &Option<T>, remove: Option<bool>) {
    if remove == Some(true) {
        *old = None;
    } else if new.is_some() {
        old.clone_from(new);
    }
}

impl ConfigurationUpdates {
    /// The configuration with the changes.
    ///
    /// # Errors
    /// `InvalidRequestException`, `NotImplemented`
    pub(super) fn apply(&self, old: &Configuration) -> Result<Configuration> {
        let mut new = old.clone();
        change(&mut new.enforce_work_group_configuration, &self.enforce_work_group_configuration, None);
        change(&mut new.publish_cloud_watch_metrics_enabled, &self.publish_cloud_watch_metrics_enabled, None);
        let (cutoff, removed) = (&self.bytes_scanned_cutoff_per_query, self.remove_bytes_scanned_cutoff_per_query);
        change(&mut new.bytes_scanned_cutoff_per_query, cutoff, removed);
        change(&mut new.requester_pays_enabled, &self.requester_pays_enabled, None);
        change(&mut new.engine_version, &self.engine_version, None);
        let managed = &self.managed_query_results_configuration_updates;
        change(&mut new.managed_query_results_configuration, managed, None);
        change(&mut new.execution_role, &self.execution_role, None);
        let minimum = &self.enable_minimum_encryption_configuration;
        change(&mut new.enable_minimum_encryption_configuration, minimum, None);
        if let Some(updates) = &self.result_configuration_updates {
            let results = new.result_configuration.get_or_insert_default();
            change(&mut results.output_location, &updates.output_location, updates.remove_output_location);
            let encryption = &updates.encryption_configuration;
            change(&mut results.encryption_configuration, encryption, updates.remove_encryption_configuration);
            let owner = &updates.expected_bucket_owner;
            change(&mut results.expected_bucket_owner, owner, updates.remove_expected_bucket_owner);
            change(&mut results.acl_configuration, &updates.acl_configuration, updates.remove_acl_configuration);
        }
        new.checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_has_a_bucket_and_a_prefix() {
        let of = |location| bucket_and_prefix(location).map(|(bucket, prefix)| format!("{bucket}|{prefix}"));
        assert_eq!(of("s3://b").as_deref(), Some("b|"));
        assert_eq!(of("s3://b/").as_deref(), Some("b|"));
        assert_eq!(of("s3://b/a/b c").as_deref(), Some("b|a/b c/"));
        assert_eq!((of("s3://"), of("https://b/")), (None, None));
    }
}
