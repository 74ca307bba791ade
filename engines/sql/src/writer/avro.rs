//! Files of Avro: <https://avro.apache.org/docs/1.11.4/specification/#object-container-files>

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::file::Codec;
use crate::catalog::Column;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Bytes of a block before it is compressed.
const BLOCK: usize = 256 << 10;

/// A file that is being written.
pub(super) struct AvroFile {
    columns: Vec<Column>,
    codec: Codec,
    /// What stands behind each block.
    marker: [u8; 16],
    out: Vec<u8>,
    block: Vec<u8>,
    rows: i64,
}

fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::internal(why.to_string())
}

impl AvroFile {
    /// # Errors
    /// `NOT_SUPPORTED`: Avro has no such type or compression.
    pub(super) fn new(columns: &[Column], codec: Codec) -> Result<Self> {
        let fields: Vec<(Option<String>, Type)> =
            columns.iter().map(|column| (Some(column.name.clone()), column.ty.clone())).collect();
        let schema = Schemas::default().record(&fields)?.to_string();
        let digest = Sha256::digest(schema.as_bytes());
        let mut marker = [0; 16];
        marker.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        let mut out = b"Obj\x01".to_vec();
        long(&mut out, 2);
        for (key, value) in [("avro.schema", schema.as_str()), ("avro.codec", codec_name(codec)?)] {
            bytes(&mut out, key.as_bytes());
            bytes(&mut out, value.as_bytes());
        }
        long(&mut out, 0);
        out.extend(marker);
        Ok(Self { columns: columns.to_vec(), codec, marker, out, block: Vec::new(), rows: 0 })
    }

    /// Adds a row, which has a value for each column.
    ///
    /// # Errors
    /// A value that is none of the column's type.
    pub(super) fn append(&mut self, row: &[Value]) -> Result<()> {
        for (column, value) in self.columns.iter().zip(row) {
            put(&mut self.block, &column.ty, value)?;
        }
        self.rows += 1;
        if self.block.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    /// Ends the block.
    ///
    /// # Errors
    /// A defect.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let block = compressed(&std::mem::take(&mut self.block), self.codec)?;
        long(&mut self.out, std::mem::take(&mut self.rows));
        bytes(&mut self.out, &block);
        self.out.extend(self.marker);
        Ok(())
    }

    pub(super) fn held(&self) -> usize {
        self.out.len() + self.block.len()
    }

    pub(super) fn ready(&self) -> usize {
        self.out.len()
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        self.flush()?;
        Ok(self.out)
    }
}

fn codec_name(codec: Codec) -> Result<&'static str> {
    Ok(match codec {
        Codec::None => "null",
        Codec::Deflate => "deflate",
        Codec::Snappy => "snappy",
        Codec::Bzip2 => "bzip2",
        Codec::Zstd(_) => "zstandard",
        Codec::Gzip => return Err(SqlError::new(Code::NotSupported, "Avro with the compression Gzip")),
    })
}

fn compressed(plain: &[u8], codec: Codec) -> Result<Vec<u8>> {
    Ok(match codec {
        Codec::None | Codec::Gzip => plain.to_vec(),
        Codec::Deflate => {
            let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(failed)?
        }
        Codec::Snappy => {
            let mut out = snap::raw::Encoder::new().compress_vec(plain).map_err(failed)?;
            let mut sum = flate2::Crc::new();
            sum.update(plain);
            out.extend(sum.sum().to_be_bytes());
            out
        }
        Codec::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
            encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(failed)?
        }
        Codec::Zstd(level) => zstd::bulk::compress(plain, level).map_err(failed)?,
    })
}

/// Names of records in the making: each is another one.
#[derive(Default)]
struct Schemas {
    records: usize,
}

impl Schemas {
    fn record(&mut self, fields: &[(Option<String>, Type)]) -> Result<Json> {
        let name = format!("record{}", self.records);
        self.records += 1;
        let mut all = Vec::with_capacity(fields.len());
        for (n, (name, ty)) in fields.iter().enumerate() {
            let name = name.clone().unwrap_or_else(|| format!("field{n}"));
            check_name(&name)?;
            all.push(json!({"name": name, "type": self.nullable(ty)?, "default": null}));
        }
        Ok(json!({"type": "record", "name": name, "fields": all}))
    }

    fn nullable(&mut self, ty: &Type) -> Result<Json> {
        Ok(json!(["null", self.schema(ty)?]))
    }

