//! `KeyMetadata`: a key as the API shows it.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Timestamp};

use super::spec::KeySpec;
use super::{Key, KeyManager, KeyState};

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
    key_usage: String,
    key_state: String,
    deletion_date: Option<Timestamp>,
    origin: String,
    key_manager: KeyManager,
    customer_master_key_spec: KeySpec,
    key_spec: KeySpec,
    encryption_algorithms: Option<Vec<String>>,
    mac_algorithms: Option<Vec<String>>,
    multi_region: bool,
    current_key_material_id: Option<String>,
}

/// The origin of all keys: material made by KMS.
pub(crate) const AWS_KMS: &str = "AWS_KMS";

/// The algorithm of symmetric encryption keys.
pub(crate) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

impl KeyMetadata {
    /// Shows `key`.
    pub(crate) fn of(key: &Key) -> Self {
        let symmetric = key.spec == KeySpec::SymmetricDefault;
        Self {
            aws_account_id: key.place.account,
            key_id: key.id.clone(),
            arn: key.arn().into(),
            creation_date: key.created,
            enabled: key.state == KeyState::Enabled,
            description: key.description.clone(),
            key_usage: key.spec.usage().to_owned(),
            key_state: key.state.name().to_owned(),
            deletion_date: match key.state {
                KeyState::PendingDeletion(at) => Some(at),
                KeyState::Enabled | KeyState::Disabled => None,
            },
            origin: AWS_KMS.to_owned(),
            key_manager: key.manager,
            customer_master_key_spec: key.spec,
            key_spec: key.spec,
            encryption_algorithms: symmetric.then(|| vec![SYMMETRIC_DEFAULT.to_owned()]),
            mac_algorithms: key.spec.mac_algorithm().map(|name| vec![name.to_owned()]),
            multi_region: false,
            current_key_material_id: symmetric.then(|| key.material.clone()),
        }
    }
}

impl KeyState {
    /// Its name: `KeyState`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion(_) => "PendingDeletion",
        }
    }
}
