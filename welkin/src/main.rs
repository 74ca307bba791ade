//! `welkin`: the AWS cloud as one program.

mod admin;
mod admin_client;
mod command;
mod data;
mod fault;
mod pieces;
mod screen;
mod server;
mod services;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let line = command::Line::parse();
    let json = std::env::args_os().any(|argument| argument == "--json");
    match command::run(line) {
        Ok(code) => code,
        Err(fault) => {
            fault.print(json);
            ExitCode::FAILURE
        }
    }
}
