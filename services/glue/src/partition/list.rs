//! Listing the partitions of a table.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::expression::{Expression, Key, Wrong};
use super::{Partition, ShownPartition, key};
use crate::errors::{InvalidStateException, invalid, not_implemented};
use crate::table::{Address, Table, refuse_transaction};
use crate::{lake, page};

/// Partitions that one call looks at: it answers with a token, and perhaps with nothing, if more of them do not match.
const LOOKS: usize = 50_000;

/// Lists the partitions of a table that an expression chooses, in the order of their values.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPartitions {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    expression: Option<String>,
    next_token: Option<String>,
    segment: Option<Segment>,
    max_results: Option<u32>,
    exclude_column_schema: Option<bool>,
    transaction_id: Option<String>,
    query_as_of_time: Option<Timestamp>,
}

/// A part of the table: segments of one total do not overlap, and are everything together.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Segment.html>
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Segment {
    segment_number: u32,
    total_segments: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPartitionsResponse {
    partitions: Vec<ShownPartition>,
    next_token: Option<String>,
}

/// Which partitions are wanted.
struct Choice {
    expression: Option<Expression>,
    segment: Option<Segment>,
}

impl Operation for GetPartitions {
    const NAME: &'static str = "GetPartitions";
    type Output = GetPartitionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPartitionsResponse> {
        refuse_transaction(self.transaction_id.as_deref(), self.query_as_of_time)?;
        if self.query_as_of_time.is_some() {
            return Err(not_implemented("lists of partitions as of a time (QueryAsOfTime of GetPartitions)"));
        }
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let choice = self.choice(&table)?;
        let rights = lake::rights(cx, address.catalog, &address.database, &address.name).await?;
        let size = page::size(self.max_results, page::LARGE_SIZE);
        let mut after = page::read_token::<Vec<String>>(self.next_token.as_deref())?;
        let (mut partitions, mut looks) = (Vec::new(), 0);
        loop {
            let from = after.as_ref().map(|values| key(table.id, values));
            let batch = Page::of(page::LARGE_SIZE, from.as_ref());
            let found = cx.list::<Partition>(address.catalog.place, table.id, batch).await?;
            looks += found.len();
            let whole = found.len() == page::LARGE_SIZE;
            for partition in found {
                if partitions.len() == size {
                    return Ok(GetPartitionsResponse { partitions, next_token: Some(page::token(&after)?) });
                }
                after = Some(partition.values.clone());
                if choice.takes(&partition)? {
                    partitions.push(self.shown(partition, &address).seen_with(&rights));
                }
            }
            if !whole {
                return Ok(GetPartitionsResponse { partitions, next_token: None });
            }
            if looks >= LOOKS {
                return Ok(GetPartitionsResponse { partitions, next_token: Some(page::token(&after)?) });
            }
        }
    }
}

impl GetPartitions {
    fn choice(&self, table: &Table) -> Result<Choice> {
        if self.segment.is_some_and(|segment| segment.segment_number >= segment.total_segments) {
            // UNVERIFIED: the wording.
            return Err(invalid("SegmentNumber must be less than TotalSegments."));
        }
        let expression = match self.expression.as_deref().filter(|text| !text.trim().is_empty()) {
            None => None,
            Some(text) => {
                let key = |key: &crate::descriptor::Column| Key {
                    name: key.name.clone(),
                    // Hive's default type of a column without one.
                    kind: key.kind.clone().unwrap_or_else(|| "string".to_owned()),
                };
                let keys: Vec<Key> = table.definition.partition_keys().iter().map(key).collect();
                Some(Expression::parse(text, &keys).map_err(|Wrong(what)| invalid(what))?)
            }
        };
        Ok(Choice { expression, segment: self.segment })
    }

    fn shown(&self, partition: Partition, address: &Address) -> ShownPartition {
        let shown = ShownPartition::of(partition, address);
        if self.exclude_column_schema == Some(true) { shown.without_columns() } else { shown }
    }
}

impl Choice {
    /// Whether a partition is wanted.
    ///
    /// # Errors
    /// `InvalidStateException`: one of its values is not of the type of its key
    /// (<https://github.com/aws/aws-sdk/issues/670>).
    fn takes(&self, partition: &Partition) -> Result<bool> {
        if self.segment.is_some_and(|segment| !segment.has(&partition.values)) {
            return Ok(false);
        }
        match &self.expression {
            None => Ok(true),
            Some(expression) => {
                expression.matches(&partition.values).map_err(|Wrong(what)| InvalidStateException::because(what))
            }
        }
    }
}

impl Segment {
    /// Whether a partition belongs to the segment: by a hash of its values (FNV-1a), always the same.
    fn has(self, values: &[String]) -> bool {
        let bytes = values.iter().flat_map(|value| value.bytes().chain([0]));
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        // The lower bits alone are those of the last byte.
        (hash >> 16) % u64::from(self.total_segments.max(1)) == u64::from(self.segment_number)
    }
}

#[cfg(test)]
mod tests {
    use super::Segment;

    #[test]
    fn every_partition_is_in_one_segment_and_segments_are_not_empty() {
        let mut sizes = [0; 4];
        for number in 0..400 {
            let values = [format!("{number}")];
            let of = |number| Segment { segment_number: number, total_segments: 4 };
            let found: Vec<u32> = (0..4).filter(|number| of(*number).has(&values)).collect();
            assert_eq!(found.len(), 1);
            sizes[found[0] as usize] += 1;
        }
        assert!(sizes.iter().all(|size| *size > 50), "{sizes:?}");
    }
}
