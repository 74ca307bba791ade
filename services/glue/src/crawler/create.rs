//! CreateCrawler.

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::definition::{
    Definition, Extras, LakeFormationConfiguration, LineageConfiguration, RecrawlBehavior, RecrawlPolicy,
    SchemaChangePolicy,
};
use super::target::TargetsInput;
use super::{Crawler, State, Written, role, schedule};
use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException};
use crate::tags;

/// Crawlers of an account at most.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/glue.html>
const MOST: u64 = 1000;

/// Makes a crawler.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCrawler.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateCrawler {
    name: String,
    role: String,
    database_name: Option<String>,
    description: Option<String>,
    targets: TargetsInput,
    schedule: Option<String>,
    classifiers: Option<Vec<String>>,
    table_prefix: Option<String>,
    schema_change_policy: Option<SchemaChangePolicy>,
    recrawl_policy: Option<RecrawlPolicy>,
    lineage_configuration: Option<LineageConfiguration>,
    lake_formation_configuration: Option<LakeFormationConfiguration>,
    configuration: Option<String>,
    crawler_security_configuration: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    catalog_id: Option<String>,
}

impl CreateCrawler {
    fn definition(&self, cx: &Cx) -> Result<Definition> {
        let extras = Extras {
            catalog_id: self.catalog_id.as_deref(),
            lineage: self.lineage_configuration.as_ref(),
            lake_formation: self.lake_formation_configuration.as_ref(),
            security_configuration: self.crawler_security_configuration.as_deref(),
        };
        extras.check(cx)?;
        let recrawl = self.recrawl_policy.and_then(|policy| policy.recrawl_behavior);
        Ok(Definition {
            role: role::arn(cx.here(), &self.role)?,
            database: self.database_name.clone(),
            description: self.description.clone(),
            targets: self.targets.keep()?,
            classifiers: self.classifiers.clone().unwrap_or_default(),
            table_prefix: self.table_prefix.clone(),
            schema_change_policy: SchemaChangePolicy::DEFAULT.changed(self.schema_change_policy),
            recrawl_behavior: recrawl.unwrap_or(RecrawlBehavior::Everything),
            configuration: self.configuration.clone(),
        })
    }
}

impl Operation for CreateCrawler {
    const NAME: &'static str = "CreateCrawler";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = self.tags.clone().unwrap_or_default();
        let access = Access::to("glue:CreateCrawler").request_tags(&tags);
        Ok(access.and(role::pass(&role::arn(cx.here(), &self.role)?)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (place, now) = (cx.here(), cx.now());
        let definition = self.definition(cx)?;
        let tags = self.tags.clone().unwrap_or_default();
        tags::check(&tags)?;
        definition.check(cx).await?;
        if cx.exists::<Crawler>(place, self.name.as_str()).await? {
            return Err(AlreadyExistsException::because(format!("{} already exists", self.name)));
        }
        if cx.count::<Crawler>(place, "", "\u{10ffff}").await? >= MOST {
            let message = "Number of crawlers exceeds the limit of the account.";
            return Err(ResourceNumberLimitExceededException::because(message));
        }
        role::check(cx, &definition.role, &self.name).await?;
        let mut crawler = Crawler {
            name: self.name.clone(),
            created: now,
            updated: now,
            version: 1,
            definition,
            schedule: None,
            state: State::Ready,
            current: None,
            last: None,
            written: Written::default(),
            tags,
        };
        schedule::set(cx, &mut crawler, self.schedule.as_deref()).await?;
        cx.put(place, &crawler).await?;
        Ok(Empty {})
    }
}
