//! `RetireGrant` and `RevokeGrant`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Result};

use super::{Grant, Wanted, check_id, read_token, widen_for};
use crate::access::Demand;
use crate::dry_run::dry_run;
use crate::errors::{NotFoundException, ValidationException};
use crate::key::Key;
use crate::key_id::{self, Target};
use crate::quota;

/// Ends a grant, by those whom it was made for.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetireGrant {
    grant_token: Option<String>,
    key_id: Option<String>,
    grant_id: Option<String>,
    dry_run: Option<bool>,
}

/// Ends a grant, by those who look after the key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RevokeGrant {
    key_id: String,
    grant_id: String,
    dry_run: Option<bool>,
}

impl RetireGrant {
    /// The key and the id of the grant, by the token or by both ids.
    async fn find(&self, cx: &mut Cx) -> Result<(Target, String)> {
        match (&self.grant_token, &self.key_id, &self.grant_id) {
            (Some(token), None, None) => {
                let (key_id, grant_id) = read_token(cx, token)?;
                Ok((key_id::find_without_alias(cx, &key_id).await?, grant_id))
            }
            (None, Some(key_id), Some(grant_id)) => {
                Ok((key_id::find_without_alias(cx, key_id).await?, grant_id.clone()))
            }
            // UNVERIFIED: the wording.
            _ => {
                Err(ValidationException::because("You must specify either a GrantToken or both a KeyId and a GrantId."))
            }
        }
    }
}

async fn remove(cx: &mut Cx, mut key: Key, grant_id: &str, dry: Option<bool>) -> Result<Empty> {
    check_id(grant_id)?;
    if !cx.exists::<Grant>(key.place, (&key.id, grant_id)).await? {
        return Err(NotFoundException::because(format!("Grant ID {grant_id} not found")));
    }
    dry_run(dry)?;
    cx.delete::<Grant>(key.place, (&key.id, grant_id)).await?;
    key.grants = key.grants.saturating_sub(1);
    cx.put(key.place, &key).await?;
    Ok(Empty {})
}

impl Operation for RetireGrant {
    const NAME: &'static str = "RetireGrant";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (target, grant_id) = self.find(cx).await?;
        let access = Demand::of(Self::NAME, &target).access(cx).await?;
        let Some(key) = &target.found else { return Ok(access) };
        let wanted = Wanted { operation: Self::NAME, context: None, child: None, retired: Some(&grant_id) };
        let policy = widen_for(cx, key, wanted).await?;
        let access = access.policy(Some(policy.as_ref().unwrap_or(&key.policy)));
        let grant = cx.get::<Grant>(key.place, (&key.id, &grant_id)).await?;
        Ok(match grant.and_then(|grant| grant.constraints) {
            Some(constraints) => constraints.condition_keys(access),
            None => access,
        })
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms RetireGrant", 50))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (target, grant_id) = self.find(cx).await?;
        remove(cx, target.key()?, &grant_id, self.dry_run).await
    }
}

impl Operation for RevokeGrant {
    const NAME: &'static str = "RevokeGrant";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of(Self::NAME, &target).access(cx).await?;
        Ok(access.key("kms:GrantIsForAWSResource", (!cx.caller().via.is_empty()).to_string()))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms RevokeGrant", 50))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        remove(cx, key, &self.grant_id, self.dry_run).await
    }
}
