//! Tables as files of Parquet.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::row::{Cell, rows};
use crate::table::{Kind, Scale, Table};

/// What a failure to write says.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// So many units of a table are in memory at once.
const UNITS: u64 = 20_000;

/// Where the file of a table is in a folder.
pub fn file(folder: &Path, table: Table) -> PathBuf {
    folder.join(table.name()).join("data.parquet")
}

/// Writes every table into a folder, each as one file in a folder of its own. What is there already is left as it is.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path, scale: Scale) -> Result<(), Failure> {
    for table in Table::ALL {
        let path = file(folder, table);
        if !path.is_file() {
            let whole = path.with_extension("part");
            std::fs::create_dir_all(folder.join(table.name()))?;
            write_table(&whole, table, scale)?;
            std::fs::rename(whole, path)?;
        }
    }
    Ok(())
}

fn write_table(path: &Path, table: Table, scale: Scale) -> Result<(), Failure> {
    let fields = table.columns().iter().map(|(name, kind)| Field::new(*name, data_type(*kind), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, Arc::clone(&schema), Some(properties))?;
    let units = table.units(scale);
    let mut from = 0;
    while from < units {
        let to = units.min(from + UNITS);
        let rows: Vec<Vec<Cell>> = (from..to).flat_map(|unit| rows(table, scale, unit)).collect();
        let columns = table.columns().iter().enumerate().map(|(n, (_, kind))| column(*kind, &rows, n));
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<_, _>>()?)?)?;
        from = to;
    }
    writer.close()?;
    Ok(())
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Bigint => DataType::Int64,
        Kind::Integer => DataType::Int32,
        Kind::Decimal => DataType::Decimal128(15, 2),
        Kind::Date => DataType::Date32,
        Kind::Text => DataType::Utf8,
    }
}

fn column(kind: Kind, rows: &[Vec<Cell>], n: usize) -> Result<ArrayRef, Failure> {
    let number = |row: &Vec<Cell>| match row.get(n) {
        Some(Cell::Number(it) | Cell::Cents(it)) => Some(*it),
        Some(Cell::Day(it)) => Some(i64::from(*it)),
        _ => None,
    };
    Ok(match kind {
        Kind::Bigint => Arc::new(rows.iter().map(number).collect::<Int64Array>()),
        Kind::Integer => Arc::new(rows.iter().map(|row| number(row).map(|it| it as i32)).collect::<Int32Array>()),
        Kind::Date => Arc::new(rows.iter().map(|row| number(row).map(|it| it as i32)).collect::<Date32Array>()),
        Kind::Decimal => {
            let all: Decimal128Array = rows.iter().map(|row| number(row).map(i128::from)).collect();
            Arc::new(all.with_precision_and_scale(15, 2)?)
        }
        Kind::Text => {
            let text = |row: &Vec<Cell>| match row.get(n) {
                Some(Cell::Text(it)) => Some(it.clone()),
                _ => None,
            };
            Arc::new(rows.iter().map(text).collect::<StringArray>())
        }
    })
}
