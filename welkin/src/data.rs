//! The data folder: state, blobs, the root key and the certificate authority.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use welkin_gateway::Ca;
use welkin_kernel::{Chance, Clock, ROOT_KEY_LEN, Sealer};

use crate::fault::Fault;

/// Where a Welkin keeps what it has.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// In memory: gone when it stops.
    Memory,
    /// In a folder.
    Folder(PathBuf),
}

impl Data {
    /// The folder of this user: `$XDG_DATA_HOME/welkin`, else `~/.local/share/welkin`.
    pub(crate) fn of_user() -> Result<PathBuf, Fault> {
        let from = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let base = from("XDG_DATA_HOME").or_else(|| from("HOME").map(|home| home.join(".local/share")));
        base.map(|base| base.join("welkin")).ok_or_else(|| {
            Fault::new(
                "there is no folder for the data",
                "neither XDG_DATA_HOME nor HOME is set",
                "name one with --data DIR, or keep everything in memory with --memory",
            )
        })
    }

    /// Location of the state where the operator names none.
    pub(crate) fn state(&self) -> String {
        match self {
            Self::Memory => "memory".to_owned(),
            Self::Folder(folder) => folder.join("state").display().to_string(),
        }
    }

    /// Location of the blobs where the operator names none.
    pub(crate) fn blobs(&self) -> String {
        match self {
            Self::Memory => "memory".to_owned(),
            Self::Folder(folder) => folder.join("blobs").display().to_string(),
        }
    }

    /// Makes the folder if there is none.
    pub(crate) fn prepare(&self) -> Result<(), Fault> {
        let Self::Folder(folder) = self else { return Ok(()) };
        std::fs::create_dir_all(folder).map_err(|error| {
            Fault::new(
                format!("the data folder {} cannot be made", folder.display()),
                error,
                "name another one with --data DIR, or keep everything in memory with --memory",
            )
        })
    }

    /// The sealer of secrets, with the root key of the folder.
    pub(crate) fn sealer(&self, chance: &Chance) -> Result<Sealer, Fault> {
        match self {
            Self::Memory => Ok(Sealer::new(&chance.bytes::<ROOT_KEY_LEN>())),
            Self::Folder(folder) => {
                let path = root_key(folder);
                Sealer::load_or_create(&path, chance).map_err(|error| {
                    Fault::new(
                        format!("the root key {} cannot be used", path.display()),
                        error,
                        "restore the file from where the data folder came from; without it the data cannot be opened",
                    )
                })
            }
        }
    }

    /// The certificate authority.
    pub(crate) fn ca(&self) -> Result<Arc<Ca>, Fault> {
        let now = Clock::machine_now();
        let ca = match self {
            Self::Memory => Ca::create(now),
            Self::Folder(folder) => {
                let folder = folder.join("ca");
                std::fs::create_dir_all(&folder).map_err(|error| ca_fault(&error))?;
                Ca::load_or_create(&folder, now)
            }
        };
        ca.map(Arc::new).map_err(|error| ca_fault(&error))
    }
}

fn ca_fault(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        "the certificate authority cannot be used",
        error,
        "remove the folder 'ca' of the data folder: a new one is made",
    )
}

/// The root key in a data folder.
pub(crate) fn root_key(folder: &Path) -> PathBuf {
    folder.join("root.key")
}

/// Creates a file that only its owner may read, or empties the one that is there.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Replaces a file that only its owner may read, at once.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = private_file(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(draft, path)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
