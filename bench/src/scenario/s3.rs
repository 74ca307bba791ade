//! S3, path-style.

use std::sync::LazyLock;

use bytes::Bytes;

use crate::client::{Answer, Spec};
use crate::failure::Result;
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// 1 KB.
    Small,
    /// 1 MB.
    Large,
}

impl Size {
    const ALL: [Self; 2] = [Self::Small, Self::Large];

    fn bytes(self) -> usize {
        match self {
            Self::Small => 1024,
            Self::Large => 1024 * 1024,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Large => "large",
        }
    }

    /// How many objects there are to be read.
    fn stock(self) -> u64 {
        match self {
            Self::Small => 256,
            Self::Large => 16,
        }
    }
}

/// The most bytes that [`body`] gives.
const LONGEST: usize = 16 * 1024 * 1024;

/// The body of an object: its number, then bytes that do not compress.
pub(crate) fn body(size: usize, number: u64) -> Bytes {
    static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| noise(LONGEST));
    let mut body = number.to_be_bytes().to_vec();
    body.reserve_exact(size);
    body.extend_from_slice(NOISE.get(..size.saturating_sub(8)).unwrap_or_default());
    body.into()
}

/// Bytes of a xorshift generator.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..size / 8).flat_map(|_| next()).collect()
}

fn path(world: &World, kind: &str, size: Size, number: u64) -> String {
    format!("/{}/{kind}/{}/{number}", world.bucket, size.name())
}

pub(crate) fn put(world: &World, size: Size, number: u64) -> Spec {
    Spec::s3("PUT", path(world, "put", size, number), "", body(size.bytes(), number))
}

pub(crate) fn check_put(answer: &Answer) -> Result<()> {
    let tag = answer.headers.get("etag").ok_or("the answer has no ETag")?;
    if tag.len() == 34 { Ok(()) } else { Err(format!("{tag:?} is no ETag").into()) }
}

pub(crate) fn get(world: &World, size: Size, number: u64) -> Spec {
    Spec::s3("GET", path(world, "stock", size, number % size.stock()), "", Bytes::new())
}

pub(crate) fn check_got(size: Size, number: u64, answer: &Answer) -> Result<()> {
    if answer.body == body(size.bytes(), number % size.stock()) {
        return Ok(());
    }
    Err(format!("{} bytes, and not those that were put", answer.body.len()).into())
}

/// Puts the objects that are read.
pub(crate) async fn prepare(world: &World) -> Result<()> {
    let mut connection = world.connect().await?;
    for size in Size::ALL {
        for number in 0..size.stock() {
            let spec = Spec::s3("PUT", path(world, "stock", size, number), "", body(size.bytes(), number));
            connection.call(spec).await?;
        }
    }
    Ok(())
}
