//! Where rows go, and what they must be.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use welkin_sql::{Buckets, Code, Column, FileFormat, Result, SqlError, Type, storable};

use super::Layout;

/// A folder for rows.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The table's name, for messages.
    pub(super) name: String,
    /// Its location, with a slash at the end.
    pub(super) folder: String,
    pub(super) must_be_empty: bool,
    /// Its columns are to be those of a new table.
    pub(super) is_new: bool,
    pub(super) with_data: bool,
    pub(super) format: FileFormat,
    /// Columns by which there are buckets, and how many; none and 0 if there are none.
    pub(super) bucketed_by: Vec<String>,
    pub(super) buckets: u32,
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
pub(in crate::run) fn fits(from: &Type, to: &Type) -> bool {
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
    /// Where the file of a partition and bucket goes.
    // UNVERIFIED: how the names of buckets' files end; readers go by the content.
    pub(super) fn file(&self, values: &[String], bucket: Option<u32>, id: &str) -> String {
        let bucket = bucket.map(|n| format!("_bucket-{n:05}")).unwrap_or_default();
        format!("{}{}{id}{bucket}{}", self.folder, folder(&self.partitioned_by, values), self.format.extension())
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
        let given = if self.given.is_empty() { names.clone() } else { self.given.clone() };
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
        let partition = self.places(&self.partitioned_by, "Partition", &given)?;
        let buckets = self.places(&self.bucketed_by, "Bucketing", &given)?;
        let buckets = match buckets.is_empty() {
            true => None,
            false => Some(Buckets::new(self.buckets, &buckets, query)?),
        };
        let kept = |name: &&String| !self.partitioned_by.contains(name);
        let stored: Vec<Option<usize>> = names.iter().filter(kept).map(at).collect();
        if stored.is_empty() {
            return Err(SqlError::new(Code::InvalidTableProperty, "Table contains only partition columns"));
        }
        let last = names.len().saturating_sub(self.partitioned_by.len())..;
        if names.get(last) != Some(self.partitioned_by.as_slice()) {
            let message = format!(
                "Partition keys must be the last columns in the table and in the same order as the table properties: \
                 [{}]",
                self.partitioned_by.join(", ")
            );
            return Err(SqlError::new(Code::HiveColumnOrderMismatch, message));
        }
        let columns = match &self.columns {
            Some(columns) => columns.iter().filter(|column| kept(&&column.name)).cloned().collect(),
            None => query.iter().map(lower).filter(|column| kept(&&column.name)).collect::<Vec<_>>(),
        };
        storable(&columns)?;
        Ok(Layout { types, columns, stored, partition, buckets })
    }

    /// Which columns of the query these are.
    fn places(&self, wanted: &[String], of: &str, query: &[String]) -> Result<Vec<usize>> {
        let there = |name: &String| query.iter().position(|own| own == name);
        let missing: Vec<&str> = wanted.iter().filter(|name| there(name).is_none()).map(String::as_str).collect();
        if !missing.is_empty() {
            let message = format!("{of} columns [{}] not present in schema", missing.join(", "));
            return Err(SqlError::new(Code::InvalidTableProperty, message));
        }
        Ok(wanted.iter().filter_map(there).collect())
    }
}

/// A column of a query as one of a table.
fn lower(column: &Column) -> Column {
    Column { name: column.name.to_lowercase(), ty: column.ty.clone() }
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
