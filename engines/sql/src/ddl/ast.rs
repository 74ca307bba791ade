//! Statements, parsed. Names are in lower case; queries within statements are text.

use std::fmt;

use super::change::{Assignments, Merge};
use super::format::Formats;
use super::partition::{PartitionFilter, PartitionSpec};
use crate::explain::{ExplainType, PlanFormat};

/// The name of a table or view as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableReference {
    /// The catalog, if it was told.
    pub catalog: Option<String>,
    /// The database, if it was told.
    pub database: Option<String>,
    /// The table.
    pub table: String,
}

impl fmt::Display for TableReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.catalog.iter().chain(&self.database) {
            write!(f, "{part}.")?;
        }
        f.write_str(&self.table)
    }
}

/// What Athena calls a statement: `StatementType` in
/// [QueryExecution](https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// Of definitions.
    Ddl,
    /// Of data.
    Dml,
    /// Of neither, such as `SHOW TABLES`.
    Utility,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// <https://docs.aws.amazon.com/athena/latest/ug/create-database.html>
    CreateDatabase {
        /// Its name.
        name: String,
        /// Whether one that is there already is no error.
        if_not_exists: bool,
        /// What it is for.
        comment: Option<String>,
        /// Where its tables are.
        location: Option<String>,
        /// `WITH DBPROPERTIES`.
        properties: Vec<(String, String)>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/drop-database.html>
    DropDatabase {
        /// Its name.
        name: String,
        /// Whether one that is not there is no error.
        if_exists: bool,
        /// Whether its tables are dropped, too.
        cascade: bool,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-database-set-dbproperties.html>
    AlterDatabase {
        /// Its name.
        name: String,
        /// What is set.
        properties: Vec<(String, String)>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/create-table.html>
    CreateTable(Box<CreateTable>),
    /// <https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html>
    CreateTableAs {
        /// Its name.
        name: TableReference,
        /// Whether one that is there already is no error.
        if_not_exists: bool,
        /// Properties of `WITH (…)`.
        properties: Vec<(String, Property)>,
        /// The query.
        query: String,
        /// Whether rows are written.
        with_data: bool,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/create-view.html>
    CreateView {
        /// Its name.
        name: TableReference,
        /// Whether it takes the place of one that is there.
        or_replace: bool,
        /// The query.
        query: String,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/drop-table.html>
    DropTable {
        /// Its name.
        name: TableReference,
        /// Whether one that is not there is no error.
        if_exists: bool,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/drop-view.html>
    DropView {
        /// Its name.
        name: TableReference,
        /// Whether one that is not there is no error.
        if_exists: bool,
    },
    /// `ALTER TABLE`
    AlterTable {
        /// Its name.
        name: TableReference,
        /// What is changed.
        change: Alteration,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html>
    RepairTable(TableReference),
    /// `SHOW …`, `DESCRIBE …`
    Show(Show),
    /// <https://docs.aws.amazon.com/athena/latest/ug/insert-into.html>
    Insert {
        /// The table.
        name: TableReference,
        /// The columns that are told; all of them if none is.
        columns: Vec<String>,
        /// The query.
        query: String,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/unload.html>
    Unload {
        /// The query.
        query: String,
        /// Where the files go.
        location: String,
        /// Properties of `WITH (…)`.
        properties: Vec<(String, Property)>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements-querying.html>
    Prepare {
        /// Its name, as it is written.
        name: String,
        /// The statement.
        statement: String,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements-querying.html>
    Execute {
        /// The name, as it is written.
        name: String,
        /// Literals of `USING`.
        parameters: Vec<String>,
    },
    /// `DEALLOCATE PREPARE`
    Deallocate {
        /// The name, as it is written.
        name: String,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html>
    Explain {
        /// Whether the statement is run.
        analyze: bool,
        /// `TYPE`
        of: ExplainType,
        /// `FORMAT`, if it was told.
        format: Option<PlanFormat>,
        /// The statement, in its place.
        statement: String,
    },
    /// SELECT and its like.
    Query,
    /// <https://docs.aws.amazon.com/athena/latest/ug/delete-statement.html>
    Delete {
        /// The table.
        name: TableReference,
        /// Which rows; all of them if there is none.
        condition: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/update-statement.html>
    Update {
        /// The table.
        name: TableReference,
        /// Columns and their new values.
        assignments: Assignments,
        /// Which rows; all of them if there is none.
        condition: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/merge-into-statement.html>
    Merge(Box<Merge>),
    /// <https://docs.aws.amazon.com/athena/latest/ug/optimize-statement.html>
    Optimize {
        /// The table.
        name: TableReference,
        /// Which partitions.
        condition: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/vacuum-statement.html>
    Vacuum(TableReference),
}

impl Statement {
    /// What Athena calls it.
    pub fn kind(&self) -> StatementKind {
        match self {
            Self::Query
            | Self::Insert { .. }
            | Self::Unload { .. }
            | Self::CreateTableAs { .. }
            | Self::Execute { .. }
            | Self::Delete { .. }
            | Self::Update { .. }
            | Self::Merge(_)
            | Self::Optimize { .. }
            | Self::Vacuum(_) => StatementKind::Dml,
            Self::Show(_) | Self::Explain { .. } | Self::Prepare { .. } | Self::Deallocate { .. } => {
                StatementKind::Utility
            }
            _ => StatementKind::Ddl,
        }
    }

    /// Its name, as `SubstatementType` of a query execution has it.
    // UNVERIFIED: which names there are beside those in examples of the API: SELECT, CREATE_TABLE, SHOW_TABLES.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateDatabase { .. } => "CREATE_DATABASE",
            Self::DropDatabase { .. } => "DROP_DATABASE",
            Self::AlterDatabase { .. } => "ALTER_DATABASE",
            Self::CreateTable(_) => "CREATE_TABLE",
            Self::CreateTableAs { .. } => "CREATE_TABLE_AS_SELECT",
            Self::CreateView { .. } => "CREATE_VIEW",
            Self::DropTable { .. } => "DROP_TABLE",
            Self::DropView { .. } => "DROP_VIEW",
            Self::AlterTable { .. } => "ALTER_TABLE",
            Self::RepairTable(_) => "MSCK_REPAIR_TABLE",
            Self::Show(show) => show.name(),
            Self::Insert { .. } => "INSERT",
            Self::Unload { .. } => "UNLOAD",
            Self::Prepare { .. } => "PREPARE",
            Self::Execute { .. } => "EXECUTE",
            Self::Deallocate { .. } => "DEALLOCATE",
            Self::Explain { .. } => "EXPLAIN",
            Self::Query => "SELECT",
            Self::Delete { .. } => "DELETE",
            Self::Update { .. } => "UPDATE",
            Self::Merge(_) => "MERGE",
            Self::Optimize { .. } => "OPTIMIZE",
            Self::Vacuum(_) => "VACUUM",
        }
    }
}

/// A value of a property of CTAS or UNLOAD.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// `'text'`
    Text(String),
    /// `10`
    Number(u64),
    /// `true`
    Boolean(bool),
    /// `ARRAY['a', 'b']`
    Texts(Vec<String>),
}

/// `CREATE EXTERNAL TABLE`, and `CREATE TABLE` of Iceberg.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    /// Its name.
    pub name: TableReference,
    /// Whether it was said to be external.
    pub external: bool,
    /// Whether one that is there already is no error.
    pub if_not_exists: bool,
    /// Columns in the files.
    pub columns: Vec<ColumnDefinition>,
    /// What it is for.
    pub comment: Option<String>,
    /// Columns of the partitions; of Iceberg tables names or transforms, which have no type.
    pub partitioned: Vec<ColumnDefinition>,
    /// `CLUSTERED BY`.
    pub bucketing: Option<Bucketing>,
    /// How a row is read.
    pub row_format: RowFormat,
    /// How a file is read.
    pub stored_as: StoredAs,
    /// Where the files are.
    pub location: Option<String>,
    /// `TBLPROPERTIES`
    pub properties: Vec<(String, String)>,
}

impl CreateTable {
    /// The classes that read and write it.
    pub fn formats(&self) -> Formats {
        Formats::of(&self.row_format, &self.stored_as)
    }

    /// Whether it is an Iceberg table.
    pub fn is_iceberg(&self) -> bool {
        let is = |(key, value): &(String, String)| {
            key.eq_ignore_ascii_case("table_type") && value.eq_ignore_ascii_case("iceberg")
        };
        self.properties.iter().any(is)
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: String,
    /// Its type as Hive writes it: `struct<a:int,b:array<string>>`.
    pub ty: String,
    /// What it is for.
    pub comment: Option<String>,
}

/// `CLUSTERED BY (…) INTO n BUCKETS`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucketing {
    /// Columns that tell the bucket.
    pub columns: Vec<String>,
    /// Columns by which buckets are sorted, and whether ascending.
    pub sorted: Vec<(String, bool)>,
    /// How many buckets there are.
    pub count: u64,
}

/// `ROW FORMAT …`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowFormat {
    /// What the file's format has.
    #[default]
    Default,
    /// `DELIMITED …`, with what delimits.
    Delimited {
        /// `FIELDS TERMINATED BY`
        fields: Option<String>,
        /// `ESCAPED BY`
        escape: Option<String>,
        /// `COLLECTION ITEMS TERMINATED BY`
        items: Option<String>,
        /// `MAP KEYS TERMINATED BY`
        keys: Option<String>,
        /// `LINES TERMINATED BY`
        lines: Option<String>,
        /// `NULL DEFINED AS`
        null: Option<String>,
    },
    /// `SERDE '…' WITH SERDEPROPERTIES (…)`
    Serde {
        /// The class.
        name: String,
        /// Its properties.
        properties: Vec<(String, String)>,
    },
}

/// `STORED AS …`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StoredAs {
    /// `TEXTFILE`
    #[default]
    Default,
    /// A format by its name, in upper case.
    Named(&'static str),
    /// `INPUTFORMAT '…' OUTPUTFORMAT '…'`
    Classes {
        /// The class that reads.
        input: String,
        /// The class that writes.
        output: String,
    },
}

/// What `ALTER TABLE` does.
#[derive(Clone, Debug, PartialEq)]
pub enum Alteration {
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-add-partition.html>
    AddPartitions {
        /// Whether those that are there already are no error.
        if_not_exists: bool,
        /// Their values, and where each is.
        partitions: Vec<(PartitionSpec, Option<String>)>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-drop-partition.html>
    DropPartitions {
        /// Whether none is no error.
        if_exists: bool,
        /// Those that are dropped.
        partitions: Vec<PartitionFilter>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-rename-partition.html>
    RenamePartition {
        /// As it is called.
        from: PartitionSpec,
        /// As it is to be called.
        to: PartitionSpec,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-add-columns.html>
    AddColumns(Vec<ColumnDefinition>),
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-replace-columns.html>
    ReplaceColumns(Vec<ColumnDefinition>),
    /// `CHANGE COLUMN` and `DROP COLUMN`, which Athena has for Iceberg tables.
    ChangeColumn {
        /// Its name.
        from: String,
        /// What it becomes; `None` if it is dropped.
        to: Option<ColumnDefinition>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-set-location.html>
    SetLocation {
        /// The partition; the table if there is none.
        partition: Option<PartitionSpec>,
        /// Where it is to be.
        location: String,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/alter-table-set-tblproperties.html>
    SetProperties(Vec<(String, String)>),
    /// `UNSET TBLPROPERTIES`, which Athena has for Iceberg tables.
    UnsetProperties(Vec<String>),
    /// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-alter-table-rename.html>
    Rename(TableReference),
}

/// `SHOW …`, `DESCRIBE …`
#[derive(Clone, Debug, PartialEq)]
pub enum Show {
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-databases.html>
    Databases {
        /// Names with `*` and `|`.
        like: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-tables.html>
    Tables {
        /// The database, if it was told.
        database: Option<String>,
        /// Names with `*` and `|`.
        like: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-views.html>
    Views {
        /// The database, if it was told.
        database: Option<String>,
        /// Names with `*` and `|`.
        like: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-partitions.html>
    Partitions(TableReference),
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-columns.html>
    Columns(TableReference),
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-create-table.html>
    CreateTable(TableReference),
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-create-view.html>
    CreateView(TableReference),
    /// <https://docs.aws.amazon.com/athena/latest/ug/show-tblproperties.html>
    Properties {
        /// The table.
        name: TableReference,
        /// The one property that is shown.
        key: Option<String>,
    },
    /// <https://docs.aws.amazon.com/athena/latest/ug/describe-table.html>
    Describe {
        /// The table.
        name: TableReference,
        /// `FORMATTED` or `EXTENDED`.
        detail: Detail,
        /// `PARTITION (…)`
        partition: Option<PartitionSpec>,
        /// The one column that is shown.
        column: Option<String>,
    },
}

/// How much `DESCRIBE` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The columns.
    #[default]
    Columns,
    /// All of it, as the catalog's own record: `EXTENDED`.
    Extended,
    /// All of it, line by line: `FORMATTED`.
    Formatted,
}

impl Show {
    fn name(&self) -> &'static str {
        match self {
            Self::Databases { .. } => "SHOW_DATABASES",
            Self::Tables { .. } => "SHOW_TABLES",
            Self::Views { .. } => "SHOW_VIEWS",
            Self::Partitions(_) => "SHOW_PARTITIONS",
            Self::Columns(_) => "SHOW_COLUMNS",
            Self::CreateTable(_) => "SHOW_CREATE_TABLE",
            Self::CreateView(_) => "SHOW_CREATE_VIEW",
            Self::Properties { .. } => "SHOW_TBLPROPERTIES",
            Self::Describe { .. } => "DESCRIBE_TABLE",
        }
    }
}
