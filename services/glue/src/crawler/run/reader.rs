//! What a run reads, as its role: objects of S3 and the catalog.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use welkin_kernel::{Answered, Call, Cx, Result};
use welkin_sql::{Undescribed, describe};

use super::sample::{self, HEAD};
use super::{Failure, Stopped, Trouble, lasts, told};
use crate::classifier::Classifier;
use crate::crawler::Crawler;
use crate::crawler::plan::There;
use crate::crawler::recognize::text::Text;
use crate::crawler::recognize::{self, Recognized};
use crate::crawler::role::{self, Session};
use crate::crawler::shape::{Amount, Shape};
use crate::table::TableInput;

/// How much of the end of a file is read at first, where its description is; and how long a description may be.
const TAIL: u64 = 64 << 10;
const LONGEST: u64 = 64 << 20;

/// An object that was listed.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) size: u64,
    etag: Option<String>,
}

impl Listed {
    /// One of a size, as it was not listed.
    #[cfg(test)]
    pub(super) fn of(key: &str, size: u64) -> Self {
        Self { key: key.to_owned(), size, etag: None }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectPage {
    #[serde(default)]
    contents: Vec<ListedObject>,
    next_continuation_token: Option<String>,
}

#[derive(Deserialize)]
struct ListedObject {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Size", default)]
    size: u64,
    #[serde(rename = "ETag")]
    etag: Option<String>,
    #[serde(rename = "StorageClass")]
    storage_class: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TablePage {
    #[serde(default)]
    table_list: Vec<TableInput>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneTable {
    table: TableInput,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PartitionPage {
    #[serde(default)]
    partitions: Vec<There>,
    next_token: Option<String>,
}

/// Reads as the role of a crawler, until the run is stopped.
pub(super) struct Reader<'a> {
    pub(super) cx: &'a mut Cx,
    crawler: &'a Crawler,
    pub(super) session: Session,
    stopped: Stopped,
    /// Why objects could not be read.
    pub(super) unread: Vec<String>,
    pub(super) read: u64,
}

type Outcome<T> = std::result::Result<T, Trouble>;

impl<'a> Reader<'a> {
    /// Takes on the role.
    pub(super) async fn new(cx: &'a mut Cx, crawler: &'a Crawler, stopped: Stopped) -> Outcome<Self> {
        let place = cx.here();
        let session = role::assume(cx, place, &crawler.definition.role, &crawler.name).await.map_err(|error| {
            match error.answer() {
                // UNVERIFIED: the wording.
                Some(answer) => Trouble::Failure(Failure::Failed(format!(
                    "Service is unable to assume role {}. Please verify role's TrustPolicy. {}",
                    crawler.definition.role, answer.message
                ))),
                None => Trouble::Error(error),
            }
        })?;
        Ok(Self { cx, crawler, session, stopped, unread: Vec::new(), read: 0 })
    }

    async fn ask(&mut self, service: &'static str, operation: &'static str, input: &Value) -> Outcome<Answered> {
        Ok(self.call(service, operation, input).await??)
    }

    /// Makes a call as the role; its error is told apart from what ends the run.
    async fn call(
        &mut self,
        service: &'static str,
        operation: &'static str,
        input: &Value,
    ) -> Outcome<Result<Answered>> {
        if (&mut self.stopped).now_or_never().is_some() {
            return Err(Trouble::Failure(Failure::Stopped));
        }
        if !lasts(self.cx, &self.session) {
            let place = self.cx.here();
            self.session = role::assume(self.cx, place, &self.crawler.definition.role, &self.crawler.name).await?;
        }
        let call = Call::to(service, operation).input(input).as_principal(self.session.principal.clone());
        Ok(self.cx.call(call).await)
    }

    /// Objects whose keys begin so, in the order of their keys, without empty ones and those that are archived.
    pub(super) async fn list(&mut self, bucket: &str, prefix: &str) -> Outcome<Vec<Listed>> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({ "Bucket": bucket, "Prefix": prefix });
            if let Some(token) = &token {
                input["ContinuationToken"] = json!(token);
            }
            let page: ObjectPage = self.ask("s3", "ListObjectsV2", &input).await?.output()?;
            all.extend(page.contents.into_iter().filter(is_crawled).map(|object| Listed {
                key: object.key,
                size: object.size,
                etag: object.etag,
            }));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(all);
            }
        }
    }

    /// Some bytes of an object; `None` if S3 refuses them, which is noted.
    async fn bytes(&mut self, bucket: &str, object: &Listed, range: Range<u64>) -> Outcome<Option<Bytes>> {
        let range = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let mut input = json!({ "Bucket": bucket, "Key": object.key, "Range": range });
        if let Some(etag) = &object.etag {
            input["IfMatch"] = json!(etag);
        }
        let answered = match self.call("s3", "GetObject", &input).await? {
            Ok(mut answered) => body(&mut answered).await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => match error.answer() {
                Some(answer) if answer.status.is_none_or(|status| status < 500) => {
                    let why = told(answer);
                    self.unread.push(format!("s3://{bucket}/{}: {why}", object.key));
                    Ok(None)
                }
                _ => Err(Trouble::Error(error)),
            },
        }
    }

    /// All bytes of an object that is not too long; `None` if S3 refuses them, which is noted.
    pub(super) async fn whole(&mut self, bucket: &str, object: &Listed) -> Outcome<Option<Bytes>> {
        let bytes = self.bytes(bucket, object, 0..object.size.min(LONGEST)).await?;
        self.read += u64::from(bytes.is_some());
        Ok(bytes)
    }

    /// What an object is; `None` if it cannot be read.
    pub(super) async fn recognize(
        &mut self,
        bucket: &str,
        object: &Listed,
        classifiers: &[Classifier],
    ) -> Outcome<Option<(Shape, Amount)>> {
        let size = object.size;
        let Some(head) = self.bytes(bucket, object, 0..size.min(HEAD)).await? else { return Ok(None) };
        self.read += 1;
        let found = match sample::format(&head) {
            Some(format) => self.describe(bucket, object, format, &head).await?,
            None => None,
        };
        let found = found.unwrap_or_else(|| of_text(&head, object, classifiers));
        let amount = amount(&found, size);
        Ok(Some((found.shape, amount)))
    }

    /// What a file tells of itself; `None` if it does not.
    async fn describe(
        &mut self,
        bucket: &str,
        object: &Listed,
        format: welkin_sql::Format,
        head: &Bytes,
    ) -> Outcome<Option<Recognized>> {
        let size = object.size;
        let at_end = format != welkin_sql::Format::Avro;
        let mut piece = head.clone();
        if at_end && size > HEAD {
            match self.bytes(bucket, object, size.saturating_sub(TAIL)..size).await? {
                Some(tail) => piece = tail,
                None => return Ok(None),
            }
        }
        loop {
            match describe(format, &piece) {
                Ok(mut description) => {
                    if piece.len() as u64 == size {
                        // Of a whole file all rows were counted.
                        description.bytes = None;
                    }
                    return Ok(Some(recognize::described(format, description, size)));
                }
                Err(Undescribed::More(more)) if piece.len() as u64 >= size.min(LONGEST) || more > LONGEST.max(HEAD) => {
                    return Ok(None);
                }
                Err(Undescribed::More(more)) => {
                    let more = more.clamp(piece.len() as u64 + 1, size);
                    let range = if at_end { size - more..size } else { 0..more };
                    match self.bytes(bucket, object, range).await? {
                        Some(longer) if longer.len() > piece.len() => piece = longer,
                        _ => return Ok(None),
                    }
                }
                Err(Undescribed::Bad(_)) => return Ok(None),
            }
        }
    }

    /// Whether there is a database.
    pub(super) async fn has_database(&mut self, name: &str) -> Outcome<bool> {
        match self.call("glue", "GetDatabase", &json!({ "Name": name })).await? {
            Ok(_) => Ok(true),
            Err(error) if error.is("EntityNotFoundException") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The tables of a database.
    pub(super) async fn tables(&mut self, database: &str) -> Outcome<Vec<TableInput>> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({ "DatabaseName": database });
            if let Some(token) = &token {
                input["NextToken"] = json!(token);
            }
            let page: TablePage = self.ask("glue", "GetTables", &input).await?.output()?;
            all.extend(page.table_list.into_iter().map(timeless));
            token = page.next_token;
            if token.is_none() {
                return Ok(all);
            }
        }
    }

    /// A table.
    pub(super) async fn table(&mut self, database: &str, name: &str) -> Outcome<TableInput> {
        let input = json!({ "DatabaseName": database, "Name": name });
        let found: OneTable = self.ask("glue", "GetTable", &input).await?.output()?;
        Ok(timeless(found.table))
    }

    /// The partitions of a table.
    pub(super) async fn partitions(&mut self, database: &str, table: &str) -> Outcome<Vec<There>> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({ "DatabaseName": database, "TableName": table });
            if let Some(token) = &token {
                input["NextToken"] = json!(token);
            }
            let page: PartitionPage = self.ask("glue", "GetPartitions", &input).await?.output()?;
            all.extend(page.partitions);
            token = page.next_token;
            if token.is_none() {
                return Ok(all);
            }
        }
    }
}

