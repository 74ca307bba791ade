//! The blob store.

use crate::{
    BlobId, BlobRef, BlobWriter, Error, Hold, Location, Mark, OpenError, Scrubbed, Swept,
    hold::Holds,
    local::Local,
    objects::Objects,
    reader::{self, Source},
    transfer::Importer,
    writer,
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use std::{
    io::Read,
    ops::{Bound, Range, RangeBounds},
    sync::Arc,
};
use tokio::sync::mpsc;

/// Keeps the bytes of objects. Cheap to clone; all clones are the same store.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use welkin_blob::{BlobId, BlobStore, Location};
/// let blobs = BlobStore::open(&Location::parse("memory")?).await?;
/// let mut writer = blobs.create(BlobId(1)).await?;
/// writer.write("hello, ".into()).await?;
/// writer.write("world".into()).await?;
/// let blob = writer.finish().await?;
/// assert_eq!(blobs.get(&blob, 7..).await?, "world");
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct BlobStore {
    engine: Engine,
    pub(crate) holds: Arc<Holds>,
}

impl std::fmt::Debug for BlobStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.engine {
            Engine::Local(_) => "BlobStore(local)",
            Engine::Objects(_) => "BlobStore(objects)",
        })
    }
}

#[derive(Clone)]
enum Engine {
    Local(Arc<Local>),
    Objects(Objects),
}

impl BlobStore {
    /// Opens the store at `location`, creating it if there is none.
    ///
    /// # Errors
    /// A directory that another process has open, that cannot be written, or that a newer program wrote; a URL that
    /// makes no sense. Whether an object store can be reached is not tried.
    pub async fn open(location: &Location) -> Result<Self, OpenError> {
        let engine = match location {
            Location::Memory => Engine::Objects(Objects::in_memory()),
            Location::Directory(path) => Engine::Local(Arc::new(Local::open(path)?)),
            Location::S3(url) => Engine::Objects(Objects::s3(url)?),
        };
        Ok(Self { engine, holds: Arc::default() })
    }

    /// Begins to write the blob `id`, which must not exist.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`]
    pub async fn create(&self, id: BlobId) -> Result<BlobWriter, Error> {
        Ok(match &self.engine {
            Engine::Local(local) => BlobWriter::new(id, writer::Sink::Local(local.clone())),
            Engine::Objects(objects) => BlobWriter::new(id, writer::Sink::Objects(objects.clone())),
        })
    }

    /// Writes the blob `id`, which must not exist, from bytes at hand.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`]
    pub async fn put(&self, id: BlobId, bytes: Bytes) -> Result<BlobRef, Error> {
        let mut writer = self.create(id).await?;
        writer.write(bytes).await?;
        writer.finish().await
    }

