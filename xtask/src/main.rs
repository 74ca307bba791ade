//! Developers' commands: `cargo xtask COMMAND`. One file per command.

mod actions;
mod committed;
mod managed_policies;
mod models;
mod npm;
mod pack;
mod test;
mod wheel;

use clap::Parser;
use committed::Committed;

/// Developers' commands of Welkin.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Command {
    /// Regenerate platform/model/data/models.bin from botocore's models.
    Models(Committed),
    /// Regenerate platform/model/data/actions.bin from the service authorisation reference.
    Actions(Committed),
    /// Regenerate services/iam/data/managed-policies.bin from AWS's managed policies.
    ManagedPolicies(Committed),
    /// Run every test, or those named: what CI runs.
    Test(test::Test),
}

/// What a command fails with: a message for the developer.
type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    match Command::parse() {
        Command::Models(options) => models::run(&options),
        Command::Actions(options) => actions::run(&options),
        Command::ManagedPolicies(options) => managed_policies::run(&options),
        Command::Test(options) => test::run(&options),
    }
}
