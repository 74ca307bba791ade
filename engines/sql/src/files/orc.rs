//! ORC: columns by position, or by name where the table says so, and only those that are wanted.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/orc-serde.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html>,
//! <https://orc.apache.org/specification/ORCv1/>

mod column;
mod proto;
mod stream;

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use datafusion::arrow::array::new_null_array;
use tokio::runtime::Handle;

use self::column::{Column, Streams};
use self::proto::{Footer, Kind, PostScript, StripeFooter, StripeInformation};
use self::stream::{Codec, Stream};
use super::describe::{Description, Undescribed};
use super::parquet::adapt::{Unfit, adapt};
use super::scan::{Out, Scan, Split};
use crate::arrow::data_type;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// How many rows a batch has at most.
const ROWS: u64 = 8192;

/// How much of the end of a file is read at first.
const TAIL: u64 = 64 << 10;

/// A footer is at most this long when it is decompressed.
const FOOTER: usize = 256 << 20;

/// What is wrong with a file.
#[derive(Clone, Debug)]
struct Bad(String);

impl Bad {
    const END: Bad = Bad(String::new());

    fn new(what: &str) -> Self {
        Bad(what.to_owned())
    }
}

/// A file that is read.
struct File<'a> {
    scan: &'a Scan,
    split: &'a Split,
    runtime: Handle,
    codec: Codec,
    block: u64,
}

/// A column that is wanted: its place in the table, its type, and what the file has for it.
struct Wanted<'a> {
    place: usize,
    ty: &'a Type,
    kind: Option<&'a Kind>,
}

/// Reads a file. Blocks.
pub(super) fn read(scan: &Scan, split: &Split, out: &Out, runtime: Handle) -> Result<()> {
    let mut file = File { scan, split, runtime, codec: Codec::None, block: 0 };
    let footer = file.open()?;
    let wanted = wanted(scan, split, &footer.columns);
    for stripe in &footer.stripes {
        if !file.stripe(stripe, &wanted, out)? {
            return Ok(());
        }
    }
    Ok(())
}

/// What the end of a file tells: its columns and how many rows it has.
pub(super) fn describe(end: &[u8]) -> std::result::Result<Description, Undescribed> {
    let bad = |Bad(why): Bad| Undescribed::Bad(if why.is_empty() { "Unexpected end of file".to_owned() } else { why });
    let own = end.last().copied().map_or(0, usize::from);
    let start = end.len().checked_sub(own + 1).ok_or(Undescribed::More(own as u64 + 1))?;
    let post = end.get(start..end.len() - 1).unwrap_or_default();
    let post = PostScript::read(post).map_err(bad)?;
    let codec = Codec::of(post.compression).map_err(bad)?;
    let footer = usize::try_from(post.footer).unwrap_or(usize::MAX);
    let from = start.checked_sub(footer).ok_or(Undescribed::More(post.footer.saturating_add(own as u64 + 1)))?;
    let footer = Bytes::copy_from_slice(end.get(from..start).unwrap_or_default());
    let footer = Stream::new(footer, codec, post.block).rest(FOOTER).and_then(|bytes| Footer::read(&bytes));
    let footer = footer.map_err(bad)?;
    let rows = footer.stripes.iter().fold(0u64, |rows, stripe| rows.saturating_add(stripe.rows));
    let columns = footer.columns.iter().map(|(name, kind)| (name.clone(), kind.ty())).collect();
    Ok(Description { columns, rows, bytes: None, schema: None })
}

/// Which columns of a file are those of the table.
fn wanted<'a>(scan: &'a Scan, split: &Split, columns: &'a [(String, Kind)]) -> Vec<Wanted<'a>> {
    let numbered = |name: &str| name.strip_prefix("_col").is_some_and(|n| n.parse::<u32>().is_ok());
    let by_name = split.serde.property("orc.column.index.access").is_some_and(|it| it.eq_ignore_ascii_case("false"))
        // Hive of old gave no names.
        && !columns.iter().all(|(name, _)| numbered(name));
    let find = |place: usize| match by_name {
        false => columns.get(place),
        true => {
            let own = &scan.files.columns.get(place)?.name;
            columns.iter().find(|(name, _)| name.to_lowercase() == *own)
        }
    };
    let one = |(place, ty)| Wanted { place, ty, kind: find(place).map(|(_, kind)| kind) };
    scan.wanted().into_iter().map(one).collect()
}

