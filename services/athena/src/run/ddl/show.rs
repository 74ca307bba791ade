//! SHOW: what there is, by name.

use serde_json::json;
use welkin_sql::ddl::TableReference;

use super::{Definitions, Done, Text, failure, no_database, partition};
use crate::run::bridge::view_query;
use crate::run::glue::{DatabasePage, Table, TablePage};
use crate::run::iceberg;

/// Whether a name fits a pattern of Hive: `*` for anything, `|` for a choice, without regard to case.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/show-tables.html>
fn fits(pattern: Option<&str>, name: &str) -> bool {
    let Some(pattern) = pattern else { return true };
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    pattern.split('|').any(|choice| {
        // `.*` is what those write who take it for a regular expression: the reference's own examples do.
        let choice = choice.replace(".*", "*");
        let mut parts = choice.split('*');
        let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
        let parts: Vec<&str> = parts.collect();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    })
}

impl Definitions<'_> {
    pub(super) async fn show_databases(&mut self, like: Option<&str>) -> Done<Text> {
        let mut input = json!({ "CatalogId": self.catalog(None).await? });
        let mut names = Vec::new();
        loop {
            let page: DatabasePage = self.need("GetDatabases", &input).await?;
            names.extend(page.database_list.into_iter().map(|database| database.name));
            match page.next_token {
                Some(token) => input["NextToken"] = json!(token),
                None => break,
            }
        }
        names.retain(|name| fits(like, name));
        names.sort_unstable();
        Ok(Text::of("database_name", names))
    }

    async fn tables(&mut self, database: &str) -> Done<Vec<Table>> {
        let mut input = json!({ "CatalogId": self.catalog(None).await?, "DatabaseName": database });
        let mut tables = Vec::new();
        loop {
            let page: TablePage = match self.glue("GetTables", &input).await? {
                Ok(answered) => answered.output()?,
                Err(answer) if answer.code == "EntityNotFoundException" => return Err(no_database(database)),
                Err(answer) => return Err(failure::of_glue(&answer).into()),
            };
            tables.extend(page.table_list);
            match page.next_token {
                Some(token) => input["NextToken"] = json!(token),
                None => return Ok(tables),
            }
        }
    }

    /// SHOW TABLES, which has views, too, and SHOW VIEWS.
    pub(super) async fn show_tables(
        &mut self,
        database: Option<String>,
        like: Option<&str>,
        only_views: bool,
    ) -> Done<Text> {
        let database = database.unwrap_or_else(|| self.default_database());
        let tables = self.tables(&database).await?;
        let wanted = |table: &Table| (!only_views || table.is_view()) && fits(like, &table.name);
        let mut names: Vec<String> = tables.into_iter().filter(wanted).map(|table| table.name).collect();
        names.sort_unstable();
        Ok(Text::of(if only_views { "views" } else { "tab_name" }, names))
    }

    pub(super) async fn show_partitions(&mut self, name: &TableReference) -> Done<Text> {
        let (place, table) = self.table(name).await?;
        if table.partition_keys.is_empty() {
            let message = format!("Table {} is not a partitioned table", place.table);
            return Err(failure::of_task(message).into());
        }
        let partitions = self.partitions(&place, None).await?;
        let mut lines: Vec<String> = partitions.iter().map(|found| partition::name(&table, &found.values)).collect();
        lines.sort_unstable();
        Ok(Text::of("partition", lines))
    }

    pub(super) async fn show_columns(&mut self, name: &TableReference) -> Done<Text> {
        let (_, table) = self.table(name).await?;
        let storage = table.storage_descriptor.unwrap_or_default();
        let lines = storage.columns.into_iter().chain(table.partition_keys).map(|column| column.name).collect();
        Ok(Text::of("field", lines))
    }

    pub(super) async fn show_properties(&mut self, name: &TableReference, key: Option<&str>) -> Done<Text> {
        let (place, table) = self.table(name).await?;
        let lines = match key {
            None => table.parameters.iter().map(|(key, value)| format!("{key}\t{value}")).collect(),
            Some(key) => match table.parameters.get(key) {
                Some(value) => vec![value.clone()],
                None => vec![format!("Table {}.{} does not have property: {key}", place.database, place.table)],
            },
        };
        Ok(Text::of("prpt_name", lines))
    }

    pub(super) async fn show_create_view(&mut self, name: &TableReference) -> Done<Text> {
        let (place, table) = self.table(name).await?;
        let Some(query) = table.view_original_text.as_deref().filter(|_| table.is_view()).and_then(view_query) else {
            return Err(failure::of_meaning(format_args!("{}.{} is not a view", place.database, place.table)).into());
        };
        let begin = format!("CREATE VIEW {}.{} AS ", place.database, place.table);
        let lines = std::iter::once(begin.as_str()).chain(query.trim().lines()).map(str::to_owned).collect();
        Ok(Text::of("Create View", lines))
    }

    pub(super) async fn show_create_table(&mut self, name: &TableReference) -> Done<Text> {
        let (place, table) = self.table(name).await?;
        if table.is_view() {
            let message = format!("{}.{} is a view: use SHOW CREATE VIEW", place.database, place.table);
            return Err(failure::of_meaning(message).into());
        }
        if table.is_iceberg() {
            let metadata = iceberg::metadata(self.cx, self.execution, &table).await??;
            return Ok(Text::of("createtab_stmt", super::describe::create_iceberg(&place, &table, &metadata)?));
        }
        Ok(Text::of("createtab_stmt", super::describe::create_table(&place.table, &table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_stars_and_choices() {
        for (pattern, name, expected) in [
            ("*flight*", "my_flights_2020", true),
            ("flight*|trip*", "Trips", true),
            ("flight", "flights", false),
            ("*s", "flights", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxc", false),
            ("sales.*", "sales_1", true),
        ] {
            assert_eq!(fits(Some(pattern), name), expected, "{pattern} {name}");
        }
        assert!(fits(None, "x"));
    }
}
