//! Tags of secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::errors::invalid;
use crate::secret::{SecretId, replicate};

/// Tags of a secret at most.
const MOST: usize = 50;

/// A tag as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

/// Tags by their keys.
pub(crate) fn map(tags: Option<&[Tag]>) -> BTreeMap<String, String> {
    let pair = |tag: &Tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
    tags.into_iter().flatten().map(pair).collect()
}

/// Tags as they are told.
pub(crate) fn shown(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}

/// Holds the tags of a secret against the rules.
///
/// # Errors
/// `InvalidParameterException`
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(invalid(format!("A secret can have at most {MOST} tags.")));
    }
    match tags.keys().find(|key| key.is_empty() || key.to_ascii_lowercase().starts_with("aws:")) {
        // UNVERIFIED: the wording.
        Some(key) => Err(invalid(format!("Tag keys can't be empty or begin with aws: '{key}'"))),
        None => Ok(()),
    }
}

/// Adds tags to a secret.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    secret_id: SecretId,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = self.secret_id.access(cx, "secretsmanager:TagResource").await?;
        Ok(access.request_tags(&map(Some(&self.tags))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        found.secret.tags.extend(map(Some(&self.tags)));
        check(&found.secret.tags)?;
        found.store(cx).await?;
        replicate::follow_stages(cx, found.place, &found.secret).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a secret.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    secret_id: SecretId,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = self.secret_id.access(cx, "secretsmanager:UntagResource").await?;
        Ok(access.tag_keys(self.tag_keys.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        found.secret.tags.retain(|key, _| !self.tag_keys.contains(key));
        found.store(cx).await?;
        replicate::follow_stages(cx, found.place, &found.secret).await?;
        Ok(Empty {})
    }
}
