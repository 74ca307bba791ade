//! `ListAliases`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Limit, Operation, Page, Result, Timestamp};

use super::Alias;
use crate::{key_id, marker, quota};

/// Lists aliases, of the account and Region or of one key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAliases {
    key_id: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

/// A page of aliases.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAliasesResponse {
    aliases: Vec<AliasListEntry>,
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AliasListEntry {
    alias_name: String,
    alias_arn: String,
    target_key_id: String,
    creation_date: Timestamp,
    last_updated_date: Timestamp,
}

/// Aliases of a page unless the caller says, and at most; `Limit` in the reference above.
const DEFAULT: usize = 50;
const MOST: usize = 100;

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    type Output = ListAliasesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        if let Some(key_id) = &self.key_id {
            key_id::find_without_alias(cx, key_id).await?.is_own(cx, Self::NAME)?;
        }
        Ok(Access::to("kms:ListAliases"))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListAliases", 500))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListAliasesResponse> {
        let limit = self.limit.unwrap_or(DEFAULT).min(MOST);
        let after = marker::read(self.marker.as_deref())?;
        let here = cx.here();
        let found = match &self.key_id {
            None => {
                let after = after.map(IntoKey::into_key);
                cx.list::<Alias>(here, (), Page::of(limit + 1, after.as_ref())).await?
            }
            Some(key_id) => {
                let key = key_id::find_without_alias(cx, key_id).await?.key()?;
                let mut found = Vec::new();
                for name in key.aliases.iter().filter(|name| after.as_ref().is_none_or(|after| *name > after)) {
                    found.extend(cx.get::<Alias>(key.place, name).await?);
                }
                found
            }
        };
        let (aliases, next_marker) = marker::page(found, limit, |alias| &alias.name);
        let entry = |alias: Alias| AliasListEntry {
            alias_arn: here.arn("kms", &alias.name).into(),
            alias_name: alias.name,
            target_key_id: alias.target,
            creation_date: alias.created,
            last_updated_date: alias.updated,
        };
        Ok(ListAliasesResponse {
            aliases: aliases.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}
