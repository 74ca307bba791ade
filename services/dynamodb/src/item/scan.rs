//! Reading all items of a table.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use welkin_expressions::Placeholders;
use welkin_kernel::{Access, Cx, Event, IntoKey, Operation, Resource, Result};

use crate::attribute::{Attributes, item};
use crate::errors::{check_absent, invalid};
use crate::item::query::{Found, Sieve, start};
use crate::item::{HASHES, Row};
use crate::table::TableName;

/// Reads all items, or those of one segment of several.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Scan {
    table_name: TableName,
    filter_expression: Option<String>,
    projection_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: BTreeMap<String, String>,
    #[serde(default)]
    expression_attribute_values: Attributes,
    exclusive_start_key: Option<Attributes>,
    limit: Option<usize>,
    select: Option<String>,
    segment: Option<u64>,
    total_segments: Option<u64>,
    #[serde(default)]
    consistent_read: bool,
    return_consumed_capacity: Option<String>,
    index_name: Option<IgnoredAny>,
    attributes_to_get: Option<IgnoredAny>,
    scan_filter: Option<IgnoredAny>,
    conditional_operator: Option<IgnoredAny>,
}

/// Rows that are read from the store at once.
const ROWS: usize = 64;

impl Operation for Scan {
    const NAME: &'static str = "Scan";
    const EVENT: Event = Event::Data("AWS::DynamoDB::Table");
    type Output = Found;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let sieve = self.sieve(&self.placeholders()?)?;
        let capacity = self.return_consumed_capacity.as_deref();
        let reach = sieve.reach(self.select.as_deref()).key("dynamodb:ReturnConsumedCapacity", capacity);
        Ok(reach.of(self.table_name.address(cx)?.access("dynamodb:Scan")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Found> {
        let address = self.table_name.address(cx)?;
        let (low, high) = self.hashes()?;
        check_absent(&[
            ("IndexName", self.index_name),
            ("AttributesToGet", self.attributes_to_get),
            ("ScanFilter", self.scan_filter),
            ("ConditionalOperator", self.conditional_operator),
        ])?;
        let placeholders = self.placeholders()?;
        let mut sieve = self.sieve(&placeholders)?;
        placeholders.check_used().map_err(invalid)?;
        let table = address.active(cx).await?;
        let id = table.id.as_str();
        let mut after = start(&table, self.exclusive_start_key.as_ref())?.map(|row| row.key());
        'pages: loop {
            // A key is the beginning of itself, so the row there comes again.
            let from = after.clone().unwrap_or_else(|| (id, low).into_key());
            let rows = cx.between::<Row>(address.place, &from, (id, high), ROWS, false).await?;
            let full = rows.len() == ROWS;
            for row in rows {
                let key = row.key();
                if after.as_ref() == Some(&key) {
                    continue;
                }
                after = Some(key);
                if sieve.take(&table, row.item) {
                    break 'pages;
                }
            }
            if !full {
                break;
            }
        }
        sieve.answer(&table, self.consistent_read, self.return_consumed_capacity.as_deref())
    }
}

impl Scan {
    fn placeholders(&self) -> Result<Placeholders> {
        Ok(Placeholders::new(self.expression_attribute_names.clone(), item(&self.expression_attribute_values)?))
    }

    fn sieve(&self, placeholders: &Placeholders) -> Result<Sieve> {
        let (filter, projected) = (self.filter_expression.as_deref(), self.projection_expression.as_deref());
        Sieve::new(filter, projected, self.select.as_deref(), self.limit, placeholders)
    }

    /// The hashes of the segment: from, and up to but not including.
    fn hashes(&self) -> Result<(u64, u64)> {
        match (self.segment, self.total_segments) {
            (None, None) => Ok((0, HASHES)),
            (Some(segment), Some(total)) if segment < total => {
                let bound = |segment: u64| {
                    let bound = u128::from(HASHES) * u128::from(segment) / u128::from(total);
                    u64::try_from(bound).unwrap_or(HASHES)
                };
                Ok((bound(segment), bound(segment + 1)))
            }
            (Some(segment), Some(total)) => Err(invalid(format_args!(
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {segment} is not less than TotalSegments: {total}"
            ))),
            (Some(_), None) => Err(invalid(
                "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
            )),
            (None, Some(_)) => Err(invalid(
                "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
            )),
        }
    }
}
