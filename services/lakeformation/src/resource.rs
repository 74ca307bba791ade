//! What is granted on: as the API has it, and as it is kept.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Cx, LakePermission, Place, Result};

use crate::errors::{invalid, not_implemented};
use crate::settings::catalog_of;
use crate::tag::Expression;

/// A resource as the API has it: one of the members.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_Resource.html>
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Resource {
    pub(crate) catalog: Option<CatalogResource>,
    pub(crate) database: Option<DatabaseResource>,
    pub(crate) table: Option<TableResource>,
    pub(crate) table_with_columns: Option<TableWithColumnsResource>,
    pub(crate) data_location: Option<DataLocationResource>,
    pub(crate) data_cells_filter: Option<DataCellsFilterResource>,
    #[serde(rename = "LFTag")]
    pub(crate) tag: Option<TagResource>,
    #[serde(rename = "LFTagPolicy")]
    pub(crate) policy: Option<PolicyResource>,
    #[serde(rename = "LFTagExpression")]
    pub(crate) expression: Option<ExpressionResource>,
    #[serde(skip_serializing)]
    any_resource: Option<IgnoredAny>,
    #[serde(rename = "RLSPolicy", skip_serializing)]
    row_policy: Option<IgnoredAny>,
    #[serde(skip_serializing)]
    user_defined_function: Option<IgnoredAny>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CatalogResource {
    id: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DatabaseResource {
    catalog_id: Option<String>,
    name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableResource {
    pub(crate) catalog_id: Option<String>,
    pub(crate) database_name: String,
    pub(crate) name: Option<String>,
    pub(crate) table_wildcard: Option<Nothing>,
}

/// A structure without members.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Nothing {}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableWithColumnsResource {
    pub(crate) catalog_id: Option<String>,
    pub(crate) database_name: String,
    pub(crate) name: String,
    pub(crate) column_names: Option<Vec<String>>,
    pub(crate) column_wildcard: Option<ColumnWildcard>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ColumnWildcard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) excluded_column_names: Option<Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DataLocationResource {
    catalog_id: Option<String>,
    resource_arn: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DataCellsFilterResource {
    table_catalog_id: Option<String>,
    database_name: Option<String>,
    table_name: Option<String>,
    name: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    catalog_id: Option<String>,
    tag_key: String,
    tag_values: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyResource {
    catalog_id: Option<String>,
    resource_type: TagPolicyKind,
    expression: Option<Vec<crate::tag::LfTag>>,
    expression_name: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExpressionResource {
    catalog_id: Option<String>,
    name: String,
}

/// What a policy by LF-tags gives permissions on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TagPolicyKind {
    Database,
    Table,
}

/// Which columns of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Columns {
    These(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

impl Columns {
    /// Those of a table's columns.
    pub(crate) fn of(&self, all: &[String]) -> BTreeSet<String> {
        let chosen = |name: &&String| match self {
            Self::These(names) => names.contains(*name),
            Self::AllBut(names) => !names.contains(*name),
        };
        all.iter().filter(chosen).cloned().collect()
    }

    pub(crate) fn names(&self) -> &BTreeSet<String> {
        match self {
            Self::These(names) | Self::AllBut(names) => names,
        }
    }
}

/// What a tag policy goes by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum By {
    Expression(Expression),
    Name(String),
}

/// What is granted on, as it is kept. Names are folded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Target {
    Catalog,
    Database {
        name: String,
    },
    Table {
        database: String,
        name: String,
    },
    /// All tables of a database.
    Tables {
        database: String,
    },
    Columns {
        database: String,
        table: String,
        columns: Columns,
    },
    Filter {
        database: String,
        table: String,
        name: String,
    },
    /// `bucket` or `bucket/prefix`.
    Location {
        path: String,
    },
    Tag {
        key: String,
        values: BTreeSet<String>,
    },
    Policy {
        kind: TagPolicyKind,
        by: By,
    },
    Expression {
        name: String,
    },
}

/// Folds the name of a database, table or column, as Glue does.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase()
}

fn folded(names: &[String]) -> BTreeSet<String> {
    names.iter().map(|name| fold(name)).collect()
}

impl Resource {
    /// What it names, and where.
    ///
    /// # Errors
    /// `InvalidInputException`, `EntityNotFoundException`, `NotImplemented`
    pub(crate) fn target(&self, cx: &Cx, catalog: Option<&str>) -> Result<(Place, Target)> {
        self.hold_known()?;
        let mut found = Vec::new();
        if let Some(CatalogResource { id }) = &self.catalog {
            found.push((id, Target::Catalog));
        }
        if let Some(DatabaseResource { catalog_id, name }) = &self.database {
            found.push((catalog_id, Target::Database { name: fold(name) }));
        }
        if let Some(table) = &self.table {
            found.push((&table.catalog_id, table.target()?));
        }
        if let Some(table) = &self.table_with_columns {
            found.push((&table.catalog_id, table.target()?));
        }
        if let Some(DataLocationResource { catalog_id, resource_arn }) = &self.data_location {
            found.push((catalog_id, Target::Location { path: crate::location::path(resource_arn)? }));
        }
        if let Some(filter) = &self.data_cells_filter {
            found.push((&filter.table_catalog_id, filter.target()?));
        }
        if let Some(TagResource { catalog_id, tag_key, tag_values }) = &self.tag {
            let (key, values) = crate::tag::folded(tag_key, tag_values);
            found.push((catalog_id, Target::Tag { key, values }));
        }
        if let Some(policy) = &self.policy {
            found.push((&policy.catalog_id, policy.target()?));
        }
        if let Some(ExpressionResource { catalog_id, name }) = &self.expression {
            found.push((catalog_id, Target::Expression { name: name.clone() }));
        }
        match (found.pop(), found.is_empty()) {
            (Some((id, target)), true) => Ok((catalog_of(cx, id.as_deref().or(catalog))?, target)),
            // UNVERIFIED: the wording.
            _ => Err(invalid("Resource must have exactly one of its members.")),
        }
    }

    fn hold_known(&self) -> Result<()> {
        if self.any_resource.is_some() {
            return Err(not_implemented("grants on all resources of a type (AnyResource)"));
        }
        if self.row_policy.is_some() {
            return Err(not_implemented("row-level policies (RLSPolicy)"));
        }
        match self.user_defined_function.is_some() {
            true => Err(not_implemented("grants on functions (UserDefinedFunction)")),
            false => Ok(()),
        }
    }

    /// As the API shows what is granted on.
    pub(crate) fn of(catalog: AccountId, target: &Target) -> Self {
        let id = Some(catalog.to_string());
        let table = |database: &String, name: Option<&String>| TableResource {
            catalog_id: id.clone(),
            database_name: database.clone(),
            name: Some(name.cloned().unwrap_or_else(|| "ALL_TABLES".to_owned())),
            table_wildcard: name.is_none().then_some(Nothing {}),
        };
        let empty = Self::default();
        match target {
            Target::Catalog => Self { catalog: Some(CatalogResource { id }), ..empty },
            Target::Database { name } => {
                Self { database: Some(DatabaseResource { catalog_id: id, name: name.clone() }), ..empty }
            }
            Target::Table { database, name } => Self { table: Some(table(database, Some(name))), ..empty },
            Target::Tables { database } => Self { table: Some(table(database, None)), ..empty },
            Target::Columns { database, table, columns } => {
                let names: Vec<String> = columns.names().iter().cloned().collect();
                let (column_names, column_wildcard) = match columns {
                    Columns::These(_) => (Some(names), None),
                    Columns::AllBut(_) => (None, Some(ColumnWildcard { excluded_column_names: Some(names) })),
                };
                let (database_name, name) = (database.clone(), table.clone());
                let table =
                    TableWithColumnsResource { catalog_id: id, database_name, name, column_names, column_wildcard };
                Self { table_with_columns: Some(table), ..empty }
            }
            Target::Filter { database, table, name } => {
                let filter = DataCellsFilterResource {
                    table_catalog_id: id,
                    database_name: Some(database.clone()),
                    table_name: Some(table.clone()),
                    name: Some(name.clone()),
                };
                Self { data_cells_filter: Some(filter), ..empty }
            }
            Target::Location { path } => {
                let location = DataLocationResource { catalog_id: id, resource_arn: format!("arn:aws:s3:::{path}") };
                Self { data_location: Some(location), ..empty }
            }
            Target::Tag { key, values } => {
                let tag_values = values.iter().cloned().collect();
                Self { tag: Some(TagResource { catalog_id: id, tag_key: key.clone(), tag_values }), ..empty }
            }
            Target::Policy { kind, by } => {
                let (expression, expression_name) = match by {
                    By::Expression(expression) => (Some(expression.shown()), None),
                    By::Name(name) => (None, Some(name.clone())),
                };
                let policy = PolicyResource { catalog_id: id, resource_type: *kind, expression, expression_name };
                Self { policy: Some(policy), ..empty }
            }
            Target::Expression { name } => {
                Self { expression: Some(ExpressionResource { catalog_id: id, name: name.clone() }), ..empty }
            }
        }
    }
}

impl TableResource {
    pub(crate) fn target(&self) -> Result<Target> {
        let database = fold(&self.database_name);
        match (&self.name, self.table_wildcard) {
            (Some(name), None) => Ok(Target::Table { database, name: fold(name) }),
            (None, Some(_)) => Ok(Target::Tables { database }),
            // As it is shown, it can be given back.
            (Some(name), Some(_)) if name == "ALL_TABLES" => Ok(Target::Tables { database }),
            // UNVERIFIED: the wording.
            _ => Err(invalid("Table must have either a name or a wildcard.")),
        }
    }
}

impl TableWithColumnsResource {
    fn target(&self) -> Result<Target> {
        let columns = match (&self.column_names, &self.column_wildcard) {
            (Some(names), None) if !names.is_empty() => Columns::These(folded(names)),
            (None, Some(wildcard)) => {
                Columns::AllBut(folded(wildcard.excluded_column_names.as_deref().unwrap_or_default()))
            }
            // "You must specify either a list of ColumnNames or a ColumnWildcard".
            _ => return Err(invalid("Table with columns must have either column names or a column wildcard.")),
        };
        let (database, table) = (fold(&self.database_name), fold(&self.name));
        Ok(match columns {
            // All columns are the table.
            Columns::AllBut(names) if names.is_empty() => Target::Table { database, name: table },
            columns => Target::Columns { database, table, columns },
        })
    }
}

impl DataCellsFilterResource {
    fn target(&self) -> Result<Target> {
        match (&self.database_name, &self.table_name, &self.name) {
            (Some(database), Some(table), Some(name)) => {
                Ok(Target::Filter { database: fold(database), table: fold(table), name: name.clone() })
            }
            _ => Err(invalid("A data cells filter is named by its database, table and name.")),
        }
    }
}

impl PolicyResource {
    fn target(&self) -> Result<Target> {
        let by = match (&self.expression, &self.expression_name) {
            (Some(expression), None) if !expression.is_empty() => By::Expression(Expression::read(expression)?),
            (None, Some(name)) => By::Name(name.clone()),
            _ => return Err(invalid("An LF-tag policy must have either an expression or the name of one.")),
        };
        Ok(Target::Policy { kind: self.resource_type, by })
    }
}

impl Target {
    /// The permissions that can be granted on it.
    ///
    /// <https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html#lf-resource-permissions-summary>
    pub(crate) fn valid(&self) -> &'static [LakePermission] {
        use LakePermission as P;
        const DATABASE: &[P] = &[P::All, P::Alter, P::CreateTable, P::Describe, P::Drop];
        const TABLE: &[P] = &[P::All, P::Alter, P::Delete, P::Describe, P::Drop, P::Insert, P::Select];
        match self {
            Self::Catalog => &[P::CreateDatabase, P::CreateLfTag, P::CreateLfTagExpression],
            Self::Database { .. } | Self::Policy { kind: TagPolicyKind::Database, .. } => DATABASE,
            Self::Table { .. } | Self::Tables { .. } | Self::Policy { kind: TagPolicyKind::Table, .. } => TABLE,
            Self::Columns { .. } | Self::Filter { .. } => &[P::Select],
            Self::Location { .. } => &[P::DataLocationAccess],
            Self::Tag { .. } => &[P::Alter, P::Associate, P::Describe, P::Drop, P::GrantWithLfTagExpression],
            Self::Expression { .. } => &[P::All, P::Alter, P::Describe, P::Drop, P::GrantWithLfTagExpression],
        }
    }

    /// Where it is kept: database, table, type, and what tells it from others of that.
    pub(crate) fn parts(&self) -> (&str, &str, &'static str, String) {
        match self {
            Self::Catalog => ("", "", "catalog", String::new()),
            Self::Database { name } => (name, "", "database", String::new()),
            Self::Table { database, name } => (database, name, "table", String::new()),
            Self::Tables { database } => (database, "", "tables", String::new()),
            // Grants on columns add up: those by name are one row, those with exceptions another.
            Self::Columns { database, table, columns } => match columns {
                Columns::These(_) => (database, table, "columns", "these".to_owned()),
                Columns::AllBut(_) => (database, table, "columns", "all-but".to_owned()),
            },
            Self::Filter { database, table, name } => (database, table, "filter", name.clone()),
            Self::Location { path } => ("", "", "location", path.clone()),
            Self::Tag { key, values } => ("", "", "tag", format!("{key}\n{}", join(values))),
            Self::Policy { kind, by } => {
                let by = match by {
                    By::Expression(expression) => expression.to_string(),
                    By::Name(name) => format!("@{name}"),
                };
                ("", "", "policy", format!("{kind:?}\n{by}"))
            }
            Self::Expression { name } => ("", "", "expression", name.clone()),
        }
    }

    /// Its type, as ListPermissions chooses by it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Catalog => "CATALOG",
            Self::Database { .. } => "DATABASE",
            Self::Table { .. } | Self::Tables { .. } | Self::Columns { .. } | Self::Filter { .. } => "TABLE",
            Self::Location { .. } => "DATA_LOCATION",
            Self::Tag { .. } => "LF_TAG",
            Self::Policy { kind: TagPolicyKind::Database, .. } => "LF_TAG_POLICY_DATABASE",
            Self::Policy { kind: TagPolicyKind::Table, .. } => "LF_TAG_POLICY_TABLE",
            Self::Expression { .. } => "LF_NAMED_TAG_EXPRESSION",
        }
    }
}

fn join(values: &BTreeSet<String>) -> String {
    values.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn columns_are_chosen_by_name_or_left_out() {
        let all = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let names = BTreeSet::from(["a".to_owned(), "x".to_owned()]);
        assert_eq!(Columns::These(names.clone()).of(&all), BTreeSet::from(["a".to_owned()]));
        assert_eq!(Columns::AllBut(names).of(&all).len(), 2);
    }

    #[test]
    fn all_columns_are_the_table() {
        let table = TableWithColumnsResource {
            catalog_id: None,
            database_name: "DB".into(),
            name: "T".into(),
            column_names: None,
            column_wildcard: Some(ColumnWildcard::default()),
        };
        assert_eq!(table.target().unwrap(), Target::Table { database: "db".into(), name: "t".into() });
    }
}
