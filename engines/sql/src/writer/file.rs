//! A file of rows, written batch by batch.

use datafusion::arrow::array::{ArrayRef, UInt32Array, new_null_array};
use datafusion::arrow::compute::take;

use super::Lines;
use super::avro::AvroFile;
use super::compress::Encoder;
use super::orc::OrcFile;
use super::parquet::ParquetFile;
use crate::arrow::{column, data_type, value};
use crate::catalog::Column;
use crate::engine::Batch;
use crate::error::{Code, Result, SqlError};
use crate::function::cast::convert;
use crate::types::Type;
use crate::value::Value;

/// How the rows of a file are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As lines.
    Lines(Lines),
    /// As Parquet.
    Parquet,
    /// As ORC.
    Orc,
    /// As Avro.
    Avro,
}

/// How a file is compressed: one of lines as a whole, another one within.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// zlib, which Hadoop calls so; in ORC and Avro without a head.
    Deflate,
    /// bzip2.
    Bzip2,
    /// Snappy: of lines in the blocks of Hadoop.
    Snappy,
    /// Zstandard with this level, of 1 to 22.
    Zstd(i32),
}

/// How files are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFormat {
    /// How rows are laid out.
    pub encoding: Encoding,
    /// How they are compressed.
    pub codec: Codec,
}

impl FileFormat {
    /// What the names of such files end with: readers of lines go by it. Empty where the file tells by itself.
    pub fn extension(&self) -> &'static str {
        match (&self.encoding, self.codec) {
            (Encoding::Parquet | Encoding::Orc | Encoding::Avro, _) | (_, Codec::None) => "",
            (_, Codec::Gzip) => ".gz",
            (_, Codec::Deflate) => ".deflate",
            (_, Codec::Bzip2) => ".bz2",
            (_, Codec::Snappy) => ".snappy",
            (_, Codec::Zstd(_)) => ".zst",
        }
    }
}

/// Whether columns can be those of a table of files.
///
/// # Errors
/// `NOT_SUPPORTED` for a type that Hive has not.
pub fn storable(columns: &[Column]) -> Result<()> {
    columns.iter().try_for_each(|column| stored(&column.ty, &column.name))
}

fn stored(ty: &Type, name: &str) -> Result<()> {
    match ty {
        Type::Array(of) => stored(of, name),
        Type::Map(key, of) => stored(key, name).and_then(|()| stored(of, name)),
        Type::Row(fields) => fields.iter().try_for_each(|(_, ty)| stored(ty, name)),
        Type::Timestamp(precision) if *precision > 3 => {
            let message = format!(
                "Incorrect timestamp precision for {ty}; the configured precision is MILLISECONDS; column name: {name}"
            );
            Err(SqlError::new(Code::NotSupported, message))
        }
        Type::Boolean | Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint | Type::Real | Type::Double => {
            Ok(())
        }
        Type::Decimal(..) | Type::Varchar(_) | Type::Char(_) | Type::Varbinary | Type::Date | Type::Timestamp(_) => {
            Ok(())
        }
        other => Err(SqlError::new(Code::NotSupported, format!("Unsupported Hive type: {other}"))),
    }
}

/// A file that is being written. It holds what has not been [taken](Self::take).
pub struct RowFile {
    columns: Vec<Column>,
    body: Body,
}

enum Body {
    Lines(Lines, Box<Encoder>),
    Parquet(Box<ParquetFile>),
    Orc(Box<OrcFile>),
    Avro(Box<AvroFile>),
}

impl RowFile {
    /// A file with these columns.
    ///
    /// # Errors
    /// `NOT_SUPPORTED` for a type that cannot be stored.
    pub fn new(format: &FileFormat, columns: &[Column]) -> Result<Self> {
        storable(columns)?;
        let body = match &format.encoding {
            Encoding::Lines(lines) => Body::Lines(lines.clone(), Box::new(Encoder::new(format.codec)?)),
            Encoding::Parquet => Body::Parquet(Box::new(ParquetFile::new(columns, format.codec)?)),
            Encoding::Orc => Body::Orc(Box::new(OrcFile::new(columns, format.codec)?)),
            Encoding::Avro => Body::Avro(Box::new(AvroFile::new(columns, format.codec)?)),
        };
        Ok(Self { columns: columns.to_vec(), body })
    }

