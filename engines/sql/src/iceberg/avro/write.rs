//! Writing container files.

use std::io::Write as _;

use aws_lc_rs::digest;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::Value as Json;

use super::{Avro, MAGIC, Schema};
use crate::error::{Result, SqlError};
use crate::iceberg::invalid;

/// A file of rows, with metadata beside those of the format.
///
/// # Errors
/// A row is none of the schema.
pub(in crate::iceberg) fn write(schema: &Json, metadata: &[(&str, String)], rows: &[Avro]) -> Result<Vec<u8>> {
    let parsed = Schema::parse(schema)?;
    let mut block = Vec::new();
    for row in rows {
        value(&mut block, &parsed, row)?;
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let block = encoder.write_all(&block).and_then(|()| encoder.finish()).map_err(invalid)?;
    // The marker must not occur by chance; it need not be secret.
    let marker = digest::digest(&digest::SHA256, &block);
    let marker = marker.as_ref().get(..16).unwrap_or_default();
    let own = [("avro.schema", schema.to_string()), ("avro.codec", "deflate".to_owned())];
    let mut file = MAGIC.to_vec();
    long(&mut file, own.len() as i64 + metadata.len() as i64);
    for (key, value) in own.iter().chain(metadata) {
        bytes(&mut file, key.as_bytes());
        bytes(&mut file, value.as_bytes());
    }
    long(&mut file, 0);
    file.extend_from_slice(marker);
    if !rows.is_empty() {
        long(&mut file, rows.len() as i64);
        bytes(&mut file, &block);
        file.extend_from_slice(marker);
    }
    Ok(file)
}

fn long(out: &mut Vec<u8>, value: i64) {
    let mut left = ((value << 1) ^ (value >> 63)) as u64;
    while left >= 0x80 {
        out.push((left as u8 & 0x7f) | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}

fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    long(out, value.len() as i64);
    out.extend_from_slice(value);
}

fn value(out: &mut Vec<u8>, schema: &Schema, of: &Avro) -> Result<()> {
    match (schema, of) {
        (Schema::Null, Avro::Null) => {}
        (Schema::Boolean, Avro::Boolean(it)) => out.push(u8::from(*it)),
        (Schema::Long, Avro::Long(it)) => long(out, *it),
        (Schema::Float, Avro::Float(it)) => out.extend_from_slice(&it.to_le_bytes()),
        (Schema::Double, Avro::Double(it)) => out.extend_from_slice(&it.to_le_bytes()),
        (Schema::Bytes, Avro::Bytes(it)) => bytes(out, it),
        (Schema::Fixed(size), Avro::Bytes(it)) if it.len() == *size => out.extend_from_slice(it),
        (Schema::String, Avro::String(it)) => bytes(out, it.as_bytes()),
        (Schema::Array(item), Avro::Array(all)) => {
            if !all.is_empty() {
                long(out, all.len() as i64);
                all.iter().try_for_each(|one| value(out, item, one))?;
            }
            long(out, 0);
        }
        (Schema::Union(branches), of) => {
            let fits = |branch: &Schema| matches!(branch, Schema::Null) == matches!(of, Avro::Null);
            let Some((n, branch)) = branches.iter().enumerate().find(|(_, branch)| fits(branch)) else {
                return Err(SqlError::internal(format!("{of:?} is of no branch")));
            };
            long(out, n as i64);
            value(out, branch, of)?;
        }
        (Schema::Record(fields), Avro::Record(_)) => {
            fields.iter().try_for_each(|(id, field)| value(out, field, of.field(*id)))?;
        }
        (schema, of) => return Err(SqlError::internal(format!("{of:?} is no {schema:?}"))),
    }
    Ok(())
}
