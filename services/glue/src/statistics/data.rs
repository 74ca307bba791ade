//! Statistics as the API has them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::Timestamp;

/// The statistics of a column.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnStatistics.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ColumnStatistics {
    pub(crate) column_name: String,
    column_type: String,
    analyzed_time: Timestamp,
    statistics_data: Data,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnStatisticsData.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    #[serde(rename = "Type")]
    kind: String,
    boolean_column_statistics_data: Option<Booleans>,
    date_column_statistics_data: Option<Dates>,
    decimal_column_statistics_data: Option<Decimals>,
    double_column_statistics_data: Option<Doubles>,
    long_column_statistics_data: Option<Longs>,
    string_column_statistics_data: Option<Strings>,
    binary_column_statistics_data: Option<Binaries>,
}

impl ColumnStatistics {
    /// Whether the data are those of the type that is named, and no others.
    pub(super) fn is_consistent(&self) -> bool {
        let data = &self.statistics_data;
        let given = [
            ("BOOLEAN", data.boolean_column_statistics_data.is_some()),
            ("DATE", data.date_column_statistics_data.is_some()),
            ("DECIMAL", data.decimal_column_statistics_data.is_some()),
            ("DOUBLE", data.double_column_statistics_data.is_some()),
            ("LONG", data.long_column_statistics_data.is_some()),
            ("STRING", data.string_column_statistics_data.is_some()),
            ("BINARY", data.binary_column_statistics_data.is_some()),
        ];
        given.iter().all(|(kind, given)| *given == (*kind == data.kind))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Booleans {
    number_of_trues: i64,
    number_of_falses: i64,
    number_of_nulls: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dates {
    minimum_value: Option<Timestamp>,
    maximum_value: Option<Timestamp>,
    number_of_nulls: i64,
    number_of_distinct_values: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decimals {
    minimum_value: Option<DecimalNumber>,
    maximum_value: Option<DecimalNumber>,
    number_of_nulls: i64,
    number_of_distinct_values: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DecimalNumber {
    unscaled_value: Bytes,
    scale: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Doubles {
    minimum_value: Option<f64>,
    maximum_value: Option<f64>,
    number_of_nulls: i64,
    number_of_distinct_values: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Longs {
    minimum_value: Option<i64>,
    maximum_value: Option<i64>,
    number_of_nulls: i64,
    number_of_distinct_values: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Strings {
    maximum_length: i64,
    average_length: f64,
    number_of_nulls: i64,
    number_of_distinct_values: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binaries {
    maximum_length: i64,
    average_length: f64,
    number_of_nulls: i64,
}
