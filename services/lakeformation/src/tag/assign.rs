//! Assigning LF-tags to databases, tables and columns, which pass theirs on to what is in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Cx, IntoKey, Key, LakePermission, LakeThing, Operation, Page, Place, Resource as Stored, Result, Scope,
};

use super::{LfTagPair, Tag, caller, folded};
use crate::errors::{ErrorDetail, invalid, not_found};
use crate::resource::{Columns, Resource, Target};
use crate::rights;
use crate::settings::{Settings, own_catalog};

/// A tag on a database, table or column: table and column are empty where the tag is on what they are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assigned {
    pub(crate) database: String,
    pub(crate) table: String,
    pub(crate) column: String,
    key: String,
    value: String,
}

/// Assignments by key and value of the tag.
const BY_TAG: &str = "by-tag";

impl Stored for Assigned {
    const KIND: &'static str = "lakeformation/assigned";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_TAG];

    fn key(&self) -> Key {
        (&self.database, &self.table, &self.column, &self.key).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_TAG, (&self.key, &self.value).into_key())]
    }
}

/// Whether a value is assigned to anything.
pub(super) async fn any(cx: &mut Cx, place: Place, key: &str, value: &str) -> Result<bool> {
    Ok(!cx.find::<Assigned>(place, BY_TAG, (key, value), 1).await?.is_empty())
}

/// Takes a tag off everything.
pub(super) async fn take_off_all(cx: &mut Cx, place: Place, key: &str) -> Result<()> {
    for assigned in cx.find::<Assigned>(place, BY_TAG, (key,), 0).await? {
        cx.delete::<Assigned>(place, Stored::key(&assigned)).await?;
    }
    Ok(())
}

/// Takes everything off a database, or a table of it.
pub(crate) async fn clear(cx: &mut Cx, place: Place, database: &str, table: Option<&str>) -> Result<()> {
    for assigned in cx.list::<Assigned>(place, (database,), Page::ALL).await? {
        if table.is_none_or(|table| assigned.table == table) {
            cx.delete::<Assigned>(place, Stored::key(&assigned)).await?;
        }
    }
    Ok(())
}

/// Keys and values.
pub(crate) type Tags = BTreeMap<String, String>;

/// The tags in a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagsOf {
    all: Vec<Assigned>,
}

impl TagsOf {
    pub(crate) async fn load(cx: &mut Cx, place: Place, database: &str) -> Result<Self> {
        Ok(Self { all: cx.list::<Assigned>(place, (database,), Page::ALL).await? })
    }

    /// Tags assigned to the thing itself.
    pub(crate) fn assigned(&self, table: &str, column: &str) -> Tags {
        let own = self.all.iter().filter(|assigned| assigned.table == table && assigned.column == column);
        own.map(|assigned| (assigned.key.clone(), assigned.value.clone())).collect()
    }

    pub(crate) fn database(&self) -> Tags {
        self.assigned("", "")
    }

    /// Its own tags, and those of the database that it does not have another value of.
    pub(crate) fn table(&self, table: &str) -> Tags {
        let mut tags = self.database();
        tags.extend(self.assigned(table, ""));
        tags
    }

    pub(crate) fn column(&self, table: &str, column: &str) -> Tags {
        let mut tags = self.table(table);
        tags.extend(self.assigned(table, column));
        tags
    }

    /// The tables that have tags, or columns that do.
    pub(crate) fn tables(&self) -> BTreeSet<&str> {
        self.all.iter().map(|assigned| assigned.table.as_str()).filter(|table| !table.is_empty()).collect()
    }
}

/// What tags are put on: the database, table and columns, which there are.
struct Bearer {
    thing: LakeThing,
    database: String,
    table: String,
    columns: BTreeSet<String>,
}

