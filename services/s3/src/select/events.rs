//! The answer: a stream of events, as the object's bytes come.
//!
//! Memory is bounded by a record, a slice of the object and the events that are waiting, however large the object is.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html>

use std::borrow::Cow;
use std::collections::VecDeque;

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::StreamBody;
use welkin_kernel::model::{self, Protocol, Service, ShapeId};
use welkin_kernel::wire::{self, event_stream};
use welkin_kernel::{Body, Cx, Error, Map, Result, Value as Wire};

use super::decompress::{Decoder, SLICE};
use super::error::SelectError;
use super::evaluate::Record;
use super::output::Output;
use super::query::{Query, Row};
use super::request::Scanned;
use super::value::Value;
use super::{csv, json};

/// Bytes of rows in one event.
const RECORDS: usize = 64 * 1024;

/// Bytes of the object between two events that tell of progress, or that there are no rows yet.
// UNVERIFIED: how often S3 sends them; it goes by time.
const EVERY: u64 = 1 << 20;

/// What finds the records of an object.
pub(super) enum Reader {
    Csv(csv::Reader),
    Json(json::Reader),
}

/// A query at work on an object.
pub(super) struct Scan {
    pub(super) body: Body,
    pub(super) decoder: Decoder,
    pub(super) reader: Reader,
    pub(super) query: Query,
    pub(super) output: Output,
    /// Where records begin that are wanted.
    pub(super) range: Option<Scanned>,
    pub(super) progress: bool,
    pub(super) events: Events,
    pub(super) state: State,
}

/// How far a scan is.
#[derive(Default)]
pub(super) struct State {
    rows: Vec<u8>,
    waiting: VecDeque<Bytes>,
    scanned: u64,
    processed: u64,
    returned: u64,
    /// Of what is scanned, how much was told; and whether rows were sent since.
    told: u64,
    sent: bool,
    /// Whether all records that are wanted were seen; whether the answer is complete.
    enough: bool,
    ended: bool,
    checked: bool,
}

/// The events of the model.
#[derive(Clone, Copy)]
pub(super) struct Events {
    service: &'static Service,
    stream: ShapeId,
}

impl Events {
    /// # Errors
    /// A fault: the model has no such operation.
    pub(super) fn of_model() -> Result<Self> {
        let missing = || Error::internal("the model has no SelectObjectContent");
        let entry = model::service("s3").ok_or_else(missing)?;
        let output =
            entry.operation("SelectObjectContent").and_then(|operation| operation.output).ok_or_else(missing)?;
        let member = entry.shape(output).structure().and_then(|output| output.member("Payload")).ok_or_else(missing)?;
        Ok(Self { service: entry, stream: member.shape })
    }

    fn write(self, name: &str, value: Map) -> Result<Bytes> {
        wire::encode_event(self.service, Protocol::RestXml, self.stream, name, &Wire::Map(value))
            .map_err(|error| Error::internal(format_args!("event {name}: {error}")))
    }

    fn records(self, rows: Vec<u8>) -> Result<Bytes> {
        let mut value = Map::new();
        value.push("Payload", Bytes::from(rows));
        self.write("Records", value)
    }

    fn details(self, name: &str, state: &State) -> Result<Bytes> {
        let mut details = Map::new();
        for (name, number) in
            [("BytesScanned", state.scanned), ("BytesProcessed", state.processed), ("BytesReturned", state.returned)]
        {
            details.push(name, Wire::Int(i64::try_from(number).unwrap_or(i64::MAX)));
        }
        let mut value = Map::new();
        value.push("Details", Wire::Map(details));
        self.write(name, value)
    }
}

impl Scan {
    /// The answer's body.
    pub(super) fn answer(self) -> Body {
        let events = stream::try_unfold(self, |mut scan| async move {
            let event = scan.next().await?;
            Ok::<_, Error>(event.map(|event| (Frame::data(event), scan)))
        });
        Body::stream(StreamBody::new(events))
    }

