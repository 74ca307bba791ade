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

/// Calls and queries make many small things for a short time, on all threads at once. That is a sixth of a call's time
/// with the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
