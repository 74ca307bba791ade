//! The configuration of a crawler: how it writes tables and partitions, and what it makes one table.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html>

use serde_json::{Map, Value};
use welkin_kernel::Result;

use crate::errors::invalid;

/// What a crawler's configuration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// Partitions have the columns and the SerDe of their table (`InheritFromTable`).
    pub(crate) inherit: bool,
    /// Tables get new columns, and keep those that they have (`MergeNewColumns`).
    pub(crate) merge_new_columns: bool,
    /// More tables than this are too many.
    pub(crate) table_threshold: Option<u64>,
    /// Everything below a target that is of one format is one table (`CombineCompatibleSchemas`).
    pub(crate) combine: bool,
    /// At which level tables are, where the bucket is the first one.
    pub(crate) table_level: Option<u64>,
    /// Tables that have partitions get an index.
    pub(crate) partition_index: bool,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            inherit: false,
            merge_new_columns: false,
            table_threshold: None,
            combine: false,
            table_level: None,
            // "A crawler creates partition indexes for Amazon S3 and Delta Lake targets by default."
            partition_index: true,
        }
    }
}

// UNVERIFIED: that members which the documentation does not have are refused, and the wordings.
impl Configuration {
    /// Reads it.
    ///
    /// # Errors
    /// `InvalidInputException`
    pub(crate) fn parse(text: Option<&str>) -> Result<Self> {
        let mut own = Self::default();
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(own) };
        let json: Value = serde_json::from_str(text).map_err(|why| wrong(&format!("it is no JSON ({why})")))?;
        let mut seen = false;
        for (name, value) in object(&json, "it")? {
            match name.as_str() {
                "Version" if value.as_f64() == Some(1.0) => seen = true,
                "Version" => return Err(wrong("Version must be 1.0")),
                "CrawlerOutput" => own.output(object(value, name)?)?,
                "Grouping" => own.grouping(object(value, name)?)?,
                "CreatePartitionIndex" => {
                    own.partition_index = value.as_bool().ok_or_else(|| wrong("CreatePartitionIndex is no boolean"))?;
                }
                _ => return Err(wrong(&format!("{name} is unknown"))),
            }
        }
        if seen { Ok(own) } else { Err(wrong("Version is missing")) }
    }

    fn output(&mut self, output: &Map<String, Value>) -> Result<()> {
        for (name, value) in output {
            let of_tables = match name.as_str() {
                "Tables" => true,
                "Partitions" => false,
                _ => return Err(wrong(&format!("CrawlerOutput.{name} is unknown"))),
            };
            for (inner, value) in object(value, name)? {
                match (of_tables, inner.as_str(), value.as_str()) {
                    (true, "AddOrUpdateBehavior", Some("MergeNewColumns")) => self.merge_new_columns = true,
                    (false, "AddOrUpdateBehavior", Some("InheritFromTable")) => self.inherit = true,
                    (true, "TableThreshold", _) => self.table_threshold = Some(positive(value, "TableThreshold")?),
                    _ => return Err(wrong(&format!("{inner} of CrawlerOutput.{name} cannot be {value}"))),
                }
            }
        }
        Ok(())
    }

    fn grouping(&mut self, grouping: &Map<String, Value>) -> Result<()> {
        for (name, value) in grouping {
            match (name.as_str(), value.as_str()) {
                ("TableGroupingPolicy", Some("CombineCompatibleSchemas")) => self.combine = true,
                ("TableLevelConfiguration", _) => self.table_level = Some(positive(value, name)?),
                _ => return Err(wrong(&format!("Grouping.{name} cannot be {value}"))),
            }
        }
        Ok(())
    }
}

fn wrong(why: &str) -> welkin_kernel::Error {
    invalid(format!("The crawler configuration is not valid: {why}."))
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| wrong(&format!("{name} is no object")))
}

fn positive(value: &Value, name: &str) -> Result<u64> {
    value.as_u64().filter(|number| *number > 0).ok_or_else(|| wrong(&format!("{name} is no positive integer")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_documentation_shows_is_read() {
        let text = r#"{"Version": 1.0, "CreatePartitionIndex": false,
            "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
                              "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 5}},
            "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 2}}"#;
        let expected = Configuration {
            inherit: true,
            merge_new_columns: true,
            table_threshold: Some(5),
            combine: true,
            table_level: Some(2),
            partition_index: false,
        };
        assert_eq!(Configuration::parse(Some(text)).expect("a configuration"), expected);
        assert_eq!(Configuration::parse(None).expect("none"), Configuration::default());
        assert_eq!(Configuration::parse(Some("")).expect("none"), Configuration::default());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "x",
            "[]",
            "{}",
            r#"{"Version": 2.0}"#,
            r#"{"Version": 1.0, "Other": 1}"#,
            r#"{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "Other"}}"#,
            r#"{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 0}}"#,
            r#"{"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "InheritFromTable"}}}"#,
            r#"{"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": -1}}}"#,
        ] {
            assert!(Configuration::parse(Some(text)).is_err(), "{text}");
        }
    }
}
