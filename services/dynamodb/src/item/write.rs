//! Writing one item: putting, updating and deleting it.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_expressions::{Condition, Item, Placeholders, Projection, Update, item_size};
use welkin_kernel::{Access, Cx, Event, Operation, Resource, Result};

use crate::attribute::{Attributes, document, item, written};
use crate::capacity::{ConsumedCapacity, answer, of_write};
use crate::errors::{ConditionalCheckFailedException, check_absent, invalid, parameter};
use crate::item::{LARGEST, Row, key_of};
use crate::reach::Reach;
use crate::table::{Address, Table, TableName};

/// What writes have in common.
struct Terms {
    condition: Option<String>,
    names: BTreeMap<String, String>,
    values: Attributes,
    return_values: Option<String>,
    on_failure: Option<String>,
    capacity: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Written {
    attributes: Option<Attributes>,
    consumed_capacity: Option<ConsumedCapacity>,
}

/// Declares a write: the members that it has beside those of all writes.
macro_rules! write {
    ($(#[$doc:meta])* $name:ident, $action:literal, { $($member:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $name {
            table_name: TableName,
            $($member: $type,)*
            condition_expression: Option<String>,
            #[serde(default)]
            expression_attribute_names: BTreeMap<String, String>,
            #[serde(default)]
            expression_attribute_values: Attributes,
            return_values: Option<String>,
            return_values_on_condition_check_failure: Option<String>,
            return_consumed_capacity: Option<String>,
            expected: Option<IgnoredAny>,
            conditional_operator: Option<IgnoredAny>,
        }

        impl $name {
            fn terms(&self) -> Terms {
                Terms {
                    condition: self.condition_expression.clone(),
                    names: self.expression_attribute_names.clone(),
                    values: self.expression_attribute_values.clone(),
                    return_values: self.return_values.clone(),
                    on_failure: self.return_values_on_condition_check_failure.clone(),
                    capacity: self.return_consumed_capacity.clone(),
                }
            }
        }

        impl Operation for $name {
            const NAME: &'static str = stringify!($name);
            const EVENT: Event = Event::Data("AWS::DynamoDB::Table");
            type Output = Written;

            async fn access(&self, cx: &mut Cx) -> Result<Access> {
                let address = self.table_name.address(cx)?;
                let table = address.look(cx).await?;
                let (given, update) = self.given();
                let reach = self.terms().reach(table.as_ref(), given, update)?;
                Ok(reach.of(address.access($action)))
            }

            async fn run(&self, cx: &mut Cx) -> Result<Written> {
                let address = self.table_name.address(cx)?;
                check_absent(&[
                    ("Expected", self.expected),
                    ("ConditionalOperator", self.conditional_operator),
                ])?;
                self.write(cx, &address).await
            }
        }
    };
}

write! {
    /// Stores an item in place of the one with its key.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html>
    PutItem, "dynamodb:PutItem", { item: Attributes, }
}

write! {
    /// Changes attributes of an item, which is made if there is none.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html>
    UpdateItem, "dynamodb:UpdateItem", { key: Attributes, update_expression: Option<String>, attribute_updates: Option<IgnoredAny>, }
}

write! {
    /// Deletes an item, if there is one.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html>
    DeleteItem, "dynamodb:DeleteItem", { key: Attributes, }
}

/// A write whose terms have been read.
struct Write {
    condition: Option<Condition>,
    placeholders: Placeholders,
    terms: Terms,
}

impl Terms {
    /// What of a table a write reaches: of the item or key that is given, and by its expressions.
    ///
    /// # Errors
    /// `ValidationException`
    fn reach(&self, table: Option<&Table>, given: &Attributes, update: Option<&str>) -> Result<Reach> {
        let placeholders = Placeholders::new(self.names.clone(), item(&self.values)?);
        let condition = self.condition(&placeholders)?;
        let update = update.map(|text| Update::parse(text, &placeholders).map_err(invalid)).transpose()?;
        Ok(Reach::default()
            .item(table, &item(given)?)
            .names(condition.iter().flat_map(Condition::attributes))
            .names(update.iter().flat_map(Update::attributes))
            .key("dynamodb:ReturnValues", Some(self.return_values.as_deref().unwrap_or("NONE")))
            .key("dynamodb:ReturnConsumedCapacity", self.capacity.as_deref()))
    }

    fn condition(&self, placeholders: &Placeholders) -> Result<Option<Condition>> {
        let parse = |text: &String| Condition::parse("ConditionExpression", text, placeholders).map_err(invalid);
        self.condition.as_ref().map(parse).transpose()
    }

