//! XML bodies: `rest-xml`, and the answers of `query` and `ec2`.

mod pull;
mod read;
mod write;

pub(crate) use pull::{Pull, Start};
pub(crate) use read::Read;
pub(crate) use write::{Side, Writer};
