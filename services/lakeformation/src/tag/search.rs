//! Searching databases and tables by their LF-tags.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, LakePermission, LakeThing, Operation, Place, Result};

use super::assign::{ColumnTags, TagsOf, of_columns, shown};
use super::{Expression, LfTag, LfTagPair};
use crate::page::page;
use crate::resource::{DatabaseResource, Resource, TableResource, Target};
use crate::rights;
use crate::settings::own_catalog;

/// Finds the databases that an expression takes, of those that the caller may see.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_SearchDatabasesByLFTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchDatabasesByLFTags {
    next_token: Option<String>,
    max_results: Option<u32>,
    catalog_id: Option<String>,
    expression: Vec<LfTag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaggedDatabase {
    database: Option<DatabaseResource>,
    #[serde(rename = "LFTags")]
    tags: Vec<LfTagPair>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchDatabasesByLFTagsResponse {
    next_token: Option<String>,
    database_list: Vec<TaggedDatabase>,
}

/// Whether the caller may see something.
async fn sees(cx: &mut Cx, place: Place, thing: &LakeThing) -> Result<bool> {
    let principal = cx.principal().clone();
    Ok(rights::held(cx, &principal, place, thing).await?.rights().has(&[LakePermission::Describe]))
}

impl Operation for SearchDatabasesByLFTags {
    const NAME: &'static str = "SearchDatabasesByLFTags";
    type Output = SearchDatabasesByLFTagsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:SearchDatabasesByLFTags"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<SearchDatabasesByLFTagsResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let expression = Expression::read(&self.expression)?;
        let mut found = Vec::new();
        for database in cx.table_catalog()?.databases(cx, place).await? {
            let tags = TagsOf::load(cx, place, &database.name).await?.database();
            if expression.takes(&tags) && sees(cx, place, &LakeThing::Database(database.name.clone())).await? {
                let target = Target::Database { name: database.name };
                let resource = Resource::of(place.account, &target);
                found.push(TaggedDatabase { database: resource.database, tags: shown(place, &tags) });
            }
        }
        let (database_list, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(SearchDatabasesByLFTagsResponse { next_token, database_list })
    }
}

/// Finds the tables that an expression takes, or of which it takes columns, of those that the caller may see.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_SearchTablesByLFTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchTablesByLFTags {
    next_token: Option<String>,
    max_results: Option<u32>,
    catalog_id: Option<String>,
    expression: Vec<LfTag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaggedTable {
    table: Option<TableResource>,
    #[serde(rename = "LFTagOnDatabase")]
    on_database: Vec<LfTagPair>,
    #[serde(rename = "LFTagsOnTable")]
    on_table: Vec<LfTagPair>,
    #[serde(rename = "LFTagsOnColumns")]
    on_columns: Vec<ColumnTags>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchTablesByLFTagsResponse {
    next_token: Option<String>,
    table_list: Vec<TaggedTable>,
}

impl Operation for SearchTablesByLFTags {
    const NAME: &'static str = "SearchTablesByLFTags";
    type Output = SearchTablesByLFTagsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:SearchTablesByLFTags"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<SearchTablesByLFTagsResponse> {
        let place = own_catalog(cx, self.catalog_id.as_deref())?;
        let expression = Expression::read(&self.expression)?;
        let catalog = cx.table_catalog()?;
        let mut found = Vec::new();
        for database in catalog.databases(cx, place).await? {
            let tags = TagsOf::load(cx, place, &database.name).await?;
            for table in catalog.tables(cx, place, &database.name).await? {
                let own = tags.table(&table.name);
                let takes = expression.takes(&own)
                    || table.columns.iter().any(|column| expression.takes(&tags.column(&table.name, column)));
                let thing = LakeThing::Table(database.name.clone(), table.name.clone());
                if !takes || !sees(cx, place, &thing).await? {
                    continue;
                }
                let target = Target::Table { database: database.name.clone(), name: table.name.clone() };
                found.push(TaggedTable {
                    table: Resource::of(place.account, &target).table,
                    on_database: shown(place, &tags.database()),
                    on_table: shown(place, &own),
                    on_columns: of_columns(place, &tags, &table.name, &table.columns, true),
                });
            }
        }
        let (table_list, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(SearchTablesByLFTagsResponse { next_token, table_list })
    }
}
