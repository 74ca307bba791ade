//! UNLOAD: files without a table.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/unload.html>

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::Property;

use super::target::Target;
use super::{Written, format, outcome, produce};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::query::{self, Stopped};

/// Properties that are understood.
const KNOWN: &[&str] = &["format", "compression", "compression_level", "field_delimiter", "partitioned_by"];

fn target(location: &str, properties: &BTreeMap<String, Property>) -> std::result::Result<Target, Failure> {
    if let Some(unknown) = properties.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format::invalid(format_args!("Unload property '{unknown}' does not exist")));
    }
    // UNVERIFIED: the wording. The reference has it that the format must be told.
    let format =
        format::text(properties, "format").ok_or_else(|| format::invalid("Unload property 'format' is required"))?;
    Ok(Target {
        name: location.to_owned(),
        folder: format!("{}/", location.trim_end_matches('/')),
        must_be_empty: true,
        is_new: false,
        with_data: true,
        format: format::of_properties(format, format::text(properties, "compression"), properties)?,
        columns: None,
        given: Vec::new(),
        partitioned_by: format::names(properties, "partitioned_by"),
        bucketed_by: Vec::new(),
        buckets: 0,
    })
}

/// Writes the rows of a query into a folder that is empty.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    sql: &str,
    location: &str,
    properties: &[(String, Property)],
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let target = match target(location, &properties.iter().cloned().collect()) {
        Ok(target) => target,
        Err(failure) => return Ok(Err(failure)),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let written: Written = match produce(cx, execution, &surroundings, sql, &target, stopped).await? {
        Ok(written) => written,
        Err(failure) => return Ok(Err(failure)),
    };
    outcome(cx, execution, &written).await
}
