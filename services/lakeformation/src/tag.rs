//! LF-tags: what they are, and expressions over them.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/tag-based-access-control.html>

pub(crate) mod assign;
pub(crate) mod named;
pub(crate) mod search;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Empty, IntoKey, Key, LakePermission, LakeThing, Operation, Page, Place, Resource, Result,
    Scope,
};

use crate::errors::{ResourceNumberLimitExceededException, denied, invalid, not_found};
use crate::grant::Grant;
use crate::page::page;
use crate::principal::Who;
use crate::resource::Target;
use crate::rights;
use crate::settings::{Settings, own_catalog};

/// Values of a tag, and tags of an account, at most.
///
/// Source: <https://docs.aws.amazon.com/lake-formation/latest/dg/lf-tag-considerations.html>
const MOST: usize = 1000;

/// A key and values, as the API has them.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_LFTag.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LfTag {
    pub(crate) tag_key: String,
    pub(crate) tag_values: Vec<String>,
}

/// A key and values of a catalog, as the API has them.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_LFTagPair.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LfTagPair {
    catalog_id: Option<String>,
    pub(crate) tag_key: String,
    pub(crate) tag_values: Vec<String>,
}

impl LfTagPair {
    pub(crate) fn of(account: AccountId, key: &str, value: &str) -> Self {
        let catalog_id = Some(account.to_string());
        Self { catalog_id, tag_key: key.to_owned(), tag_values: vec![value.to_owned()] }
    }
}

/// Key and values as they are kept: "LF-tag keys and values are converted to lower case".
pub(crate) fn folded(key: &str, values: &[String]) -> (String, BTreeSet<String>) {
    (key.to_lowercase(), values.iter().map(|value| value.to_lowercase()).collect())
}

/// Which tags something must have: for each of the keys one of its values. `*` stands for any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Expression(BTreeMap<String, BTreeSet<String>>);

impl Expression {
    /// # Errors
    /// `InvalidInputException`: nothing is asked for, or a key twice.
    pub(crate) fn read(tags: &[LfTag]) -> Result<Self> {
        let mut all = BTreeMap::new();
        for tag in tags {
            let (key, values) = folded(&tag.tag_key, &tag.tag_values);
            if values.is_empty() || all.insert(key, values).is_some() {
                // UNVERIFIED: the wording.
                return Err(invalid(format!("The expression is not valid for the LF-tag {}.", tag.tag_key)));
            }
        }
        match all.is_empty() {
            true => Err(invalid("The expression is empty.")),
            false => Ok(Self(all)),
        }
    }

    pub(crate) fn shown(&self) -> Vec<LfTag> {
        let tag = |(key, values): (&String, &BTreeSet<String>)| LfTag {
            tag_key: key.clone(),
            tag_values: values.iter().cloned().collect(),
        };
        self.0.iter().map(tag).collect()
    }

    /// Whether something with these tags is meant.
    pub(crate) fn takes(&self, tags: &BTreeMap<String, String>) -> bool {
        self.0
            .iter()
            .all(|(key, values)| tags.get(key).is_some_and(|value| values.contains(value) || values.contains("*")))
    }

    /// The tags that it names, which must be there.
    pub(crate) async fn hold_known(&self, cx: &mut Cx, place: Place) -> Result<()> {
        for (key, values) in &self.0 {
            let tag = Tag::get(cx, place, key).await?;
            if let Some(value) = values.iter().find(|value| *value != "*" && !tag.values.contains(*value)) {
                return Err(tag.without(value));
            }
        }
        Ok(())
    }

    /// Every key with its values.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&String, &BTreeSet<String>)> {
        self.0.iter()
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, values) in &self.0 {
            writeln!(f, "{key}={}", values.iter().map(String::as_str).collect::<Vec<_>>().join("|"))?;
        }
        Ok(())
    }
}

/// A tag as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tag {
    key: String,
    pub(crate) values: BTreeSet<String>,
    /// The ARN of who made it.
    created_by: Option<String>,
}

impl Resource for Tag {
    const KIND: &'static str = "lakeformation/tag";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.key.as_str().into_key()
    }
}

impl Tag {
    /// The tag with this key.
    ///
    /// # Errors
    /// `EntityNotFoundException`
    pub(crate) async fn get(cx: &mut Cx, place: Place, key: &str) -> Result<Self> {
        let tag = cx.get::<Self>(place, key).await?;
        // UNVERIFIED: the wording.
        tag.ok_or_else(|| not_found(format!("Tag key {key} does not exist.")))
    }

    pub(crate) fn without(&self, value: &str) -> welkin_kernel::Error {
        // UNVERIFIED: the wording.
        not_found(format!("Tag key {} does not have the value {value}.", self.key))
    }

