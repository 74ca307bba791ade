//! Reading one item.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_expressions::{Placeholders, Projection, item_size};
use welkin_kernel::{Access, Cx, Event, Operation, Result};

use crate::attribute::{Attributes, item, written};
use crate::capacity::{ConsumedCapacity, answer, of_read};
use crate::errors::{check_absent, invalid};
use crate::item::Row;
use crate::reach::Reach;
use crate::table::TableName;

/// Reads the item with a key.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetItem {
    table_name: TableName,
    key: Attributes,
    #[serde(default)]
    consistent_read: bool,
    projection_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: BTreeMap<String, String>,
    return_consumed_capacity: Option<String>,
    attributes_to_get: Option<IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Got {
    item: Option<Attributes>,
    consumed_capacity: Option<ConsumedCapacity>,
}

impl Operation for GetItem {
    const NAME: &'static str = "GetItem";
    const EVENT: Event = Event::Data("AWS::DynamoDB::Table");
    type Output = Got;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.table_name.address(cx)?;
        let table = address.look(cx).await?;
        let placeholders = Placeholders::new(self.expression_attribute_names.clone(), BTreeMap::new());
        let projection = projection(self.projection_expression.as_deref(), &placeholders)?;
        // UNVERIFIED: that a GetItem without a projection counts as one of all attributes.
        let reach = Reach::default()
            .item(table.as_ref(), &item(&self.key)?)
            .names(projection.iter().flat_map(Projection::attributes))
            .select(None, projection.is_some())
            .key("dynamodb:ReturnConsumedCapacity", self.return_consumed_capacity.as_deref());
        Ok(reach.of(address.access("dynamodb:GetItem")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Got> {
        let address = self.table_name.address(cx)?;
        check_absent(&[("AttributesToGet", self.attributes_to_get)])?;
        let placeholders = Placeholders::new(self.expression_attribute_names.clone(), BTreeMap::new());
        let projection = projection(self.projection_expression.as_deref(), &placeholders)?;
        placeholders.check_used().map_err(invalid)?;
        let table = address.active(cx).await?;
        let key = Row::of_key(&table, item(&self.key)?)?;
        let found = cx.get::<Row>(address.place, welkin_kernel::Resource::key(&key)).await?;
        let size = found.as_ref().map_or(0, |row| item_size(&row.item));
        let units = of_read(size, self.consistent_read);
        Ok(Got {
            item: found.map(|row| written(&projection.map_or_else(|| row.item.clone(), |p| p.of(&row.item)))),
            consumed_capacity: answer(self.return_consumed_capacity.as_deref(), &table.name, units)?,
        })
    }
}

/// The projection of a call, if it has one.
///
/// # Errors
/// `ValidationException`
pub(crate) fn projection(text: Option<&str>, placeholders: &Placeholders) -> Result<Option<Projection>> {
    text.map(|text| Projection::parse(text, placeholders).map_err(invalid)).transpose()
}
