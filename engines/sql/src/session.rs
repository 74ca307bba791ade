//! What a query is run with.

use serde::{Deserialize, Serialize};

use crate::catalog::TableName;
use crate::error::{Code, Position, Result, SqlError};
use crate::syntax::ast::Name;

/// The surroundings of a query: names, time and chance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The catalog of names that tell none.
    pub catalog: String,
    /// The schema of names that tell none, if there is one.
    pub schema: Option<String>,
    /// What the clock shows, in microseconds since 1970-01-01 00:00 UTC. The whole query sees this time.
    pub now: i64,
    /// What `random()` and its like begin with.
    pub seed: u64,
}

impl Session {
    /// The whole name of a table.
    pub(crate) fn qualify(&self, name: &[Name], at: Position) -> Result<TableName> {
        let parts: Vec<String> = name.iter().map(Name::lower).collect();
        let own = |schema: &Option<String>| {
            let missing =
                || SqlError::at(Code::MissingSchemaName, at, "Schema must be specified when session schema is not set");
            schema.as_ref().map(|schema| schema.to_lowercase()).ok_or_else(missing)
        };
        let catalog = self.catalog.to_lowercase();
        match parts.as_slice() {
            [table] => Ok(TableName { catalog, schema: own(&self.schema)?, table: table.clone(), version: None }),
            [schema, table] => Ok(TableName { catalog, schema: schema.clone(), table: table.clone(), version: None }),
            [catalog, schema, table] => {
                Ok(TableName { catalog: catalog.clone(), schema: schema.clone(), table: table.clone(), version: None })
            }
            _ => Err(SqlError::at(Code::SyntaxError, at, format!("Too many dots in table name: {}", parts.join(".")))),
        }
    }
}
