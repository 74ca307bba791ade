//! `ListSecretVersionIds`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp, page};

use crate::errors::InvalidNextTokenException;
use crate::secret::{SecretId, VersionState};

/// Versions of an answer, unless it is said otherwise.
const PAGE: usize = 100;

/// Lists the versions of a secret: those with labels, and the others if they are wanted.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSecretVersionIds {
    secret_id: SecretId,
    max_results: Option<usize>,
    next_token: Option<String>,
    include_deprecated: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSecretVersionIdsResponse {
    versions: Vec<Entry>,
    next_token: Option<String>,
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    version_id: String,
    version_stages: Option<Vec<String>>,
    last_accessed_date: Option<Timestamp>,
    created_date: Timestamp,
    kms_key_ids: Vec<String>,
}

impl Operation for ListSecretVersionIds {
    const NAME: &'static str = "ListSecretVersionIds";
    type Output = ListSecretVersionIdsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:ListSecretVersionIds").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSecretVersionIdsResponse> {
        let found = self.secret_id.found(cx).await?;
        let mut versions = found.secret.versions.clone();
        versions.retain(|version| self.include_deprecated.unwrap_or(false) || !version.stages.is_empty());
        versions.sort_by(|a, b| a.id.cmp(&b.id));
        let refusal = || InvalidNextTokenException.into();
        let size = self.max_results.unwrap_or(PAGE);
        let (versions, next_token) =
            page::cut(versions, size, self.next_token.as_deref(), |version| &version.id, refusal)?;
        Ok(ListSecretVersionIdsResponse {
            versions: versions.into_iter().map(Entry::of).collect(),
            next_token,
            arn: found.arn(),
            name: found.secret.name,
        })
    }
}

impl Entry {
    fn of(version: VersionState) -> Self {
        Self {
            version_id: version.id,
            version_stages: (!version.stages.is_empty()).then(|| version.stages.into_iter().collect()),
            last_accessed_date: version.accessed,
            created_date: version.created,
            kms_key_ids: vec![version.kms_key],
        }
    }
}
