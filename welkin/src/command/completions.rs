//! `welkin completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::fault::Fault;

/// Print completions for a shell.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Fault> {
        clap_complete::generate(self.shell, &mut super::Line::command(), "welkin", &mut std::io::stdout());
        Ok(())
    }
}
