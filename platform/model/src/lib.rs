//! The AWS API models as facts: services, operations, bindings, shapes, constraints.
//!
//! The facts of every service are embedded, compressed per service, and decoded on first use:
//! [`services`] is a cheap index, [`service`] decodes one service and keeps it for good.
//! [`actions`] holds what policies can say: actions, resources and condition keys.
//! `cargo xtask models` and `cargo xtask actions` regenerate the facts (origin: see NOTICE).

pub mod actions;
mod archive;
#[cfg(feature = "botocore")]
pub mod botocore;
mod catalog;
mod decode;
mod frame;
mod member;
mod operation;
mod service;
mod shape;

pub use catalog::{
    Entry, by_endpoint_prefix, by_service_id, by_signing_name, by_target_prefix, entry, service, services,
};
pub use member::{Location, Member, TimestampFormat, XmlName, XmlNamespace};
pub use operation::{HttpChecksum, Operation, Pagination};
pub use service::{Protocol, Service};
pub use shape::{ErrorTrait, Kind, Shape, ShapeId, Structure};
