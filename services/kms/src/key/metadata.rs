//! `KeyMetadata`: a key as the API shows it.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Place, Region, Timestamp};

use super::spec::{KeySpec, KeyUsage};
use super::state::KeyState;
use super::{Key, KeyManager, Origin};
use crate::algorithm::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, MacAlgorithm, SigningAlgorithm,
};
use crate::import::{Expiration, ExpirationModel};
use crate::multi_region::key_type;

/// A key as the API shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyMetadata {
    #[serde(rename = "AWSAccountId")]
    aws_account_id: AccountId,
    key_id: String,
    arn: String,
    creation_date: Timestamp,
    enabled: bool,
    description: String,
    key_usage: KeyUsage,
    key_state: String,
    deletion_date: Option<Timestamp>,
    origin: Origin,
    key_manager: KeyManager,
    customer_master_key_spec: String,
    key_spec: KeySpec,
    encryption_algorithms: Option<Vec<EncryptionAlgorithm>>,
    signing_algorithms: Option<Vec<SigningAlgorithm>>,
    mac_algorithms: Option<Vec<MacAlgorithm>>,
    key_agreement_algorithms: Option<Vec<KeyAgreementAlgorithm>>,
    encapsulation_algorithms: Option<Vec<EncapsulationAlgorithm>>,
    valid_to: Option<Timestamp>,
    expiration_model: Option<ExpirationModel>,
    multi_region: bool,
    multi_region_configuration: Option<MultiRegionConfiguration>,
    pending_deletion_window_in_days: Option<u32>,
    current_key_material_id: Option<String>,
}

/// A multi-Region key and its relatives.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MultiRegionConfiguration {
    multi_region_key_type: String,
    primary_key: MultiRegionKey,
    replica_keys: Vec<MultiRegionKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MultiRegionKey {
    arn: String,
    region: Region,
}

impl MultiRegionConfiguration {
    fn of(key: &Key) -> Option<Self> {
        let regions = key.multi_region.as_ref()?;
        let relative = |region| MultiRegionKey {
            arn: Place { region, ..key.place }.arn("kms", format_args!("key/{}", key.id)).into(),
            region,
        };
        Some(Self {
            multi_region_key_type: key_type(key.is_replica()).to_owned(),
            primary_key: relative(regions.primary),
            replica_keys: regions.replicas.iter().copied().map(relative).collect(),
        })
    }
}

/// What a key can be used with: one of these, by its usage.
pub(crate) struct Algorithms {
    pub(crate) encryption: Option<Vec<EncryptionAlgorithm>>,
    pub(crate) signing: Option<Vec<SigningAlgorithm>>,
    pub(crate) mac: Option<Vec<MacAlgorithm>>,
    pub(crate) key_agreement: Option<Vec<KeyAgreementAlgorithm>>,
    pub(crate) encapsulation: Option<Vec<EncapsulationAlgorithm>>,
}

impl Algorithms {
    /// Those of `key`.
    pub(crate) fn of(key: &Key) -> Self {
        let (spec, usage) = (key.spec, key.usage());
        let of = |wanted| usage == wanted;
        Self {
            encryption: of(KeyUsage::EncryptDecrypt).then(|| spec.encryption_algorithms().to_vec()),
            signing: of(KeyUsage::SignVerify).then(|| spec.signing_algorithms().to_vec()),
            mac: of(KeyUsage::GenerateVerifyMac).then(|| spec.mac_algorithms().to_vec()),
            key_agreement: of(KeyUsage::KeyAgreement).then(|| spec.key_agreement_algorithms().to_vec()),
            encapsulation: of(KeyUsage::EncapsulateDecapsulate).then(|| spec.encapsulation_algorithms().to_vec()),
        }
    }
}

impl KeyMetadata {
    /// Shows `key`.
    pub(crate) fn of(key: &Key, now: Timestamp) -> Self {
        let algorithms = Algorithms::of(key);
        let expiration = key.expiration.map(Expiration::parts);
        let state_name = key.state_name(now);
        Self {
            aws_account_id: key.place.account,
            key_id: key.id.clone(),
            arn: key.arn().into(),
            creation_date: key.created,
            enabled: state_name == "Enabled",
            description: key.description.clone(),
            key_usage: key.usage(),
            key_state: state_name.to_owned(),
            deletion_date: match key.state {
                KeyState::PendingDeletion(at) => Some(at),
                _ => None,
            },
            origin: key.origin,
            key_manager: key.manager,
            customer_master_key_spec: key.spec.name().to_owned(),
            key_spec: key.spec,
            encryption_algorithms: algorithms.encryption,
            signing_algorithms: algorithms.signing,
            mac_algorithms: algorithms.mac,
            key_agreement_algorithms: algorithms.key_agreement,
            encapsulation_algorithms: algorithms.encapsulation,
            valid_to: expiration.and_then(|(_, at)| at),
            expiration_model: expiration.map(|(model, _)| model),
            multi_region: key.multi_region.is_some(),
            multi_region_configuration: MultiRegionConfiguration::of(key),
            pending_deletion_window_in_days: match key.state {
                KeyState::PendingReplicaDeletion(days) => Some(days),
                _ => None,
            },
            current_key_material_id: key.material.clone().filter(|_| key.spec == KeySpec::SymmetricDefault),
        }
    }
}
