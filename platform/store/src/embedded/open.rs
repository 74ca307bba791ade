//! Opens and creates the files of an embedded store.

use crate::{OpenError, limits::RESERVED};
use fjall::config::PartitioningPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::{
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The format of the data: raised when an older program could not read it any more.
const FORMAT: u32 = 1;
const FORMAT_KEY: [u8; 2] = [RESERVED, b'f'];

/// Holds a commit number that none has reached yet. Written ahead, so that not every commit has to.
pub(super) const CEILING_KEY: [u8; 2] = [RESERVED, b'v'];

/// Memory for blocks read from disk, in bytes.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;
/// Memory for what has been written since the last flush to a table, in bytes. While flushes lag behind, up to
/// four of them exist.
pub(super) const MEMTABLE_BYTES: u64 = 8 * 1024 * 1024;
/// Journals that may exist at a time, in bytes. What is in them is read again at the next start.
const JOURNAL_BYTES: u64 = 64 * 1024 * 1024;
/// Threads that flush and compact. Of several, fjall 3.1 keeps the first from compacting, by having it put what it
/// is not to do back into the queue, and take it out again, as long as the others are busy.
const WORKERS: usize = 1;
const OPEN_FILES: usize = 128;

pub(super) struct Opened {
    pub(super) lock: File,
    pub(super) tree: Tree,
    /// fjall's directory.
    pub(super) data: PathBuf,
    /// No commit has a greater number.
    pub(super) version: u64,
}

/// fjall's tree.
pub(super) struct Tree {
    pub(super) database: Database,
    pub(super) keyspace: Keyspace,
}

pub(super) fn open(directory: &Path) -> Result<Opened, OpenError> {
    fs::create_dir_all(directory).map_err(|error| {
        let at = format!("{}: {error}", directory.display());
        OpenError::new("cannot create the data directory", at, "name a directory that this user may write to")
    })?;
    let lock = lock(directory)?;
    let (tree, version) = open_tree(directory)?;
    Ok(Opened { lock, tree, data: directory.join("kv"), version })
}

/// Opens the tree of a directory that this process has locked. Returns a number that no commit exceeds, too.
pub(super) fn open_tree(directory: &Path) -> Result<(Tree, u64), OpenError> {
    let data = directory.join("kv");
    remove_unfinished(&data).map_err(|error| unusable(directory, error))?;
    let database = Database::builder(&data)
        .cache_size(CACHE_BYTES)
        .max_journaling_size(JOURNAL_BYTES)
        .max_cached_files(Some(OPEN_FILES))
        .worker_threads(WORKERS)
        .manual_journal_persist(true)
        .open()
        .map_err(|error| refused(directory, error))?;
    let keyspace = database.keyspace("kv", layout).map_err(|error| unusable(directory, error))?;
    let version = check_format(directory, &database, &keyspace)?;
    Ok((Tree { database, keyspace }, version))
}

/// How tables are laid out; a tree keeps what it was made with.
///
/// Indexes and filters below the first level are in pieces: as one block they are megabytes in a tree of a million
/// rows, more than the cache takes, and then every look at a row reads and checks them whole.
fn layout() -> KeyspaceCreateOptions {
    let pieces = || PartitioningPolicy::new([false, true]);
    KeyspaceCreateOptions::default()
        .max_memtable_size(MEMTABLE_BYTES)
        .index_block_partitioning_policy(pieces())
        .filter_block_partitioning_policy(pieces())
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| {
        let at = format!("{}: {error}", path.display());
        OpenError::new("cannot open the lock file of the data directory", at, "check the owner of the directory")
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::new(
            "the data directory is in use by another process",
            directory.display(),
            "stop the other process, or name another directory",
        )),
        Err(TryLockError::Error(error)) => Err(unusable(directory, error)),
    }
}

/// Removes what is left of a creation that was cut short. fjall writes its version marker when everything else
/// is in place; before that nothing can have been stored.
fn remove_unfinished(data: &Path) -> io::Result<()> {
    match data.try_exists()? && !data.join("version").try_exists()? {
        true => fs::remove_dir_all(data),
        false => Ok(()),
    }
}

/// Checks the format of the data, or notes it in a new store. Returns a number that no commit exceeds.
fn check_format(directory: &Path, database: &Database, keyspace: &Keyspace) -> Result<u64, OpenError> {
    let read = |key: &[u8]| keyspace.get(key).map_err(|error| unusable(directory, error));
    let Some(found) = read(&FORMAT_KEY)? else {
        if database_is_used(keyspace) {
            return Err(unusable(directory, "the note of its format is missing"));
        }
        let created = keyspace
            .insert(FORMAT_KEY, FORMAT.to_be_bytes())
            .and_then(|()| database.persist(PersistMode::SyncAll))
            .and_then(|()| Ok(File::open(directory)?.sync_all()?));
        return created.map(|()| 0).map_err(|error| unusable(directory, error));
    };
    match found.as_ref().try_into().map(u32::from_be_bytes) {
        Ok(FORMAT) => {}
        Ok(format) if format > FORMAT => return Err(too_new(directory, format!("format {format}"))),
        _ => return Err(unusable(directory, "the note of its format is damaged")),
    }
    match read(&CEILING_KEY)? {
        None => Ok(0),
        Some(version) => match version.as_ref().try_into() {
            Ok(version) => Ok(u64::from_be_bytes(version)),
            Err(_) => Err(unusable(directory, "the note of its last commit is damaged")),
        },
    }
}

fn database_is_used(keyspace: &Keyspace) -> bool {
    keyspace.first_key_value().is_some()
}

fn refused(directory: &Path, error: fjall::Error) -> OpenError {
    match error {
        fjall::Error::InvalidVersion(_) => too_new(directory, error),
        error => unusable(directory, error),
    }
}

fn too_new(directory: &Path, detail: impl fmt::Display) -> OpenError {
    OpenError::new(
        "the data directory was written by a newer version of this program",
        format!("{}: {detail}; this program reads format {FORMAT}", directory.display()),
        "use that version, or name another directory",
    )
}

fn unusable(directory: &Path, error: impl fmt::Display) -> OpenError {
    OpenError::new(
        "the data directory cannot be used",
        format!("{}: {error}", directory.display()),
        "restore it from an export, or name another directory",
    )
}
