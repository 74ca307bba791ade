//! UNLOAD: files without a table.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/unload.html>

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::Property;

use super::target::{self, Target};
use super::{Written, outcome, produce};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::query::{self, Stopped};

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
    let properties: BTreeMap<String, Property> = properties.iter().cloned().collect();
    let (lines, gzip) = match target::format(&properties) {
        Ok(format) => format,
        Err(failure) => return Ok(Err(failure)),
    };
    let partitioned_by = match properties.get("partitioned_by") {
        Some(Property::Texts(names)) => names.iter().map(|name| name.to_lowercase()).collect(),
        _ => Vec::new(),
    };
    let target = Target {
        name: location.to_owned(),
        folder: format!("{}/", location.trim_end_matches('/')),
        must_be_empty: true,
        with_data: true,
        gzip,
        lines,
        columns: None,
        given: Vec::new(),
        partitioned_by,
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let written: Written = match produce(cx, execution, &surroundings, sql, &target, stopped).await? {
        Ok(written) => written,
        Err(failure) => return Ok(Err(failure)),
    };
    outcome(cx, execution, &written).await
}
