//! Tags of databases, connections, registries, schemas and crawlers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Result};

use crate::catalog::{Catalog, fold};
use crate::connection::{self, Connection};
use crate::crawler::Crawler;
use crate::database::Database;
use crate::errors::{invalid, not_found};
use crate::policy;
use crate::registry::Registry;
use crate::registry::schema::Schema;

/// Tags of a resource at most.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/dg/monitor-tags.html>
const MOST: usize = 50;

/// The ARN of a database.
pub(crate) fn database_arn(catalog: Catalog, name: &str) -> Arn {
    catalog.place.arn("glue", format_args!("database/{name}"))
}

/// The ARN of a connection.
pub(crate) fn connection_arn(catalog: Catalog, name: &str) -> Arn {
    catalog.place.arn("glue", format_args!("connection/{name}"))
}

/// Holds the tags of a resource against the rules.
///
/// # Errors
/// `InvalidInputException`
// UNVERIFIED: the wordings.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<()> {
    if tags.len() > MOST {
        return Err(invalid(format!("A resource can have {MOST} tags at most.")));
    }
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        Some(key) => Err(invalid(format!("Tag keys cannot begin with aws: {key}"))),
        None => Ok(()),
    }
}

/// What has tags, found by its ARN.
enum Tagged {
    Database(Box<Database>),
    Connection(Box<Connection>),
    Registry(Box<Registry>),
    Schema(Box<Schema>),
    Crawler(Box<Crawler>),
}

impl Tagged {
    /// What an ARN of this Region names, if there is such a thing.
    async fn find(cx: &mut Cx, arn: &Arn) -> Result<Option<(Catalog, Self)>> {
        let (Some(account), region) = (arn.account(), cx.region()) else { return Ok(None) };
        if arn.service() != "glue" || arn.region() != Some(region) {
            return Ok(None);
        }
        let catalog = Catalog { place: welkin_kernel::Place::new(account, region) };
        let found = match arn.resource().split_once('/') {
            Some(("database", name)) => {
                catalog.find(cx, &fold(name)).await?.map(|found| Self::Database(Box::new(found)))
            }
            Some(("connection", name)) => {
                connection::find(cx, catalog.place, name).await?.map(|found| Self::Connection(Box::new(found)))
            }
            Some(("registry", name)) => {
                cx.get::<Registry>(catalog.place, name).await?.map(|found| Self::Registry(Box::new(found)))
            }
            Some(("schema", path)) => match path.split_once('/') {
                Some(key) => cx.get::<Schema>(catalog.place, key).await?.map(|found| Self::Schema(Box::new(found))),
                None => None,
            },
            Some(("crawler", name)) => {
                cx.get::<Crawler>(catalog.place, name).await?.map(|found| Self::Crawler(Box::new(found)))
            }
            _ => None,
        };
        Ok(found.map(|found| (catalog, found)))
    }

    /// # Errors
    /// `EntityNotFoundException`
    async fn get(cx: &mut Cx, arn: &str) -> Result<(Catalog, Self)> {
        let arn = parse(arn)?;
        // UNVERIFIED: the wording.
        Self::find(cx, &arn).await?.ok_or_else(|| not_found(format!("Resource {arn} not found.")))
    }

    fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Database(database) => &mut database.tags,
            Self::Connection(connection) => &mut connection.tags,
            Self::Registry(registry) => &mut registry.tags,
            Self::Schema(schema) => &mut schema.tags,
            Self::Crawler(crawler) => &mut crawler.tags,
        }
    }

    async fn put(&self, cx: &mut Cx, catalog: Catalog) -> Result<()> {
        match self {
            Self::Database(database) => cx.put(catalog.place, &**database).await,
            Self::Connection(connection) => cx.put(catalog.place, &**connection).await,
            Self::Registry(registry) => cx.put(catalog.place, &**registry).await,
            Self::Schema(schema) => cx.put(catalog.place, &**schema).await,
            Self::Crawler(crawler) => cx.put(catalog.place, &**crawler).await,
        }
    }
}

// UNVERIFIED: the wording.
fn parse(arn: &str) -> Result<Arn> {
    arn.parse().map_err(|_| invalid(format!("Invalid resource ARN: {arn}")))
}

async fn access(cx: &mut Cx, operation: &str, arn: &str) -> Result<Access> {
    let arn = parse(arn)?;
    let access = Access::to(format!("glue:{operation}")).on(&arn);
    let Some((catalog, mut found)) = Tagged::find(cx, &arn).await? else { return Ok(access) };
    let policy = policy::json(cx, catalog.place).await?;
    Ok(access.policy(policy.as_deref()).resource_tags(&*found.tags()))
}

/// Adds tags to a resource.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_TagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    resource_arn: String,
    tags_to_add: BTreeMap<String, String>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, Self::NAME, &self.resource_arn).await?.request_tags(&self.tags_to_add))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (catalog, mut found) = Tagged::get(cx, &self.resource_arn).await?;
        found.tags().extend(self.tags_to_add.clone());
        check(found.tags())?;
        found.put(cx, catalog).await?;
        Ok(Empty {})
    }
}

/// Removes tags from a resource.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UntagResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    resource_arn: String,
    tags_to_remove: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access(cx, Self::NAME, &self.resource_arn).await?.tag_keys(self.tags_to_remove.clone()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (catalog, mut found) = Tagged::get(cx, &self.resource_arn).await?;
        found.tags().retain(|key, _| !self.tags_to_remove.contains(key));
        found.put(cx, catalog).await?;
        Ok(Empty {})
    }
}

/// Lists the tags of a resource.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTags.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTags {
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTagsResponse {
    tags: BTreeMap<String, String>,
}

impl Operation for GetTags {
    const NAME: &'static str = "GetTags";
    type Output = GetTagsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, Self::NAME, &self.resource_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTagsResponse> {
        let (_, mut found) = Tagged::get(cx, &self.resource_arn).await?;
        Ok(GetTagsResponse { tags: std::mem::take(found.tags()) })
    }
}
