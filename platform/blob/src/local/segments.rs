//! The files of the segments.

use super::record::{ALIGN, HEADER, Kind, Record};
use crate::{BlobId, reference::Position};
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Files that are kept open.
const OPEN_FILES: usize = 64;

/// The segments of a store.
pub(super) struct Segments {
    folder: PathBuf,
    open: Mutex<HashMap<u32, Arc<File>>>,
    /// Where the next record will begin, or a later one; everything before it is on disk.
    end: Mutex<Position>,
}

impl Segments {
    pub(super) fn new(directory: &Path, end: Position) -> Self {
        Self { folder: directory.join("segments"), open: Mutex::default(), end: Mutex::new(end) }
    }

    pub(super) fn end(&self) -> Position {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_end(&self, end: Position) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a segment, for reading and for freeing.
    pub(super) fn file(&self, segment: u32) -> io::Result<Arc<File>> {
        if let Some(file) = self.open().get(&segment) {
            return Ok(file.clone());
        }
        let file = Arc::new(File::options().read(true).write(true).open(self.path(segment))?);
        let mut open = self.open();
        if open.len() >= OPEN_FILES {
            open.clear();
        }
        open.insert(segment, file.clone());
        Ok(file)
    }

    /// Creates the file of a segment.
    pub(super) fn create(&self, segment: u32) -> io::Result<Arc<File>> {
        let path = self.path(segment);
        let file = Arc::new(File::options().read(true).write(true).create_new(true).open(path)?);
        super::sync_directory(&self.folder)?;
        Ok(file)
    }

    pub(super) fn remove(&self, segment: u32) -> io::Result<()> {
        self.open().remove(&segment);
        fs::remove_file(self.path(segment))
    }

    /// Forgets the files that are open; who reads one goes on.
    pub(super) fn close_all(&self) {
        self.open().clear();
    }

    /// Frees the record of the blob `id`.
    pub(super) fn delete(&self, id: BlobId, position: Position) -> io::Result<()> {
        let file = self.file(position.segment)?;
        match Record::read(&file, position.offset)? {
            Some(record) if record.kind == Kind::Blob && record.id == id => {
                Record::free(record.span).write(&file, position.offset)?;
                punch(&file, position.offset, record.span)
            }
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn path(&self, segment: u32) -> PathBuf {
        self.folder.join(format!("{segment:08}"))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u32, Arc<File>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The numbers of the segments in `folder`, in order.
pub(super) fn list(folder: &Path) -> io::Result<Vec<u32>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        segments.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    segments.sort_unstable();
    Ok(segments)
}

/// Gives the space of a free record back to the file system, but for its header. Where that is not possible, the
/// space comes back with the whole segment.
pub(super) fn punch(file: &File, offset: u64, span: u64) -> io::Result<()> {
    const BLOCK: u64 = 4096;
    const _: () = assert!(HEADER == ALIGN);
    let from = (offset + HEADER as u64).next_multiple_of(BLOCK);
    let to = (offset + span) / BLOCK * BLOCK;
    if from >= to {
        return Ok(());
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::{
            fs::{FallocateFlags, fallocate},
            io::Errno,
        };
        let mode = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        match fallocate(file, mode, from, to - from) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        Ok(())
    }
}
