//! User-defined functions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Scope, Timestamp};

use crate::catalog::{Catalog, Subject, fold};
use crate::database::Database;
use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException, invalid, not_found};
use crate::page;
use crate::table::pattern::Pattern;

/// Functions of a database at most.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/glue.html>
const MOST: usize = 100;

/// A function as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Function {
    /// The id of its database.
    database: u64,
    database_name: String,
    name: String,
    created: Timestamp,
    definition: FunctionInput,
}

impl Resource for Function {
    const KIND: &'static str = "glue/function";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.database, self.name.as_str()).into_key()
    }
}

/// A function as callers describe it, and as it is kept.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UserDefinedFunctionInput.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionInput {
    function_name: Option<String>,
    class_name: Option<String>,
    owner_name: Option<String>,
    function_type: Option<String>,
    owner_type: Option<String>,
    resource_uris: Option<Vec<ResourceUri>>,
    artifact_location: Option<String>,
    governance_mode: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceUri {
    resource_type: Option<String>,
    uri: Option<String>,
    last_modified: Option<Timestamp>,
}

/// A function as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UserDefinedFunction.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownFunction {
    function_name: String,
    database_name: String,
    class_name: Option<String>,
    owner_name: Option<String>,
    function_type: Option<String>,
    owner_type: Option<String>,
    create_time: Timestamp,
    resource_uris: Option<Vec<ResourceUri>>,
    artifact_location: Option<String>,
    governance_mode: Option<String>,
    catalog_id: String,
}

impl ShownFunction {
    fn of(function: Function, catalog: Catalog) -> Self {
        let definition = function.definition;
        Self {
            function_name: function.name,
            database_name: function.database_name,
            class_name: definition.class_name,
            owner_name: definition.owner_name,
            function_type: definition.function_type,
            owner_type: definition.owner_type,
            create_time: function.created.whole_secs(),
            resource_uris: definition.resource_uris,
            artifact_location: definition.artifact_location,
            governance_mode: definition.governance_mode,
            catalog_id: catalog.id(),
        }
    }
}

// UNVERIFIED: the wordings of functions.
async fn find(cx: &mut Cx, place: Place, database: &Database, name: &str) -> Result<Function> {
    let found = cx.get::<Function>(place, (database.id, name)).await?;
    found.ok_or_else(|| not_found(format!("Function {name} not found.")))
}

/// Creates a function.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateUserDefinedFunction.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateUserDefinedFunction {
    catalog_id: Option<String>,
    database_name: String,
    function_input: FunctionInput,
}

impl Operation for CreateUserDefinedFunction {
    const NAME: &'static str = "CreateUserDefinedFunction";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Database(&fold(&self.database_name))).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let Some(name) = self.function_input.function_name.clone() else {
            return Err(invalid("FunctionName is required."));
        };
        let database = catalog.database(cx, &fold(&self.database_name)).await?;
        if cx.exists::<Function>(catalog.place, (database.id, name.as_str())).await? {
            return Err(AlreadyExistsException::because("Function already exists."));
        }
        if cx.list::<Function>(catalog.place, database.id, Page::of(MOST, None)).await?.len() >= MOST {
            let message = "Number of functions exceeds the limit of the database.";
            return Err(ResourceNumberLimitExceededException::because(message));
        }
        let definition = self.function_input.clone();
        let created = cx.now();
        let function = Function { database: database.id, database_name: database.name, name, created, definition };
        cx.put(catalog.place, &function).await?;
        Ok(Empty {})
    }
}

/// Shows a function.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetUserDefinedFunction.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUserDefinedFunction {
    catalog_id: Option<String>,
    database_name: String,
    function_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUserDefinedFunctionResponse {
    user_defined_function: ShownFunction,
}

