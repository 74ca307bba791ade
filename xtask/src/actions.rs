//! `cargo xtask actions`: the service authorisation reference as one compact file of facts.

use crate::Failure;

#[derive(clap::Args)]
pub(crate) struct Options {}

pub(crate) fn run(_options: &Options) -> Result<(), Failure> {
    Err("the action reference is not generated yet".into())
}
