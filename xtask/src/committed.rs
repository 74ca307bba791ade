//! Generated files that are committed: written, or compared with what is there.

use std::fs;
use std::path::Path;

use crate::Failure;

/// Options of the commands that generate a committed file.
#[derive(clap::Args)]
pub(crate) struct Committed {
    /// Write nothing; fail unless the committed file is, byte for byte, what would be written.
    #[arg(long)]
    check: bool,
}

impl Committed {
    /// Writes the file, named from the workspace's folder, or compares it.
    pub(crate) fn deliver(&self, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = root().join(file);
        if !self.check {
            fs::write(&path, bytes)?;
            eprintln!("{file}: {} bytes written", bytes.len());
        } else if fs::read(&path)? == bytes {
            eprintln!("{file}: {} bytes, as committed", bytes.len());
        } else {
            return Err(format!("{file} is not what its generator writes: regenerate and commit it").into());
        }
        Ok(())
    }
}

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    // INVARIANT: this crate lies directly in the workspace's folder.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}
