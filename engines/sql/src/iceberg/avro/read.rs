//! Reading container files.

use std::collections::BTreeMap;
use std::io::Read as _;

use super::{Avro, MAGIC, Schema};
use crate::error::Result;
use crate::iceberg::invalid;

/// What a block becomes at most when it is decompressed, and how many values there are in a file at most.
const MOST: usize = 256 << 20;

/// What is told of a file beside its rows.
pub(in crate::iceberg) type Metadata = BTreeMap<String, Vec<u8>>;

/// The metadata of a file, and its rows.
///
/// # Errors
/// It is no such file.
pub(in crate::iceberg) fn read(file: &[u8]) -> Result<(Metadata, Vec<Avro>)> {
    let mut input = Input { left: file, values: 0 };
    if input.take(4)? != MAGIC {
        return Err(invalid("a manifest is no Avro file"));
    }
    let metadata = input.metadata()?;
    let marker = input.take(16)?;
    let schema = metadata.get("avro.schema").ok_or_else(|| invalid("an Avro file has no schema"))?;
    let schema = serde_json::from_slice(schema).map_err(invalid)?;
    let schema = Schema::parse(&schema)?;
    let codec = metadata.get("avro.codec").map_or("null".into(), |name| String::from_utf8_lossy(name).into_owned());
    let mut rows = Vec::new();
    while !input.left.is_empty() {
        let count = input.count()?;
        let size = input.count()?;
        let block = decompress(&codec, input.take(size)?)?;
        if input.take(16)? != marker {
            return Err(invalid("an Avro file is damaged: a block does not end where it should"));
        }
        let mut block = Input { left: &block, values: input.values };
        for _ in 0..count {
            rows.push(block.value(&schema)?);
        }
        input.values = block.values;
    }
    Ok((metadata, rows))
}

fn decompress(codec: &str, block: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let most = MOST as u64 + 1;
    match codec {
        "null" => out.extend_from_slice(block),
        "deflate" => {
            flate2::read::DeflateDecoder::new(block).take(most).read_to_end(&mut out).map_err(invalid)?;
        }
        "zstandard" => {
            let decoder = zstd::stream::read::Decoder::new(block).map_err(invalid)?;
            decoder.take(most).read_to_end(&mut out).map_err(invalid)?;
        }
        "snappy" => {
            // The last four bytes are a checksum of what was compressed.
            let data = block.get(..block.len().saturating_sub(4)).unwrap_or_default();
            if snap::raw::decompress_len(data).map_err(invalid)? > MOST {
                return Err(invalid("a block of an Avro file is too large"));
            }
            out = snap::raw::Decoder::new().decompress_vec(data).map_err(invalid)?;
        }
        other => return Err(invalid(format!("the codec {other} of Avro files is not supported"))),
    }
    if out.len() > MOST {
        return Err(invalid("a block of an Avro file is too large"));
    }
    Ok(out)
}

struct Input<'a> {
    left: &'a [u8],
    values: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        match self.left.split_at_checked(count) {
            Some((taken, left)) => {
                self.left = left;
                Ok(taken)
            }
            None => Err(invalid("an Avro file ends too early")),
        }
    }

    fn long(&mut self) -> Result<i64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.take(1)?.first().copied().unwrap_or_default();
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        Err(invalid("a number of an Avro file has no end"))
    }

    fn count(&mut self) -> Result<usize> {
        usize::try_from(self.long()?).map_err(|_| invalid("a count in an Avro file is negative"))
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    fn string(&mut self) -> Result<String> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(invalid)
    }

    fn metadata(&mut self) -> Result<Metadata> {
        let mut all = BTreeMap::new();
        while let Some(count) = self.block()? {
            for _ in 0..count {
                let key = self.string()?;
                all.insert(key, self.bytes()?.to_vec());
            }
        }
        Ok(all)
    }

    /// How many items come next, of an array or a map; `None` at its end.
    fn block(&mut self) -> Result<Option<usize>> {
        let count = self.long()?;
        if count < 0 {
            // The size of the block follows, for those that skip it.
            self.long()?;
        }
        let count = usize::try_from(count.unsigned_abs()).map_err(invalid)?;
        Ok((count > 0).then_some(count))
    }

    fn value(&mut self, schema: &Schema) -> Result<Avro> {
        self.values += 1;
        if self.values > MOST {
            return Err(invalid("an Avro file has too many values"));
        }
        Ok(match schema {
            Schema::Null => Avro::Null,
            Schema::Boolean => Avro::Boolean(self.take(1)? != [0]),
            Schema::Long => Avro::Long(self.long()?),
            Schema::Float => Avro::Float(f32::from_le_bytes(self.array()?)),
            Schema::Double => Avro::Double(f64::from_le_bytes(self.array()?)),
            Schema::Bytes => Avro::Bytes(self.bytes()?.to_vec()),
            Schema::Fixed(size) => Avro::Bytes(self.take(*size)?.to_vec()),
            Schema::String => Avro::String(self.string()?),
            Schema::Array(item) => {
                let mut all = Vec::new();
                while let Some(count) = self.block()? {
                    for _ in 0..count {
                        all.push(self.value(item)?);
                    }
                }
                Avro::Array(all)
            }
            Schema::Map(of) => {
                let mut all = Vec::new();
                while let Some(count) = self.block()? {
                    for _ in 0..count {
                        let key = Avro::String(self.string()?);
                        all.push(Avro::Record(vec![(0, key), (1, self.value(of)?)]));
                    }
                }
                Avro::Array(all)
            }
            Schema::Union(branches) => {
                let branch = self.count()?;
                let branch = branches.get(branch).ok_or_else(|| invalid("an Avro union has no such branch"))?;
                self.value(branch)?
            }
            Schema::Record(fields) => {
                let fields = fields.iter().map(|(id, field)| Ok((*id, self.value(field)?)));
                Avro::Record(fields.collect::<Result<_>>()?)
            }
        })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(invalid)
    }
}
