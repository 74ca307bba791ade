//! How much room there is on a disk.

use std::{io, path::Path};

/// The room on the file system that holds a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes that the file system has.
    pub total: u64,
}

impl Room {
    /// Looks.
    ///
    /// # Errors
    /// If the directory is not there.
    pub fn of(directory: &Path) -> io::Result<Self> {
        let found = rustix::fs::statvfs(directory)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Self { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
    }

    /// Whether less than `reserve` bytes are free, or less than that part of a small disk: of 1 GiB, the reserve is
    /// kept whole.
    #[must_use]
    pub fn is_below(&self, reserve: u64) -> bool {
        const WHOLE: u64 = 1024 * 1024 * 1024;
        let share = u128::from(reserve) * u128::from(self.total.min(WHOLE)) / u128::from(WHOLE);
        u128::from(self.free) < share
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_small_disk_has_a_small_reserve() {
        const MIB: u64 = 1024 * 1024;
        let room = |free, total| Room { free: free * MIB, total: total * MIB };
        assert!(room(63, 100_000).is_below(64 * MIB) && !room(64, 100_000).is_below(64 * MIB));
        assert!(room(7, 128).is_below(64 * MIB) && !room(8, 128).is_below(64 * MIB));
        assert!(Room::of(Path::new("/")).unwrap().total > 0);
        assert!(Room::of(Path::new("/not there")).is_err());
    }
}
