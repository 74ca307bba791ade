//! Avro: the columns of a table are the fields of the records, by name.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/avro-serde.html>,
//! <https://avro.apache.org/docs/1.11.1/specification/#object-container-files>

mod datum;
mod schema;

use std::io::{BufRead, Read};
use std::sync::Arc;

use tokio::runtime::Handle;

use self::schema::{Field, Schema};
use super::describe::{Description, Undescribed};
use super::input::{self, Input};
use super::scan::{Out, Scan, Split};
use crate::arrow::column;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// A batch has at most so many rows, and about so many bytes.
const ROWS: usize = 8192;
const BYTES: usize = 4 << 20;

/// A block is at most this long, compressed or not.
const BLOCK: u64 = 256 << 20;

/// Rows without any bytes, of which a block may tell any number.
const EMPTY: u64 = 1 << 20;

/// What is wrong with a file.
#[derive(Clone, Debug)]
struct Bad(String);

impl Bad {
    fn new(what: &str) -> Self {
        Bad(what.to_owned())
    }

    fn end() -> Self {
        Self::new("Unexpected end of file")
    }
}

impl From<std::io::Error> for Bad {
    fn from(why: std::io::Error) -> Self {
        Bad(why.to_string())
    }
}

fn malformed(split: &Split, why: &Bad) -> SqlError {
    // UNVERIFIED: the wording.
    SqlError::new(Code::HiveBadData, format!("Malformed Avro file: {}: {}", split.object.location, why.0))
}

/// A column that is wanted: the field of the file's records that it is, and what it is where there is none.
struct Wanted<'a> {
    ty: &'a Type,
    field: Option<usize>,
    default: Value,
}

/// Reads a file. Blocks.
pub(super) fn read(scan: &Scan, split: &Split, out: &Out, runtime: Handle) -> Result<()> {
    let own = own_schema(scan, split, &runtime)?;
    let storage = Arc::clone(&scan.files.storage);
    let mut input = input::open(storage, &split.object, scan.scanned.clone(), runtime)?;
    let fail = |why: Bad| malformed(split, &why);
    let header = failing(&mut input, split, header)?;
    let Schema::Record(fields) = &*header.schema else { return Err(fail(Bad::new("its schema is no record"))) };
    let wanted: Vec<Wanted<'_>> = scan
        .wanted()
        .into_iter()
        .map(|(n, ty)| wanted(fields, own.as_deref(), scan.files.columns.get(n).map_or("", |it| &it.name), ty))
        .collect();
    // Of each field, which of the columns it is.
    let columns = (0..fields.len()).map(|n| wanted.iter().position(|one| one.field == Some(n)));
    let columns: Vec<Option<usize>> = columns.collect();
    let mut gathered = Gathered { columns: vec![Vec::new(); wanted.len()], rows: 0, bytes: 0 };
    while let Some((count, block)) = failing(&mut input, split, |input| header.block(input))? {
        let mut bytes = block.as_slice();
        for _ in 0..count {
            let before = bytes.len();
            let mut row: Vec<Value> = wanted.iter().map(|one| one.default.clone()).collect();
            for (field, column) in fields.iter().zip(&columns) {
                let wanted = column.and_then(|n| Some((row.get_mut(n)?, wanted.get(n)?)));
                match wanted {
                    None => datum::skip(&field.schema, &mut bytes),
                    Some((value, one)) => datum::read(&field.schema, one.ty, &mut bytes).map(|read| *value = read),
                }
                .map_err(|Bad(why)| fail(Bad(format!("Field {}: {why}", field.name))))?;
            }
            gathered.columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
            gathered.rows += 1;
            gathered.bytes += before - bytes.len();
            if (gathered.rows >= ROWS || gathered.bytes >= BYTES) && !gathered.send(scan, split, &wanted, out)? {
                return Ok(());
            }
        }
        if !bytes.is_empty() {
            return Err(fail(Bad::new("a block has more than its records")));
        }
    }
    gathered.send(scan, split, &wanted, out).map(|_| ())
}

/// Reads something of a file; what the storage says is told as it is.
fn failing<T>(
    input: &mut Input,
    split: &Split,
    read: impl FnOnce(&mut Input) -> std::result::Result<T, Failed>,
) -> Result<T> {
    read(input).map_err(|why| match why {
        Failed::Read(why) if why.kind() == std::io::ErrorKind::UnexpectedEof => malformed(split, &Bad::end()),
        Failed::Read(why) => input::failed(&split.object, &why),
        Failed::Bad(why) => malformed(split, &why),
    })
}

