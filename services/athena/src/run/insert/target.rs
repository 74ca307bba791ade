//! Where rows go, and what they must be.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use welkin_sql::ddl::Property;
use welkin_sql::{Code, Column, Lines, Result, SqlError, Type};

use super::Layout;
use crate::execution::Failure;
use crate::run::failure;

/// A folder for rows.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The table's name, for messages.
    pub(super) name: String,
    /// Its location, with a slash at the end.
    pub(super) folder: String,
    pub(super) must_be_empty: bool,
    pub(super) with_data: bool,
    pub(super) gzip: bool,
    pub(super) lines: Lines,
    /// The columns of the table, the partition's last; `None` if they are the query's.
    pub(super) columns: Option<Vec<Column>>,
    /// The columns that the query's are for, if they were told.
    pub(super) given: Vec<String>,
    pub(super) partitioned_by: Vec<String>,
}

/// What Hive escapes in the names of folders.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'\'')
    .add(b'*')
    .add(b'/')
    .add(b':')
    .add(b'=')
    .add(b'?')
    .add(b'\\')
    .add(b'{')
    .add(b'[')
    .add(b']')
    .add(b'^');

/// The name of a partition's folder: `dt=2020-01-01/hour=1`.
pub(super) fn folder(names: &[String], values: &[String]) -> String {
    let one = |(name, value): (&String, &String)| format!("{name}={}/", utf8_percent_encode(value, ESCAPED));
    names.iter().zip(values).map(one).collect()
}

/// Whether values of one type may be stored in a column of another one: what Trino does without being asked.
fn fits(from: &Type, to: &Type) -> bool {
    use Type::{Bigint, Char, Date, Decimal, Double, Integer, Real, Smallint, Timestamp, Tinyint, Unknown, Varchar};
    let size = |ty: &Type| match ty {
        Tinyint => Some(3),
        Smallint => Some(5),
        Integer => Some(10),
        Bigint => Some(19),
        _ => None,
    };
    match (from, to) {
        _ if from == to => true,
        (Unknown, _) | (Varchar(_) | Char(_), Varchar(None)) | (Real, Double) | (Date, Timestamp(_)) => true,
        (Timestamp(_) | Type::TimestampTz(_), Timestamp(_)) => true,
        (Varchar(Some(own)), Varchar(Some(most))) => own <= most,
        (Decimal(p, s), Decimal(most, scale)) => s <= scale && p.saturating_sub(*s) <= most.saturating_sub(*scale),
        (Decimal(..), Real | Double) => true,
        (Type::Array(a), Type::Array(b)) => fits(a, b),
        (Type::Map(a, b), Type::Map(c, d)) => fits(a, c) && fits(b, d),
        (Type::Row(a), Type::Row(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((_, from), (_, to))| fits(from, to))
        }
        (_, Real | Double) => size(from).is_some(),
        (_, Decimal(most, scale)) => size(from).is_some_and(|digits| digits <= most.saturating_sub(*scale)),
        _ => matches!((size(from), size(to)), (Some(from), Some(to)) if from <= to),
    }
}

impl Target {
    /// Where the file of a partition goes.
    pub(super) fn file(&self, values: &[String], id: &str) -> String {
        let end = if self.gzip { ".gz" } else { "" };
        format!("{}{}{id}{end}", self.folder, folder(&self.partitioned_by, values))
    }

    /// How rows are written: members of JSON have the names of the query's columns, if there is no table yet.
    pub(super) fn lines_of(&self, query: &[Column]) -> Lines {
        match &self.lines {
            Lines::Json(names) if names.is_empty() => {
                let names = query.iter().map(|column| column.name.to_lowercase());
                Lines::Json(names.filter(|name| !self.partitioned_by.contains(name)).collect())
            }
            lines => lines.clone(),
        }
    }

    /// How the query's columns are the table's.
    ///
    /// # Errors
    /// They are not.
    pub(super) fn layout(&self, query: &[Column]) -> Result<Layout> {
        let types: Vec<Type> = query.iter().map(|column| column.ty.clone()).collect();
        let names: Vec<String> = match &self.columns {
            Some(columns) => columns.iter().map(|column| column.name.clone()).collect(),
            None => query.iter().map(|column| column.name.to_lowercase()).collect(),
        };
        let given = if self.given.is_empty() { &names } else { &self.given };
        let at = |name: &String| given.iter().position(|own| own == name);
        if let Some(columns) = &self.columns {
            let wanted: Vec<&Column> =
                given.iter().filter_map(|name| columns.iter().find(|column| column.name == *name)).collect();
            let fit = wanted.len() == types.len() && types.iter().zip(&wanted).all(|(from, to)| fits(from, &to.ty));
            if !fit {
                let show = |all: Vec<String>| all.join(", ");
                let message = format!(
                    "Insert query has mismatched column types: Table: [{}], Query: [{}]",
                    show(wanted.iter().map(|column| column.ty.to_string()).collect()),
                    show(types.iter().map(ToString::to_string).collect()),
                );
                return Err(SqlError::new(Code::TypeMismatch, message));
            }
        }
        let is_partition = |name: &&String| self.partitioned_by.contains(name);
        let partition: Option<Vec<usize>> = self.partitioned_by.iter().map(at).collect();
        let partition = partition.ok_or_else(|| {
            let message = format!("Partition columns must be among those of the query: {:?}", self.partitioned_by);
            SqlError::new(Code::NotSupported, message)
        })?;
        let stored = names.iter().filter(|name| !is_partition(name)).map(at).collect();
        Ok(Layout { types, stored, partition })
    }
}

/// How files are written, by the properties of CTAS and UNLOAD: lines, and whether with gzip.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html>
pub(super) fn format(properties: &BTreeMap<String, Property>) -> std::result::Result<(Lines, bool), Failure> {
    let text = |key: &str| match properties.get(key) {
        Some(Property::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let format = text("format").unwrap_or("PARQUET").to_uppercase();
    let lines = match format.as_str() {
        "TEXTFILE" => match text("field_delimiter") {
            None => Lines::text(),
            Some(field) => Lines::Text { field: field.to_owned(), null: "\\N".into(), escape: None },
        },
        "JSON" => Lines::Json(Vec::new()),
        _ => return Err(failure::not_supported(&format!("writing of files in the format {format}"))),
    };
    let compression = text("write_compression").or(text("compression")).unwrap_or("GZIP").to_uppercase();
    match compression.as_str() {
        "GZIP" => Ok((lines, true)),
        "NONE" => Ok((lines, false)),
        _ => Err(failure::not_supported(&format!("writing of files with the compression {compression}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_where() {
        assert!(fits(&Type::Integer, &Type::Bigint) && fits(&Type::Varchar(Some(3)), &Type::VARCHAR));
        assert!(fits(&Type::Integer, &Type::Decimal(12, 2)) && !fits(&Type::Bigint, &Type::Decimal(12, 2)));
        assert!(!fits(&Type::Bigint, &Type::Integer) && !fits(&Type::VARCHAR, &Type::Integer));
        assert!(fits(&Type::array(Type::Integer), &Type::array(Type::Bigint)));
    }

    #[test]
    fn folders_have_the_names_of_partitions() {
        let names = ["a".to_owned(), "b".to_owned()];
        assert_eq!(folder(&names, &["1:2".to_owned(), "x y".to_owned()]), "a=1%3A2/b=x y/");
    }
}
