//! What FROM names: tables, queries, UNNEST and joins.

use super::ast::*;
use super::parser::Parser;
use crate::error::{Result, SqlError};

impl Parser {
    pub(super) fn relation(&mut self) -> Result<Relation> {
        let mut left = self.sampled()?;
        loop {
            let at = self.at();
            if self.word("CROSS JOIN") {
                let right = self.sampled()?;
                left = join(JoinKind::Cross, left, right, JoinOn::None, at);
                continue;
            }
            let natural = self.word("NATURAL");
            let Some(kind) = self.join_kind()? else {
                return if natural { Err(self.unexpected("'JOIN'")) } else { Ok(left) };
            };
            if natural {
                let right = self.sampled()?;
                left = join(kind, left, right, JoinOn::Natural, at);
                continue;
            }
            let right = self.nested(Self::relation)?;
            let on = if self.word("ON") {
                JoinOn::On(self.expression()?)
            } else if self.word("USING") {
                JoinOn::Using(self.names()?)
            } else {
                return Err(self.unexpected("'ON', 'USING'"));
            };
            left = join(kind, left, right, on, at);
        }
    }

    fn join_kind(&mut self) -> Result<Option<JoinKind>> {
        if self.word("JOIN") || self.word("INNER JOIN") {
            return Ok(Some(JoinKind::Inner));
        }
        for (word, kind) in [("LEFT", JoinKind::Left), ("RIGHT", JoinKind::Right), ("FULL", JoinKind::Full)] {
            if self.word(word) {
                self.word("OUTER");
                self.expect_word("JOIN")?;
                return Ok(Some(kind));
            }
        }
        Ok(None)
    }

    fn sampled(&mut self) -> Result<Relation> {
        let of = self.aliased()?;
        let at = self.at();
        if self.word("MATCH_RECOGNIZE") {
            return Err(SqlError::unsupported(at, "MATCH_RECOGNIZE"));
        }
        if !self.word("TABLESAMPLE") {
            return Ok(of);
        }
        if !(self.word("BERNOULLI") || self.word("SYSTEM")) {
            return Err(self.unexpected("'BERNOULLI', 'SYSTEM'"));
        }
        self.expect("(")?;
        let percent = self.expression()?;
        self.expect(")")?;
        Ok(Relation::Sample { of: Box::new(of), percent, at })
    }

    fn aliased(&mut self) -> Result<Relation> {
        let at = self.at();
        if self.word("UNNEST") {
            self.expect("(")?;
            let args = self.list(Self::expression)?;
            self.expect(")")?;
            let ordinality = self.word("WITH ORDINALITY");
            return Ok(Relation::Unnest { args, ordinality, alias: self.alias()?, at });
        }
        if self.is_word(0, "TABLE") && self.is_symbol(1, "(") {
            return Err(SqlError::unsupported(at, "A table function"));
        }
        if self.word("LATERAL") {
            self.expect("(")?;
            let query = Box::new(self.query()?);
            self.expect(")")?;
            return Ok(Relation::Query { query, lateral: true, alias: self.alias()? });
        }
        if self.is_symbol(0, "(") {
            return self.parenthesized();
        }
        let name = self.path()?;
        let version = if self.word("FOR") { Some(self.version()?) } else { None };
        Ok(Relation::Table { name, version, alias: self.alias()?, at })
    }

    /// After `FOR`: `TIMESTAMP AS OF …`, `VERSION AS OF …`.
    fn version(&mut self) -> Result<(AsOf, Expr)> {
        let of = if self.word("TIMESTAMP") || self.word("SYSTEM_TIME") {
            AsOf::Time
        } else if self.word("VERSION") || self.word("SYSTEM_VERSION") {
            AsOf::Version
        } else {
            return Err(self.unexpected("'TIMESTAMP', 'VERSION'"));
        };
        self.expect_word("AS")?;
        self.expect_word("OF")?;
        Ok((of, self.expression()?))
    }

    /// A query, or a relation: `(SELECT …)`, `((SELECT …) UNION …)`, `(a JOIN b ON …)`.
    fn parenthesized(&mut self) -> Result<Relation> {
        let is_query = self.opens_query(0);
        self.expect("(")?;
        if is_query {
            let query = Box::new(self.query()?);
            self.expect(")")?;
            return Ok(Relation::Query { query, lateral: false, alias: self.alias()? });
        }
        let of = self.nested(Self::relation)?;
        self.expect(")")?;
        Ok(match self.alias()? {
            Some(alias) => Relation::Aliased { of: Box::new(of), alias },
            None => of,
        })
    }

    /// Whether the parenthesis at this word holds a query, rather than an expression or a relation: it does when a
    /// query begins, or when another one that does is closed and what follows is of queries.
    pub(super) fn opens_query(&self, by: usize) -> bool {
        const AFTER: &[&str] = &["UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH"];
        let mut by = by;
        loop {
            if self.is_query(by + 1) {
                return true;
            }
            if !self.is_symbol(by + 1, "(") {
                return false;
            }
            let Some(after) = self.closing(by + 1).map(|close| close + 1) else { return self.is_query(by + 2) };
            if !self.is_symbol(after, ")") && !AFTER.iter().any(|word| self.is_word(after, word)) {
                return false;
            }
            by += 1;
        }
    }

    /// Where the parenthesis at this word is closed.
    fn closing(&self, by: usize) -> Option<usize> {
        let close = *self.closed.get(self.next + by)?;
        (close > 0).then(|| close - self.next)
    }

    fn alias(&mut self) -> Result<Option<Alias>> {
        const NOT_ALIASES: &[&str] = &["TABLESAMPLE", "MATCH_RECOGNIZE", "WINDOW", "LIMIT", "OFFSET", "FETCH"];
        let marked = self.word("AS");
        let taken = !marked && NOT_ALIASES.iter().any(|word| self.is_word(0, word));
        if !marked && (taken || !self.is_name(0)) {
            return Ok(None);
        }
        let name = self.name()?;
        let columns = if self.is_symbol(0, "(") { self.names()? } else { Vec::new() };
        Ok(Some(Alias { name, columns }))
    }
}

fn join(kind: JoinKind, left: Relation, right: Relation, on: JoinOn, at: crate::error::Position) -> Relation {
    Relation::Join { kind, left: Box::new(left), right: Box::new(right), on, at }
}