impl Bearer {
    async fn of(cx: &mut Cx, resource: &Resource, catalog: Option<&str>) -> Result<(Place, Self)> {
        let (place, target) = resource.target(cx, catalog)?;
        own_catalog(cx, Some(&place.account.to_string()))?;
        let (thing, database, table, columns) = match target {
            Target::Database { name } => (LakeThing::Database(name.clone()), name, String::new(), None),
            Target::Table { database, name } => {
                (LakeThing::Table(database.clone(), name.clone()), database, name, None)
            }
            Target::Columns { database, table, columns: Columns::These(names) } => {
                (LakeThing::Table(database.clone(), table.clone()), database, table, Some(names))
            }
            // UNVERIFIED: the wording.
            _ => return Err(invalid("LF-tags can be assigned to databases, tables and columns.")),
        };
        let entry = rights::entry(cx, place, &thing).await?.ok_or_else(|| rights::missing(&thing))?;
        let columns = columns.unwrap_or_default();
        if let Some(unknown) = columns.iter().find(|name| !entry.columns.contains(name)) {
            return Err(not_found(format!("Column {unknown} not found.")));
        }
        Ok((place, Self { thing, database, table, columns }))
    }

    /// Every place where a tag is put.
    fn places(&self) -> Vec<&str> {
        match self.columns.is_empty() {
            true => vec![""],
            false => self.columns.iter().map(String::as_str).collect(),
        }
    }
}

/// A tag that could not be put on or taken off.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_LFTagError.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagFailure {
    #[serde(rename = "LFTag")]
    tag: LfTagPair,
    error: ErrorDetail,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Failures {
    failures: Vec<TagFailure>,
}

/// The key and the one value of a pair, which the caller may assign.
async fn pair(cx: &mut Cx, place: Place, tag: &LfTagPair) -> Result<(String, String)> {
    let (key, values) = folded(&tag.tag_key, &tag.tag_values);
    // "Only one value of a key can be assigned to a resource".
    let (Some(value), 1) = (values.iter().next(), values.len()) else {
        return Err(invalid("Exactly one value of an LF-tag can be assigned."));
    };
    let known = Tag::get(cx, place, &key).await?;
    if !known.values.contains(value) {
        return Err(known.without(value));
    }
    let who = caller(cx).await?;
    known.hold(cx, &who, &values, LakePermission::Associate).await?;
    Ok((key, value.clone()))
}

/// Assigns LF-tags.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_AddLFTagsToResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddLFTagsToResource {
    catalog_id: Option<String>,
    resource: Resource,
    #[serde(rename = "LFTags")]
    tags: Vec<LfTagPair>,
}

impl Operation for AddLFTagsToResource {
    const NAME: &'static str = "AddLFTagsToResource";
    type Output = Failures;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:AddLFTagsToResource"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Failures> {
        let (place, bearer) = Bearer::of(cx, &self.resource, self.catalog_id.as_deref()).await?;
        rights::hold(cx, place, &bearer.thing, LakePermission::Describe).await?;
        Settings::begin(cx, place).await?;
        let mut failures = Vec::new();
        for tag in &self.tags {
            match pair(cx, place, tag).await {
                Ok((key, value)) => {
                    for column in bearer.places() {
                        let (database, table) = (bearer.database.clone(), bearer.table.clone());
                        let (column, key, value) = (column.to_owned(), key.clone(), value.clone());
                        cx.put(place, &Assigned { database, table, column, key, value }).await?;
                    }
                }
                Err(error) => failures.push(TagFailure { tag: tag.clone(), error: ErrorDetail::of(error)? }),
            }
        }
        Ok(Failures { failures })
    }
}

/// Takes LF-tags off again.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RemoveLFTagsFromResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveLFTagsFromResource {
    catalog_id: Option<String>,
    resource: Resource,
    #[serde(rename = "LFTags")]
    tags: Vec<LfTagPair>,
}

impl Operation for RemoveLFTagsFromResource {
    const NAME: &'static str = "RemoveLFTagsFromResource";
    type Output = Failures;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:RemoveLFTagsFromResource"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Failures> {
        let (place, bearer) = Bearer::of(cx, &self.resource, self.catalog_id.as_deref()).await?;
        rights::hold(cx, place, &bearer.thing, LakePermission::Describe).await?;
        let mut failures = Vec::new();
        for tag in &self.tags {
            if let Err(error) = take_off(cx, place, &bearer, tag).await {
                failures.push(TagFailure { tag: tag.clone(), error: ErrorDetail::of(error)? });
            }
        }
        Ok(Failures { failures })
    }
}

