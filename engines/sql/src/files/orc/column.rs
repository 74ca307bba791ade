//! Columns of a stripe, some rows at a time.
//!
//! <https://orc.apache.org/specification/ORCv1/#column-encodings>

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, ListArray, MapArray, StringArray, StructArray, TimestampMicrosecondArray,
    UInt32Array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Field, Fields};
use datafusion::arrow::error::ArrowError;
use jiff::tz::TimeZone;

use super::Bad;
use super::proto::{Kind, Of, StripeFooter};
use super::stream::{Bits, ByteRuns, Codec, Numbers, Stream};

/// 2015-01-01 00:00:00 in seconds, from which timestamps count.
const EPOCH: i64 = 1_420_070_400;

/// What a batch of rows may have in lists, and in bytes of texts.
const ELEMENTS: usize = 1 << 27;
const BYTES: usize = 1 << 30;

impl From<ArrowError> for Bad {
    fn from(why: ArrowError) -> Self {
        Bad(why.to_string())
    }
}

/// The streams of a stripe that are read, by the column and the kind.
pub(super) struct Streams {
    pub(super) all: HashMap<(u64, u64), Bytes>,
    pub(super) footer: StripeFooter,
    pub(super) codec: Codec,
    pub(super) block: u64,
}

const PRESENT: u64 = 0;
const DATA: u64 = 1;
const LENGTH: u64 = 2;
const DICTIONARY: u64 = 3;
const SECONDARY: u64 = 5;

impl Streams {
    fn get(&self, column: u64, kind: u64) -> Option<Stream> {
        self.all.get(&(column, kind)).map(|bytes| Stream::new(bytes.clone(), self.codec, self.block))
    }

    /// A stream; one that is not there is empty.
    fn stream(&self, column: u64, kind: u64) -> Stream {
        self.get(column, kind).unwrap_or_else(|| Stream::new(Bytes::new(), self.codec, self.block))
    }

    fn encoding(&self, column: u64) -> (u64, u64) {
        usize::try_from(column).ok().and_then(|n| self.footer.encodings.get(n)).copied().unwrap_or_default()
    }
}

/// Reads a column.
pub(super) struct Column {
    present: Option<Bits>,
    body: Body,
}

enum Body {
    Boolean(Bits),
    Byte(ByteRuns),
    Short(Numbers),
    Int(Numbers),
    Long(Numbers),
    Date(Numbers),
    Float(Stream),
    Double(Stream),
    Text(Numbers, Stream),
    Binary(Numbers, Stream),
    /// Places in a dictionary.
    Dictionary(Numbers, Vec<Arc<str>>),
    Decimal(Stream, Numbers, u8, i8),
    Timestamp(Numbers, Numbers, Option<TimeZone>),
    List(Numbers, Box<Column>),
    Map(Numbers, Box<(Column, Column)>),
    Struct(Vec<(String, Column)>),
}

impl Column {
    pub(super) fn new(kind: &Kind, streams: &Streams) -> Result<Self, Bad> {
        let column = kind.column;
        let (encoding, size) = streams.encoding(column);
        let stream = |kind| streams.stream(column, kind);
        let numbers = |kind, signed| Numbers::new(streams.stream(column, kind), signed, encoding);
        let body = match &kind.of {
            Of::Boolean => Body::Boolean(Bits::new(stream(DATA))),
            Of::Byte => Body::Byte(ByteRuns::new(stream(DATA))),
            Of::Short => Body::Short(numbers(DATA, true)),
            Of::Int => Body::Int(numbers(DATA, true)),
            Of::Long => Body::Long(numbers(DATA, true)),
            Of::Date => Body::Date(numbers(DATA, true)),
            Of::Float => Body::Float(stream(DATA)),
            Of::Double => Body::Double(stream(DATA)),
            Of::String | Of::Varchar | Of::Char if encoding % 2 == 1 => {
                let texts = dictionary(&mut numbers(LENGTH, false), &mut stream(DICTIONARY), size)?;
                Body::Dictionary(numbers(DATA, false), texts)
            }
            Of::String | Of::Varchar | Of::Char => Body::Text(numbers(LENGTH, false), stream(DATA)),
            Of::Binary => Body::Binary(numbers(LENGTH, false), stream(DATA)),
            Of::Decimal(precision, scale) => Body::Decimal(stream(DATA), numbers(SECONDARY, true), *precision, *scale),
            Of::Timestamp => {
                Body::Timestamp(numbers(DATA, true), numbers(SECONDARY, false), zone(&streams.footer.zone)?)
            }
            Of::Instant => Body::Timestamp(numbers(DATA, true), numbers(SECONDARY, false), None),
            Of::List(of) => Body::List(numbers(LENGTH, false), Box::new(Column::new(of, streams)?)),
            Of::Map(key, of) => {
                let both = (Column::new(key, streams)?, Column::new(of, streams)?);
                Body::Map(numbers(LENGTH, false), Box::new(both))
            }
            Of::Struct(within) => {
                let of = within.iter().map(|(name, kind)| Ok((name.clone(), Column::new(kind, streams)?)));
                Body::Struct(of.collect::<Result<_, Bad>>()?)
            }
            Of::Union => return Err(Bad::new("This engine does not read unions")),
        };
        Ok(Self { present: streams.get(column, PRESENT).map(Bits::new), body })
    }

