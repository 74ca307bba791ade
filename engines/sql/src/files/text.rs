//! Files of text: records are found, decoded, and gathered into batches.

use tokio::runtime::Handle;

use super::input::{self, Input};
use super::lines::{LONGEST, Lines, Records, Stop};
use super::scan::{Out, Scan, Split};
use super::{Format, cloudtrail, csv, delimited, grok, json, regex};
use crate::arrow::column;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// A batch has at most so many rows, and about so many bytes of text.
const ROWS: usize = 8192;
const BYTES: usize = 4 << 20;

/// A column that is wanted: its place among the columns of the files, its name and its type.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) place: usize,
    pub(super) name: String,
    pub(super) ty: Type,
}

/// Makes rows of records.
pub(super) trait Decoder {
    /// Adds a value for each column that is wanted, in their order.
    fn decode(&mut self, record: &[u8], row: &mut Vec<Value>) -> Result<()>;
}

/// Reads a file. Blocks.
pub(super) fn read(scan: &Scan, split: &Split, out: &Out, runtime: Handle) -> Result<()> {
    let storage = std::sync::Arc::clone(&scan.files.storage);
    let input = input::open(storage, &split.object, scan.scanned.clone(), runtime)?;
    let wanted = |(place, ty): (usize, &Type)| {
        let name = scan.files.columns.get(place).map_or_else(String::new, |column| column.name.clone());
        Wanted { place, name, ty: ty.clone() }
    };
    let wanted: Vec<Wanted> = scan.wanted().into_iter().map(wanted).collect();
    let mut decoder = decoder(scan, split, &wanted)?;
    let mut records = records(split, input)?;
    let mut gathered = Gathered { columns: vec![Vec::new(); wanted.len()], rows: 0, bytes: 0 };
    let (mut record, mut row) = (Vec::new(), Vec::new());
    while records.next(&mut record).map_err(|why| stopped(split, &why))? {
        row.clear();
        decoder.decode(&record, &mut row)?;
        gathered.columns.iter_mut().zip(row.drain(..)).for_each(|(column, value)| column.push(value));
        gathered.rows += 1;
        gathered.bytes += record.len();
        if (gathered.rows >= ROWS || gathered.bytes >= BYTES) && !gathered.send(scan, split, &wanted, out)? {
            return Ok(());
        }
    }
    gathered.send(scan, split, &wanted, out).map(|_| ())
}

/// Rows that are not in a batch yet.
struct Gathered {
    columns: Vec<Vec<Value>>,
    rows: usize,
    bytes: usize,
}

impl Gathered {
    /// Sends them, and tells whether anybody wants more.
    fn send(&mut self, scan: &Scan, split: &Split, wanted: &[Wanted], out: &Out) -> Result<bool> {
        if self.rows == 0 {
            return Ok(true);
        }
        let mut arrays = Vec::with_capacity(wanted.len());
        for (own, values) in wanted.iter().zip(&mut self.columns) {
            arrays.push(column(&own.ty, values)?);
            values.clear();
        }
        let batch = scan.batch(split, arrays, std::mem::take(&mut self.rows))?;
        self.bytes = 0;
        Ok(out.blocking_send(Ok(batch)).is_ok())
    }
}

fn decoder(scan: &Scan, split: &Split, wanted: &[Wanted]) -> Result<Box<dyn Decoder>> {
    let (serde, count) = (&split.serde, scan.files.columns.len());
    Ok(match serde.format() {
        Format::LazySimple => Box::new(delimited::Delimited::new(serde, wanted, count)?),
        Format::OpenCsv => Box::new(csv::Csv::new(serde, wanted)?),
        Format::OpenXJson => Box::new(json::Json::open_x(serde, wanted)),
        Format::HiveJson => Box::new(json::Json::hive(serde, wanted)),
        Format::CloudTrail => Box::new(json::Json::cloud_trail(wanted)),
        Format::Regex => Box::new(regex::Pattern::new(serde, wanted, count)?),
        Format::Grok => Box::new(grok::Grok::new(serde, wanted)?),
        Format::Parquet | Format::Orc | Format::Avro => return Err(SqlError::internal("this format is no text")),
    })
}

fn records(split: &Split, input: Input) -> Result<Box<dyn Records>> {
    if split.serde.format() == Format::CloudTrail {
        return Ok(Box::new(cloudtrail::Trail::new(input)));
    }
    let mut lines = Lines::new(input);
    let headers = split.serde.property("skip.header.line.count").unwrap_or("0").trim();
    let headers: u32 = headers.parse().map_err(|_| {
        let message = format!("Invalid value for skip.header.line.count property: {headers}");
        SqlError::new(Code::HiveInvalidMetadata, message)
    })?;
    let mut header = Vec::new();
    for _ in 0..headers {
        if !lines.next(&mut header).map_err(|why| stopped(split, &why))? {
            break;
        }
    }
    Ok(Box::new(lines))
}

fn stopped(split: &Split, why: &Stop) -> SqlError {
    let location = &split.object.location;
    match why {
        Stop::Failed(why) => input::failed(&split.object, why),
        Stop::TooLong => {
            let message = format!("Line too long in text file: {location}, the limit is {} MB", LONGEST >> 20);
            SqlError::new(Code::HiveBadData, message)
        }
        Stop::Cut => {
            let message =
                format!("JsonParseException: Unexpected end-of-input: expected close marker for OBJECT: {location}");
            SqlError::new(Code::HiveCursorError, message)
        }
    }
}
