//! `ListKeys`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Limit, Operation, Page, Result};

use super::Key;
use crate::errors::NotImplemented;
use crate::{marker, quota};

/// Lists the keys of the account in the Region.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeys {
    limit: Option<usize>,
    marker: Option<String>,
    #[serde(default)]
    resource_owners: Vec<String>,
}

/// A page of keys.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeysResponse {
    keys: Vec<KeyListEntry>,
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyListEntry {
    key_id: String,
    key_arn: String,
}

/// Keys of a page unless the caller says; `Limit` in the reference above.
const DEFAULT: usize = 100;

impl Operation for ListKeys {
    const NAME: &'static str = "ListKeys";
    type Output = ListKeysResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("kms:ListKeys"))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListKeys", 500))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListKeysResponse> {
        if self.resource_owners.iter().any(|owner| owner != "SELF") {
            return Err(NotImplemented::because("Welkin does not list keys shared through RAM yet."));
        }
        let limit = self.limit.unwrap_or(DEFAULT);
        let after = marker::read(self.marker.as_deref())?.map(IntoKey::into_key);
        let found = cx.list::<Key>(cx.here(), (), Page::of(limit + 1, after.as_ref())).await?;
        let (keys, next_marker) = marker::page(found, limit, |key| &key.id);
        let keys = keys.into_iter().map(|key| KeyListEntry { key_arn: key.arn().into(), key_id: key.id }).collect();
        Ok(ListKeysResponse { keys, truncated: next_marker.is_some(), next_marker })
    }
}
