//! `CREATE …`

use super::ast::{Bucketing, ColumnDefinition, CreateTable, RowFormat, Statement, StoredAs};
use super::cursor::{Cursor, Parsed};
use super::format::named;
use super::lexer::Kind;

impl Cursor<'_> {
    /// After `CREATE DATABASE`.
    pub(super) fn create_database(&mut self) -> Parsed<Statement> {
        self.what = "create database statement";
        let if_not_exists = self.if_not_exists();
        let name = self.name()?;
        let comment = if self.take("comment") { Some(self.string()?) } else { None };
        let location = if self.take("location") { Some(self.string()?) } else { None };
        let properties = if self.take("with dbproperties") { self.properties()? } else { Vec::new() };
        self.expect_end()?;
        Ok(Statement::CreateDatabase { name, if_not_exists, comment, location, properties })
    }

    /// After `CREATE [EXTERNAL] TABLE`.
    pub(super) fn create_table(&mut self, external: bool) -> Parsed<Statement> {
        self.what = "create table statement";
        let if_not_exists = self.if_not_exists();
        let name = self.table()?;
        let columns = if self.peek(0).is_symbol("(") { self.list(Self::column)? } else { Vec::new() };
        let mut table = CreateTable {
            name,
            external,
            if_not_exists,
            columns,
            comment: None,
            partitioned: Vec::new(),
            bucketing: None,
            row_format: RowFormat::Default,
            stored_as: StoredAs::Default,
            location: None,
            properties: Vec::new(),
        };
        while self.clause(&mut table)? {}
        self.expect_end()?;
        Ok(Statement::CreateTable(Box::new(table)))
    }

    /// One clause after the columns. Hive has an order for them, Athena's own examples have others.
    fn clause(&mut self, table: &mut CreateTable) -> Parsed<bool> {
        if self.take("comment") {
            table.comment = Some(self.string()?);
        } else if self.take("partitioned by") {
            table.partitioned = self.list(Self::partition_column)?;
        } else if self.take("clustered by") {
            table.bucketing = Some(self.bucketing()?);
        } else if self.take("row format") {
            table.row_format = self.row_format()?;
        } else if self.take("with serdeproperties") {
            let more = self.properties()?;
            if let RowFormat::Serde { properties, .. } = &mut table.row_format {
                properties.extend(more);
            }
        } else if self.take("stored as") {
            table.stored_as = self.stored_as()?;
        } else if self.take("location") {
            table.location = Some(self.string()?);
        } else if self.take("tblproperties") {
            table.properties = self.properties()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// `name type COMMENT 'text'`
    pub(super) fn column(&mut self) -> Parsed<ColumnDefinition> {
        let name = self.name()?;
        let ty = self.hive_type()?;
        let comment = if self.take("comment") { Some(self.string()?) } else { None };
        Ok(ColumnDefinition { name, ty, comment })
    }

    /// A column with a type; of Iceberg tables a name or a transform: `bucket(16, id)`.
    fn partition_column(&mut self) -> Parsed<ColumnDefinition> {
        if !self.peek(1).is_symbol("(") && !self.peek(1).is_symbol(",") && !self.peek(1).is_symbol(")") {
            return self.column();
        }
        let mut name = self.name()?;
        if self.peek(0).is_symbol("(") {
            let arguments = self.list(|cursor| match cursor.peek(0).kind {
                Kind::Number => cursor.number().map(|number| number.to_string()),
                _ => cursor.name(),
            })?;
            name = format!("{name}({})", arguments.join(", "));
        }
        Ok(ColumnDefinition { name, ty: String::new(), comment: None })
    }

    fn bucketing(&mut self) -> Parsed<Bucketing> {
        let columns = self.list(Self::name)?;
        let sorted = if self.take("sorted by") {
            self.list(|cursor| {
                let name = cursor.name()?;
                let descends = cursor.take("desc");
                if !descends {
                    cursor.take("asc");
                }
                Ok((name, !descends))
            })?
        } else {
            Vec::new()
        };
        self.expect("into")?;
        let count = self.number()?;
        self.expect("buckets")?;
        Ok(Bucketing { columns, sorted, count })
    }

    fn row_format(&mut self) -> Parsed<RowFormat> {
        if self.take("serde") {
            let name = self.string()?;
            let properties = if self.take("with serdeproperties") { self.properties()? } else { Vec::new() };
            return Ok(RowFormat::Serde { name, properties });
        }
        if !self.take("delimited") {
            return Err(self.mismatch("SERDE"));
        }
        let (mut fields, mut escape, mut items, mut keys, mut lines, mut null) = Default::default();
        loop {
            if self.take("fields terminated by") {
                fields = Some(self.string()?);
            } else if self.take("escaped by") {
                escape = Some(self.string()?);
            } else if self.take("collection items terminated by") {
                items = Some(self.string()?);
            } else if self.take("map keys terminated by") {
                keys = Some(self.string()?);
            } else if self.take("lines terminated by") {
                lines = Some(self.string()?);
            } else if self.take("null defined as") {
                null = Some(self.string()?);
            } else {
                return Ok(RowFormat::Delimited { fields, escape, items, keys, lines, null });
            }
        }
    }

    fn stored_as(&mut self) -> Parsed<StoredAs> {
        if self.take("inputformat") {
            let input = self.string()?;
            self.expect("outputformat")?;
            return Ok(StoredAs::Classes { input, output: self.string()? });
        }
        let word = self.peek(0).text;
        match named(word) {
            Some(name) => {
                self.advance();
                Ok(StoredAs::Named(name))
            }
            None => Err(super::DdlError::Semantic(format!(
                "Unrecognized file format in STORED AS clause: '{}'",
                self.peek(0).shown()
            ))),
        }
    }
}
