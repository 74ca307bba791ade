//! A query at work: records go in, rows come out.

use super::error::{Result, SelectError};
use super::evaluate::{Record, Scope, arithmetic, position, unnest};
use super::syntax::{AggregateKind, Binary, Expr, Items, Select, parse};
use super::value::Value;

/// A row of the output: names and values.
pub(super) type Row = Vec<(String, Value)>;

/// A query and how far it is.
pub(super) struct Query {
    select: Select,
    /// What the clock shows, in milliseconds since 1970.
    now: i64,
    tallies: Vec<Tally>,
    returned: u64,
}

/// An aggregate in the making.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: i64,
    /// The sum, the least or the greatest.
    value: Option<Value>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// Those of the grammar; `UnsupportedSqlStructure` for an aggregate beside values of records.
    pub(super) fn parse(text: &str, now: i64) -> Result<Self> {
        let select = parse(text)?;
        if let (Items::List(items), false) = (&select.items, select.aggregates.is_empty()) {
            let mut mixed = false;
            items.iter().for_each(|item| item.expr.each(&mut |expr| mixed |= matches!(expr, Expr::Path(..))));
            if mixed {
                return Err(SelectError::unsupported("an aggregate and a column in one SELECT list"));
            }
        }
        let tallies = vec![Tally::default(); select.aggregates.len()];
        Ok(Self { select, now, tallies, returned: 0 })
    }

    /// Whether nothing more needs to be read.
    pub(super) fn is_done(&self) -> bool {
        let rows = if self.is_aggregate() { 0 } else { self.returned };
        self.select.limit.is_some_and(|limit| rows >= limit)
    }

    fn is_aggregate(&self) -> bool {
        !self.select.aggregates.is_empty()
    }

    /// Makes sure that CSV has the columns that the query names.
    ///
    /// # Errors
    /// `MissingHeaders`; `InvalidKeyPath` for a path into CSV.
    pub(super) fn check_columns(&self, columns: Option<&[String]>) -> Result<()> {
        if self.select.from.path.iter().any(|step| *step != super::syntax::Step::Each) {
            return Err(SelectError::new("InvalidKeyPath", "Key path in the SQL expression is invalid."));
        }
        let mut missing = None;
        let mut visit = |expr: &Expr| {
            let Expr::Path(name, steps) = expr else { return };
            let is_alias = match &self.select.from.alias {
                Some(alias) => name.is(&alias.text),
                None => name.is("S3Object"),
            };
            let column = match (is_alias, steps.first()) {
                (true, Some(super::syntax::Step::Name(column))) => column,
                (true, _) => return,
                (false, _) => name,
            };
            let known =
                columns.unwrap_or_default().iter().any(|own| column.is(own)) || position(&column.text).is_some();
            if !known {
                missing = Some(column.text.clone());
            }
        };
        if let Items::List(items) = &self.select.items {
            items.iter().for_each(|item| item.expr.each(&mut visit));
        }
        self.select.filter.iter().for_each(|filter| filter.each(&mut visit));
        let aggregated = self.select.aggregates.iter().filter_map(|aggregate| aggregate.of.as_ref());
        aggregated.for_each(|of| of.each(&mut visit));
        match missing {
            None => Ok(()),
            Some(name) => {
                let message = format!(
                    "Some headers in the query are missing from the file: {name}. Check the file and try again."
                );
                Err(SelectError::new("MissingHeaders", message))
            }
        }
    }

    /// Takes a document of JSON: each of its records.
    ///
    /// # Errors
    /// Those of evaluation.
    pub(super) fn document(&mut self, document: Value, out: &mut impl FnMut(Row) -> Result<()>) -> Result<()> {
        for value in unnest(document, &self.select.from)? {
            let record = Record { value: std::borrow::Cow::Owned(value), columns: None };
            self.record(&record, out)?;
        }
        Ok(())
    }

    /// Takes a record.
    ///
    /// # Errors
    /// Those of evaluation.
    pub(super) fn record(&mut self, record: &Record<'_>, out: &mut impl FnMut(Row) -> Result<()>) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let scope = Scope { from: &self.select.from, record, aggregates: &[], now: self.now };
        if let Some(filter) = &self.select.filter
            && scope.truth(filter)? != Some(true)
        {
            return Ok(());
        }
        if !self.select.aggregates.is_empty() {
            for (aggregate, tally) in self.select.aggregates.iter().zip(&mut self.tallies) {
                match &aggregate.of {
                    None => tally.count += 1,
                    Some(of) => tally.add(aggregate.kind, scope.value(of)?)?,
                }
            }
            return Ok(());
        }
        let row = match &self.select.items {
            Items::All => whole(record),
            Items::List(_) => self.row(&scope)?,
        };
        self.returned += 1;
        out(row)
    }

    fn row(&self, scope: &Scope<'_>) -> Result<Row> {
        let Items::List(items) = &self.select.items else { return Ok(Row::new()) };
        let named = |(n, item): (usize, &super::syntax::Item)| {
            let name = item.name.clone().unwrap_or_else(|| format!("_{}", n + 1));
            Ok((name, scope.value(&item.expr)?))
        };
        items.iter().enumerate().map(named).collect()
    }

    /// Ends it: what it aggregated is a row.
    ///
    /// # Errors
    /// Those of evaluation.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(Row) -> Result<()>) -> Result<()> {
        if !self.is_aggregate() || self.select.limit == Some(0) {
            return Ok(());
        }
        let mut values = Vec::new();
        for (aggregate, tally) in self.select.aggregates.iter().zip(&self.tallies) {
            values.push(tally.value(aggregate.kind)?);
        }
        let record = Record { value: std::borrow::Cow::Owned(Value::Missing), columns: None };
        let scope = Scope { from: &self.select.from, record: &record, aggregates: &values, now: self.now };
        out(self.row(&scope)?)
    }
}