    /// Adds rows of a batch. For each column of the file `from` has the column of the batch of which it is; NULL if of
    /// none.
    ///
    /// # Errors
    /// A value that is none of the column's type.
    pub fn append(&mut self, batch: &Batch, from: &[Option<usize>], rows: &[u32]) -> Result<()> {
        let columns = &self.columns;
        let values = |row: &u32| {
            let values = columns.iter().zip(from).map(|(column, from)| cell(batch, column, *from, *row));
            values.collect::<Result<Vec<Value>>>()
        };
        match &mut self.body {
            Body::Lines(lines, encoder) => {
                let mut text = Vec::new();
                for row in rows {
                    lines.append(&mut text, columns, &values(row)?);
                }
                encoder.write(&text)
            }
            Body::Orc(file) => rows.iter().try_for_each(|row| file.append(values(row)?)),
            Body::Avro(file) => rows.iter().try_for_each(|row| file.append(&values(row)?)),
            Body::Parquet(file) => {
                let picked = UInt32Array::from(rows.to_vec());
                let arrays = columns.iter().zip(from).map(|(column, from)| pick(batch, column, *from, &picked));
                file.append(&arrays.collect::<Result<Vec<ArrayRef>>>()?, rows.len())
            }
        }
    }

    /// How many bytes of memory it takes.
    pub fn held(&self) -> usize {
        match &self.body {
            Body::Lines(_, encoder) => encoder.ready(),
            Body::Parquet(file) => file.held(),
            Body::Orc(file) => file.held(),
            Body::Avro(file) => file.held(),
        }
    }

    /// How many bytes there are to [take](Self::take).
    pub fn ready(&self) -> usize {
        match &self.body {
            Body::Lines(_, encoder) => encoder.ready(),
            Body::Parquet(file) => file.ready(),
            Body::Orc(file) => file.ready(),
            Body::Avro(file) => file.ready(),
        }
    }

    /// Makes bytes of all rows so far.
    ///
    /// # Errors
    /// A defect.
    pub fn flush(&mut self) -> Result<()> {
        match &mut self.body {
            Body::Lines(..) => Ok(()),
            Body::Parquet(file) => file.flush(),
            Body::Orc(file) => file.flush(),
            Body::Avro(file) => file.flush(),
        }
    }

    /// The next bytes of the file: those that it does not need any more.
    pub fn take(&mut self) -> Vec<u8> {
        match &mut self.body {
            Body::Lines(_, encoder) => encoder.take(),
            Body::Parquet(file) => file.take(),
            Body::Orc(file) => file.take(),
            Body::Avro(file) => file.take(),
        }
    }

    /// The bytes that are left.
    ///
    /// # Errors
    /// A defect.
    pub fn finish(self) -> Result<Vec<u8>> {
        match self.body {
            Body::Lines(_, encoder) => encoder.finish(),
            Body::Parquet(file) => file.finish(),
            Body::Orc(file) => file.finish(),
            Body::Avro(file) => file.finish(),
        }
    }
}

fn cell(batch: &Batch, to: &Column, from: Option<usize>, row: u32) -> Result<Value> {
    match from.and_then(|n| batch.column(n)) {
        None => Ok(Value::Null),
        Some((ty, array)) => convert(ty, &to.ty, &value(ty, array, row as usize)),
    }
}

/// Some rows of a column, as values of the type that they are stored as.
fn pick(batch: &Batch, to: &Column, from: Option<usize>, rows: &UInt32Array) -> Result<ArrayRef> {
    use datafusion::arrow::array::Array;
    let Some((ty, array)) = from.and_then(|n| batch.column(n)) else {
        return Ok(new_null_array(&data_type(&to.ty), rows.len()));
    };
    let taken = take(array, rows, None).map_err(|why| SqlError::internal(why.to_string()))?;
    if *ty == to.ty || matches!((ty, &to.ty), (Type::Varchar(_), Type::Varchar(None))) {
        return Ok(taken);
    }
    let values = (0..taken.len()).map(|row| convert(ty, &to.ty, &value(ty, &taken, row)));
    column(&to.ty, &values.collect::<Result<Vec<Value>>>()?)
}