    fn schema(&mut self, ty: &Type) -> Result<Json> {
        Ok(match ty {
            Type::Boolean => json!("boolean"),
            Type::Tinyint | Type::Smallint | Type::Integer => json!("int"),
            Type::Bigint => json!("long"),
            Type::Real => json!("float"),
            Type::Double => json!("double"),
            Type::Decimal(precision, scale) => {
                json!({"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale})
            }
            Type::Varchar(_) | Type::Char(_) => json!("string"),
            Type::Varbinary => json!("bytes"),
            Type::Date => json!({"type": "int", "logicalType": "date"}),
            Type::Timestamp(_) => json!({"type": "long", "logicalType": "timestamp-millis"}),
            Type::Array(of) => json!({"type": "array", "items": self.nullable(of)?}),
            Type::Map(key, of) if key.is_text() => json!({"type": "map", "values": self.nullable(of)?}),
            Type::Row(fields) => self.record(fields)?,
            other => return Err(SqlError::new(Code::NotSupported, format!("Unsupported Avro type: {other}"))),
        })
    }
}

/// "The name portion of … record field names … must start with [A-Za-z_] and subsequently contain only [A-Za-z0-9_]".
fn check_name(name: &str) -> Result<()> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if begins && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Ok(());
    }
    // UNVERIFIED: the wording.
    Err(SqlError::new(Code::NotSupported, format!("Avro has no columns with the name: {name}")))
}

/// A whole number: the lowest seven bits first, its sign last.
fn long(out: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    long(out, bytes.len() as i64);
    out.extend_from_slice(bytes);
}

/// A value that may be NULL: the first branch of a union.
fn put(out: &mut Vec<u8>, ty: &Type, value: &Value) -> Result<()> {
    if value.is_null() {
        long(out, 0);
        return Ok(());
    }
    long(out, 1);
    match (ty, value) {
        (_, Value::Boolean(it)) => out.push(u8::from(*it)),
        (_, Value::Integer(it)) => long(out, *it),
        (_, Value::Real(it)) => out.extend(it.to_le_bytes()),
        (_, Value::Double(it)) => out.extend(it.to_le_bytes()),
        (_, Value::Decimal(digits, _)) => bytes(out, shortest(&digits.to_be_bytes())),
        // Without what pads it, as Hive keeps `char`.
        (Type::Char(_), Value::Text(it)) => bytes(out, it.trim_end_matches(' ').as_bytes()),
        (_, Value::Text(it)) => bytes(out, it.as_bytes()),
        (_, Value::Bytes(it)) => bytes(out, it),
        (_, Value::Date(it)) => long(out, i64::from(*it)),
        (_, Value::Timestamp(it)) => long(out, it.div_euclid(1000)),
        (Type::Array(of), Value::Array(all)) => {
            if !all.is_empty() {
                long(out, all.len() as i64);
                all.iter().try_for_each(|one| put(out, of, one))?;
            }
            long(out, 0);
        }
        (Type::Map(_, of), Value::Map(all)) => {
            if !all.is_empty() {
                long(out, all.len() as i64);
                for (key, value) in all.iter() {
                    bytes(out, key.as_str()?.as_bytes());
                    put(out, of, value)?;
                }
            }
            long(out, 0);
        }
        (Type::Row(fields), Value::Row(all)) => {
            fields.iter().zip(all.iter()).try_for_each(|((_, of), one)| put(out, of, one))?;
        }
        (ty, other) => return Err(failed(format_args!("{other:?} is no {ty}"))),
    }
    Ok(())
}

/// Without leading bytes that tell nothing.
fn shortest(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        let sign = rest.first().is_some_and(|next| next & 0x80 != 0);
        match (*first, sign) {
            (0, false) | (0xff, true) if !rest.is_empty() => bytes = rest,
            _ => break,
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_the_specification_has_them() {
        for (number, expected) in [(0, vec![0]), (-1, vec![1]), (1, vec![2]), (-64, vec![0x7f]), (64, vec![0x80, 1])] {
            let mut out = Vec::new();
            long(&mut out, number);
            assert_eq!(out, expected, "{number}");
        }
        assert_eq!(shortest(&[0, 0, 0x80]), [0, 0x80]);
        assert_eq!(shortest(&[0xff, 0xff, 0x80]), [0x80]);
        assert_eq!(shortest(&[0, 0]), [0]);
    }
}
