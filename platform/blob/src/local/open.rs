//! Opens and creates the directory of a blob store.

use super::{
    record::{self, End},
    segments, sync_directory,
};
use crate::{OpenError, reference::Position};
use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::Path,
};

/// The layout of the directory: raised when an older program could not read it any more.
const FORMAT: u32 = 1;

/// A segment that a crash may have torn is looked through at the start if it is shorter than this, and continued;
/// a longer one is left to the sweep, and a new one begun. In bytes.
const CONTINUED: u64 = 8 * 1024 * 1024;

pub(super) struct Opened {
    pub(super) lock: File,
    /// The segment to continue.
    pub(super) active: Option<u32>,
    pub(super) end: Position,
}

pub(super) fn open(directory: &Path) -> Result<Opened, OpenError> {
    create(directory).map_err(|error| OpenError {
        message: "cannot create the blob directory".to_owned(),
        detail: format!("{}: {error}", directory.display()),
        hint: "name a directory that this user may write to".to_owned(),
    })?;
    let lock = lock(directory)?;
    check_format(directory)?;
    remove_unfinished(directory).map_err(|error| unusable(directory, error))?;
    let (active, end) = last_segment(directory).map_err(|error| unusable(directory, error))?;
    Ok(Opened { lock, active, end })
}

fn create(directory: &Path) -> io::Result<()> {
    let folders = ["segments", "large", "writing"];
    if folders.iter().all(|folder| directory.join(folder).is_dir()) {
        return Ok(());
    }
    folders.iter().try_for_each(|folder| fs::create_dir_all(directory.join(folder)))?;
    sync_directory(directory)
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let opened = File::options().create(true).truncate(false).write(true).open(directory.join("lock"));
    let file = opened.map_err(|error| unusable(directory, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError {
            message: "the blob directory is in use by another process".to_owned(),
            detail: directory.display().to_string(),
            hint: "stop the other process, or name another directory".to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(unusable(directory, error)),
    }
}

fn check_format(directory: &Path) -> Result<(), OpenError> {
    let path = directory.join("format");
    match fs::read_to_string(&path) {
        Ok(text) => match text.trim().parse::<u32>() {
            Ok(FORMAT) => Ok(()),
            Ok(format) if format > FORMAT => Err(OpenError {
                message: "the blob directory was written by a newer version of this program".to_owned(),
                detail: format!("{}: format {format}; this program reads format {FORMAT}", directory.display()),
                hint: "use that version, or name another directory".to_owned(),
            }),
            _ => Err(unusable(directory, "the note of its format is damaged")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            write_format(directory, &path).map_err(|error| unusable(directory, error))
        }
        Err(error) => Err(unusable(directory, error)),
    }
}

fn write_format(directory: &Path, path: &Path) -> io::Result<()> {
    let draft = directory.join("format.new");
    let mut file = File::create(&draft)?;
    writeln!(file, "{FORMAT}")?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    sync_directory(directory)
}

fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory.join("writing"))? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}

/// Finds the end of the last segment and cuts off what a crash left behind it.
fn last_segment(directory: &Path) -> io::Result<(Option<u32>, Position)> {
    let folder = directory.join("segments");
    let Some(last) = segments::list(&folder)?.pop() else { return Ok((None, Position::default())) };
    let file = File::options().read(true).write(true).open(folder.join(format!("{last:08}")))?;
    let length = file.metadata()?.len();
    let whole = Position { segment: last, offset: length };
    if length >= CONTINUED {
        return Ok((None, whole));
    }
    match record::walk(&file, length, |_, _| Ok(()))? {
        End::Whole => Ok((Some(last), whole)),
        End::Torn(offset) => {
            tracing::info!(segment = last, cut = length - offset, "cut off what was being written at the last stop");
            file.set_len(offset)?;
            file.sync_all()?;
            Ok((Some(last), Position { segment: last, offset }))
        }
        End::Damaged(offset) => {
            tracing::error!(segment = last, offset, "a segment is damaged; scrub to find out which blobs are");
            Ok((None, whole))
        }
    }
}

fn unusable(directory: &Path, error: impl fmt::Display) -> OpenError {
    OpenError {
        message: "the blob directory cannot be used".to_owned(),
        detail: format!("{}: {error}", directory.display()),
        hint: "check its owner and its file system, or name another directory".to_owned(),
    }
}
