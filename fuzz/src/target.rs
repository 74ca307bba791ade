//! The parsers under test.

mod chunked;
mod event_stream;
mod hive_ddl;
mod pattern;
mod policy;
mod post_policy;
mod routing;
mod schedule;
mod signature;
mod sql;
mod store_key;
mod table_files;
mod wire;

use welkin_model::Protocol;

use crate::chance::Chance;

/// A parser, what it takes, and what must hold of what it gives.
pub(crate) trait Target {
    /// A valid input. What it says in its first `kept` bytes is not mutated.
    fn seed(&self, chance: &mut Chance) -> Seed;

    /// Parses. Whatever must hold of the result is asserted; a panic is a failure.
    ///
    /// # Errors
    /// If the input was refused.
    fn run(&self, input: &[u8]) -> Result<(), String>;
}

/// A valid input.
pub(crate) struct Seed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kept: usize,
}

impl From<Vec<u8>> for Seed {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, kept: 0 }
    }
}

/// Every target with its name.
pub(crate) fn all() -> Vec<(&'static str, Box<dyn Target>)> {
    vec![
        ("json", Box::new(wire::Requests::of(Protocol::Json))),
        ("rest-json", Box::new(wire::Requests::of(Protocol::RestJson))),
        ("rest-xml", Box::new(wire::Requests::of(Protocol::RestXml))),
        ("cbor", Box::new(wire::Requests::of(Protocol::RpcV2Cbor))),
        ("query", Box::new(wire::Requests::of(Protocol::Query))),
        ("ec2", Box::new(wire::Requests::of(Protocol::Ec2))),
        ("event-stream", Box::new(event_stream::Frames)),
        ("aws-chunked", Box::new(chunked::Chunks::new())),
        ("signature", Box::new(signature::Signatures)),
        ("post-policy", Box::new(post_policy::PostPolicies)),
        ("iam-policy", Box::new(policy::Documents)),
        ("pattern", Box::new(pattern::Patterns)),
        ("schedule", Box::new(schedule::Schedules)),
        ("routing", Box::new(routing::Routes::new())),
        ("store-key", Box::new(store_key::Keys)),
        ("sql", Box::new(sql::Queries::new())),
        ("hive-ddl", Box::new(hive_ddl::Statements)),
        ("table-files", Box::new(table_files::Files::new())),
    ]
}
