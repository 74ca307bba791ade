//! PREPARE and DEALLOCATE PREPARE, by Athena's own operations.

use serde_json::json;
use welkin_kernel::Error;
use welkin_sql::ddl::Statement;

use super::{Definitions, Done, Text, caller, failure};
use crate::execution::Failure;

impl Definitions<'_> {
    pub(super) async fn prepared(&mut self, statement: Statement) -> Done<Text> {
        let group = self.execution.group.as_str();
        let (operation, input) = match statement {
            Statement::Prepare { name, statement } => {
                let statement = statement.trim();
                let input = json!({ "StatementName": name, "WorkGroup": group, "QueryStatement": statement });
                ("CreatePreparedStatement", input)
            }
            Statement::Deallocate { name } => {
                ("DeletePreparedStatement", json!({ "StatementName": name, "WorkGroup": group }))
            }
            _ => return Err(Error::internal("a statement that is no prepared one").into()),
        };
        match caller::ask(self.cx, self.execution, "athena", operation, &input).await {
            Ok(_) => Ok(Text::nothing()),
            Err(error) => Err(Failure::user(failure::USER, failure::answer(error)?.message).into()),
        }
    }
}