    /// Reads a part of a blob, in pieces of at most 64 KiB, each verified before it is returned.
    ///
    /// The stream ends with an error if the range is not within the blob ([`Error::InvalidRange`]), the blob is gone
    /// ([`Error::NotFound`]) or damaged ([`Error::Damaged`]), or the engine fails ([`Error::Unavailable`]).
    pub fn read(&self, blob: &BlobRef, range: impl RangeBounds<u64>) -> BoxStream<'static, Result<Bytes, Error>> {
        let range = within(range, blob.length);
        let source = match &self.engine {
            Engine::Local(local) => Source::Local(local.clone()),
            // Where the blob stood before it was restored here does not matter: its name says it all.
            Engine::Objects(objects) => Source::Objects(objects.clone()),
        };
        reader::stream(blob.clone(), range, source).boxed()
    }

    /// Reads a part of a blob at once. For blobs that are known to be small.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn get(&self, blob: &BlobRef, range: impl RangeBounds<u64>) -> Result<Bytes, Error> {
        let range = within(range, blob.length)?;
        let length = (range.end - range.start) as usize;
        let mut pieces = self.read(blob, range);
        let Some(first) = pieces.try_next().await? else { return Ok(Bytes::new()) };
        if first.len() == length {
            return Ok(first);
        }
        let mut bytes = BytesMut::with_capacity(length);
        bytes.extend_from_slice(&first);
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }

    /// Reads a blob to its end and verifies it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Damaged`], [`Error::Unavailable`]
    pub async fn verify(&self, blob: &BlobRef) -> Result<(), Error> {
        if blob.is_empty() {
            return match &self.engine {
                Engine::Local(local) => local.open_blob(blob).await.map(drop),
                Engine::Objects(objects) => objects.exists(blob.id).await,
            };
        }
        self.read(blob, ..).try_for_each(|_| std::future::ready(Ok(()))).await
    }

    /// Deletes a blob and frees its space. Who reads it at that moment may get [`Error::NotFound`]. A deletion that
    /// a crash takes back is made again by the next sweep.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Unavailable`]
    pub async fn delete(&self, blob: &BlobRef) -> Result<(), Error> {
        if self.holds.put_off(blob) {
            return Ok(());
        }
        match &self.engine {
            Engine::Local(local) => local.clone().delete(blob.clone()).await,
            Engine::Objects(objects) => objects.delete(blob.id).await,
        }
    }

    /// Marks this moment for a later [`sweep`](Self::sweep).
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn mark(&self) -> Result<Mark, Error> {
        match &self.engine {
            Engine::Local(local) => Ok(local.mark()),
            Engine::Objects(objects) => objects.mark().await,
        }
    }

    /// Deletes the blobs that were finished before `mark` and that `live` does not know.
    ///
    /// A blob is finished before the transaction that refers to it commits, and must not be swept in between. So:
    /// take the mark, let every transaction end that was open then, collect what is live, sweep. The time between
    /// is the grace. Marks do not outlive the process; a process that ends leaves no open transaction behind.
    ///
    /// Segments in which nothing lives are removed; in others the space of runs of dead blobs is given back to the
    /// file system, which leaves every live blob where it is.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; what was deleted stays deleted.
    pub async fn sweep(
        &self,
        mark: &Mark,
        live: impl Fn(&BlobId) -> bool + Send + Sync + 'static,
    ) -> Result<Swept, Error> {
        if self.holds.any() {
            return Ok(Swept::default());
        }
        match &self.engine {
            Engine::Local(local) => local.clone().sweep(mark, live).await,
            Engine::Objects(objects) => objects.sweep(mark, live).await,
        }
    }

    /// Holds every blob where it is: deletions wait, and sweeps find nothing, until it is dropped.
    pub fn hold(&self) -> Hold {
        Hold::of(self)
    }

    /// Sends every blob that is finished by now, for [`restore`](Self::restore). [Hold](Self::hold) the blobs from
    /// before the snapshot of the state that refers to them. Returns their number.
    ///
    /// # Errors
    /// [`Error::Transfer`] if nobody receives, or a damaged segment hides blobs; [`Error::Unavailable`].
    pub async fn export(&self, out: mpsc::Sender<Bytes>) -> Result<u64, Error> {
        match &self.engine {
            Engine::Local(local) => {
                let local = local.clone();
                crate::local::blocking(move || local.export(out)).await
            }
            Engine::Objects(objects) => objects.export(out).await,
        }
    }

    /// Replaces all blobs by those that [`export`](Self::export) sent, of this or any other engine; every reference
    /// to one of those stays right. Nobody may write or delete blobs meanwhile; who reads one may get an error. If
    /// it fails, or the program ends, no blob may be written before it was done again in full. Returns their number.
    ///
    /// # Errors
    /// [`Error::Transfer`] if `reader` fails or holds something else; [`Error::Full`], [`Error::Unavailable`].
    pub async fn restore(&self, reader: Box<dyn Read + Send>) -> Result<u64, Error> {
        match &self.engine {
            Engine::Local(local) => {
                let local = local.clone();
                crate::local::blocking(move || {
                    let mut importer = Importer::begin(reader)?;
                    local.restore(&mut importer)?;
                    Ok(importer.blobs())
                })
                .await
            }
            Engine::Objects(objects) => {
                objects.restore(crate::local::blocking(move || Importer::begin(reader)).await?).await
            }
        }
    }

    /// Removes all blobs. Nobody may write or delete blobs meanwhile.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn clear(&self) -> Result<(), Error> {
        match &self.engine {
            Engine::Local(local) => {
                let local = local.clone();
                crate::local::blocking(move || local.clear()).await
            }
            Engine::Objects(objects) => objects.clear().await,
        }
    }

    /// Reads every blob and verifies its checksums.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn scrub(&self) -> Result<Scrubbed, Error> {
        match &self.engine {
            Engine::Local(local) => local.clone().scrub().await,
            Engine::Objects(objects) => objects.scrub().await,
        }
    }
}

fn within(range: impl RangeBounds<u64>, length: u64) -> Result<Range<u64>, Error> {
    let after = |bound: &u64| bound.checked_add(1).ok_or(Error::InvalidRange(length));
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(start) => after(start)?,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(end) => after(end)?,
        Bound::Excluded(end) => *end,
        Bound::Unbounded => length,
    };
    if start <= end && end <= length { Ok(start..end) } else { Err(Error::InvalidRange(length)) }
}
