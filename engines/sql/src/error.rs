//! What goes wrong, with Trino's names and wordings.
//!
//! <https://trino.io/docs/current/client/client-protocol.html>, and Athena's
//! [GetQueryExecution](https://docs.aws.amazon.com/athena/latest/APIReference/API_AthenaError.html), whose reason begins
//! with the name: `COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved …`.

use std::fmt;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;

/// A place in the text of a statement, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// The name of an error, as Trino documents it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// The name as it is written: `DIVISION_BY_ZERO`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }

            /// The error of a name.
            fn named(name: &str) -> Option<Code> {
                [$(Code::$name),+].into_iter().find(|code| code.name() == name)
            }
        }
    };
}

codes! {
    /// The text is not a statement.
    SyntaxError = "SYNTAX_ERROR",
    /// The text is longer than any may be.
    QueryTextTooLarge = "QUERY_TEXT_TOO_LARGE",
    /// A name stands for several things.
    AmbiguousName = "AMBIGUOUS_NAME",
    /// No such column.
    ColumnNotFound = "COLUMN_NOT_FOUND",
    /// A list of aliases has another length than the columns.
    MismatchedColumnAliases = "MISMATCHED_COLUMN_ALIASES",
    /// No such table.
    TableNotFound = "TABLE_NOT_FOUND",
    /// No such schema.
    SchemaNotFound = "SCHEMA_NOT_FOUND",
    /// No such catalog.
    CatalogNotFound = "CATALOG_NOT_FOUND",
    /// A table was named without a schema, and there is no default.
    MissingSchemaName = "MISSING_SCHEMA_NAME",
    /// No function of that name takes these arguments.
    FunctionNotFound = "FUNCTION_NOT_FOUND",
    /// The function is no aggregate where one is needed.
    FunctionNotAggregate = "FUNCTION_NOT_AGGREGATE",
    /// The function cannot be used over a window.
    FunctionNotWindow = "FUNCTION_NOT_WINDOW",
    /// A type does not fit where it is used.
    TypeMismatch = "TYPE_MISMATCH",
    /// No such type.
    TypeNotFound = "TYPE_NOT_FOUND",
    /// A literal that its type does not have.
    InvalidLiteral = "INVALID_LITERAL",
    /// An expression that is neither grouped nor aggregated.
    ExpressionNotAggregate = "EXPRESSION_NOT_AGGREGATE",
    /// An expression of ORDER BY is not in SELECT DISTINCT.
    ExpressionNotInDistinct = "EXPRESSION_NOT_IN_DISTINCT",
    /// An expression must be constant.
    ExpressionNotConstant = "EXPRESSION_NOT_CONSTANT",
    /// An expression must be scalar.
    ExpressionNotScalar = "EXPRESSION_NOT_SCALAR",
    /// A position in GROUP BY or ORDER BY is out of range.
    InvalidColumnReference = "INVALID_COLUMN_REFERENCE",
    /// An aggregate within an aggregate.
    NestedAggregation = "NESTED_AGGREGATION",
    /// A window function within a window function.
    NestedWindow = "NESTED_WINDOW",
    /// A window frame that cannot be.
    InvalidWindowFrame = "INVALID_WINDOW_FRAME",
    /// A wildcard where there is nothing to select.
    ColumnNameNotSpecified = "COLUMN_NAME_NOT_SPECIFIED",
    /// A name of WITH occurs twice.
    DuplicateNamedQuery = "DUPLICATE_NAMED_QUERY",
    /// WITH RECURSIVE has a form that is not allowed.
    InvalidRecursiveReference = "INVALID_RECURSIVE_REFERENCE",
    /// A view's text does not make sense any more.
    InvalidView = "INVALID_VIEW",
    /// A value that an argument cannot have.
    InvalidFunctionArgument = "INVALID_FUNCTION_ARGUMENT",
    /// A value that cannot be cast.
    InvalidCastArgument = "INVALID_CAST_ARGUMENT",
    /// A number outside of its type's range.
    NumericValueOutOfRange = "NUMERIC_VALUE_OUT_OF_RANGE",
    /// A division by zero.
    DivisionByZero = "DIVISION_BY_ZERO",
    /// A scalar subquery has several rows.
    SubqueryMultipleRows = "SUBQUERY_MULTIPLE_ROWS",
    /// A limit of the engine.
    ExceededFunctionMemoryLimit = "EXCEEDED_FUNCTION_MEMORY_LIMIT",
    /// The query needs more memory than it may have.
    ExceededLocalMemoryLimit = "EXCEEDED_LOCAL_MEMORY_LIMIT",
    /// A file of a table cannot be read.
    HiveBadData = "HIVE_BAD_DATA",
    /// A file of a table could not be opened.
    HiveCannotOpenSplit = "HIVE_CANNOT_OPEN_SPLIT",
    /// A table's metadata does not make sense.
    HiveInvalidMetadata = "HIVE_INVALID_METADATA",
    /// A format that is not read.
    HiveUnsupportedFormat = "HIVE_UNSUPPORTED_FORMAT",
    /// A row of a file cannot be read.
    HiveCursorError = "HIVE_CURSOR_ERROR",
    /// Files cannot be listed or read.
    HiveFilesystemError = "HIVE_FILESYSTEM_ERROR",
    /// What the metadata store answered makes no sense.
    HiveMetastoreError = "HIVE_METASTORE_ERROR",
    /// A table names a SerDe that there is not.
    HiveSerdeNotFound = "HIVE_SERDE_NOT_FOUND",
    /// The value of a partition is none of its column's type.
    HiveInvalidPartitionValue = "HIVE_INVALID_PARTITION_VALUE",
    /// A query would read more partitions than it may.
    HiveExceededPartitionLimit = "HIVE_EXCEEDED_PARTITION_LIMIT",
    /// The partition columns of a new table are not its last ones.
    HiveColumnOrderMismatch = "HIVE_COLUMN_ORDER_MISMATCH",
    /// Something else went wrong with a table of files.
    HiveUnknownError = "HIVE_UNKNOWN_ERROR",
    /// The caller may not.
    PermissionDenied = "PERMISSION_DENIED",
    /// The metadata of an Iceberg table do not make sense.
    IcebergInvalidMetadata = "ICEBERG_INVALID_METADATA",
    /// A file of an Iceberg table cannot be read.
    IcebergBadData = "ICEBERG_BAD_DATA",
    /// A change of an Iceberg table is not one of what is current any more.
    IcebergCommitError = "ICEBERG_COMMIT_ERROR",
    /// A statement writes more partitions of an Iceberg table than it may.
    IcebergTooManyOpenPartitions = "ICEBERG_TOO_MANY_OPEN_PARTITIONS",
    /// Arguments that there cannot be.
    InvalidArguments = "INVALID_ARGUMENTS",
    /// A column of a new table has no name.
    MissingColumnName = "MISSING_COLUMN_NAME",
    /// A column is told twice.
    DuplicateColumnName = "DUPLICATE_COLUMN_NAME",
    /// MERGE finds several rows for one.
    MergeTargetRowMultipleMatches = "MERGE_TARGET_ROW_MULTIPLE_MATCHES",
    /// Partition projection is not set up properly.
    InvalidTableProperty = "INVALID_TABLE_PROPERTY",
    /// A constraint on a column is needed.
    ConstraintViolation = "CONSTRAINT_VIOLATION",
    /// What Trino has and this engine has not.
    NotSupported = "NOT_SUPPORTED",
    /// A defect of this engine.
    GenericInternalError = "GENERIC_INTERNAL_ERROR",
    /// What the embedder's catalog or files answered.
    GenericExternal = "GENERIC_EXTERNAL",
}

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// Its name.
    pub code: Code,
    /// What happened, without name and place.
    pub message: String,
    /// Where in the statement, if it is about its text.
    pub at: Option<Position>,
}