    /// What somebody may do with values of the tag: administrators and who made it everything.
    async fn permits(
        &self,
        cx: &mut Cx,
        who: &Who,
        values: &BTreeSet<String>,
        any_of: &[LakePermission],
    ) -> Result<bool> {
        let place = cx.here();
        let settings = Settings::find(cx, place).await?.unwrap_or_default();
        if settings.is_admin(who) || who.made(self.created_by.as_deref()) {
            return Ok(true);
        }
        if settings.is_read_only_admin(who) && any_of.contains(&LakePermission::Describe) {
            return Ok(true);
        }
        let grants = Grant::under(cx, place, place.account, ("", "", "tag")).await?;
        Ok(grants.iter().any(|grant| {
            let Target::Tag { key, values: granted } = &grant.target else { return false };
            let covers = granted.contains("*") || values.is_subset(granted);
            *key == self.key && covers && who.is(&grant.principal) && grant.has(any_of)
        }))
    }

    /// Refuses who may not.
    ///
    /// # Errors
    /// `AccessDeniedException`
    pub(crate) async fn hold(
        &self,
        cx: &mut Cx,
        who: &Who,
        values: &BTreeSet<String>,
        permission: LakePermission,
    ) -> Result<()> {
        match self.permits(cx, who, values, &[permission]).await? {
            true => Ok(()),
            false => Err(rights::refusal(permission, &self.key)),
        }
    }
}

/// Whether the caller may do something to the catalog as a whole.
async fn hold_catalog(cx: &mut Cx, place: Place, permission: LakePermission) -> Result<Who> {
    let principal = cx.principal().clone();
    let who = Who::of(cx, &principal, false).await?;
    let held = rights::held(cx, &principal, place, &LakeThing::Catalog).await?;
    match held.admin || held.permissions.contains(&permission) {
        true => Ok(who),
        false => Err(rights::refusal(permission, "Catalog")),
    }
}

async fn caller(cx: &mut Cx) -> Result<Who> {
    let principal = cx.principal().clone();
    Who::of(cx, &principal, false).await
}

/// Creates an LF-tag with its values.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateLFTag.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateLFTag {
    catalog_id: Option<String>,
    tag_key: String,
    tag_values: Vec<String>,
}

impl Operation for CreateLFTag {
    const NAME: &'static str = "CreateLFTag";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:CreateLFTag"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let who = hold_catalog(cx, place, LakePermission::CreateLfTag).await?;
        let (key, values) = folded(&self.tag_key, &self.tag_values);
        if values.is_empty() || values.iter().any(String::is_empty) || values.contains("*") {
            // UNVERIFIED: the wording.
            return Err(invalid("Tag values are not valid."));
        }
        if cx.exists::<Tag>(place, &key).await? {
            // UNVERIFIED: the error, as the model has no AlreadyExistsException of this operation, and the wording.
            return Err(invalid(format!("Tag key already exists: {key}")));
        }
        if values.len() > MOST || cx.count::<Tag>(place, "", "\u{10ffff}").await? >= MOST as u64 {
            return Err(ResourceNumberLimitExceededException.into());
        }
        Settings::begin(cx, place).await?;
        cx.put(place, &Tag { key, values, created_by: who.identity }).await?;
        Ok(Empty {})
    }
}

/// Shows an LF-tag.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetLFTag.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetLFTag {
    catalog_id: Option<String>,
    tag_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetLFTagResponse {
    catalog_id: String,
    tag_key: String,
    tag_values: Vec<String>,
}

/// The values of a tag that somebody may see.
async fn seen(cx: &mut Cx, who: &Who, tag: &Tag) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    let any = [LakePermission::Describe, LakePermission::Associate, LakePermission::Alter, LakePermission::Drop];
    for value in &tag.values {
        if tag.permits(cx, who, &BTreeSet::from([value.clone()]), &any).await? {
            seen.push(value.clone());
        }
    }
    Ok(seen)
}

impl Operation for GetLFTag {
    const NAME: &'static str = "GetLFTag";
    type Output = GetLFTagResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetLFTag"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetLFTagResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let (who, tag) = (caller(cx).await?, Tag::get(cx, place, &self.tag_key.to_lowercase()).await?);
        let tag_values = seen(cx, &who, &tag).await?;
        match tag_values.is_empty() {
            true => Err(rights::refusal(LakePermission::Describe, &tag.key)),
            false => Ok(GetLFTagResponse { catalog_id: place.account.to_string(), tag_key: tag.key, tag_values }),
        }
    }
}

