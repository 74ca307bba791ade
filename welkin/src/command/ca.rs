//! `welkin ca`.

use std::path::PathBuf;

use clap::Args;

use crate::data::Data;
use crate::fault::Fault;
use crate::screen;

/// Print the certificate of Welkin's own authority.
#[derive(Args, Debug)]
pub(crate) struct PrintCa {
    /// The data folder
    #[arg(long, value_name = "DIR", env = "WELKIN_DATA")]
    data: Option<PathBuf>,
}

impl PrintCa {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let folder = match self.data {
            Some(folder) => folder,
            None => Data::of_user()?,
        };
        let data = Data::Folder(folder);
        data.prepare()?;
        screen::line(data.ca()?.pem().trim_end());
        Ok(())
    }
}
