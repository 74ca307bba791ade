//! Developers' commands: `cargo xtask COMMAND`. One file per command.

mod actions;
mod committed;
mod models;
mod pack;
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
}

/// What a command fails with: a message for the developer.
type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    match Command::parse() {
        Command::Models(options) => models::run(&options),
        Command::Actions(options) => actions::run(&options),
    }
}
