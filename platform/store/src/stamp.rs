//! Commit stamps.

use std::fmt;

/// A unique number that increases with every commit, in ten bytes that sort in commit order:
/// eight of the commit, two of the place within it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp([u8; Stamp::LEN]);

impl Stamp {
    /// Length of a stamp in a key, in bytes.
    pub const LEN: usize = 10;

    pub(crate) fn of_commit(version: u64) -> Self {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&version.to_be_bytes());
        Self(bytes)
    }

    /// The stamp that the `place`-th [`put_stamped`](crate::Transaction::put_stamped) of this commit received,
    /// counted from zero.
    #[must_use]
    pub fn at(self, place: u16) -> Self {
        let mut bytes = self.0;
        bytes[8..].copy_from_slice(&place.to_be_bytes());
        Self(bytes)
    }

    /// The stamp as it stands in keys.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The number of the commit.
    #[must_use]
    pub fn commit(&self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(bytes)
    }
}

impl From<[u8; Stamp::LEN]> for Stamp {
    fn from(bytes: [u8; Stamp::LEN]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamp({}.{})", self.commit(), u16::from_be_bytes([self.0[8], self.0[9]]))
    }
}
