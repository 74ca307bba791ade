//! Developers' commands: `cargo xtask COMMAND`. One file per command.

mod actions;
mod models;
mod pack;
mod wheel;

use clap::Parser;

/// Developers' commands of Welkin.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Command {
    /// Regenerate platform/model/data/models.bin from botocore's models.
    Models(models::Options),
    /// Regenerate platform/model/data/actions.bin from the service authorisation reference.
    Actions(actions::Options),
}

/// What a command fails with: a message for the developer.
type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    match Command::parse() {
        Command::Models(options) => models::run(&options),
        Command::Actions(options) => actions::run(&options),
    }
}
