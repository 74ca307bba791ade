//! The AWS API models as facts: services, operations, bindings, shapes, constraints.
//!
//! The facts of every service are embedded, compressed per service, and decoded on first use.
//! They come from botocore's models (see NOTICE); `cargo xtask models` regenerates them.

mod types;

pub use types::*;