/// Why something of a file is not read.
enum Failed {
    Read(std::io::Error),
    Bad(Bad),
}

impl From<std::io::Error> for Failed {
    fn from(why: std::io::Error) -> Self {
        Failed::Read(why)
    }
}

impl From<Bad> for Failed {
    fn from(why: Bad) -> Self {
        Failed::Bad(why)
    }
}

/// Rows that are not in a batch yet.
struct Gathered {
    columns: Vec<Vec<Value>>,
    rows: usize,
    bytes: usize,
}

impl Gathered {
    /// Sends them, and tells whether anybody wants more.
    fn send(&mut self, scan: &Scan, split: &Split, wanted: &[Wanted<'_>], out: &Out) -> Result<bool> {
        if self.rows == 0 {
            return Ok(true);
        }
        let mut arrays = Vec::with_capacity(wanted.len());
        for (own, values) in wanted.iter().zip(&mut self.columns) {
            arrays.push(column(own.ty, values)?);
            values.clear();
        }
        let batch = scan.batch(split, arrays, std::mem::take(&mut self.rows))?;
        self.bytes = 0;
        Ok(out.blocking_send(Ok(batch)).is_ok())
    }
}

/// The field that a column is: of its name, or of one that the table's schema says it had; else the schema's default.
fn wanted<'a>(fields: &[Field], own: Option<&Schema>, name: &str, ty: &'a Type) -> Wanted<'a> {
    let find = |name: &str| fields.iter().position(|field| field.name.to_lowercase() == name);
    let of_table = match own {
        Some(Schema::Record(all)) => all.iter().find(|field| field.name.to_lowercase() == name),
        _ => None,
    };
    let aliases = of_table.map_or(&[][..], |field| &field.aliases);
    let field = find(name).or_else(|| aliases.iter().find_map(|alias| find(&alias.to_lowercase())));
    let default =
        of_table.and_then(|field| field.default.as_ref()).map_or(Value::Null, |json| datum::default(json, ty));
    Wanted { ty, field, default }
}

