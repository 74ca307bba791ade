//! `DELETE`, `UPDATE`, `MERGE`, `OPTIMIZE` and `VACUUM`, which Athena has for Iceberg tables. Expressions are text.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-updating-iceberg-table-data.html>

use super::ast::{Statement, TableReference};
use super::cursor::{Cursor, Parsed};

/// `SET column = expression, …`
pub type Assignments = Vec<(String, String)>;

/// `MERGE INTO …`
///
/// <https://docs.aws.amazon.com/athena/latest/ug/merge-into-statement.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The table that is changed.
    pub target: TableReference,
    /// What it is called in expressions.
    pub alias: Option<String>,
    /// The relation whose rows are merged in, with its alias.
    pub source: String,
    /// Which rows match.
    pub condition: String,
    /// What is done, by the first that applies.
    pub cases: Vec<MergeCase>,
}

/// `WHEN [NOT] MATCHED [AND …] THEN …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeCase {
    /// Whether it is for rows that match.
    pub matched: bool,
    /// What else must be true.
    pub condition: Option<String>,
    /// What is done then.
    pub action: MergeAction,
}

/// What MERGE does with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeAction {
    /// `UPDATE SET …`
    Update(Assignments),
    /// `DELETE`
    Delete,
    /// `INSERT (columns) VALUES (expressions)`
    Insert {
        /// All of them if none is told.
        columns: Vec<String>,
        /// As many expressions.
        values: Vec<String>,
    },
}

impl Cursor<'_> {
    /// After `DELETE`.
    pub(super) fn delete(&mut self) -> Parsed<Statement> {
        self.expect("from")?;
        let name = self.table()?;
        Ok(Statement::Delete { name, condition: self.condition()? })
    }

    /// After `UPDATE`.
    pub(super) fn update(&mut self) -> Parsed<Statement> {
        let name = self.table()?;
        self.expect("set")?;
        let assignments = self.assignments(&["where"])?;
        Ok(Statement::Update { name, assignments, condition: self.condition()? })
    }

    /// After `OPTIMIZE`.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/optimize-statement.html>
    pub(super) fn optimize(&mut self) -> Parsed<Statement> {
        let name = self.table()?;
        self.expect("rewrite data using bin_pack")?;
        Ok(Statement::Optimize { name, condition: self.condition()? })
    }

    /// After `VACUUM`.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/vacuum-statement.html>
    pub(super) fn vacuum(&mut self) -> Parsed<Statement> {
        let name = self.table()?;
        self.expect_end()?;
        Ok(Statement::Vacuum(name))
    }

    fn condition(&mut self) -> Parsed<Option<String>> {
        let condition = if self.take("where") { Some(self.expression(&[])?) } else { None };
        self.expect_end()?;
        Ok(condition)
    }

    fn assignments(&mut self, stops: &[&str]) -> Parsed<Assignments> {
        let mut all = Vec::new();
        loop {
            let column = self.name()?;
            self.expect_symbol("=")?;
            all.push((column, self.expression(&[&[","], stops].concat())?));
            if !self.symbol(",") {
                return Ok(all);
            }
        }
    }

    /// After `MERGE`.
    pub(super) fn merge(&mut self) -> Parsed<Statement> {
        self.expect("into")?;
        let target = self.table()?;
        let alias = if self.take("as") || !self.is("using") { Some(self.name()?) } else { None };
        self.expect("using")?;
        let source = self.expression(&["on"])?;
        self.expect("on")?;
        let condition = self.expression(&["when"])?;
        let mut cases = Vec::new();
        while self.take("when") {
            cases.push(self.merge_case()?);
        }
        if cases.is_empty() {
            return Err(self.mismatch("WHEN"));
        }
        self.expect_end()?;
        Ok(Statement::Merge(Box::new(Merge { target, alias, source, condition, cases })))
    }

    fn merge_case(&mut self) -> Parsed<MergeCase> {
        let matched = !self.take("not");
        self.expect("matched")?;
        let condition = if self.take("and") { Some(self.expression(&["then"])?) } else { None };
        self.expect("then")?;
        let action = if matched && self.take("delete") {
            MergeAction::Delete
        } else if matched {
            self.expect("update set")?;
            MergeAction::Update(self.assignments(&["when"])?)
        } else {
            self.expect("insert")?;
            let columns = if self.peek(0).is_symbol("(") { self.list(Self::name)? } else { Vec::new() };
            self.expect("values")?;
            let values = self.list(|cursor| cursor.expression(&[",", ")"]))?;
            MergeAction::Insert { columns, values }
        };
        Ok(MergeCase { matched, condition, action })
    }

    /// An expression, as text: what stands until one of these words or symbols, outside of parentheses and CASE.
    fn expression(&mut self, stops: &[&str]) -> Parsed<String> {
        let start = self.peek(0).start;
        let (mut end, mut depth, mut cases) = (start, 0u32, 0u32);
        while !self.is_end() {
            let token = self.peek(0);
            let stops = stops.iter().any(|stop| token.is_word(stop) || token.is_symbol(stop));
            if depth == 0 && cases == 0 && stops {
                break;
            }
            let token = self.advance();
            if token.is_symbol("(") || token.is_symbol("[") {
                depth += 1;
            } else if token.is_symbol(")") || token.is_symbol("]") {
                depth = depth.saturating_sub(1);
            } else if token.is_word("case") {
                cases += 1;
            } else if token.is_word("end") {
                cases = cases.saturating_sub(1);
            }
            end = token.end();
        }
        if start == end { Err(self.mismatch("<expression>")) } else { Ok(self.source[start..end].to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ddl::parse;

    #[test]
    fn the_clauses_of_merge_are_told_apart() {
        let text = "MERGE INTO db.t AS a USING (SELECT 1 x) s ON a.id = CASE WHEN s.x = 1 THEN 2 ELSE 3 END \
                    WHEN MATCHED AND s.x > 1 THEN DELETE WHEN MATCHED THEN UPDATE SET b = s.x, c = f(1, 2) \
                    WHEN NOT MATCHED THEN INSERT (id, b) VALUES (s.x, coalesce(s.x, 2))";
        let Ok(Statement::Merge(merge)) = parse(text) else { panic!("no MERGE") };
        assert_eq!((merge.alias.as_deref(), merge.source.as_str()), (Some("a"), "(SELECT 1 x) s"));
        assert_eq!(merge.condition, "a.id = CASE WHEN s.x = 1 THEN 2 ELSE 3 END");
        assert_eq!(merge.cases[0].condition.as_deref(), Some("s.x > 1"));
        let set = [("b", "s.x"), ("c", "f(1, 2)")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
        assert_eq!(merge.cases[1].action, MergeAction::Update(set));
        let MergeAction::Insert { values, .. } = &merge.cases[2].action else { panic!("no INSERT") };
        assert_eq!(values, &["s.x", "coalesce(s.x, 2)"]);
        assert!(parse("MERGE INTO t USING s ON a = b").is_err() && parse("UPDATE t SET").is_err());
        assert!(parse("OPTIMIZE t").is_err() && parse("VACUUM t x").is_err());
        assert!(
            matches!(parse("DELETE FROM t WHERE a = 1;"), Ok(Statement::Delete { condition: Some(c), .. }) if c == "a = 1")
        );
    }
}