/// What a function of this engine answers.
pub type Result<T> = std::result::Result<T, SqlError>;

impl SqlError {
    /// An error without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), at: None }
    }

    /// An error with its place.
    pub fn at(code: Code, at: Position, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), at: Some(at) }
    }

    pub(crate) fn unsupported(at: Position, what: impl fmt::Display) -> Self {
        Self::at(Code::NotSupported, at, format!("{what} is not supported"))
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidFunctionArgument, message)
    }

    pub(crate) fn range(message: impl Into<String>) -> Self {
        Self::new(Code::NumericValueOutOfRange, message)
    }

    pub(crate) fn cast(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidCastArgument, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::GenericInternalError, message)
    }

    /// An error that was made text by [`fmt::Display`], as a worker's errors are, whatever is wrapped around it.
    pub fn told(text: &str) -> Option<Self> {
        let mut rest = text;
        while let Some(inner) = ["External error: ", "Arrow error: "].iter().find_map(|wrap| rest.strip_prefix(wrap)) {
            rest = inner;
        }
        let (name, message) = rest.split_once(": ")?;
        Some(Self::new(Code::named(name)?, message))
    }

    /// Whether `TRY` makes a NULL of it.
    ///
    /// <https://trino.io/docs/current/functions/conditional.html#try>
    pub(crate) fn is_tried(&self) -> bool {
        matches!(
            self.code,
            Code::DivisionByZero
                | Code::InvalidCastArgument
                | Code::InvalidFunctionArgument
                | Code::NumericValueOutOfRange
        )
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code.name())?;
        if let Some(at) = self.at {
            write!(f, "line {at}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlError {}

impl From<SqlError> for DataFusionError {
    fn from(error: SqlError) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

/// Finds our own error in what DataFusion wrapped around it; whatever else it says is a defect here.
pub(crate) fn from_datafusion(error: DataFusionError) -> SqlError {
    if let Some(own) = find(&error) {
        return own.clone();
    }
    // What a sort or a join says of it stands around it.
    match error.find_root() {
        DataFusionError::ResourcesExhausted(why) => SqlError::new(Code::ExceededLocalMemoryLimit, why.clone()),
        DataFusionError::NotImplemented(what) => SqlError::new(Code::NotSupported, what.clone()),
        _ => SqlError::told(&error.to_string()).unwrap_or_else(|| SqlError::internal(error.strip_backtrace())),
    }
}

fn find<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a SqlError> {
    if let Some(own) = error.downcast_ref::<SqlError>() {
        return Some(own);
    }
    if let Some(error) = error.downcast_ref::<DataFusionError>() {
        return match error {
            DataFusionError::External(inner) => find(inner.as_ref()),
            DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => find(inner.as_ref()),
            DataFusionError::Shared(inner) => find(inner.as_ref()),
            DataFusionError::ArrowError(inner, _) => find(inner.as_ref()),
            DataFusionError::Collection(all) => all.iter().find_map(|one| find(one)),
            _ => None,
        };
    }
    match error.downcast_ref::<ArrowError>() {
        Some(ArrowError::ExternalError(inner)) => find(inner.as_ref()),
        _ => None,
    }
}
