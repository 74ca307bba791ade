//! `DescribeSecret`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::replicate::{self, ReplicationStatus};
use super::{Secret, SecretId};
use crate::tags::{Tag, shown};

/// Describes a secret, without its values.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSecret {
    secret_id: SecretId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSecretResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    description: Option<String>,
    kms_key_id: Option<String>,
    last_changed_date: Timestamp,
    last_accessed_date: Option<Timestamp>,
    deleted_date: Option<Timestamp>,
    tags: Option<Vec<Tag>>,
    version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
    created_date: Timestamp,
    primary_region: Option<String>,
    replication_status: Option<Vec<ReplicationStatus>>,
}

impl Operation for DescribeSecret {
    const NAME: &'static str = "DescribeSecret";
    type Output = DescribeSecretResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:DescribeSecret").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeSecretResponse> {
        let found = self.secret_id.found(cx).await?;
        let arn = found.arn();
        let secret = found.secret;
        let is_replicated = secret.replica_of.is_some() || !secret.replicas.is_empty();
        Ok(DescribeSecretResponse {
            arn,
            version_ids_to_stages: Some(stages(&secret)).filter(|stages| !stages.is_empty()),
            replication_status: (!secret.replicas.is_empty()).then(|| replicate::status(&secret)),
            primary_region: is_replicated.then(|| secret.primary.name().to_owned()),
            name: secret.name,
            description: secret.description,
            kms_key_id: secret.kms_key,
            last_changed_date: secret.changed,
            last_accessed_date: secret.accessed,
            deleted_date: secret.deletion.map(|(marked, _)| marked),
            tags: Some(shown(secret.tags)).filter(|tags| !tags.is_empty()),
            created_date: secret.created,
        })
    }
}

/// The labels of the versions that have any.
pub(super) fn stages(secret: &Secret) -> BTreeMap<String, Vec<String>> {
    let labelled = secret.versions.iter().filter(|version| !version.stages.is_empty());
    labelled.map(|version| (version.id.clone(), version.stages.iter().cloned().collect())).collect()
}