impl Operation for GetUserDefinedFunction {
    const NAME: &'static str = "GetUserDefinedFunction";
    type Output = GetUserDefinedFunctionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Function(&fold(&self.database_name), &self.function_name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetUserDefinedFunctionResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let database = catalog.database(cx, &fold(&self.database_name)).await?;
        let function = find(cx, catalog.place, &database, &self.function_name).await?;
        Ok(GetUserDefinedFunctionResponse { user_defined_function: ShownFunction::of(function, catalog) })
    }
}

/// Lists functions of a database, or of the catalog.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetUserDefinedFunctions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUserDefinedFunctions {
    catalog_id: Option<String>,
    database_name: Option<String>,
    pattern: String,
    function_type: Option<String>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUserDefinedFunctionsResponse {
    user_defined_functions: Vec<ShownFunction>,
    next_token: Option<String>,
}

impl Operation for GetUserDefinedFunctions {
    const NAME: &'static str = "GetUserDefinedFunctions";
    type Output = GetUserDefinedFunctionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        match &self.database_name {
            Some(database) => catalog.access(cx, Self::NAME, Subject::Database(&fold(database))).await,
            None => catalog.access(cx, Self::NAME, Subject::Catalog).await,
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetUserDefinedFunctionsResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let pattern = Pattern::new(Some(&self.pattern))?;
        let size = page::size(self.max_results, page::SIZE);
        let after = page::read_token::<(String, String)>(self.next_token.as_deref())?;
        let databases = match &self.database_name {
            Some(name) => vec![catalog.database(cx, &fold(name)).await?],
            None => cx.list::<Database>(catalog.place, (), Page::ALL).await?,
        };
        let (mut shown, mut last) = (Vec::new(), None);
        for database in databases {
            for function in cx.list::<Function>(catalog.place, database.id, Page::ALL).await? {
                let place = (database.name.clone(), function.name.clone());
                if after.as_ref().is_some_and(|after| place <= *after) {
                    continue;
                }
                if shown.len() == size {
                    let next_token = Some(page::token(&last)?);
                    return Ok(GetUserDefinedFunctionsResponse { user_defined_functions: shown, next_token });
                }
                last = Some(place);
                let typed = self.function_type.is_none() || self.function_type == function.definition.function_type;
                let subject = Subject::Function(&database.name, &function.name);
                if typed && pattern.matches(&function.name)? && catalog.permits(cx, Self::NAME, subject).await? {
                    shown.push(ShownFunction::of(function, catalog));
                }
            }
        }
        Ok(GetUserDefinedFunctionsResponse { user_defined_functions: shown, next_token: None })
    }
}

/// Replaces the definition of a function.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateUserDefinedFunction.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateUserDefinedFunction {
    catalog_id: Option<String>,
    database_name: String,
    function_name: String,
    function_input: FunctionInput,
}

impl Operation for UpdateUserDefinedFunction {
    const NAME: &'static str = "UpdateUserDefinedFunction";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Function(&fold(&self.database_name), &self.function_name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let database = catalog.database(cx, &fold(&self.database_name)).await?;
        let mut function = find(cx, catalog.place, &database, &self.function_name).await?;
        if self.function_input.function_name.as_ref().is_some_and(|name| *name != function.name) {
            return Err(invalid("Function name cannot be changed."));
        }
        function.definition = self.function_input.clone();
        cx.put(catalog.place, &function).await?;
        Ok(Empty {})
    }
}

/// Deletes a function.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteUserDefinedFunction.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteUserDefinedFunction {
    catalog_id: Option<String>,
    database_name: String,
    function_name: String,
}

impl Operation for DeleteUserDefinedFunction {
    const NAME: &'static str = "DeleteUserDefinedFunction";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Function(&fold(&self.database_name), &self.function_name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let database = catalog.database(cx, &fold(&self.database_name)).await?;
        find(cx, catalog.place, &database, &self.function_name).await?;
        cx.discard::<Function>(catalog.place, (database.id, self.function_name.as_str()))?;
        Ok(Empty {})
    }
}
