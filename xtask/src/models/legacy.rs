//! What services still accept from older SDKs and botocore's newest models no longer say.

mod sqs;

use super::botocore::{Error, Model};
use crate::Failure;

/// Adds to a model what older SDKs of the service rely on.
pub(super) fn restore(id: &str, model: &mut Model) -> Result<(), Failure> {
    match id {
        "sqs" => restore_query(model, &sqs::QUERY),
        _ => Ok(()),
    }
}

/// How a service that moved to JSON speaks the query protocol.
struct Query {
    xml_namespace: &'static str,
    /// Shape, member (`member`, `key` and `value` in lists and maps) and its name in the query protocol.
    names: &'static [(&'static str, &'static str, &'static str)],
    /// Error's shape, its code and its status.
    errors: &'static [(&'static str, &'static str, u16)],
}

/// Fails if the model no longer knows a shape or member that the table names.
fn restore_query(model: &mut Model, query: &Query) -> Result<(), Failure> {
    let metadata = &mut model.metadata;
    metadata.protocols.get_or_insert_with(|| vec![metadata.protocol.clone()]).push("query".to_owned());
    metadata.xml_namespace = Some(query.xml_namespace.to_owned());
    for (name, operation) in &mut model.operations.0 {
        if let Some(output) = &mut operation.output {
            output.result_wrapper = Some(format!("{name}Result"));
        }
    }
    for (shape, member, name) in query.names {
        let found = model.shapes.get_mut(shape).and_then(|shape| shape.reference_mut(member));
        found.ok_or_else(|| format!("no {shape}${member}"))?.query_name = Some((*name).to_owned());
    }
    for (shape, code, status) in query.errors {
        let found = model.shapes.get_mut(shape).ok_or_else(|| format!("no {shape}"))?;
        found.error =
            Some(Error { code: Some((*code).to_owned()), http_status_code: Some(*status), sender_fault: Some(true) });
    }
    Ok(())
}