    /// The next rows.
    pub(super) fn next(&mut self, rows: usize) -> Result<ArrayRef, Bad> {
        let present = match &mut self.present {
            Some(bits) => Some((0..rows).map(|_| bits.next()).collect::<Result<Vec<bool>, Bad>>()?),
            None => None,
        };
        let count = present.as_ref().map_or(rows, |all| all.iter().filter(|there| **there).count());
        let values = self.body.next(count)?;
        let Some(present) = present.filter(|_| count < rows) else { return Ok(values) };
        let mut at = 0u32;
        let places = present.into_iter().map(|there| {
            there.then(|| {
                at += 1;
                at - 1
            })
        });
        Ok(take(&values, &places.collect::<UInt32Array>(), None)?)
    }
}

impl Body {
    /// The next values, of which none is NULL.
    fn next(&mut self, count: usize) -> Result<ArrayRef, Bad> {
        let out_of_range = |_| Bad::new("a number is out of its type's range");
        macro_rules! numbers {
            ($array:ty, $numbers:expr, $int:ty) => {
                Arc::new(
                    (0..count)
                        .map(|_| <$int>::try_from($numbers.next()?).map(Some).map_err(out_of_range))
                        .collect::<Result<$array, Bad>>()?,
                )
            };
        }
        Ok(match self {
            Body::Boolean(bits) => {
                Arc::new((0..count).map(|_| bits.next().map(Some)).collect::<Result<BooleanArray, Bad>>()?)
            }
            Body::Byte(bytes) => {
                let next = |_| bytes.next().map(|byte| Some(byte.cast_signed()));
                Arc::new((0..count).map(next).collect::<Result<Int8Array, Bad>>()?)
            }
            Body::Short(all) => numbers!(Int16Array, all, i16),
            Body::Int(all) => numbers!(Int32Array, all, i32),
            Body::Date(all) => numbers!(Date32Array, all, i32),
            Body::Long(all) => Arc::new((0..count).map(|_| all.next().map(Some)).collect::<Result<Int64Array, Bad>>()?),
            Body::Float(stream) => {
                let next = |_| Ok(Some(f32::from_le_bytes(fixed(stream)?)));
                Arc::new((0..count).map(next).collect::<Result<Float32Array, Bad>>()?)
            }
            Body::Double(stream) => {
                let next = |_| Ok(Some(f64::from_le_bytes(fixed(stream)?)));
                Arc::new((0..count).map(next).collect::<Result<Float64Array, Bad>>()?)
            }
            Body::Text(lengths, stream) => {
                let texts = pieces(lengths, stream, count)?;
                let text = |bytes: &Vec<u8>| Some(String::from_utf8_lossy(bytes).into_owned());
                Arc::new(texts.iter().map(text).collect::<StringArray>())
            }
            Body::Binary(lengths, stream) => Arc::new(BinaryArray::from_iter_values(pieces(lengths, stream, count)?)),
            Body::Dictionary(places, texts) => {
                let next = |_| {
                    let place = places.count()?;
                    texts.get(place).map(|text| Some(Arc::clone(text))).ok_or(Bad::new("no such text in a dictionary"))
                };
                Arc::new((0..count).map(next).collect::<Result<StringArray, Bad>>()?)
            }
            Body::Decimal(digits, scales, precision, scale) => {
                let next = |_| decimal(digits, scales, *scale).map(Some);
                let all = (0..count).map(next).collect::<Result<Decimal128Array, Bad>>()?;
                Arc::new(all.with_precision_and_scale(*precision, *scale)?)
            }
            Body::Timestamp(seconds, nanos, zone) => {
                let next = |_| timestamp(seconds, nanos, zone.as_ref()).map(Some);
                Arc::new((0..count).map(next).collect::<Result<TimestampMicrosecondArray, Bad>>()?)
            }
            Body::List(lengths, of) => {
                let offsets = offsets(lengths, count)?;
                let values = of.next(total(&offsets))?;
                let item = Arc::new(Field::new("item", values.data_type().clone(), true));
                Arc::new(ListArray::try_new(item, offsets, values, None)?)
            }
            Body::Map(lengths, both) => {
                let offsets = offsets(lengths, count)?;
                let (keys, values) = (both.0.next(total(&offsets))?, both.1.next(total(&offsets))?);
                let field = |name: &str, of: &ArrayRef, nullable| Field::new(name, of.data_type().clone(), nullable);
                let fields: Fields = vec![field("key", &keys, false), field("value", &values, true)].into();
                let entries = StructArray::try_new(fields, vec![keys, values], None)?;
                let entry = Arc::new(Field::new("entries", entries.data_type().clone(), false));
                Arc::new(MapArray::try_new(entry, offsets, entries, None, false)?)
            }
            Body::Struct(within) => {
                let (mut fields, mut columns) = (Vec::new(), Vec::new());
                for (name, column) in within.iter_mut() {
                    let values = column.next(count)?;
                    fields.push(Field::new(name.as_str(), values.data_type().clone(), true));
                    columns.push(values);
                }
                match columns.is_empty() {
                    true => Arc::new(StructArray::new_empty_fields(count, None::<NullBuffer>)),
                    false => Arc::new(StructArray::try_new(fields.into(), columns, None)?),
                }
            }
        })
    }
}