/// When somebody has looked at a table is not the crawler's to say.
fn timeless(mut table: TableInput) -> TableInput {
    (table.last_access_time, table.last_analyzed_time) = (None, None);
    table
}

fn is_crawled(object: &ListedObject) -> bool {
    let archived = matches!(object.storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE"));
    object.size > 0 && !object.key.ends_with('/') && !archived
}

async fn body(answered: &mut Answered) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    if let Some(mut body) = answered.body.take() {
        let mut trailers = HeaderMap::new();
        while let Some(chunk) = Cx::next_chunk(&mut body, &mut trailers).await? {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(bytes.freeze())
}

fn of_text(head: &[u8], object: &Listed, classifiers: &[Classifier]) -> Recognized {
    let cut = object.size > head.len() as u64;
    let compression = sample::compression(head, &object.key);
    let text = sample::plain(head, cut, compression).and_then(|plain| Text::of(plain.bytes, plain.cut));
    match text {
        Some(text) => recognize::recognize(&text, compression, classifiers),
        None => Recognized { shape: Shape::unknown(compression), records: 0, bytes: 0, certainty: 0.0 },
    }
}

/// How much a file has, given what was seen of it: its records are as long as those that were seen.
fn amount(found: &Recognized, size: u64) -> Amount {
    let average = found.bytes.checked_div(found.records).unwrap_or(0).max(1);
    let records = match found.records {
        0 => 0,
        // What was counted as a whole.
        records if found.bytes == size => records,
        _ => (size / average).max(1),
    };
    Amount { objects: 1, bytes: size, records, record_bytes: records.saturating_mul(average) }
}
