//! The versions of a parameter.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Place, Result, Timestamp};

use super::{Parameter, Past, Version, access};
use crate::name::{self, Address};
use crate::page;

/// A policy as callers see it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownPolicy {
    policy_text: String,
    policy_type: String,
    policy_status: String,
}

impl ShownPolicy {
    pub(crate) fn all(version: &Version, now: Timestamp) -> Vec<Self> {
        let shown = |policy: &super::policy::Policy| {
            let (kind, status) = policy.shown(version, now);
            Self { policy_text: policy.text.clone(), policy_type: kind.to_owned(), policy_status: status.to_owned() }
        };
        version.policies.iter().map(shown).collect()
    }
}

/// Lists the versions of a parameter, oldest first.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParameterHistory {
    name: String,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParameterHistoryResult {
    parameters: Vec<ShownVersion>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownVersion {
    name: String,
    #[serde(rename = "Type")]
    kind: String,
    key_id: Option<String>,
    last_modified_date: Timestamp,
    last_modified_user: String,
    description: Option<String>,
    value: String,
    allowed_pattern: Option<String>,
    version: u64,
    labels: Vec<String>,
    tier: String,
    policies: Vec<ShownPolicy>,
    data_type: String,
}

/// Versions on a page.
const PAGE: usize = 50;

impl Operation for GetParameterHistory {
    const NAME: &'static str = "GetParameterHistory";
    type Output = GetParameterHistoryResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &Address::read(cx, &self.name)?, "ssm:GetParameterHistory").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetParameterHistoryResult> {
        let address = Address::read(cx, &self.name)?;
        let parameter = address.parameter(cx).await?;
        let after = page::read_token(self.next_token.as_deref())?;
        let after: u64 = after.and_then(|number| number.parse().ok()).unwrap_or(0);
        let past = cx.list::<Past>(address.place, parameter.name.as_str(), Page::ALL).await?;
        let mut versions: Vec<Version> = past.into_iter().map(|past| past.version).collect();
        versions.push(parameter.latest.clone());
        versions.retain(|version| version.number > after);
        let most = self.max_results.unwrap_or(PAGE);
        let more = versions.len() > most;
        versions.truncate(most);
        let next_token = versions.last().filter(|_| more).map(|last| page::token(&last.number.to_string()));
        let mut parameters = Vec::with_capacity(versions.len());
        for version in versions {
            parameters.push(self.shown(cx, address.place, &parameter, version).await?);
        }
        Ok(GetParameterHistoryResult { parameters, next_token })
    }
}

impl GetParameterHistory {
    async fn shown(&self, cx: &mut Cx, place: Place, parameter: &Parameter, version: Version) -> Result<ShownVersion> {
        let arn = name::arn(place, &parameter.name);
        let value =
            if self.with_decryption { version.value.open(cx, place, &arn).await? } else { version.value.shown() };
        Ok(ShownVersion {
            name: parameter.name.clone(),
            kind: version.kind.as_str().to_owned(),
            last_modified_date: version.modified,
            value,
            version: version.number,
            labels: parameter.labels_of(version.number),
            tier: version.tier.as_str().to_owned(),
            policies: ShownPolicy::all(&version, cx.now()),
            key_id: version.key_id,
            last_modified_user: version.modified_by,
            description: version.description,
            allowed_pattern: version.allowed_pattern,
            data_type: version.data_type,
        })
    }
}
