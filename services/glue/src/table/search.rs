//! Searching tables.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::Table;
use super::shown::ShownTable;
use crate::catalog::{Catalog, Subject};
use crate::database::Database;
use crate::errors::invalid;
use crate::{lake, page};

/// Searches the tables of a catalog that the caller may see.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SearchTables.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchTables {
    catalog_id: Option<String>,
    next_token: Option<String>,
    #[serde(default)]
    filters: Vec<PropertyPredicate>,
    search_text: Option<String>,
    #[serde(default)]
    sort_criteria: Vec<SortCriterion>,
    max_results: Option<u32>,
    resource_share_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PropertyPredicate {
    key: String,
    value: String,
    comparator: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SortCriterion {
    field_name: String,
    sort: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchTablesResponse {
    next_token: Option<String>,
    table_list: Vec<ShownTable>,
}

impl Operation for SearchTables {
    const NAME: &'static str = "SearchTables";
    type Output = SearchTablesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<SearchTablesResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let from = page::read_token::<usize>(self.next_token.as_deref())?.unwrap_or(0);
        let size = page::size(self.max_results, page::SIZE);
        let mut found = self.found(cx, catalog).await?;
        self.sort(&mut found)?;
        let (mut table_list, mut at) = (Vec::new(), from);
        for table in found.into_iter().skip(from) {
            if table_list.len() == size {
                return Ok(SearchTablesResponse { table_list, next_token: Some(page::token(&at)?) });
            }
            at += 1;
            if catalog.permits(cx, Self::NAME, Subject::Table(&table.database_name, &table.name)).await? {
                let rights = lake::rights(cx, catalog, &table.database_name, &table.name).await?;
                table_list.push(ShownTable::of(table, catalog).seen_with(&rights));
            }
        }
        Ok(SearchTablesResponse { table_list, next_token: None })
    }
}

impl SearchTables {
    /// The tables that fit, by their databases' and their own names.
    async fn found(&self, cx: &mut Cx, catalog: Catalog) -> Result<Vec<Table>> {
        // Nothing shares tables but Lake Formation.
        if self.resource_share_type.as_deref().is_some_and(|kind| kind != "ALL") {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for database in cx.list::<Database>(catalog.place, (), Page::ALL).await? {
            for table in cx.list::<Table>(catalog.place, database.id, Page::ALL).await? {
                let mut fits = self.search_text.as_deref().is_none_or(|text| contains(&table, text));
                for filter in &self.filters {
                    fits = fits && filter.takes(&table)?;
                }
                if fits {
                    found.push(table);
                }
            }
        }
        Ok(found)
    }

    fn sort(&self, tables: &mut [Table]) -> Result<()> {
        let Some(criterion) = self.sort_criteria.first() else { return Ok(()) };
        let compare: fn(&Table, &Table) -> Ordering = match fold_key(&criterion.field_name).as_str() {
            "name" | "tablename" => |one, two| one.name.cmp(&two.name),
            "databasename" => |one, two| one.database_name.cmp(&two.database_name),
            "createtime" => |one, two| one.created.cmp(&two.created),
            "updatetime" => |one, two| one.updated.cmp(&two.updated),
            "owner" => |one, two| one.definition.owner.cmp(&two.definition.owner),
            // UNVERIFIED: which fields there are, and the wording.
            _ => return Err(invalid(format!("Unknown field to sort by: {}", criterion.field_name))),
        };
        tables.sort_by(compare);
        if criterion.sort.as_deref() == Some("DESC") {
            tables.reverse();
        }
        Ok(())
    }
}

fn fold_key(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// The tokens of a text: it "is split on certain punctuation characters, for example, -, :, #, etc. into tokens".
fn tokens(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).map(str::to_lowercase)
}

/// What can be searched in a table.
// UNVERIFIED: which members are searched.
fn texts(table: &Table) -> Vec<&str> {
    let definition = &table.definition;
    let mut texts = vec![table.name.as_str(), table.database_name.as_str()];
    texts.extend(definition.description.as_deref());
    texts.extend(definition.owner.as_deref());
    for column in definition.columns() {
        texts.push(&column.name);
        texts.extend(column.comment.as_deref());
    }
    for (key, value) in definition.parameters.iter().flatten() {
        texts.extend([key.as_str(), value.as_str()]);
    }
    texts
}

/// Whether a text is in a table. "Specifying a value in quotes filters based on an exact match to the value."
fn contains(table: &Table, text: &str) -> bool {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(exact) => texts(table).contains(&exact),
        None => {
            let found: Vec<String> = texts(table).into_iter().flat_map(tokens).collect();
            tokens(text).all(|wanted| found.contains(&wanted))
        }
    }
}

impl PropertyPredicate {
    /// Whether a table has the property.
    ///
    /// # Errors
    /// `InvalidInputException`
    fn takes(&self, table: &Table) -> Result<bool> {
        let definition = &table.definition;
        Ok(match fold_key(&self.key).as_str() {
            "name" | "tablename" => self.is_token_of(Some(&table.name)),
            "databasename" => self.is_token_of(Some(&table.database_name)),
            "description" => self.is_token_of(definition.description.as_deref()),
            "owner" => self.is_token_of(definition.owner.as_deref()),
            "tabletype" => self.is_token_of(definition.table_type.as_deref()),
            "createtime" => self.compares(table.created.secs())?,
            "updatetime" => self.compares(table.updated.secs())?,
            // Others are parameters of the table, such as `classification`.
            _ => {
                self.is_token_of(definition.parameters.as_ref().and_then(|all| all.get(&self.key)).map(String::as_str))
            }
        })
    }

    /// "Then each token is exact-match compared with the Value member of PropertyPredicate."
    fn is_token_of(&self, text: Option<&str>) -> bool {
        let wanted = self.value.to_lowercase();
        text.is_some_and(|text| text.to_lowercase() == wanted || tokens(text).any(|token| token == wanted))
    }

    /// "The Comparator member … is used only for time fields." The value is in seconds since the epoch.
    // UNVERIFIED: the form of the value.
    fn compares(&self, time: i64) -> Result<bool> {
        let wanted: i64 = self.value.parse().map_err(|_| invalid(format!("Not a time in seconds: {}", self.value)))?;
        let order = time.cmp(&wanted);
        Ok(match self.comparator.as_deref() {
            Some("GREATER_THAN") => order.is_gt(),
            Some("LESS_THAN") => order.is_lt(),
            Some("GREATER_THAN_EQUALS") => order.is_ge(),
            Some("LESS_THAN_EQUALS") => order.is_le(),
            _ => order.is_eq(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_tokens() {
        let predicate = PropertyPredicate { key: "Name".to_owned(), value: "link".to_owned(), comparator: None };
        for (name, expected) in [("customer-link", true), ("xx-link-yy", true), ("xxlinkyy", false), ("LINK", true)] {
            assert_eq!(predicate.is_token_of(Some(name)), expected, "{name}");
        }
    }
}