async fn take_off(cx: &mut Cx, place: Place, bearer: &Bearer, tag: &LfTagPair) -> Result<()> {
    let (key, value) = pair(cx, place, tag).await?;
    for column in bearer.places() {
        let at = (bearer.database.as_str(), bearer.table.as_str(), column, key.as_str());
        match cx.get::<Assigned>(place, at).await? {
            Some(assigned) if assigned.value == value => {
                cx.delete::<Assigned>(place, at).await?;
            }
            // UNVERIFIED: the wording.
            _ => return Err(not_found(format!("Tag {key}={value} is not assigned to the resource."))),
        }
    }
    Ok(())
}

/// The tags of a column.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ColumnLFTag.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ColumnTags {
    name: String,
    #[serde(rename = "LFTags")]
    tags: Vec<LfTagPair>,
}

/// Shows the LF-tags of a database, table or columns, with those that it has from what it is in.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetResourceLFTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourceLFTags {
    catalog_id: Option<String>,
    resource: Resource,
    #[serde(rename = "ShowAssignedLFTags")]
    show_assigned: Option<bool>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct GetResourceLFTagsResponse {
    #[serde(rename = "LFTagOnDatabase")]
    database: Option<Vec<LfTagPair>>,
    #[serde(rename = "LFTagsOnTable")]
    table: Option<Vec<LfTagPair>>,
    #[serde(rename = "LFTagsOnColumns")]
    columns: Option<Vec<ColumnTags>>,
}

/// Tags as the API shows them.
pub(super) fn shown(place: Place, tags: &Tags) -> Vec<LfTagPair> {
    tags.iter().map(|(key, value)| LfTagPair::of(place.account, key, value)).collect()
}

/// The tags of a table's columns, where they have any that the table has not, or all of them.
pub(super) fn of_columns(
    place: Place,
    tags: &TagsOf,
    table: &str,
    columns: &[String],
    inherited: bool,
) -> Vec<ColumnTags> {
    let of = |name: &String| {
        let own = if inherited { tags.column(table, name) } else { tags.assigned(table, name) };
        (!own.is_empty()).then(|| ColumnTags { name: name.clone(), tags: shown(place, &own) })
    };
    columns.iter().filter_map(of).collect()
}

impl Operation for GetResourceLFTags {
    const NAME: &'static str = "GetResourceLFTags";
    type Output = GetResourceLFTagsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetResourceLFTags"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetResourceLFTagsResponse> {
        let (place, bearer) = Bearer::of(cx, &self.resource, self.catalog_id.as_deref()).await?;
        rights::hold(cx, place, &bearer.thing, LakePermission::Describe).await?;
        let tags = TagsOf::load(cx, place, &bearer.database).await?;
        let inherited = self.show_assigned != Some(true);
        let mut answer = GetResourceLFTagsResponse { database: None, table: None, columns: None };
        if bearer.table.is_empty() {
            answer.database = Some(shown(place, &tags.database()));
            return Ok(answer);
        }
        let own = if inherited { tags.table(&bearer.table) } else { tags.assigned(&bearer.table, "") };
        if inherited {
            answer.database = Some(shown(place, &tags.database()));
        }
        answer.table = Some(shown(place, &own));
        let entry = rights::entry(cx, place, &bearer.thing).await?;
        let all = entry.map(|entry| entry.columns).unwrap_or_default();
        let wanted: Vec<String> =
            all.into_iter().filter(|name| bearer.columns.is_empty() || bearer.columns.contains(name)).collect();
        answer.columns = Some(of_columns(place, &tags, &bearer.table, &wanted, inherited));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_has_the_tags_of_what_it_is_in() {
        let assigned = |table: &str, column: &str, key: &str, value: &str| Assigned {
            database: "db".into(),
            table: table.into(),
            column: column.into(),
            key: key.into(),
            value: value.into(),
        };
        let all = vec![
            assigned("", "", "a", "1"),
            assigned("", "", "b", "1"),
            assigned("t", "", "b", "2"),
            assigned("t", "c", "a", "3"),
        ];
        let tags = TagsOf { all };
        let of = |tags: Tags| tags.into_iter().map(|(key, value)| format!("{key}{value}")).collect::<Vec<_>>();
        assert_eq!(of(tags.table("t")), ["a1", "b2"]);
        assert_eq!(of(tags.column("t", "c")), ["a3", "b2"]);
        assert_eq!(of(tags.column("u", "c")), ["a1", "b1"]);
        assert_eq!(tags.tables(), BTreeSet::from(["t"]));
    }
}
