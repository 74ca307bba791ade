//! Rows on their way into objects, with bounded memory: a file that grows large goes up in parts while it is written.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use welkin_kernel::{Cx, Result as KernelResult};
use welkin_sql::{Batch, Result, RowFile};

use super::target::Target;
use super::{Layout, Written};
use crate::execution::{Execution, Failure};
use crate::run::bridge::Bridge;
use crate::run::{caller, failure, write};

/// Files that a statement may have open: of partitions, and of buckets in them.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html>
const MOST: usize = 100;

/// A part of an upload has at least this many bytes.
const PART: usize = 8 << 20;

/// All files together hold about this many bytes; beyond it the largest one has to let go of its rows.
const HELD: usize = 256 << 20;

/// What a file belongs to: the values of its partition, and its bucket.
type Place = (Vec<String>, Option<u32>);

/// Writes rows to the files of their partitions and buckets.
pub(super) struct Sink<'a> {
    bridge: &'a Bridge,
    execution: &'a Execution,
    pub(super) target: &'a Target,
    uploads: &'a Uploads,
    open: BTreeMap<Place, Open>,
    written: Written,
}

/// A file that is being written.
struct Open {
    location: String,
    file: RowFile,
    /// Bytes that are no part yet.
    waiting: Vec<u8>,
    upload: Option<Upload>,
}

struct Upload {
    id: String,
    /// The ETag of each part.
    parts: Vec<String>,
}

/// Uploads that have been begun and not ended.
#[derive(Default)]
pub(super) struct Uploads(Mutex<BTreeMap<String, Value>>);

#[derive(Deserialize)]
struct Begun {
    #[serde(rename = "UploadId")]
    id: String,
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "ETag")]
    etag: String,
}

impl Uploads {
    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Value>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives up what has been begun. A caller who may not leaves parts behind, as with Athena.
    pub(super) async fn abort(&self, cx: &mut Cx, execution: &Execution) -> KernelResult<()> {
        for input in self.change(std::mem::take).into_values() {
            if let Err(error) = caller::ask(cx, execution, "s3", "AbortMultipartUpload", &input).await {
                failure::answer(error)?;
            }
        }
        Ok(())
    }
}

impl<'a> Sink<'a> {
    pub(super) fn new(bridge: &'a Bridge, execution: &'a Execution, target: &'a Target, uploads: &'a Uploads) -> Self {
        Self { bridge, execution, target, uploads, open: BTreeMap::new(), written: Written::default() }
    }

    /// Adds the rows of a batch.
    pub(super) async fn append(&mut self, layout: &Layout, batch: &Batch) -> Result<()> {
        let mut rows: BTreeMap<Place, Vec<u32>> = BTreeMap::new();
        for (row, n) in (0..batch.rows()).zip(0u32..) {
            let bucket = layout.buckets.as_ref().map(|buckets| buckets.of(batch, row));
            rows.entry((layout.partition(batch, row), bucket)).or_default().push(n);
        }
        for (place, rows) in rows {
            if !self.open.contains_key(&place) {
                self.begin(layout, &place)?;
            }
            let Some(open) = self.open.get_mut(&place) else { continue };
            open.file.append(batch, &layout.stored, &rows)?;
            self.written.rows = self.written.rows.saturating_add(rows.len() as u64);
            if open.file.ready() >= PART {
                self.send(&place).await?;
            }
        }
        while self.open.values().map(Open::held).sum::<usize>() > HELD {
            let Some((place, held)) =
                self.open.iter().map(|(place, open)| (place.clone(), open.held())).max_by_key(|(_, held)| *held)
            else {
                break;
            };
            if let Some(open) = self.open.get_mut(&place) {
                open.file.flush()?;
            }
            self.send(&place).await?;
            if self.open.get(&place).is_none_or(|open| open.held() >= held) {
                break;
            }
        }
        Ok(())
    }

