//! S3 Select: `SelectObjectContent` filters one object of CSV or JSON by SQL.
//!
//! The way of a query: [`syntax`] (text → tree), [`request`] (how the object and the answer are written), and then, as
//! bytes come, [`decompress`] → [`csv`] or [`json`] → [`query`] and [`evaluate`] → [`output`] → [`events`].
//! `docs/decisions/0025` tells why it has an evaluator of its own.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html>

mod csv;
mod decimal;
mod decompress;
mod error;
mod evaluate;
mod events;
mod function;
mod json;
mod output;
mod query;
mod request;
mod syntax;
mod time;
mod value;

use http::HeaderMap;
use serde::Deserialize;
use welkin_kernel::{Access, Body, Cx, Empty, Event, Operation, Principal, Result};

use crate::condition::ReadConditions;
use crate::content;
use crate::encryption::frame::DataKey;
use crate::errors::{AccessDenied, not_implemented};
use crate::object::access::Existing;
use crate::object::get::{Reading, pieces};
use crate::object::settings::HeadersIn;
use crate::object::{Manifest, Object, tiering};
use crate::range::ByteRange;
use csv::Header;
use decompress::Decoder;
use error::SelectError;
use events::{Events, Reader, Scan, State};
use query::Query;
use request::{Input, InputSerialization, Kind, OutputSerialization, ScanRange, Scanned};

shape! {
    /// Filters the contents of an object.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct SelectObjectContent {
        bucket: String,
        key: String,
        expression: String,
        expression_type: String,
        request_progress: Option<RequestProgress>,
        input_serialization: InputSerialization,
        output_serialization: OutputSerialization,
        scan_range: Option<ScanRange>,
        +customer_key,
    }
}
gives!(SelectObjectContent: customer_key);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RequestProgress {
    enabled: Option<bool>,
}

impl SelectObjectContent {
    /// The object, as `GetObject` reads it.
    fn reading(&self) -> Reading<'_> {
        Reading {
            bucket: &self.bucket,
            key: &self.key,
            version: None,
            conditions: ReadConditions::default(),
            range: None,
            part: None,
            checksum: false,
            overrides: HeadersIn::default(),
            customer: self.customer_key(),
        }
    }
}

/// An object whose bytes may be read.
struct Opened<'a> {
    object: &'a Object,
    manifest: Option<Manifest>,
    key: DataKey,
}

impl Opened<'_> {
    /// The bytes from an offset on.
    async fn from(&self, cx: &Cx, start: u64) -> Result<Body> {
        let range = ByteRange { start, end: self.object.size };
        let pieces = content::within(pieces(self.object, self.manifest.clone()), range);
        if pieces.is_empty() {
            return Ok(Body::empty());
        }
        content::read(cx.blobs(), self.key.clone(), pieces).await
    }

    /// The names of the columns, which the first record has.
    async fn columns(&self, cx: &Cx, format: &csv::Format) -> Result<Option<Vec<String>>> {
        let mut reader = csv::Reader::new(format.clone(), 0, false, None);
        let mut body = self.from(cx, 0).await?;
        while reader.awaits_header() {
            let chunk = Cx::next_chunk(&mut body, &mut HeaderMap::new()).await?;
            let is_last = chunk.is_none();
            reader.push(&chunk.unwrap_or_default());
            reader.next(is_last)?;
            if is_last {
                break;
            }
        }
        Ok(reader.columns().map(<[String]>::to_vec))
    }

    /// What finds the records, and the bytes that it finds them in.
    async fn reader(&self, cx: &Cx, input: &Input, range: Option<Scanned>) -> Result<(Reader, Body)> {
        let first = range.map_or(0, |range| range.first);
        match &input.kind {
            Kind::Csv(format) if first > 0 => {
                let columns = if format.header == Header::Use { self.columns(cx, format).await? } else { None };
                // A record begins at the first byte if a delimiter ends before it.
                let start = first.saturating_sub(format.record.len() as u64);
                let reader = csv::Reader::new(format.clone(), start, true, columns);
                Ok((Reader::Csv(reader), self.from(cx, start).await?))
            }
            Kind::Csv(format) => {
                let reader = csv::Reader::new(format.clone(), 0, false, None);
                Ok((Reader::Csv(reader), self.from(cx, 0).await?))
            }
            Kind::JsonLines | Kind::JsonDocument => {
                let lines = matches!(input.kind, Kind::JsonLines);
                let start = first.saturating_sub(1);
                let reader = json::Reader::new(lines, start, first > 0);
                Ok((Reader::Json(reader), self.from(cx, start).await?))
            }
        }
    }
}

/// Refuses objects of classes that cannot be queried.
fn check_class(cx: &Cx, object: &Object) -> Result<()> {
    let class = object.settings.storage_class.as_str();
    if !matches!(class, "GLACIER" | "DEEP_ARCHIVE" | "REDUCED_REDUNDANCY") && !object.is_cold(cx.now()) {
        return Ok(());
    }
    let message = "Encountered an invalid storage class. Only STANDARD, STANDARD_IA, and ONEZONE_IA storage classes are \
                   supported.";
    Err(SelectError::new("UnsupportedStorageClass", message).into())
}

impl Operation for SelectObjectContent {
    const NAME: &str = "SelectObjectContent";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    // A POST, and yet it only reads.
    const READ_ONLY: Option<bool> = Some(true);
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        if matches!(cx.principal(), Principal::Anonymous) {
            // "Amazon S3 Select does not support anonymous access": the reference of the operation.
            return Err(AccessDenied.into());
        }
        self.reading().access(cx).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.input_serialization.is_parquet() {
            return Err(not_implemented("SelectObjectContent of Parquet"));
        }
        if self.expression_type != "SQL" {
            let message = "The ExpressionType is invalid. Only SQL expressions are supported.";
            return Err(SelectError::new("InvalidExpressionType", message).into());
        }
        let (input, output) = (self.input_serialization.read()?, self.output_serialization.read()?);
        let query = Query::parse(&self.expression, cx.now().millis())?;
        let reading = self.reading();
        let existing = reading.open(cx, "POST").await?;
        let Existing { bucket, object, .. } = &existing;
        check_class(cx, object)?;
        let range = self.scan_range.as_ref().map(|range| range.read(&input, object.size)).transpose()?;
        let manifest = object.manifest(cx, bucket.place()).await?;
        let opened = Opened { object, manifest, key: reading.unlock(cx, bucket, object).await? };
        let (reader, body) = opened.reader(cx, &input, range).await?;
        tiering::touch(cx, bucket, object, existing.current).await?;
        let scan = Scan {
            body,
            decoder: Decoder::new(input.compression),
            reader,
            query,
            output,
            range,
            progress: self.request_progress.as_ref().and_then(|progress| progress.enabled).unwrap_or(false),
            events: Events::of_model()?,
            state: State::default(),
        };
        cx.reply_stream(scan.answer());
        Ok(Empty {})
    }
}
