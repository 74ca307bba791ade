//! Reading the items of a partition in the order of their sort keys.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_expressions::{Condition, Item, KeyCondition, Placeholders, Projection, Range, Value, item_size};
use welkin_kernel::{Access, Cx, Event, IntoKey, Key, Operation, Page, Resource, Result};

use crate::attribute::{Attributes, item, written};
use crate::capacity::{ConsumedCapacity, answer, of_read};
use crate::errors::{check_absent, invalid, parameter};
use crate::item::get::projection;
use crate::item::{Row, hash, key_bytes, key_of};
use crate::reach::Reach;
use crate::table::{Address, KeyAttribute, Table, TableName};

/// Reads the items of a partition.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Query {
    table_name: TableName,
    key_condition_expression: Option<String>,
    filter_expression: Option<String>,
    projection_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: BTreeMap<String, String>,
    #[serde(default)]
    expression_attribute_values: Attributes,
    exclusive_start_key: Option<Attributes>,
    scan_index_forward: Option<bool>,
    limit: Option<usize>,
    select: Option<String>,
    #[serde(default)]
    consistent_read: bool,
    return_consumed_capacity: Option<String>,
    index_name: Option<IgnoredAny>,
    attributes_to_get: Option<IgnoredAny>,
    key_conditions: Option<IgnoredAny>,
    query_filter: Option<IgnoredAny>,
    conditional_operator: Option<IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Found {
    items: Option<Vec<Attributes>>,
    count: usize,
    scanned_count: usize,
    last_evaluated_key: Option<Attributes>,
    consumed_capacity: Option<ConsumedCapacity>,
}

/// Bytes of items that one call looks at.
const PAGE: usize = 1024 * 1024;
/// Rows that are read from the store at once.
const ROWS: usize = 64;

/// What is made of the items that a call looks at.
pub(crate) struct Sieve {
    pub(crate) filter: Option<Condition>,
    pub(crate) projection: Option<Projection>,
    pub(crate) limit: Option<usize>,
    pub(crate) counts: bool,
    size: usize,
    scanned: usize,
    found: Vec<Item>,
    last: Option<Item>,
    more: bool,
}