/// Lists the LF-tags that the caller may see.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListLFTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListLFTags {
    catalog_id: Option<String>,
    resource_share_type: Option<String>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListLFTagsResponse {
    #[serde(rename = "LFTags")]
    tags: Vec<LfTagPair>,
    next_token: Option<String>,
}

impl Operation for ListLFTags {
    const NAME: &'static str = "ListLFTags";
    type Output = ListLFTagsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:ListLFTags"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListLFTagsResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let who = caller(cx).await?;
        let mut found = Vec::new();
        // Tags of other accounts cannot be shared.
        if self.resource_share_type.as_deref() != Some("FOREIGN") {
            for tag in cx.list::<Tag>(place, (), Page::ALL).await? {
                let tag_values = seen(cx, &who, &tag).await?;
                if !tag_values.is_empty() {
                    found.push(LfTagPair { catalog_id: Some(place.account.to_string()), tag_key: tag.key, tag_values });
                }
            }
        }
        let (tags, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(ListLFTagsResponse { tags, next_token })
    }
}

/// Adds values to an LF-tag and removes some.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_UpdateLFTag.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateLFTag {
    catalog_id: Option<String>,
    tag_key: String,
    #[serde(default)]
    tag_values_to_delete: Vec<String>,
    #[serde(default)]
    tag_values_to_add: Vec<String>,
}

impl Operation for UpdateLFTag {
    const NAME: &'static str = "UpdateLFTag";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:UpdateLFTag"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let (key, added) = folded(&self.tag_key, &self.tag_values_to_add);
        let (_, removed) = folded(&self.tag_key, &self.tag_values_to_delete);
        let who = caller(cx).await?;
        let mut tag = Tag::get(cx, place, &key).await?;
        tag.hold(cx, &who, &tag.values, LakePermission::Alter).await?;
        for value in &removed {
            // "If any value in the deleteTagValues key set is attached to a resource, then API errors out with a 400
            // Exception - "Update not allowed"".
            if assign::any(cx, place, &key, value).await? {
                return Err(invalid("Update not allowed"));
            }
            if !tag.values.remove(value) {
                return Err(tag.without(value));
            }
        }
        tag.values.extend(added);
        if tag.values.is_empty() {
            return Err(invalid("Tag values are not valid."));
        }
        if tag.values.len() > MOST {
            return Err(ResourceNumberLimitExceededException.into());
        }
        cx.put(place, &tag).await?;
        Ok(Empty {})
    }
}

/// Deletes an LF-tag: it is taken off what it was assigned to.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeleteLFTag.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteLFTag {
    catalog_id: Option<String>,
    tag_key: String,
}

impl Operation for DeleteLFTag {
    const NAME: &'static str = "DeleteLFTag";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:DeleteLFTag"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let who = caller(cx).await?;
        let tag = Tag::get(cx, place, &self.tag_key.to_lowercase()).await?;
        tag.hold(cx, &who, &tag.values, LakePermission::Drop).await?;
        cx.delete::<Tag>(place, &tag.key).await?;
        assign::take_off_all(cx, place, &tag.key).await?;
        // "If the LF-tag is used in an expression, the permissions are deleted" too.
        // UNVERIFIED: of grants on the tag itself.
        for grant in Grant::under(cx, place, place.account, ("", "", "tag")).await? {
            if matches!(&grant.target, Target::Tag { key, .. } if *key == tag.key) {
                grant.remove(cx, place).await?;
            }
        }
        Ok(Empty {})
    }
}

/// A denial of what only Lake Formation's administrators may do.
pub(crate) fn only_admins() -> welkin_kernel::Error {
    denied("Insufficient Lake Formation permission(s). Only data lake administrators may do this.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn tag(key: &str, values: &[&str]) -> LfTag {
        LfTag { tag_key: key.to_owned(), tag_values: values.iter().map(|value| (*value).to_owned()).collect() }
    }

    fn tags(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_key_must_be_there_with_one_of_its_values() {
        let expression = Expression::read(&[tag("Team", &["Sales", "hr"]), tag("level", &["*"])]).unwrap();
        assert!(expression.takes(&tags(&[("team", "hr"), ("level", "x"), ("more", "y")])));
        assert!(!expression.takes(&tags(&[("team", "hr")])));
        assert!(!expression.takes(&tags(&[("team", "it"), ("level", "x")])));
    }

    #[test]
    fn a_key_is_there_once() {
        assert!(Expression::read(&[tag("a", &["x"]), tag("A", &["y"])]).is_err());
        assert!(Expression::read(&[]).is_err() && Expression::read(&[tag("a", &[])]).is_err());
    }
}