fn fixed<const N: usize>(stream: &mut Stream) -> Result<[u8; N], Bad> {
    let mut bytes = [0; N];
    for byte in &mut bytes {
        *byte = stream.byte()?;
    }
    Ok(bytes)
}

/// So many pieces of a stream.
fn pieces(lengths: &mut Numbers, stream: &mut Stream, count: usize) -> Result<Vec<Vec<u8>>, Bad> {
    let (mut all, mut bytes) = (Vec::new(), 0usize);
    for _ in 0..count {
        let length = lengths.count()?;
        bytes = bytes.saturating_add(length);
        if bytes > BYTES {
            return Err(Bad::new("the texts of some rows are too long"));
        }
        let mut piece = Vec::new();
        stream.bytes(length, &mut piece)?;
        all.push(piece);
    }
    Ok(all)
}

fn dictionary(lengths: &mut Numbers, stream: &mut Stream, size: u64) -> Result<Vec<Arc<str>>, Bad> {
    let size =
        usize::try_from(size).ok().filter(|size| *size <= ELEMENTS).ok_or(Bad::new("a dictionary is too large"))?;
    let texts = pieces(lengths, stream, size)?;
    Ok(texts.iter().map(|bytes| Arc::from(String::from_utf8_lossy(bytes).as_ref())).collect())
}

fn offsets(lengths: &mut Numbers, count: usize) -> Result<OffsetBuffer<i32>, Bad> {
    let (mut all, mut total) = (Vec::new(), 0usize);
    for _ in 0..count {
        let length = lengths.count()?;
        total = total.saturating_add(length);
        if total > ELEMENTS {
            return Err(Bad::new("the lists of some rows are too long"));
        }
        all.push(length);
    }
    Ok(OffsetBuffer::from_lengths(all))
}

fn total(offsets: &OffsetBuffer<i32>) -> usize {
    offsets.last().and_then(|last| usize::try_from(*last).ok()).unwrap_or(0)
}

/// The digits of a decimal at the scale of its column.
fn decimal(digits: &mut Stream, scales: &mut Numbers, scale: i8) -> Result<i128, Bad> {
    let range = Bad::new("a decimal is out of its type's range");
    let wide = digits.wide()?;
    let value = (wide >> 1).cast_signed() ^ -(wide & 1).cast_signed();
    let by = i64::from(scale).saturating_sub(scales.next()?);
    let factor = u32::try_from(by.unsigned_abs()).ok().and_then(|by| 10i128.checked_pow(by)).ok_or(range.clone())?;
    match by {
        0.. => value.checked_mul(factor).ok_or(range),
        // What is beyond the scale is rounded.
        _ => Ok((value + value.signum() * (factor / 2)) / factor),
    }
}

/// The zone in which a file's timestamps were written, if it is not UTC.
fn zone(name: &str) -> Result<Option<TimeZone>, Bad> {
    match name {
        "" | "UTC" | "GMT" | "Etc/UTC" | "Z" => Ok(None),
        name => TimeZone::get(name).map(Some).map_err(|_| Bad(format!("the time zone {name}"))),
    }
}

/// Microseconds since 1970 on the clock of the zone.
fn timestamp(seconds: &mut Numbers, nanos: &mut Numbers, zone: Option<&TimeZone>) -> Result<i64, Bad> {
    let (mut second, packed) = (seconds.next()?.saturating_add(EPOCH), nanos.next()?);
    // Some writers have nanoseconds before the second.
    let nano = match packed & 7 {
        0 => packed >> 3,
        zeros => (packed >> 3).saturating_mul(10i64.pow(u32::try_from(zeros).unwrap_or(0) + 1)),
    };
    if nano.unsigned_abs() > 999_999_999 {
        return Err(Bad::new("a second has too many nanoseconds"));
    }
    if let Some(zone) = zone {
        // Both the day from which it counts and its own are on the clock of the zone.
        second = second.saturating_sub(offset(zone, EPOCH)?);
        second = second.saturating_add(offset(zone, second)?);
    }
    // Writers cut towards zero.
    if second < 0 && nano > 999_999 {
        second -= 1;
    }
    let micros = second.checked_mul(1_000_000).ok_or(Bad::new("a time is out of range"))?;
    Ok(micros.saturating_add(nano.div_euclid(1000)))
}

fn offset(zone: &TimeZone, second: i64) -> Result<i64, Bad> {
    let at = jiff::Timestamp::from_second(second).map_err(|_| Bad::new("a time is out of range"))?;
    Ok(zone.to_offset(at).seconds().into())
}