impl Sieve {
    /// # Errors
    /// `ValidationException`
    pub(crate) fn new(
        filter: Option<&str>,
        projected: Option<&str>,
        select: Option<&str>,
        limit: Option<usize>,
        placeholders: &Placeholders,
    ) -> Result<Self> {
        if limit == Some(0) {
            return Err(invalid("Limit must be greater than or equal to 1"));
        }
        let parse = |text| Condition::parse("FilterExpression", text, placeholders).map_err(invalid);
        let projection = projection(projected, placeholders)?;
        match select {
            Some("ALL_PROJECTED_ATTRIBUTES") => {
                return Err(parameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"));
            }
            Some("COUNT") if projection.is_some() => {
                return Err(invalid("Cannot specify the ProjectionExpression when choosing to get only the Count"));
            }
            Some("ALL_ATTRIBUTES") if projection.is_some() => {
                return Err(invalid("Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"));
            }
            _ => {}
        }
        Ok(Self {
            filter: filter.map(parse).transpose()?,
            projection,
            limit,
            counts: select == Some("COUNT"),
            size: 0,
            scanned: 0,
            found: Vec::new(),
            last: None,
            more: false,
        })
    }

    /// What of a table it asks for.
    pub(crate) fn reach(&self, select: Option<&str>) -> Reach {
        Reach::default()
            .names(self.filter.iter().flat_map(Condition::attributes))
            .names(self.projection.iter().flat_map(Projection::attributes))
            .select(select, self.projection.is_some())
    }

    /// Looks at one more item; whether it was the last one of the page.
    pub(crate) fn take(&mut self, table: &Table, item: Item) -> bool {
        self.size += item_size(&item);
        self.scanned += 1;
        self.last = Some(key_of(table, &item));
        if self.filter.as_ref().is_none_or(|filter| filter.holds(&item)) {
            self.found.push(self.projection.as_ref().map_or_else(|| item.clone(), |projection| projection.of(&item)));
        }
        self.more = self.size >= PAGE || self.limit == Some(self.scanned);
        self.more
    }

    /// The answer.
    ///
    /// # Errors
    /// `ValidationException`
    pub(crate) fn answer(self, table: &Table, consistent: bool, capacity: Option<&str>) -> Result<Found> {
        Ok(Found {
            count: self.found.len(),
            scanned_count: self.scanned,
            items: (!self.counts).then(|| self.found.iter().map(written).collect()),
            last_evaluated_key: self.last.filter(|_| self.more).map(|key| written(&key)),
            consumed_capacity: answer(capacity, &table.name, of_read(self.size, consistent))?,
        })
    }
}

/// The row after which a page begins.
///
/// # Errors
/// `ValidationException`: it is not a key of the table.
pub(crate) fn start(table: &Table, key: Option<&Attributes>) -> Result<Option<Row>> {
    let Some(key) = key else { return Ok(None) };
    let row = Row::of_key(table, item(key)?);
    row.map(Some).map_err(|_| {
        invalid("The provided starting key is invalid: The provided key element does not match the schema")
    })
}

impl Operation for Query {
    const NAME: &'static str = "Query";
    const EVENT: Event = Event::Data("AWS::DynamoDB::Table");
    type Output = Found;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.table_name.address(cx)?;
        let placeholders = self.placeholders()?;
        let capacity = self.return_consumed_capacity.as_deref();
        let sieve = self.sieve(&placeholders)?;
        let mut reach = sieve.reach(self.select.as_deref()).key("dynamodb:ReturnConsumedCapacity", capacity);
        if let Some(table) = address.look(cx).await? {
            let condition = self.condition(&table, &placeholders)?;
            reach = reach.partition(&condition.partition).names([table.partition.name.as_str()]);
            if !matches!(condition.range, Range::All) {
                reach = reach.names(table.sort.iter().map(|key| key.name.as_str()));
            }
        }
        Ok(reach.of(address.access("dynamodb:Query")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Found> {
        let address = self.table_name.address(cx)?;
        check_absent(&[
            ("IndexName", self.index_name),
            ("AttributesToGet", self.attributes_to_get),
            ("KeyConditions", self.key_conditions),
            ("QueryFilter", self.query_filter),
            ("ConditionalOperator", self.conditional_operator),
        ])?;
        let placeholders = self.placeholders()?;
        let mut sieve = self.sieve(&placeholders)?;
        let table = address.active(cx).await?;
        let condition = self.condition(&table, &placeholders)?;
        placeholders.check_used().map_err(invalid)?;
        check_filter(&table, &sieve)?;
        let start = start(&table, self.exclusive_start_key.as_ref())?;
        let forward = self.scan_index_forward.unwrap_or(true);
        walk(cx, &address, &table, &condition, start, forward, &mut sieve).await?;
        sieve.answer(&table, self.consistent_read, self.return_consumed_capacity.as_deref())
    }
}

impl Query {
    fn placeholders(&self) -> Result<Placeholders> {
        Ok(Placeholders::new(self.expression_attribute_names.clone(), item(&self.expression_attribute_values)?))
    }

    fn sieve(&self, placeholders: &Placeholders) -> Result<Sieve> {
        let (filter, projected) = (self.filter_expression.as_deref(), self.projection_expression.as_deref());
        Sieve::new(filter, projected, self.select.as_deref(), self.limit, placeholders)
    }

    fn condition(&self, table: &Table, placeholders: &Placeholders) -> Result<KeyCondition> {
        let text = self.key_condition_expression.as_deref().ok_or_else(|| {
            invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        })?;
        let sort = table.sort.as_ref().map(|key| key.name.as_str());
        let condition = KeyCondition::parse(text, placeholders, &table.partition.name, sort).map_err(invalid)?;
        let fits = |key: &KeyAttribute, value: &Value| value.type_name() == key.kind;
        let fit = fits(&table.partition, &condition.partition)
            && table.sort.iter().all(|key| values(&condition.range).into_iter().all(|value| fits(key, value)));
        if !fit {
            return Err(parameter("Condition parameter type does not match schema type"));
        }
        Ok(condition)
    }
}

/// A filter cannot be about the key: what is not wanted of it is not to be read.
fn check_filter(table: &Table, sieve: &Sieve) -> Result<()> {
    let read = sieve.filter.iter().flat_map(Condition::attributes);
    let keys: Vec<&str> = std::iter::once(&table.partition).chain(&table.sort).map(|key| key.name.as_str()).collect();
    match read.into_iter().find(|name| keys.contains(name)) {
        Some(name) => Err(invalid(format_args!(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
        ))),
        None => Ok(()),
    }
}

fn values(range: &Range) -> Vec<&Value> {
    match range {
        Range::All => Vec::new(),
        Range::Equal(value) | Range::Below(value, _) | Range::Above(value, _) | Range::Begins(value) => vec![value],
        Range::Between(low, high) => vec![low, high],
    }
}

/// The least and the greatest sort key of a range: where a walk begins, and where it ends.
fn bounds(range: &Range) -> (Option<Bytes>, Option<Bytes>) {
    match range {
        Range::All => (None, None),
        Range::Equal(value) => (Some(key_bytes(value)), Some(key_bytes(value))),
        Range::Below(value, _) => (None, Some(key_bytes(value))),
        Range::Above(value, _) => (Some(key_bytes(value)), None),
        Range::Between(low, high) => (Some(key_bytes(low)), Some(key_bytes(high))),
        Range::Begins(value) => {
            let low = key_bytes(value);
            // No UTF-8 has the byte 0xFF; of bytes, those that go on with so many of them are looked for nowhere.
            let high = [&low[..], &[0xFF; 1024]].concat();
            (Some(low), Some(high.into()))
        }
    }
}

fn within(range: &Range, sort: &Bytes) -> bool {
    match range {
        Range::Below(value, false) => *sort < key_bytes(value),
        Range::Above(value, false) => *sort > key_bytes(value),
        Range::Begins(value) => sort.starts_with(&key_bytes(value)),
        range => {
            let (low, high) = bounds(range);
            low.is_none_or(|low| *sort >= low) && high.is_none_or(|high| *sort <= high)
        }
    }
}

/// Goes through the items of a partition, from `start` on, until the sieve's page is full.
async fn walk(
    cx: &mut Cx,
    address: &Address,
    table: &Table,
    condition: &KeyCondition,
    start: Option<Row>,
    forward: bool,
    sieve: &mut Sieve,
) -> Result<()> {
    let partition = key_bytes(&condition.partition);
    let key = (table.id.as_str(), hash(&partition), &partition[..]);
    let (low, high) = bounds(&condition.range);
    let begins = |sort: &[u8]| (table.id.as_str(), hash(&partition), &partition[..], sort).into_key();
    // A walk backwards begins before its key, so the key after the highest one.
    let first =
        if forward { low.map(|low| begins(&low)) } else { high.map(|high| begins(&[&high[..], &[0]].concat())) };
    let begun = start.is_some();
    let mut after: Option<Key> = start.map(|row| row.key()).or(first);
    // A walk forwards begins after its key, which may be in the range itself.
    if forward
        && !begun
        && let Some(first) = &after
        && let Some(row) = cx.get::<Row>(address.place, first).await?
        && within(&condition.range, &row.sort)
        && sieve.take(table, row.item)
    {
        return Ok(());
    }
    loop {
        let page = Page { after: after.as_ref(), limit: ROWS, reverse: !forward };
        let rows = cx.list::<Row>(address.place, key, page).await?;
        let full = rows.len() == ROWS;
        for row in rows {
            after = Some(row.key());
            if within(&condition.range, &row.sort) {
                if sieve.take(table, row.item) {
                    return Ok(());
                }
            } else if beyond(&condition.range, &row.sort, forward) {
                return Ok(());
            }
        }
        if !full {
            return Ok(());
        }
    }
}

/// Whether the walk has left the range.
fn beyond(range: &Range, sort: &Bytes, forward: bool) -> bool {
    let (low, high) = bounds(range);
    if forward { high.is_some_and(|high| *sort > high) } else { low.is_some_and(|low| *sort < low) }
}
