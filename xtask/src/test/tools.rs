//! What the tests need beside Rust: Python packages, PostgreSQL, programs of Debian, cargo-deny. Installed on first use, pinned.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{root, run_command};
use crate::Failure;

/// Version of cargo-deny.
const CARGO_DENY: &str = "0.20.2";

/// The tools of the tests.
pub(super) struct Tools {
    target: PathBuf,
    binary: OnceCell<PathBuf>,
}

impl Tools {
    /// A virtual environment with the pinned Python packages.
    pub(super) fn install() -> Result<Self, Failure> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        let tools = Self { target, binary: OnceCell::new() };
        environment(&tools.venv(), "tests/requirements.txt")?;
        Ok(tools)
    }

    fn venv(&self) -> PathBuf {
        self.target.join("venv")
    }

    fn interpreter(&self) -> PathBuf {
        self.venv().join("bin/python")
    }

    /// Runs a Python program of the tree.
    pub(super) fn python(&self, program: &str, arguments: &[&str]) -> Result<(), Failure> {
        run_command(self.command().arg(program).args(arguments))
    }

    /// Runs a Python program that starts the binary itself.
    pub(super) fn with_binary(&self, program: &str, arguments: &[&str]) -> Result<(), Failure> {
        let binary = self.binary()?;
        run_command(self.command().arg(program).args(arguments).env("WELKIN_BIN", binary))
    }

    /// Runs a Python program that starts examples of the crates, built.
    pub(super) fn with_examples(&self, arguments: &[&str]) -> Result<(), Failure> {
        let examples = self.program("examples")?;
        run_command(self.command().args(arguments).env("WELKIN_EXAMPLES", examples))
    }

    /// Runs the tests of a folder by pytest.
    pub(super) fn pytest(&self, folder: &str) -> Result<(), Failure> {
        let binary = self.binary()?;
        run_command(self.command().args(["-m", "pytest", "-q", folder]).env("WELKIN_BIN", binary))
    }

    fn command(&self) -> Command {
        Self::of(&self.interpreter())
    }

    /// An interpreter whose environment's programs come first.
    fn of(interpreter: &Path) -> Command {
        let mut command = command(interpreter);
        let bin = interpreter.parent().unwrap_or(interpreter);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&path)));
        command.env("PATH", path.unwrap_or_default()).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// The binary in the tests' profile, built; or the one that WELKIN_BIN names.
    pub(super) fn binary(&self) -> Result<PathBuf, Failure> {
        if let Some(binary) = self.binary.get() {
            return Ok(binary.clone());
        }
        if let Some(named) = std::env::var_os("WELKIN_BIN") {
            return Ok(PathBuf::from(named));
        }
        self.program("welkin").inspect(|built| drop(self.binary.set(built.clone())))
    }

    /// A program of the workspace in the tests' profile, built.
    ///
    /// It is built along with everything else: which features a dependency has follows from all that is built, so a
    /// package by itself would have most of its dependencies built once more.
    pub(super) fn program(&self, name: &str) -> Result<PathBuf, Failure> {
        build()?;
        Ok(self.target.join("fast").join(name))
    }

    /// Installs Debian's PostgreSQL where no PostgreSQL is found.
    pub(super) fn need_postgres(&self) -> Result<(), Failure> {
        let there = |folder: &str| {
            let versions = std::fs::read_dir(folder).into_iter().flatten().flatten();
            versions.into_iter().any(|version| version.path().join("bin/initdb").exists())
        };
        if std::env::var_os("WELKIN_TEST_POSTGRES").is_some() || there("/usr/lib/postgresql") {
            return Ok(());
        }
        install(&["postgresql", "postgresql-contrib"])
    }

    /// Installs Debian's packages whose programs are not found.
    pub(super) fn need_programs(&self, programs: &[&str]) -> Result<(), Failure> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let there = |program: &&&str| std::env::split_paths(&path).any(|folder| folder.join(program).exists());
        let missing: Vec<&str> = programs.iter().filter(|program| !there(program)).copied().collect();
        if missing.is_empty() { Ok(()) } else { install(&missing) }
    }

    /// Runs the tests of a folder in a virtual environment with the packages that its `requirements.txt` names: clients
    /// that want a botocore of their own.
    pub(super) fn pytest_apart(&self, folder: &str) -> Result<(), Failure> {
        let venv = self.target.join(format!("venv-{}", folder.trim_start_matches("tests/")));
        environment(&venv, &format!("{folder}/requirements.txt"))?;
        let binary = self.binary()?;
        let interpreter = venv.join("bin/python");
        run_command(Self::of(&interpreter).args(["-m", "pytest", "-q", folder]).env("WELKIN_BIN", binary))
    }

    /// cargo-deny, built once into the target folder.
    pub(super) fn cargo_deny(&self) -> Result<PathBuf, Failure> {
        let folder = self.target.join("tools");
        let binary = folder.join("bin/cargo-deny");
        if !is_version(&binary, CARGO_DENY) {
            // Unoptimised: it runs for a second and would build for minutes.
            let install =
                ["install", "cargo-deny", "--locked", "--debug", "--version", CARGO_DENY, "--quiet", "--root"];
            run_command(cargo().args(install).arg(&folder))?;
        }
        Ok(binary)
    }
}

/// Builds everything in the tests' profile, clippy looking on.
pub(super) fn build() -> Result<(), Failure> {
    run_command(linting_cargo().args(["build", "--quiet", "--workspace", "--profile", "fast", "--all-targets"]))
}

/// cargo, as it is without this program around it.
pub(super) fn cargo() -> Command {
    command("cargo")
}

/// A program that does not know that this one was started by `cargo run`, which tells of its package: build scripts
/// that look at that would run anew, and with them most of the build, when cargo is called without or within.
fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_package)) {
        command.env_remove(name);
    }
    command
}

/// cargo, with clippy's compiler for the crates of the workspace: it compiles as rustc does, and a lint is an error.
///
/// `cargo clippy` would check every dependency once more only to throw the result away, which took ten minutes.
pub(super) fn linting_cargo() -> Command {
    let mut command = cargo();
    // As cargo-clippy itself does; the separator of arguments is its own.
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings");
    command
}

/// Makes a virtual environment with the packages that a file names, unless it is there.
fn environment(venv: &Path, requirements: &str) -> Result<(), Failure> {
    let stamp = venv.join("requirements.txt");
    let wanted = std::fs::read(root().join(requirements))?;
    if std::fs::read(&stamp).ok().as_deref() != Some(&wanted[..]) {
        run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
        run_command(Command::new(venv.join("bin/python")).args(install))?;
        std::fs::write(stamp, wanted)?;
    }
    Ok(())
}

/// Installs packages of Debian.
fn install(packages: &[&str]) -> Result<(), Failure> {
    run_command(Command::new("apt-get").args(["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    run_command(Command::new("apt-get").args(install).args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_version(binary: &Path, version: &str) -> bool {
    let shown = Command::new(binary).arg("--version").output();
    shown.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(version))
}
