//! Partitions that follow from a table's properties.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html>

mod dates;

use std::collections::BTreeMap;

use super::provider::{Folder, partition_value};
use super::{Comparison, Files, Predicate};
use crate::catalog::{Column, TableName};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

use dates::Dates;

/// More partitions than this are not looked at for one query.
const MOST: usize = 1_000_000;

/// The projection of a table.
pub(super) struct Projection<'a> {
    table: &'a TableName,
    files: &'a Files,
    columns: Vec<Projected>,
    template: Option<&'a str>,
}

/// How the values of a column are found.
enum Projected {
    Enum(Vec<String>),
    Integer { from: i64, to: i64, interval: i64, digits: usize },
    Date(Dates),
    Injected,
}

/// A value of a partition column and how a location has it.
type Candidate = (Value, String);

/// An error about a property.
fn invalid(property: &str, why: &str) -> SqlError {
    // UNVERIFIED: Athena documents the name of this error, not its wordings.
    SqlError::new(Code::InvalidTableProperty, format!("Invalid table property {property}: {why}"))
}

/// The properties of the projection of one column.
struct Properties<'a> {
    all: &'a BTreeMap<String, String>,
    column: &'a str,
}

impl<'a> Properties<'a> {
    fn key(&self, name: &str) -> String {
        format!("projection.{}.{name}", self.column)
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        let key = self.key(name);
        self.all.iter().find(|(own, _)| own.eq_ignore_ascii_case(&key)).map(|(_, value)| value.as_str())
    }

    fn need(&self, name: &str) -> Result<&'a str> {
        self.find(name).ok_or_else(|| invalid(&self.key(name), "it is missing"))
    }

    fn positive(&self, name: &str) -> Result<Option<i64>> {
        let Some(text) = self.find(name) else { return Ok(None) };
        match text.trim().parse() {
            Ok(number @ 1..) => Ok(Some(number)),
            _ => Err(invalid(&self.key(name), "it must be a positive integer")),
        }
    }

    /// The two ends of a range.
    fn range(&self) -> Result<(&'a str, &'a str)> {
        let two = self.need("range")?.split_once(',').filter(|(_, to)| !to.contains(','));
        two.ok_or_else(|| invalid(&self.key("range"), "it must have two elements"))
    }
}

impl Projected {
    fn of(properties: &Properties<'_>, now: i64) -> Result<Projected> {
        let kind = properties.need("type")?.trim().to_ascii_lowercase();
        Ok(match kind.as_str() {
            "enum" => Projected::Enum(properties.need("values")?.split(',').map(str::to_owned).collect()),
            "integer" => {
                let (from, to) = properties.range()?;
                let number = |text: &str| {
                    text.trim().parse().map_err(|_| invalid(&properties.key("range"), "its elements must be integers"))
                };
                let (from, to) = (number(from)?, number(to)?);
                if from > to {
                    return Err(invalid(&properties.key("range"), "its first element is above its second"));
                }
                let digits = properties.positive("digits")?.unwrap_or(0);
                let digits = usize::try_from(digits).ok().filter(|digits| *digits <= 100);
                let digits = digits.ok_or_else(|| invalid(&properties.key("digits"), "it is too large"))?;
                Projected::Integer { from, to, interval: properties.positive("interval")?.unwrap_or(1), digits }
            }
            "date" => Projected::Date(Dates::of(properties, now)?),
            "injected" => Projected::Injected,
            _ => return Err(invalid(&properties.key("type"), "it must be enum, integer, date or injected")),
        })
    }
}

