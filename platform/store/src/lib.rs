//! An ordered key-value store with serialisable transactions.
//!
//! Three engines stand behind one API and pass one conformance suite (`tests/conformance`):
//!
//! | location | engine | what it is for |
//! | --- | --- | --- |
//! | a directory | [fjall](https://docs.rs/fjall), an embedded log-structured merge tree | one process, the default |
//! | `memory` | an ordered map with versions | tests; deterministic, with injected faults and crashes |
//! | `postgres://…` | any server that speaks the PostgreSQL wire protocol and has `SERIALIZABLE` | several processes |
//!
//! Start at [`Store`] and [`Transaction`]. Keys are made with [`KeyBuilder`] and taken apart with [`KeyReader`].
//! The limits are those of FoundationDB in kind, so that such an engine fits as well: see [`limits`].

mod batch;
mod chunk;
mod conflict;
mod embedded;
mod engine;
mod error;
mod export;
mod key;
pub mod limits;
mod location;
mod memory;
mod merge;
mod overlay;
mod postgres;
mod range;
mod room;
mod snapshots;
mod stamp;
mod store;
mod transaction;
mod watch;

pub use error::{Error, OpenError};
pub use export::Imported;
pub use key::{KeyBuilder, KeyError, KeyReader, prefix_end};
pub use location::Location;
pub use memory::{Faults, Simulation};
pub use overlay::Savepoint;
pub use range::{KeyRange, RangeOptions};
pub use room::Room;
pub use stamp::Stamp;
pub use store::{Durability, Options, Store};
pub use transaction::{Committed, Transaction};
pub use watch::{Watch, Watched};
