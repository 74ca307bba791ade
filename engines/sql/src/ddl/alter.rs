//! `ALTER …`

use super::ast::{Alteration, ColumnDefinition, Statement};
use super::cursor::{Cursor, Parsed};

impl Cursor<'_> {
    /// After `ALTER DATABASE`.
    pub(super) fn alter_database(&mut self) -> Parsed<Statement> {
        self.what = "alter database statement";
        let name = self.name()?;
        self.expect("set dbproperties")?;
        let properties = self.properties()?;
        self.expect_end()?;
        Ok(Statement::AlterDatabase { name, properties })
    }

    /// After `ALTER TABLE`.
    pub(super) fn alter_table(&mut self) -> Parsed<Statement> {
        self.what = "alter table statement";
        let name = self.table()?;
        let change = self.alteration()?;
        self.expect_end()?;
        Ok(Statement::AlterTable { name, change })
    }

    fn alteration(&mut self) -> Parsed<Alteration> {
        if self.take("add columns") {
            return self.list(Self::column).map(Alteration::AddColumns);
        }
        if self.take("replace columns") {
            return self.list(Self::column).map(Alteration::ReplaceColumns);
        }
        if self.take("add") {
            return self.add_partitions();
        }
        if self.take("drop column") {
            return Ok(Alteration::ChangeColumn { from: self.name()?, to: None });
        }
        if self.take("drop") {
            return self.drop_partitions();
        }
        if self.take("change") {
            self.take("column");
            let from = self.name()?;
            return Ok(Alteration::ChangeColumn { from, to: Some(self.changed_column()?) });
        }
        if self.is("partition") {
            let partition = self.partition_spec()?;
            if self.take("rename to") {
                return Ok(Alteration::RenamePartition { from: partition, to: self.partition_spec()? });
            }
            self.expect("set location")?;
            return Ok(Alteration::SetLocation { partition: Some(partition), location: self.string()? });
        }
        if self.take("set location") {
            return Ok(Alteration::SetLocation { partition: None, location: self.string()? });
        }
        if self.take("set tblproperties") {
            return self.properties().map(Alteration::SetProperties);
        }
        if self.take("unset tblproperties") {
            return self.list(Self::string).map(Alteration::UnsetProperties);
        }
        if self.take("rename to") {
            return self.table().map(Alteration::Rename);
        }
        Err(self.unrecognized())
    }

    fn add_partitions(&mut self) -> Parsed<Alteration> {
        let if_not_exists = self.if_not_exists();
        let mut partitions = Vec::new();
        loop {
            let spec = self.partition_spec()?;
            let location = if self.take("location") { Some(self.string()?) } else { None };
            partitions.push((spec, location));
            // Hive has blanks between partitions; the reference shows commas, too.
            self.symbol(",");
            if !self.is("partition") {
                return Ok(Alteration::AddPartitions { if_not_exists, partitions });
            }
        }
    }

    fn drop_partitions(&mut self) -> Parsed<Alteration> {
        let if_exists = self.if_exists();
        let mut partitions = vec![self.partition_filter()?];
        while self.symbol(",") {
            partitions.push(self.partition_filter()?);
        }
        Ok(Alteration::DropPartitions { if_exists, partitions })
    }

    fn changed_column(&mut self) -> Parsed<ColumnDefinition> {
        let column = self.column()?;
        if self.is("first") || self.is("after") {
            let message = "CHANGE COLUMN with FIRST or AFTER is not supported";
            return Err(super::DdlError::Semantic(message.into()));
        }
        Ok(column)
    }
}