    /// # Errors
    /// `ValidationException`
    fn read(self) -> Result<Write> {
        let placeholders = Placeholders::new(self.names.clone(), item(&self.values)?);
        let condition = self.condition(&placeholders)?;
        Ok(Write { condition, placeholders, terms: self })
    }
}

impl Write {
    /// The item as it is, if the condition holds for it.
    ///
    /// # Errors
    /// `ConditionalCheckFailedException`, with the item if that was asked for.
    async fn old(&self, cx: &mut Cx, address: &Address, row: &Row) -> Result<Option<Item>> {
        self.placeholders.check_used().map_err(invalid)?;
        let old = cx.get::<Row>(address.place, row.key()).await?.map(|row| row.item);
        let empty = Item::new();
        if self.condition.as_ref().is_none_or(|condition| condition.holds(old.as_ref().unwrap_or(&empty))) {
            return Ok(old);
        }
        let error: welkin_kernel::Error = ConditionalCheckFailedException.into();
        match old.filter(|_| self.terms.on_failure.as_deref() == Some("ALL_OLD")) {
            Some(old) => Err(error.with("Item", document(&old))),
            None => Err(error),
        }
    }

    fn answer(
        &self,
        table: &Table,
        old: Option<&Item>,
        new: Option<&Item>,
        attributes: Option<Item>,
    ) -> Result<Written> {
        let size = old.map_or(0, item_size).max(new.map_or(0, item_size));
        Ok(Written {
            attributes: attributes.filter(|attributes| !attributes.is_empty()).map(|item| written(&item)),
            consumed_capacity: answer(self.terms.capacity.as_deref(), &table.name, of_write(size))?,
        })
    }

    /// # Errors
    /// `ValidationException`: a write that is no update cannot answer anything but the old item.
    fn answers_old(&self) -> Result<bool> {
        match self.terms.return_values.as_deref() {
            None | Some("NONE") => Ok(false),
            Some("ALL_OLD") => Ok(true),
            Some(_) => Err(invalid("Return values set to invalid value")),
        }
    }
}

impl PutItem {
    /// The item, and no update of one.
    fn given(&self) -> (&Attributes, Option<&str>) {
        (&self.item, None)
    }

    async fn write(&self, cx: &mut Cx, address: &Address) -> Result<Written> {
        let write = self.terms().read()?;
        let answers_old = write.answers_old()?;
        let new = item(&self.item)?;
        if item_size(&new) > LARGEST {
            return Err(invalid("Item size has exceeded the maximum allowed size"));
        }
        let table = address.active(cx).await?;
        let row = Row::of(&table, new)?;
        let old = write.old(cx, address, &row).await?;
        cx.put(address.place, &row).await?;
        write.answer(&table, old.as_ref(), Some(&row.item), old.clone().filter(|_| answers_old))
    }
}

impl DeleteItem {
    /// The key, and no update of the item.
    fn given(&self) -> (&Attributes, Option<&str>) {
        (&self.key, None)
    }

    async fn write(&self, cx: &mut Cx, address: &Address) -> Result<Written> {
        let write = self.terms().read()?;
        let answers_old = write.answers_old()?;
        let table = address.active(cx).await?;
        let row = Row::of_key(&table, item(&self.key)?)?;
        let old = write.old(cx, address, &row).await?;
        if old.is_some() {
            cx.delete::<Row>(address.place, row.key()).await?;
        }
        write.answer(&table, old.as_ref(), None, old.clone().filter(|_| answers_old))
    }
}

impl UpdateItem {
    /// The key, and the update.
    fn given(&self) -> (&Attributes, Option<&str>) {
        (&self.key, self.update_expression.as_deref())
    }

    async fn write(&self, cx: &mut Cx, address: &Address) -> Result<Written> {
        check_absent(&[("AttributeUpdates", self.attribute_updates)])?;
        let write = self.terms().read()?;
        let parse = |text: &String| Update::parse(text, &write.placeholders).map_err(invalid);
        let update = self.update_expression.as_ref().map(parse).transpose()?;
        let table = address.active(cx).await?;
        let row = Row::of_key(&table, item(&self.key)?)?;
        if let Some(update) = &update {
            check_key(&table, update)?;
        }
        let old = write.old(cx, address, &row).await?;
        let before = old.clone().unwrap_or_else(|| key_of(&table, &row.item));
        let new = match &update {
            Some(update) => update.apply(&before).map_err(invalid)?,
            None => before,
        };
        if item_size(&new) > LARGEST {
            return Err(invalid("Item size to update has exceeded the maximum allowed size"));
        }
        let changed = Projection(update.iter().flat_map(Update::paths).cloned().collect());
        let attributes = match write.terms.return_values.as_deref() {
            Some("ALL_OLD") => old.clone(),
            Some("ALL_NEW") => Some(new.clone()),
            Some("UPDATED_OLD") => old.as_ref().map(|old| changed.of(old)),
            Some("UPDATED_NEW") => Some(changed.of(&new)),
            _ => None,
        };
        cx.put(address.place, &Row::of(&table, new.clone())?).await?;
        write.answer(&table, old.as_ref(), Some(&new), attributes)
    }
}

/// A key stays as it is.
fn check_key(table: &Table, update: &Update) -> Result<()> {
    for path in update.paths() {
        if std::iter::once(&table.partition).chain(&table.sort).any(|key| key.name == path.attribute) {
            return Err(parameter(format_args!(
                "Cannot update attribute {}. This attribute is part of the key",
                path.attribute
            )));
        }
    }
    Ok(())
}