impl<'a> Projection<'a> {
    /// The projection that a table's properties tell.
    pub(super) fn of(
        table: &'a TableName,
        files: &'a Files,
        properties: &'a BTreeMap<String, String>,
        now: i64,
    ) -> Result<Self> {
        let of = |column: &'a Column| Properties { all: properties, column: &column.name };
        let missing: Vec<&str> = files
            .partitioned_by
            .iter()
            .filter(|column| of(column).find("type").is_none())
            .map(|column| column.name.as_str())
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "Table {}.{} is configured for partition projection, but the following partition columns are missing \
                 projection configuration: [{}]",
                table.schema,
                table.table,
                missing.join(", ")
            );
            return Err(SqlError::new(Code::InvalidTableProperty, message));
        }
        let columns = files.partitioned_by.iter().map(|column| Projected::of(&of(column), now));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let template = properties.get("storage.location.template").map(String::as_str);
        if let Some(template) = template {
            let absent =
                files.partitioned_by.iter().find(|column| !template.contains(&format!("${{{}}}", column.name)));
            if let Some(column) = absent {
                let why = format!("it has no placeholder for the partition column {}", column.name);
                return Err(invalid("storage.location.template", &why));
            }
        }
        Ok(Self { table, files, columns, template })
    }

    /// The folders of all partitions for which the predicates may be true; `keep` tells which values of a column, counted
    /// among the partition columns, the whole filter leaves.
    pub(super) fn folders(
        &self,
        predicates: &[Predicate],
        keep: impl Fn(usize, &[Value]) -> Result<Vec<bool>>,
    ) -> Result<Vec<Folder>> {
        let mut all: Vec<Vec<Candidate>> = vec![Vec::new()];
        for (n, (projected, column)) in self.columns.iter().zip(&self.files.partitioned_by).enumerate() {
            let own: Vec<&Predicate> = predicates.iter().filter(|it| it.column == column.name).collect();
            let mut candidates = self.candidates(projected, column, &own)?;
            let values: Vec<Value> = candidates.iter().map(|(value, _)| value.clone()).collect();
            let mut kept = keep(n, &values)?.into_iter();
            candidates.retain(|_| kept.next().unwrap_or(true));
            if all.len().saturating_mul(candidates.len()) > MOST {
                return Err(self.too_many());
            }
            let with = |row: &Vec<Candidate>| {
                let row = row.clone();
                candidates.iter().map(move |one| row.iter().chain([one]).cloned().collect()).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(with).collect();
        }
        let folder = |row: Vec<Candidate>| Folder {
            location: self.location(&row),
            values: row.into_iter().map(|(value, _)| value).collect(),
            serde: None,
        };
        Ok(all.into_iter().map(folder).collect())
    }

    fn too_many(&self) -> SqlError {
        let message = format!("Query over table '{}' can potentially read more than {MOST} partitions", self.table);
        SqlError::new(Code::HiveExceededPartitionLimit, message)
    }

    fn candidates(&self, projected: &Projected, column: &Column, own: &[&Predicate]) -> Result<Vec<Candidate>> {
        let typed = |text: String| Ok((partition_value(&text, &column.ty, &column.name)?, text));
        match projected {
            Projected::Enum(values) => values.iter().cloned().map(typed).collect(),
            Projected::Integer { from, to, interval, digits } => {
                self.integers((*from, *to), *interval, own)?.map(|it| typed(padded(it, *digits))).collect()
            }
            Projected::Date(dates) => {
                let all = dates.all(MOST).ok_or_else(|| self.too_many())?;
                all.into_iter().map(|at| dates.candidate(at, column)).collect()
            }
            Projected::Injected => {
                let mut values = own.iter().filter(|it| it.comparison == Comparison::In).flat_map(|it| &it.values);
                let first: Vec<Candidate> =
                    values.by_ref().map(|value| (value.clone(), crate::show(&column.ty, value))).collect();
                if first.is_empty() {
                    let message = format!(
                        "For the injected projected partition column {}, the WHERE clause must contain only static \
                         equality conditions, and at least one such condition must be present.",
                        column.name
                    );
                    return Err(SqlError::new(Code::ConstraintViolation, message));
                }
                let mut seen = std::collections::HashSet::new();
                Ok(first.into_iter().filter(|(_, text)| seen.insert(text.clone())).collect())
            }
        }
    }

    /// The integers of a range that predicates leave.
    fn integers(&self, (from, to): (i64, i64), interval: i64, own: &[&Predicate]) -> Result<impl Iterator<Item = i64>> {
        let (mut low, mut high) = (i128::from(from), i128::from(to));
        let number = |value: &Value| match value {
            Value::Integer(it) => Some(i128::from(*it)),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        for predicate in own {
            let numbers: Option<Vec<i128>> = predicate.values.iter().map(number).collect();
            let Some(numbers) = numbers else { continue };
            let (Some(least), Some(most)) = (numbers.iter().min(), numbers.iter().max()) else { continue };
            let ordered = predicate.ty.is_integer();
            match predicate.comparison {
                Comparison::In => (low, high) = (low.max(*least), high.min(*most)),
                Comparison::Greater | Comparison::GreaterOrEqual if ordered => low = low.max(*least),
                Comparison::Less | Comparison::LessOrEqual if ordered => high = high.min(*most),
                _ => {}
            }
        }
        let (from, interval) = (i128::from(from), i128::from(interval));
        // The first one at or above the low end.
        let low = from + (low - from + interval - 1).div_euclid(interval) * interval;
        let count = if high < low { 0 } else { (high - low) / interval + 1 };
        let count = usize::try_from(count).ok().filter(|count| *count <= MOST).ok_or_else(|| self.too_many())?;
        // INVARIANT: all of them are within the range, whose ends are 64 bits.
        Ok((0..count).filter_map(move |n| i64::try_from(low + n as i128 * interval).ok()))
    }

    fn location(&self, row: &[Candidate]) -> String {
        let named = || self.files.partitioned_by.iter().zip(row);
        match self.template {
            Some(template) => named().fold(template.to_owned(), |location, (column, (_, text))| {
                location.replace(&format!("${{{}}}", column.name), text)
            }),
            None => {
                let start = self.files.location.trim_end_matches('/').to_owned();
                named().fold(start, |location, (column, (_, text))| {
                    format!("{location}/{}={}", escaped(&column.name), escaped(text))
                })
            }
        }
    }
}

fn padded(number: i64, digits: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{:0digits$}", number.unsigned_abs())
}

/// How Hive writes names and values in the names of folders.
fn escaped(text: &str) -> String {
    let plain = |c: char| !c.is_ascii_control() && !"\"#%'*/:=?\\{[]^".contains(c);
    let each = |c: char| if plain(c) { c.to_string() } else { format!("%{:02X}", u32::from(c)) };
    text.chars().map(each).collect()
}

impl Column {
    fn is_text(&self) -> bool {
        matches!(self.ty, Type::Varchar(_) | Type::Char(_))
    }
}