impl File<'_> {
    fn bad(&self, why: Bad) -> SqlError {
        let why = if why.0.is_empty() { "Unexpected end of file" } else { &why.0 };
        // UNVERIFIED: the wording behind "Malformed ORC file.".
        SqlError::new(Code::HiveBadData, format!("Malformed ORC file. {why} [{}]", self.split.object.location))
    }

    fn range(&self, start: u64, length: u64) -> Result<Bytes> {
        let end = start.checked_add(length).filter(|end| *end <= self.split.object.size);
        let Some(end) = end else { return Err(self.bad(Bad::END)) };
        if length == 0 {
            return Ok(Bytes::new());
        }
        let read = self.scan.files.storage.read(&self.split.object, start..end);
        let bytes = self.runtime.block_on(read)?;
        self.scan.scanned.add(bytes.len());
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(self.bad(Bad::END)) }
    }

    /// Reads the end of the file, which tells what is in it.
    fn open(&mut self) -> Result<Footer> {
        let size = self.split.object.size;
        let length = size.min(TAIL);
        let tail = self.range(size - length, length)?;
        let own = tail.last().copied().map_or(0, u64::from);
        let end = length.checked_sub(own + 1).ok_or_else(|| self.bad(Bad::new("Invalid postscript")))?;
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(tail.len());
        let post = tail.slice(at(end)..at(length - 1));
        let post = PostScript::read(&post).map_err(|_| self.bad(Bad::new("Invalid postscript")))?;
        self.codec = Codec::of(post.compression).map_err(|why| self.bad(why))?;
        self.block = post.block;
        let footer = match end.checked_sub(post.footer) {
            Some(start) => tail.slice(at(start)..at(end)),
            None => {
                let start = (size - length + end).checked_sub(post.footer).ok_or_else(|| self.bad(Bad::END))?;
                self.range(start, post.footer)?
            }
        };
        let footer = self.stream(footer).rest(FOOTER).and_then(|bytes| Footer::read(&bytes));
        footer.map_err(|why| self.bad(why))
    }

    fn stream(&self, bytes: Bytes) -> Stream {
        Stream::new(bytes, self.codec, self.block)
    }

    /// The streams of the columns that are wanted.
    fn streams(&self, stripe: &StripeInformation, wanted: &[Wanted<'_>]) -> Result<Streams> {
        let body = stripe.index.checked_add(stripe.data).and_then(|length| stripe.offset.checked_add(length));
        let body = body.ok_or_else(|| self.bad(Bad::END))?;
        let footer = self.stream(self.range(body, stripe.footer)?).rest(FOOTER);
        let footer = footer.and_then(|bytes| StripeFooter::read(&bytes)).map_err(|why| self.bad(why))?;
        let mut columns = Vec::new();
        wanted.iter().filter_map(|one| one.kind).for_each(|kind| kind.columns(&mut columns));
        let columns: HashSet<u64> = columns.into_iter().collect();
        let (mut at, mut all) = (stripe.offset, HashMap::new());
        for stream in &footer.streams {
            // Indexes and Bloom filters are not looked at.
            if columns.contains(&stream.column) && stream.kind < 6 {
                all.insert((stream.column, stream.kind), self.range(at, stream.length)?);
            }
            at = at.checked_add(stream.length).ok_or_else(|| self.bad(Bad::END))?;
        }
        Ok(Streams { all, footer, codec: self.codec, block: self.block })
    }

    /// Sends the rows of a stripe, and tells whether anybody wants more.
    fn stripe(&self, stripe: &StripeInformation, wanted: &[Wanted<'_>], out: &Out) -> Result<bool> {
        let streams = self.streams(stripe, wanted)?;
        let mut columns = Vec::new();
        for one in wanted {
            let column = one.kind.map(|kind| Column::new(kind, &streams)).transpose();
            columns.push(column.map_err(|why| self.bad(why))?);
        }
        drop(streams);
        let mut left = stripe.rows;
        while left > 0 {
            let rows = usize::try_from(left.min(ROWS)).unwrap_or(0);
            let mut arrays = Vec::with_capacity(wanted.len());
            for (one, column) in wanted.iter().zip(&mut columns) {
                arrays.push(match column {
                    None => new_null_array(&data_type(one.ty), rows),
                    Some(column) => {
                        let array = column.next(rows).map_err(|why| self.bad(why))?;
                        adapt(&array, one.ty).map_err(|why| self.unfit(one, why))?
                    }
                });
            }
            let batch = self.scan.batch(self.split, arrays, rows)?;
            if out.blocking_send(Ok(batch)).is_err() {
                return Ok(false);
            }
            left -= left.min(ROWS);
        }
        Ok(true)
    }

    fn unfit(&self, one: &Wanted<'_>, why: Unfit) -> SqlError {
        let name = self.scan.files.columns.get(one.place).map_or("", |column| &column.name);
        let kind = one.kind.map_or("", Kind::name);
        self.bad(Bad(match why {
            Unfit::Type(_) => format!("Can not read SQL type {} from ORC stream .{name} of type {kind}", one.ty),
            Unfit::Value(why) => format!("Field {name}: {why}"),
        }))
    }
}