    /// The next event.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(event) = self.state.waiting.pop_front() {
                return Ok(Some(event));
            }
            if self.state.ended {
                return Ok(None);
            }
            let chunk =
                if self.state.enough { None } else { Cx::next_chunk(&mut self.body, &mut HeaderMap::new()).await? };
            let done = match &chunk {
                Some(chunk) => self.take(chunk),
                None => self.finish(),
            };
            match done {
                Ok(()) => {}
                Err(Ended::Query(error)) => self.fail(&error)?,
                Err(Ended::Fault(fault)) => return Err(fault),
            }
        }
    }

    fn fail(&mut self, error: &SelectError) -> Result<()> {
        let frame = event_stream::encode_error(error.code, &error.message);
        self.state.waiting.push_back(frame.map_err(Error::internal)?);
        self.state.ended = true;
        Ok(())
    }

    /// Takes the next bytes of the object.
    fn take(&mut self, chunk: &Bytes) -> std::result::Result<(), Ended> {
        for slice in chunk.chunks(SLICE) {
            if self.state.enough {
                break;
            }
            self.state.scanned += slice.len() as u64;
            let bytes = self.decoder.push(slice)?;
            self.records(&bytes, false)?;
        }
        if self.state.scanned - self.state.told >= EVERY {
            self.state.told = self.state.scanned;
            if self.progress {
                let event = self.events.details("Progress", &self.state)?;
                self.state.waiting.push_back(event);
            } else if !std::mem::take(&mut self.state.sent) {
                self.state.waiting.push_back(self.events.write("Cont", Map::new())?);
            }
        }
        Ok(())
    }

    /// Ends the answer.
    fn finish(&mut self) -> std::result::Result<(), Ended> {
        if !self.state.enough {
            let bytes = self.decoder.finish()?;
            self.records(&bytes, true)?;
        }
        let (output, rows) = (&self.output, &mut self.state.rows);
        self.query.finish(&mut |row: Row| output.write(&row, rows))?;
        self.send()?;
        if self.progress {
            let event = self.events.details("Progress", &self.state)?;
            self.state.waiting.push_back(event);
        }
        let stats = self.events.details("Stats", &self.state)?;
        self.state.waiting.extend([stats, self.events.write("End", Map::new())?]);
        self.state.ended = true;
        Ok(())
    }

    /// Sends the rows that are there.
    fn send(&mut self) -> Result<()> {
        if self.state.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.state.rows);
        self.state.returned += rows.len() as u64;
        self.state.sent = true;
        self.state.waiting.push_back(self.events.records(rows)?);
        Ok(())
    }

    /// Has the query look at the records of these bytes.
    fn records(&mut self, bytes: &[u8], is_last: bool) -> std::result::Result<(), Ended> {
        self.state.processed += bytes.len() as u64;
        match &mut self.reader {
            Reader::Csv(reader) => reader.push(bytes),
            Reader::Json(reader) => reader.push(bytes),
        }
        while self.record(is_last)? {
            if self.state.rows.len() >= RECORDS {
                self.send()?;
            }
        }
        Ok(())
    }

    /// Has the query look at the next record; `false` if there is none for now.
    fn record(&mut self, is_last: bool) -> std::result::Result<bool, Ended> {
        if self.query.is_done() {
            self.state.enough = true;
            return Ok(false);
        }
        let (output, rows) = (&self.output, &mut self.state.rows);
        let mut out = |row: Row| output.write(&row, rows);
        match &mut self.reader {
            Reader::Csv(reader) => {
                let next = reader.next(is_last)?;
                if !self.state.checked && !reader.awaits_header() {
                    self.query.check_columns(reader.columns())?;
                    self.state.checked = true;
                }
                let Some((begin, fields)) = next else { return Ok(false) };
                if self.range.is_some_and(|range| begin > range.last) {
                    self.state.enough = true;
                    return Ok(false);
                }
                if self.range.is_none_or(|range| begin >= range.first) {
                    let record = Record { value: Cow::Owned(Value::List(fields)), columns: reader.columns() };
                    self.query.record(&record, &mut out)?;
                }
            }
            Reader::Json(reader) => {
                let Some((begin, document)) = reader.next(is_last)? else { return Ok(false) };
                if self.range.is_some_and(|range| begin > range.last) {
                    self.state.enough = true;
                    return Ok(false);
                }
                if self.range.is_none_or(|range| begin >= range.first) {
                    self.query.document(document, &mut out)?;
                }
            }
        }
        Ok(true)
    }
}

/// Why an answer ends before its end.
enum Ended {
    /// For a reason that its reader is told.
    Query(SelectError),
    Fault(Error),
}

impl From<SelectError> for Ended {
    fn from(error: SelectError) -> Self {
        Self::Query(error)
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}
