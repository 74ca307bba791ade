//! Creating a table.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Job, Operation, Result, Schedule};

use crate::errors::{ResourceInUseException, check_absent, invalid, not_implemented, parameter};
use crate::table::find::TableDescription;
use crate::table::{KeyAttribute, Status, Table, TableName};

/// Creates a table, which is active a moment later. Tables with provisioned capacity are refused.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTable {
    table_name: TableName,
    #[serde(default)]
    attribute_definitions: Vec<AttributeDefinition>,
    #[serde(default)]
    key_schema: Vec<KeySchemaElement>,
    billing_mode: Option<String>,
    #[serde(default)]
    deletion_protection_enabled: bool,
    local_secondary_indexes: Option<IgnoredAny>,
    global_secondary_indexes: Option<IgnoredAny>,
    vector_indexes: Option<IgnoredAny>,
    provisioned_throughput: Option<IgnoredAny>,
    on_demand_throughput: Option<IgnoredAny>,
    warm_throughput: Option<IgnoredAny>,
    stream_specification: Option<IgnoredAny>,
    #[serde(rename = "SSESpecification")]
    sse_specification: Option<IgnoredAny>,
    tags: Option<IgnoredAny>,
    table_class: Option<IgnoredAny>,
    resource_policy: Option<IgnoredAny>,
    global_table_source_arn: Option<IgnoredAny>,
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeDefinition.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttributeDefinition {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: String,
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_KeySchemaElement.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeySchemaElement {
    pub(crate) attribute_name: String,
    pub(crate) key_type: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Created {
    table_description: TableDescription,
}

impl Operation for CreateTable {
    const NAME: &'static str = "CreateTable";
    type Output = Created;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(self.table_name.address(cx)?.access("dynamodb:CreateTable"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Created> {
        let address = self.table_name.address(cx)?;
        if self.billing_mode.as_deref() != Some("PAY_PER_REQUEST") {
            return Err(not_implemented("tables of provisioned throughput (BillingMode other than PAY_PER_REQUEST)"));
        }
        check_absent(&[
            ("LocalSecondaryIndexes", self.local_secondary_indexes),
            ("GlobalSecondaryIndexes", self.global_secondary_indexes),
            ("VectorIndexes", self.vector_indexes),
            ("ProvisionedThroughput", self.provisioned_throughput),
            ("OnDemandThroughput", self.on_demand_throughput),
            ("WarmThroughput", self.warm_throughput),
            ("StreamSpecification", self.stream_specification),
            ("SSESpecification", self.sse_specification),
            ("Tags", self.tags),
            ("TableClass", self.table_class),
            ("ResourcePolicy", self.resource_policy),
            ("GlobalTableSourceArn", self.global_table_source_arn),
        ])?;
        let (partition, sort) = self.key()?;
        if cx.exists::<Table>(address.place, address.name.as_str()).await? {
            return Err(ResourceInUseException::because(format!("Table already exists: {}", address.name)));
        }
        let table = Table {
            name: address.name.clone(),
            id: cx.chance().uuid(),
            created: cx.now(),
            status: Status::Creating,
            protected: self.deletion_protection_enabled,
            partition,
            sort,
        };
        cx.put(address.place, &table).await?;
        let job = Activate { table: table.name.clone(), id: table.id.clone() };
        cx.enqueue_at(address.place, &job, Schedule::now()).await?;
        Ok(Created { table_description: TableDescription::of(&table, &address, None) })
    }
}

impl CreateTable {
    /// The attributes of the key, with their types.
    fn key(&self) -> Result<(KeyAttribute, Option<KeyAttribute>)> {
        let attribute = |element: &KeySchemaElement| -> Result<KeyAttribute> {
            let of = |definition: &&AttributeDefinition| definition.attribute_name == element.attribute_name;
            let definition = self.attribute_definitions.iter().find(of).ok_or_else(|| {
                let keys: Vec<&str> = self.key_schema.iter().map(|element| element.attribute_name.as_str()).collect();
                let names = self.attribute_definitions.iter().map(|definition| definition.attribute_name.as_str());
                parameter(format_args!(
                    "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
                    keys.join(", "),
                    names.collect::<Vec<_>>().join(", ")
                ))
            })?;
            let kind = definition.attribute_type.clone();
            Ok(KeyAttribute { name: element.attribute_name.clone(), kind })
        };
        let (partition, sort) = match self.key_schema.as_slice() {
            [hash] if hash.key_type == "HASH" => (attribute(hash)?, None),
            [hash, range] if hash.key_type == "HASH" && range.key_type == "RANGE" => {
                if hash.attribute_name == range.attribute_name {
                    return Err(invalid(
                        "Both the Hash Key and the Range Key element in the KeySchema have the same name",
                    ));
                }
                (attribute(hash)?, Some(attribute(range)?))
            }
            [hash, ..] if hash.key_type != "HASH" => {
                return Err(invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
            }
            [_, _] => return Err(invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")),
            _ => {
                return Err(parameter(
                    "Key Schema too big. Key Schema must at most consist of the hash and range key of a table",
                ));
            }
        };
        if self.attribute_definitions.len() != self.key_schema.len() {
            return Err(parameter(
                "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
            ));
        }
        Ok((partition, sort))
    }
}

/// Makes a new table active.
#[derive(Serialize, Deserialize)]
pub(crate) struct Activate {
    table: String,
    id: String,
}

impl Job for Activate {
    const NAME: &'static str = "dynamodb/activate";
    const PRINCIPAL: &'static str = "dynamodb.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        if let Some(mut table) = cx.get::<Table>(place, self.table.as_str()).await?
            && table.id == self.id
            && table.status == Status::Creating
        {
            table.status = Status::Active;
            cx.put(place, &table).await?;
        }
        Ok(())
    }
}