/// The schema that the table's properties have, if any: `avro.schema.literal` or `avro.schema.url`.
fn own_schema(scan: &Scan, split: &Split, runtime: &Handle) -> Result<Option<Arc<Schema>>> {
    let invalid = |why: String| SqlError::new(Code::HiveInvalidMetadata, format!("Unable to parse Avro schema: {why}"));
    let text = match (split.serde.property("avro.schema.literal"), split.serde.property("avro.schema.url")) {
        (Some(literal), _) if !literal.trim().is_empty() && literal != "none" => literal.to_owned(),
        (_, Some(url)) if url.starts_with("s3://") => {
            let folder = url.rsplit_once('/').map_or("", |(folder, _)| folder);
            let storage = &scan.files.storage;
            let objects = runtime.block_on(storage.list(&format!("{folder}/")))?;
            let object = objects.into_iter().find(|object| object.location == url && object.size > 0);
            let object = object.ok_or_else(|| invalid(format!("there is no object {url}")))?;
            let bytes = runtime.block_on(storage.read(&object, 0..object.size.min(BLOCK)))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        (_, Some(url)) => return Err(invalid(format!("This engine reads no schema from {url}"))),
        _ => return Ok(None),
    };
    Schema::parse(&text).map(Some).map_err(|Bad(why)| invalid(why))
}

/// What a file begins with.
struct Header {
    schema: Arc<Schema>,
    /// The schema as it is written.
    text: String,
    codec: String,
    sync: [u8; 16],
}

fn header(input: &mut Input) -> std::result::Result<Header, Failed> {
    let mut magic = [0; 4];
    input.read_exact(&mut magic)?;
    if magic != *b"Obj\x01" {
        return Err(Bad::new("Not an Avro data file").into());
    }
    let (mut schema, mut codec) = (String::new(), String::new());
    loop {
        let count = match long(input)? {
            0 => break,
            count @ 1.. => count.unsigned_abs(),
            count => {
                long(input)?;
                count.unsigned_abs()
            }
        };
        for _ in 0..count {
            let (key, value) = (piece(input)?, piece(input)?);
            let value = String::from_utf8_lossy(&value).into_owned();
            match key.as_slice() {
                b"avro.schema" => schema = value,
                b"avro.codec" => codec = value,
                _ => {}
            }
        }
    }
    let mut sync = [0; 16];
    input.read_exact(&mut sync)?;
    Ok(Header { schema: Schema::parse(&schema)?, text: schema, codec, sync })
}

impl Header {
    /// The next block, and how many records it has.
    fn block(&self, input: &mut Input) -> std::result::Result<Option<(u64, Vec<u8>)>, Failed> {
        if input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let count = u64::try_from(long(input)?).map_err(|_| Bad::new("a block has fewer than no records"))?;
        let stored = piece(input)?;
        let mut sync = [0; 16];
        input.read_exact(&mut sync)?;
        if sync != self.sync {
            return Err(Bad::new("Invalid sync!").into());
        }
        let block = self.plain(stored)?;
        if block.is_empty() && count > EMPTY {
            return Err(Bad::new("a block has more records than bytes").into());
        }
        Ok(Some((count, block)))
    }

    fn plain(&self, stored: Vec<u8>) -> std::result::Result<Vec<u8>, Bad> {
        let limited = |reader: &mut dyn Read| {
            let mut plain = Vec::new();
            reader.take(BLOCK + 1).read_to_end(&mut plain)?;
            if plain.len() as u64 > BLOCK { Err(Bad::new("a block is too long")) } else { Ok(plain) }
        };
        match self.codec.as_str() {
            "" | "null" => Ok(stored),
            "deflate" => limited(&mut flate2::read::DeflateDecoder::new(stored.as_slice())),
            "bzip2" => limited(&mut bzip2::read::MultiBzDecoder::new(stored.as_slice())),
            "zstandard" => limited(&mut zstd::stream::read::Decoder::new(stored.as_slice())?),
            "snappy" => {
                // A checksum of four bytes is after it.
                let stored = stored.len().checked_sub(4).and_then(|end| stored.get(..end)).ok_or_else(Bad::end)?;
                let size = snap::raw::decompress_len(stored).map_err(|why| Bad(why.to_string()))?;
                if size as u64 > BLOCK {
                    return Err(Bad::new("a block is too long"));
                }
                snap::raw::Decoder::new().decompress_vec(stored).map_err(|why| Bad(why.to_string()))
            }
            other => Err(Bad(format!("This engine does not read the codec {other}"))),
        }
    }
}

/// What the beginning of a file tells: its columns, and the rows of the blocks that are in it as a whole.
pub(super) fn describe(start: &[u8]) -> std::result::Result<Description, Undescribed> {
    let mut input = Input::new(Box::new(std::io::Cursor::new(start.to_vec())));
    let more = || Undescribed::More(2 * start.len() as u64);
    let header = header(&mut input).map_err(|why| match why {
        Failed::Read(_) => more(),
        Failed::Bad(_) if start.len() < 4 => more(),
        Failed::Bad(Bad(why)) => Undescribed::Bad(why),
    })?;
    let Schema::Record(fields) = &*header.schema else {
        return Err(Undescribed::Bad("its schema is no record".to_owned()));
    };
    let columns = fields.iter().map(|field| (field.name.clone(), field.schema.ty())).collect();
    let (mut rows, mut bytes) = (0u64, 0u64);
    // Blocks are only counted, not decompressed.
    while let Ok(Some((count, length))) = skip(&mut input) {
        (rows, bytes) = (rows.saturating_add(count), bytes.saturating_add(length));
    }
    Ok(Description { columns, rows, bytes: Some(bytes), schema: Some(header.text) })
}

/// How many records are in the next block, and how long it is.
fn skip(input: &mut Input) -> std::result::Result<Option<(u64, u64)>, Failed> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let count = u64::try_from(long(input)?).map_err(|_| Bad::new("a block has fewer than no records"))?;
    let length = piece(input)?.len() as u64;
    let mut sync = [0; 16];
    input.read_exact(&mut sync)?;
    Ok(Some((count, length)))
}

/// A number of 7 bits a byte, the lowest first, with its sign in the lowest.
fn long(input: &mut Input) -> std::result::Result<i64, Failed> {
    let mut bytes = Vec::new();
    loop {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        bytes.extend_from_slice(&byte);
        if byte[0] & 0x80 == 0 || bytes.len() > 10 {
            return Ok(datum::long(&mut bytes.as_slice())?);
        }
    }
}

/// Bytes with their length before them.
fn piece(input: &mut Input) -> std::result::Result<Vec<u8>, Failed> {
    let length = u64::try_from(long(input)?).ok().filter(|length| *length <= BLOCK);
    let length = length.ok_or_else(|| Bad::new("a block is too long"))?;
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(Bad::end().into()) }
}
