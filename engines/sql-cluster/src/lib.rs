//! Queries by workers: processes of the same program that run stages of plans.
//!
//! The Welkin that a query was given to plans it ([`Workers`], the coordinator), and sends stages of the plan to workers
//! ([`worker::serve`]), which send rows to each other and back. Workers have no rights: the bytes of objects they ask of
//! the coordinator's [`desk`], which reads them as the query's own principal, and only those of files that are in the
//! plan. A ticket that cannot be guessed says which query it is; it ends with the query. All of them share a secret, which
//! every request must bring.
//!
//! `docs/decisions/0030` tells why it is so.

mod ask;
mod channel;
mod codec;
mod coordinator;
mod desk;
mod secret;
pub mod worker;

pub use coordinator::{Unfit, WorkerState, Workers};
pub use secret::Secret;

/// What this program calls itself to others: coordinator and workers must be of the same build.
const VERSION: &str = concat!("welkin ", env!("CARGO_PKG_VERSION"));

/// The header that tells which query a request is about.
const TICKET: &str = "x-welkin-ticket";

/// The header that tells where the coordinator's desk is.
const DESK: &str = "x-welkin-desk";

/// The header by which a worker tells who it is.
const WORKER: &str = "x-welkin-worker";
