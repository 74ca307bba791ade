//! Databases.

use serde_json::json;
use welkin_kernel::Error;
use welkin_sql::ddl::Statement;

use super::{Definitions, Done, Text, failure, no_database};
use crate::run::glue::{Database, TablePage, WithDatabase};

impl Definitions<'_> {
    /// CREATE, DROP and ALTER DATABASE.
    pub(super) async fn database(&mut self, statement: Statement) -> Done<Text> {
        let catalog = self.catalog(None).await?;
        match statement {
            Statement::CreateDatabase { name, if_not_exists, comment, location, properties } => {
                let database = Database {
                    name,
                    description: comment,
                    location_uri: location,
                    parameters: properties.into_iter().collect(),
                };
                self.create_database(&catalog, &database, if_not_exists).await?;
            }
            Statement::DropDatabase { name, if_exists, cascade } => {
                self.drop_database(&catalog, &name, if_exists, cascade).await?;
            }
            Statement::AlterDatabase { name, properties } => {
                let mut database = self.find_database(&catalog, &name).await?;
                database.parameters.extend(properties);
                let input = json!({ "CatalogId": catalog, "Name": name, "DatabaseInput": database });
                self.change("UpdateDatabase", &input).await?;
            }
            _ => return Err(Error::internal("a statement that is none of databases").into()),
        }
        Ok(Text::nothing())
    }

    async fn find_database(&mut self, catalog: &str, name: &str) -> Done<Database> {
        match self.glue("GetDatabase", &json!({ "CatalogId": catalog, "Name": name })).await? {
            Ok(answered) => Ok(answered.output::<WithDatabase>()?.database),
            Err(answer) if answer.code == "EntityNotFoundException" => Err(no_database(name)),
            Err(answer) => Err(failure::of_glue(&answer).into()),
        }
    }

    async fn create_database(&mut self, catalog: &str, database: &Database, if_not_exists: bool) -> Done<()> {
        let input = json!({ "CatalogId": catalog, "DatabaseInput": database });
        match self.glue("CreateDatabase", &input).await? {
            Err(answer) if answer.code == "AlreadyExistsException" && if_not_exists => Ok(()),
            Err(answer) if answer.code == "AlreadyExistsException" => {
                Err(failure::of_task(format_args!("Database {} already exists", database.name)).into())
            }
            Err(answer) => Err(failure::of_glue(&answer).into()),
            Ok(_) => Ok(()),
        }
    }

    async fn drop_database(&mut self, catalog: &str, name: &str, if_exists: bool, cascade: bool) -> Done<()> {
        if !cascade {
            let input = json!({ "CatalogId": catalog, "DatabaseName": name, "MaxResults": 1 });
            let has_tables = match self.glue("GetTables", &input).await? {
                Ok(answered) => !answered.output::<TablePage>()?.table_list.is_empty(),
                Err(answer) if answer.code == "EntityNotFoundException" => false,
                Err(answer) => return Err(failure::of_glue(&answer).into()),
            };
            if has_tables {
                let message = format!("Database {name} is not empty. One or more tables exist.");
                return Err(failure::of_task(format_args!("InvalidOperationException(message:{message})")).into());
            }
        }
        match self.glue("DeleteDatabase", &json!({ "CatalogId": catalog, "Name": name })).await? {
            Err(answer) if answer.code == "EntityNotFoundException" && if_exists => Ok(()),
            Err(answer) if answer.code == "EntityNotFoundException" => Err(no_database(name)),
            Err(answer) => Err(failure::of_glue(&answer).into()),
            Ok(_) => Ok(()),
        }
    }
}
