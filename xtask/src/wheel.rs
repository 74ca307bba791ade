//! Packages that facts are read from: pinned by version and digest, unpacked by pip.

use std::path::PathBuf;
use std::process::Command;

use crate::Failure;
use crate::committed::root;

/// A wheel on PyPI.
pub(crate) struct Wheel {
    /// Name of the project.
    pub(crate) project: &'static str,
    /// Version.
    pub(crate) version: &'static str,
    /// SHA-256 of the wheel, as pip's `--hash` takes it.
    pub(crate) sha256: &'static str,
}

impl Wheel {
    /// Folder with the unpacked wheel: downloaded once, then kept under `target/`.
    pub(crate) fn unpacked(&self) -> Result<PathBuf, Failure> {
        let cache = root().join("target/wheels");
        let folder = cache.join(format!("{}-{}", self.project, self.version));
        if folder.is_dir() {
            return Ok(folder);
        }
        std::fs::create_dir_all(&cache)?;
        let requirements = cache.join(format!("{}.txt", self.project));
        std::fs::write(&requirements, format!("{}=={} --hash=sha256:{}\n", self.project, self.version, self.sha256))?;
        // Unpacked beside its place and then moved: an interrupted run leaves no half of a wheel behind.
        let partial = cache.join(format!("{}.partial", self.project));
        if partial.exists() {
            std::fs::remove_dir_all(&partial)?;
        }
        let status = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"])
            .args(["--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"])
            .arg("--target")
            .arg(&partial)
            .arg("--requirement")
            .arg(&requirements)
            .status()?;
        if !status.success() {
            return Err(format!("pip could not fetch {} {}: {status}", self.project, self.version).into());
        }
        std::fs::rename(&partial, &folder)?;
        Ok(folder)
    }
}
