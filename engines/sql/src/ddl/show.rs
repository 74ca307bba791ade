//! `SHOW …`, `DESCRIBE …`

use super::ast::{Detail, Show};
use super::cursor::{Cursor, Parsed};
use super::lexer::Kind;

impl Cursor<'_> {
    /// After `SHOW`.
    pub(super) fn show(&mut self) -> Parsed<Show> {
        self.what = "ddl statement";
        let show = if self.take("databases") || self.take("schemas") {
            Show::Databases { like: self.like()? }
        } else if self.take("tables") {
            let database = self.in_database()?;
            Show::Tables { database, like: self.like()? }
        } else if self.take("views") {
            let database = self.in_database()?;
            Show::Views { database, like: self.like()? }
        } else if self.take("partitions") {
            Show::Partitions(self.table()?)
        } else if self.take("columns") {
            Show::Columns(self.columns_of()?)
        } else if self.take("create table") {
            Show::CreateTable(self.table()?)
        } else if self.take("create view") {
            // Trino's statement, whose names may stand in double quotes.
            let mut trino = self.as_trino()?;
            let name = trino.table()?;
            trino.expect_end()?;
            return Ok(Show::CreateView(name));
        } else if self.take("tblproperties") {
            let name = self.table()?;
            let key = if self.symbol("(") {
                let key = self.string()?;
                self.expect_symbol(")")?;
                Some(key)
            } else {
                None
            };
            Show::Properties { name, key }
        } else {
            return Err(self.unrecognized());
        };
        self.expect_end()?;
        Ok(show)
    }

    /// `LIKE 'pattern'`, with or without the word.
    fn like(&mut self) -> Parsed<Option<String>> {
        let said = self.take("like");
        if said || matches!(self.peek(0).kind, Kind::Single(_) | Kind::Double(_)) {
            return self.string().map(Some);
        }
        Ok(None)
    }

    fn in_database(&mut self) -> Parsed<Option<String>> {
        if self.take("in") || self.take("from") { self.name().map(Some) } else { Ok(None) }
    }

    /// `FROM table`, `IN database.table`, `IN table FROM database`.
    fn columns_of(&mut self) -> Parsed<super::TableReference> {
        if !self.take("in") && !self.take("from") {
            return Err(self.mismatch("FROM"));
        }
        let mut name = self.table()?;
        if self.take("in") || self.take("from") {
            name.database = Some(self.name()?);
        }
        Ok(name)
    }

    /// After `DESCRIBE`.
    pub(super) fn describe(&mut self) -> Parsed<Show> {
        self.what = "describe statement";
        // A table may be called so.
        let is_word = |cursor: &Self| matches!(cursor.peek(1).kind, Kind::Word | Kind::Back(_));
        let detail = if !is_word(self) {
            Detail::Columns
        } else if self.take("formatted") {
            Detail::Formatted
        } else if self.take("extended") {
            Detail::Extended
        } else {
            Detail::Columns
        };
        let mut parts = vec![self.name()?];
        while self.symbol(".") {
            parts.push(self.name()?);
        }
        let partition = if self.is("partition") { Some(self.partition_spec()?) } else { None };
        let column = if self.is_end() { None } else { Some(self.field()?) };
        self.expect_end()?;
        let table = parts.pop().unwrap_or_default();
        let database = parts.pop();
        let name = super::TableReference { catalog: parts.pop(), database, table };
        Ok(Show::Describe { name, detail, partition, column })
    }

    /// `column`, `column.field`, `column.'$elem$'`
    fn field(&mut self) -> Parsed<String> {
        let mut field = self.name()?;
        while self.symbol(".") {
            let part = if let Kind::Single(_) = self.peek(0).kind { self.string()? } else { self.name()? };
            field = format!("{field}.{part}");
        }
        Ok(field)
    }
}