    /// Opens the file of a place.
    fn begin(&mut self, layout: &Layout, place: &Place) -> Result<()> {
        if self.open.len() >= MOST {
            let message = format!("Exceeded limit of {MOST} open writers for partitions/buckets");
            let message = format!("HIVE_TOO_MANY_OPEN_PARTITIONS: {message}");
            return Err(self.bridge.fail(Failure::user(failure::USER, message)));
        }
        let file = RowFile::new(&self.target.format, &layout.columns)?;
        let location = self.target.file(&place.0, place.1, &self.execution.id);
        self.open.insert(place.clone(), Open { location, file, waiting: Vec::new(), upload: None });
        Ok(())
    }

    /// Sends what is ready of a file, if it is enough for a part.
    async fn send(&mut self, place: &Place) -> Result<()> {
        let Some(open) = self.open.get_mut(place) else { return Ok(()) };
        open.waiting.append(&mut open.file.take());
        if open.waiting.len() < PART {
            return Ok(());
        }
        let part = std::mem::take(&mut open.waiting);
        self.written.bytes = self.written.bytes.saturating_add(part.len() as u64);
        open.part(self.bridge, self.execution, self.uploads, part).await
    }

    /// Ends all files.
    pub(super) async fn finish(mut self) -> Result<Written> {
        for (place, mut open) in std::mem::take(&mut self.open) {
            let mut rest = std::mem::take(&mut open.waiting);
            rest.append(&mut open.file.take());
            let Open { location, file, mut upload, .. } = open;
            rest.append(&mut file.finish()?);
            self.written.bytes = self.written.bytes.saturating_add(rest.len() as u64);
            match &mut upload {
                None => {
                    let mut input = write::settings(self.execution, &location);
                    input["ContentLength"] = json!(rest.len());
                    self.bridge.write("PutObject", input, Some(rest.into()), &location).await?;
                }
                Some(upload) => {
                    upload.part(self.bridge, self.execution, &location, rest).await?;
                    upload.end(self.bridge, self.execution, &location).await?;
                    self.uploads.change(|all| all.remove(&location));
                }
            }
            self.written.files.push(location);
            self.written.partitions.insert(place.0);
        }
        Ok(self.written)
    }
}

impl Open {
    fn held(&self) -> usize {
        self.file.held() + self.waiting.len()
    }

    async fn part(&mut self, bridge: &Bridge, execution: &Execution, uploads: &Uploads, part: Vec<u8>) -> Result<()> {
        if self.upload.is_none() {
            let input = write::settings(execution, &self.location);
            let answered = bridge.write("CreateMultipartUpload", input, None, &self.location).await?;
            let begun: Begun = answered.output().map_err(|error| bridge.unread(error))?;
            let upload = Upload { id: begun.id, parts: Vec::new() };
            uploads.change(|all| all.insert(self.location.clone(), upload.named(execution, &self.location)));
            self.upload = Some(upload);
        }
        match &mut self.upload {
            Some(upload) => upload.part(bridge, execution, &self.location, part).await,
            None => Ok(()),
        }
    }
}

impl Upload {
    /// How S3 knows it.
    fn named(&self, execution: &Execution, location: &str) -> Value {
        let settings = write::settings(execution, location);
        json!({ "Bucket": settings["Bucket"], "Key": settings["Key"], "UploadId": self.id })
    }

    async fn part(&mut self, bridge: &Bridge, execution: &Execution, location: &str, part: Vec<u8>) -> Result<()> {
        let mut input = self.named(execution, location);
        input["PartNumber"] = json!(self.parts.len().saturating_add(1));
        input["ContentLength"] = json!(part.len());
        let answered = bridge.write("UploadPart", input, Some(part.into()), location).await?;
        self.parts.push(answered.output::<Part>().map_err(|error| bridge.unread(error))?.etag);
        Ok(())
    }

    async fn end(&self, bridge: &Bridge, execution: &Execution, location: &str) -> Result<()> {
        let mut input = self.named(execution, location);
        let part = |(n, etag): (usize, &String)| json!({ "PartNumber": n.saturating_add(1), "ETag": etag });
        let parts: Vec<Value> = self.parts.iter().enumerate().map(part).collect();
        input["MultipartUpload"] = json!({ "Parts": parts });
        bridge.write("CompleteMultipartUpload", input, None, location).await?;
        Ok(())
    }
}
