//! `PARTITION (…)`: values of one partition, or a filter for some.

use super::cursor::{Cursor, Parsed};
use super::lexer::Kind;

/// The values that tell a partition, by column, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionSpec(pub Vec<(String, String)>);

/// Which partitions: all conditions hold for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionFilter(pub Vec<Condition>);

/// A column compared with a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`.
    pub operator: &'static str,
    /// The constant, as text.
    pub value: String,
    /// Whether it is a number.
    pub is_number: bool,
}

const OPERATORS: &[(&str, &str)] =
    &[("=", "="), ("<>", "<>"), ("!=", "<>"), ("<=", "<="), (">=", ">="), ("<", "<"), (">", ">")];

impl Cursor<'_> {
    /// A constant, as text; and whether it is a number.
    pub(super) fn constant(&mut self) -> Parsed<(String, bool)> {
        let minus = self.symbol("-");
        let token = self.peek(0).clone();
        let constant = match token.kind {
            Kind::Number => (format!("{}{}", if minus { "-" } else { "" }, token.text), true),
            Kind::Single(text) | Kind::Double(text) if !minus => (text, false),
            // `date '2020-01-01'`
            Kind::Word if !minus && token.is_word("date") => {
                self.advance();
                return Ok((self.string()?, false));
            }
            _ => {
                self.what = "constant";
                return Err(self.unrecognized());
            }
        };
        self.advance();
        Ok(constant)
    }

    /// `PARTITION (a = 1, b = 'x')`
    pub(super) fn partition_spec(&mut self) -> Parsed<PartitionSpec> {
        self.expect("partition")?;
        let values = self.list(|cursor| {
            let name = cursor.name()?;
            cursor.expect_symbol("=")?;
            Ok((name, cursor.constant()?.0))
        })?;
        Ok(PartitionSpec(values))
    }

    /// `PARTITION (a > 1, b = 'x')`
    pub(super) fn partition_filter(&mut self) -> Parsed<PartitionFilter> {
        self.expect("partition")?;
        let conditions = self.list(|cursor| {
            let column = cursor.name()?;
            let found = OPERATORS.iter().find(|(symbol, _)| cursor.peek(0).is_symbol(symbol));
            let operator = found.map(|(_, operator)| *operator).ok_or_else(|| cursor.mismatch("="))?;
            cursor.advance();
            let (value, is_number) = cursor.constant()?;
            Ok(Condition { column, operator, value, is_number })
        })?;
        Ok(PartitionFilter(conditions))
    }
}

impl PartitionFilter {
    /// As an expression of Glue's `GetPartitions`.
    ///
    /// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html>
    pub fn expression(&self, is_text: impl Fn(&str) -> bool) -> String {
        let one = |condition: &Condition| {
            let Condition { column, operator, value, .. } = condition;
            let quoted = || format!("'{}'", value.replace('\'', "''"));
            let value = if is_text(column) { quoted() } else { value.clone() };
            format!("{column} {operator} {value}")
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(" AND ")
    }
}
