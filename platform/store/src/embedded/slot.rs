//! Where the tree is, and how it is opened again.
//!
//! After the disk has failed it once, fjall takes no more writes: what it holds in memory may be more than what is on
//! disk. So the tree is closed then, when nobody reads it any more, and opened again from what is on disk, as after a
//! restart. Meanwhile nothing can be read or written.

use super::open::{self, Tree};
use crate::{Error, Room};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Room that is left to the engine, which needs some to get rid of what is deleted. Commits that are waited for are
/// refused below this many bytes, or that part of a small disk.
const RESERVE: u64 = 32 * 1024 * 1024;
/// Commits that are not waited for, such as the records of reads, go on for a while.
const LAST_RESERVE: u64 = 16 * 1024 * 1024;
/// Of the commits that are not waited for, one in so many looks for room: they are small beside the reserve, and the
/// look is a part of what they cost.
const LOOKS: u32 = 16;

/// Holds the tree, unless it is being opened again.
pub(super) struct Slot {
    directory: PathBuf,
    tree: RwLock<Option<Arc<Tree>>>,
    /// Commits that need not look for room, since there was some.
    unlooked: AtomicU32,
}

impl Slot {
    pub(super) fn new(directory: &Path, tree: Tree) -> Self {
        Self { directory: directory.to_owned(), tree: RwLock::new(Some(Arc::new(tree))), unlooked: AtomicU32::new(0) }
    }

    pub(super) fn get(&self) -> Result<Arc<Tree>, Error> {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner).clone();
        tree.ok_or_else(|| Error::Unavailable("the disk has failed; the store is being opened again".to_owned()))
    }

    /// Takes the tree away from everyone who comes from now on.
    pub(super) fn take(&self) -> Option<Arc<Tree>> {
        self.tree.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Opens the tree. Returns a number that no commit exceeds, which is to be known before [`put`](Self::put).
    pub(super) fn open(&self) -> Result<(Arc<Tree>, u64), crate::OpenError> {
        open::open_tree(&self.directory).map(|(tree, version)| (Arc::new(tree), version))
    }

    pub(super) fn put(&self, tree: Arc<Tree>) {
        *self.tree.write().unwrap_or_else(PoisonError::into_inner) = Some(tree);
    }

    /// Whether there is room for a commit; if that cannot be told, the commit will.
    pub(super) fn has_room(&self, waited_for: bool) -> bool {
        if waited_for {
            return self.has_free(RESERVE);
        }
        let unlooked = self.unlooked.load(Ordering::Relaxed);
        if unlooked > 0 {
            self.unlooked.store(unlooked - 1, Ordering::Relaxed);
            return true;
        }
        let has_room = self.has_free(LAST_RESERVE);
        if has_room {
            self.unlooked.store(LOOKS - 1, Ordering::Relaxed);
        }
        has_room
    }

    fn has_free(&self, reserve: u64) -> bool {
        Room::of(&self.directory).map_or(true, |room| !room.is_below(reserve))
    }
}