/// All of a record.
fn whole(record: &Record<'_>) -> Row {
    let numbered = |n: usize| format!("_{}", n + 1);
    match (&*record.value, record.columns) {
        (Value::List(fields), columns) if columns.is_some() || !fields.is_empty() => {
            let name = |n: usize| columns.and_then(|columns| columns.get(n)).cloned().unwrap_or_else(|| numbered(n));
            fields.iter().enumerate().map(|(n, field)| (name(n), field.clone())).collect()
        }
        (Value::Map(all), _) => all.clone(),
        (Value::Missing, _) => Row::new(),
        (other, _) => vec![(numbered(0), other.clone())],
    }
}

impl Tally {
    fn add(&mut self, kind: AggregateKind, value: Value) -> Result<()> {
        if value.is_absent() {
            return Ok(());
        }
        self.count += 1;
        if kind == AggregateKind::Count {
            return Ok(());
        }
        let number = match value.number() {
            Some(number) => Value::from(number),
            None if matches!((kind, &value), (AggregateKind::Max | AggregateKind::Min, Value::Time(_))) => value,
            None => {
                let message =
                    format!("Attempt to aggregate {} as a number failed in the SQL expression.", value.to_json());
                return Err(SelectError::cast(message));
            }
        };
        self.value = Some(match (self.value.take(), kind) {
            (None, _) => number,
            (Some(sum), AggregateKind::Sum | AggregateKind::Avg) => arithmetic(Binary::Plus, &sum, &number)?,
            (Some(best), kind) => {
                let order = number.compare(&best);
                let better = match kind {
                    AggregateKind::Max => order.is_some_and(std::cmp::Ordering::is_gt),
                    _ => order.is_some_and(std::cmp::Ordering::is_lt),
                };
                if better { number } else { best }
            }
        });
        Ok(())
    }

