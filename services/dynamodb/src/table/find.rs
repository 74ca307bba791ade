//! Describing and listing tables.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, Timestamp};

use crate::item::Row;
use crate::table::create::{AttributeDefinition, KeySchemaElement};
use crate::table::{Address, Status, Table, TableName};

/// Describes a table.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeTable {
    table_name: TableName,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    table: TableDescription,
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableDescription {
    table_name: String,
    table_arn: String,
    table_id: String,
    table_status: Status,
    creation_date_time: Timestamp,
    attribute_definitions: Vec<AttributeDefinition>,
    key_schema: Vec<KeySchemaElement>,
    deletion_protection_enabled: bool,
    billing_mode_summary: BillingModeSummary,
    item_count: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BillingModeSummary {
    billing_mode: String,
}

impl TableDescription {
    pub(crate) fn of(table: &Table, address: &Address, items: Option<u64>) -> Self {
        let mut definitions = Vec::new();
        let mut schema = Vec::new();
        for (key, role) in [(Some(&table.partition), "HASH"), (table.sort.as_ref(), "RANGE")] {
            let Some(key) = key else { continue };
            let (attribute_name, attribute_type) = (key.name.clone(), key.kind.clone());
            definitions.push(AttributeDefinition { attribute_name: attribute_name.clone(), attribute_type });
            schema.push(KeySchemaElement { attribute_name, key_type: role.to_owned() });
        }
        Self {
            table_name: table.name.clone(),
            table_arn: address.arn().to_string(),
            table_id: table.id.clone(),
            table_status: table.status,
            creation_date_time: table.created,
            attribute_definitions: definitions,
            key_schema: schema,
            deletion_protection_enabled: table.protected,
            billing_mode_summary: BillingModeSummary { billing_mode: "PAY_PER_REQUEST".to_owned() },
            item_count: items,
        }
    }
}

impl Operation for DescribeTable {
    const NAME: &'static str = "DescribeTable";
    type Output = Described;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(self.table_name.address(cx)?.access("dynamodb:DescribeTable"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Described> {
        let address = self.table_name.address(cx)?;
        let table = address.find(cx).await?;
        let id = table.id.as_str();
        let items = cx.count::<Row>(address.place, (id, 0_u64), (id, u64::MAX)).await?;
        Ok(Described { table: TableDescription::of(&table, &address, Some(items)) })
    }
}

/// Lists the names of tables.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTables {
    exclusive_start_table_name: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listed {
    table_names: Vec<String>,
    last_evaluated_table_name: Option<String>,
}

impl Operation for ListTables {
    const NAME: &'static str = "ListTables";
    type Output = Listed;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("dynamodb:ListTables"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Listed> {
        let limit = self.limit.unwrap_or(100);
        let after = self.exclusive_start_table_name.as_deref().map(IntoKey::into_key);
        let place = cx.here();
        let mut tables = cx.list::<Table>(place, (), Page::of(limit + 1, after.as_ref())).await?;
        let more = tables.len() > limit;
        tables.truncate(limit);
        let table_names: Vec<String> = tables.into_iter().map(|table| table.name).collect();
        let last_evaluated_table_name = table_names.last().filter(|_| more).cloned();
        Ok(Listed { table_names, last_evaluated_table_name })
    }
}
