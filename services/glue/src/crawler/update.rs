//! UpdateCrawler.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::definition::{
    Definition, Extras, LakeFormationConfiguration, LineageConfiguration, RecrawlPolicy, SchemaChangePolicy,
};
use super::target::TargetsInput;
use super::{State, role, schedule};
use crate::errors::CrawlerRunningException;

/// Changes what is given of a crawler.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateCrawler.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateCrawler {
    name: String,
    role: Option<String>,
    database_name: Option<String>,
    description: Option<String>,
    targets: Option<TargetsInput>,
    schedule: Option<String>,
    classifiers: Option<Vec<String>>,
    table_prefix: Option<String>,
    schema_change_policy: Option<SchemaChangePolicy>,
    recrawl_policy: Option<RecrawlPolicy>,
    lineage_configuration: Option<LineageConfiguration>,
    lake_formation_configuration: Option<LakeFormationConfiguration>,
    configuration: Option<String>,
    crawler_security_configuration: Option<String>,
    catalog_id: Option<String>,
}

impl UpdateCrawler {
    fn change(&self, cx: &Cx, definition: &mut Definition) -> Result<()> {
        let extras = Extras {
            catalog_id: self.catalog_id.as_deref(),
            lineage: self.lineage_configuration.as_ref(),
            lake_formation: self.lake_formation_configuration.as_ref(),
            security_configuration: self.crawler_security_configuration.as_deref(),
        };
        extras.check(cx)?;
        if let Some(role) = &self.role {
            definition.role = role::arn(cx.here(), role)?;
        }
        if let Some(targets) = &self.targets {
            definition.targets = targets.keep()?;
        }
        if let Some(classifiers) = &self.classifiers {
            definition.classifiers.clone_from(classifiers);
        }
        let texts = [
            (&mut definition.database, &self.database_name),
            (&mut definition.description, &self.description),
            (&mut definition.table_prefix, &self.table_prefix),
            (&mut definition.configuration, &self.configuration),
        ];
        for (old, new) in texts {
            if new.is_some() {
                old.clone_from(new);
            }
        }
        definition.schema_change_policy = definition.schema_change_policy.changed(self.schema_change_policy);
        if let Some(behavior) = self.recrawl_policy.and_then(|policy| policy.recrawl_behavior) {
            definition.recrawl_behavior = behavior;
        }
        Ok(())
    }
}

impl Operation for UpdateCrawler {
    const NAME: &'static str = "UpdateCrawler";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = super::access(cx, Self::NAME, &self.name).await?;
        match &self.role {
            Some(role) => Ok(access.and(role::pass(&role::arn(cx.here(), role)?))),
            None => Ok(access),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut crawler = super::get_one(cx, &self.name).await?;
        if crawler.state != State::Ready {
            // UNVERIFIED: the wording.
            return Err(CrawlerRunningException::because(format!("Crawler with name {} is running", self.name)));
        }
        self.change(cx, &mut crawler.definition)?;
        crawler.definition.check(cx).await?;
        if self.role.is_some() {
            role::check(cx, &crawler.definition.role, &self.name).await?;
        }
        if self.schedule.is_some() {
            schedule::set(cx, &mut crawler, self.schedule.as_deref()).await?;
        }
        crawler.version += 1;
        crawler.updated = cx.now();
        cx.put(cx.here(), &crawler).await?;
        Ok(Empty {})
    }
}