    fn value(&self, kind: AggregateKind) -> Result<Value> {
        match (kind, &self.value) {
            (AggregateKind::Count, _) => Ok(Value::Int(self.count)),
            (_, None) => Ok(Value::Null),
            (AggregateKind::Avg, Some(sum)) => {
                // Not as integers, whose quotient is one.
                let one = Value::Decimal(super::decimal::Decimal::from_int(1));
                let sum = arithmetic(Binary::Times, sum, &one)?;
                arithmetic(Binary::Divided, &sum, &Value::Int(self.count))
            }
            (_, Some(value)) => Ok(value.clone()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The rows of a query of documents, as JSON.
    fn rows(sql: &str, documents: &[&str]) -> Vec<String> {
        let mut query = Query::parse(sql, 0).unwrap();
        let mut rows = Vec::new();
        let mut out = |row: Row| {
            rows.push(Value::Map(row).to_json());
            Ok(())
        };
        for document in documents {
            query.document(serde_json::from_str(document).unwrap(), &mut out).unwrap();
        }
        query.finish(&mut out).unwrap();
        rows
    }

    /// The examples of the reference of SELECT.
    #[test]
    fn the_references_examples_of_paths() {
        let documents = [
            r#"{"Rules":[{"id":"1"},{"expr":"y > x"},{"id":"2","expr":"z = DEBUG"}]}"#,
            r#"{"created":"June 27","modified":"July 6"}"#,
        ];
        assert_eq!(
            rows("SELECT id FROM S3Object[*].Rules[*].id", &documents),
            [r#"{"id":"1"}"#, "{}", r#"{"id":"2"}"#, "{}"]
        );
        let not_missing = "SELECT id FROM S3Object[*].Rules[*].id WHERE id IS NOT MISSING";
        assert_eq!(rows(not_missing, &documents), [r#"{"id":"1"}"#, r#"{"id":"2"}"#]);
        let folders = [
            r#"{"dir_name":"important_docs","files":[{"name":"."},{"name":".."}],"owner":"Amazon S3"}"#,
            r#"{"dir_name":"other_docs","files":[{"name":"."}],"owner":"User"}"#,
        ];
        assert_eq!(
            rows("SELECT d.dir_name, d.files FROM S3Object[*] d", &folders),
            [
                r#"{"dir_name":"important_docs","files":[{"name":"."},{"name":".."}]}"#,
                r#"{"dir_name":"other_docs","files":[{"name":"."}]}"#,
            ]
        );
        assert_eq!(
            rows("SELECT _1.owner FROM S3Object[*] _1", &folders),
            [r#"{"owner":"Amazon S3"}"#, r#"{"owner":"User"}"#]
        );
        assert_eq!(rows("SELECT * FROM S3Object[*][*] s WHERE s.a > 1", &[r#"[{"a":1},{"a":2}]"#]), [r#"{"a":2}"#]);
    }

    #[test]
    fn names_follow_their_case_in_quotes_only() {
        let documents = [r#"{"Name":"a","x":{"Y":[1,2]}}"#];
        for (expr, expected) in [
            ("s.name", r#"{"name":"a"}"#),
            ("s.\"Name\" AS n", r#"{"n":"a"}"#),
            ("s.\"name\"", "{}"),
            ("X.y[1]", r#"{"_1":2}"#),
            ("s['x'].Y[5]", "{}"),
            ("s", r#"{"s":{"Name":"a","x":{"Y":[1,2]}}}"#),
        ] {
            assert_eq!(rows(&format!("SELECT {expr} FROM S3Object s"), &documents), [expected], "{expr}");
        }
        let mut query = Query::parse("SELECT s.name FROM S3Object s", 0).unwrap();
        let twice = serde_json::from_str(r#"{"Name":1,"NAME":2}"#).unwrap();
        assert_eq!(query.document(twice, &mut |_| Ok(())).unwrap_err().code, "AmbiguousFieldName");
    }

    #[test]
    fn expressions_have_their_values() {
        for (expr, expected) in [
            ("1 + 2 * 3", "7"),
            ("(1 + 2) * 3", "9"),
            ("7 / 2", "3"),
            ("7.0 / 2", "3.5"),
            ("-7 % 4", "-3"),
            ("'a' || 'b' || 1", "\"ab1\""),
            ("1 < 2 AND NOT 2 < 1", "true"),
            ("NULL = NULL", "null"),
            ("NULL OR TRUE", "true"),
            ("NULL AND FALSE", "false"),
            ("2 BETWEEN 1 AND 3", "true"),
            ("2 NOT BETWEEN 1 AND 3", "false"),
            ("2 IN (1, 2)", "true"),
            ("2 NOT IN (1, NULL)", "null"),
            ("'abc' LIKE 'a%'", "true"),
            ("'5%' LIKE '5!%' ESCAPE '!'", "true"),
            ("s.a IS MISSING", "true"),
            ("s.a IS NULL", "true"),
            ("s.b IS MISSING", "false"),
            ("s.b IS NULL", "true"),
            ("CASE WHEN 1 > 2 THEN 'x' WHEN TRUE THEN 'y' END", "\"y\""),
            ("CASE 3 WHEN 1 THEN 'x' ELSE 'z' END", "\"z\""),
            ("COALESCE(s.a, s.b, 5)", "5"),
            ("NULLIF(1, 1.0)", "null"),
            ("CAST('5' AS INT) + 1", "6"),
            ("CHAR_LENGTH('äb')", "2"),
            ("SUBSTRING('abcdef' FROM 2 FOR 3)", "\"bcd\""),
            ("TRIM(BOTH '12' FROM '112foo2')", "\"foo\""),
            ("UPPER(LOWER('Ab'))", "\"AB\""),
            ("DATE_ADD(year, 5, `2010-01-01T`)", "\"2015-01-01\""),
            ("DATE_DIFF(day, `2010-01-01T23:00Z`, `2010-01-03T01:00Z`)", "1"),
            ("EXTRACT(YEAR FROM TO_TIMESTAMP('2010-01-01T'))", "2010"),
            ("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y')", "\"July 20, 1969\""),
            ("UTCNOW()", "\"1970-01-01T00:00:00.000Z\""),
            ("`2007T` < `2007-02T`", "true"),
        ] {
            let sql = format!("SELECT {expr} AS x FROM S3Object s");
            assert_eq!(rows(&sql, &[r#"{"b":null}"#]), [format!("{{\"x\":{expected}}}")], "{expr}");
        }
    }

    #[test]
    fn aggregates_are_of_all_records() {
        let documents = [r#"{"n":1,"t":"2.5"}"#, r#"{"n":4}"#, r#"{"n":null}"#];
        for (list, expected) in [
            ("COUNT(*), COUNT(s.n), SUM(s.n), MIN(s.n), MAX(s.n)", r#"{"_1":3,"_2":2,"_3":5,"_4":1,"_5":4}"#),
            ("AVG(s.n) AS a, SUM(s.t)", r#"{"a":2.5,"_2":2.5}"#),
            ("MAX(s.none) IS NULL, COUNT(*) + 1", r#"{"_1":true,"_2":4}"#),
        ] {
            assert_eq!(rows(&format!("SELECT {list} FROM S3Object s"), &documents), [expected]);
        }
        assert_eq!(rows("SELECT COUNT(*) FROM S3Object s WHERE s.n > 1 LIMIT 1", &documents), [r#"{"_1":1}"#]);
        let mixed = Query::parse("SELECT COUNT(*), s.n FROM S3Object s", 0).err().unwrap();
        assert_eq!(mixed.code, "UnsupportedSqlStructure");
    }

    #[test]
    fn what_cannot_be_evaluated_has_its_code() {
        for (expr, code) in [
            ("9223372036854775807 + 1", "IntegerOverflow"),
            ("'x' + 1", "CastFailed"),
            ("1 / 0", "IllegalSqlFunctionArgument"),
            ("CAST('x' AS INT)", "CastFailed"),
            ("LOWER(1)", "IllegalSqlFunctionArgument"),
            ("NOT 5", "InvalidDataType"),
            ("TO_TIMESTAMP('x')", "ValueParseFailure"),
        ] {
            let mut query = Query::parse(&format!("SELECT {expr} FROM S3Object"), 0).unwrap();
            assert_eq!(query.document(Value::Null, &mut |_| Ok(())).unwrap_err().code, code, "{expr}");
        }
    }
}
