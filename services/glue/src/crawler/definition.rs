//! What a crawler is to do, as callers say it and as it is kept.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Result};

use super::configuration::Configuration;
use super::target::Targets;
use crate::catalog::Catalog;
use crate::classifier::Classifier;
use crate::errors::{invalid, not_implemented};

/// What a crawler is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// ARN of the role that it takes on.
    pub(crate) role: String,
    pub(crate) database: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) targets: Targets,
    pub(crate) classifiers: Vec<String>,
    pub(crate) table_prefix: Option<String>,
    pub(crate) schema_change_policy: SchemaChangePolicy,
    pub(crate) recrawl_behavior: RecrawlBehavior,
    pub(crate) configuration: Option<String>,
}

/// What becomes of tables whose data have changed.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaChangePolicy.html>
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SchemaChangePolicy {
    pub(crate) update_behavior: Option<UpdateBehavior>,
    pub(crate) delete_behavior: Option<DeleteBehavior>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum UpdateBehavior {
    Log,
    UpdateInDatabase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeleteBehavior {
    Log,
    DeleteFromDatabase,
    DeprecateInDatabase,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_RecrawlPolicy.html>
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecrawlPolicy {
    pub(crate) recrawl_behavior: Option<RecrawlBehavior>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RecrawlBehavior {
    #[serde(rename = "CRAWL_EVERYTHING")]
    Everything,
    #[serde(rename = "CRAWL_NEW_FOLDERS_ONLY")]
    NewFoldersOnly,
    #[serde(rename = "CRAWL_EVENT_MODE")]
    EventMode,
}

impl SchemaChangePolicy {
    /// "This is the default setting": <https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html>
    pub(crate) const DEFAULT: Self = Self {
        update_behavior: Some(UpdateBehavior::UpdateInDatabase),
        delete_behavior: Some(DeleteBehavior::DeprecateInDatabase),
    };

    pub(crate) fn update(self) -> UpdateBehavior {
        self.update_behavior.unwrap_or(UpdateBehavior::UpdateInDatabase)
    }

    pub(crate) fn delete(self) -> DeleteBehavior {
        self.delete_behavior.unwrap_or(DeleteBehavior::DeprecateInDatabase)
    }

    /// What is given, in place of what there was.
    pub(crate) fn changed(self, given: Option<Self>) -> Self {
        let Some(given) = given else { return self };
        Self {
            update_behavior: given.update_behavior.or(self.update_behavior),
            delete_behavior: given.delete_behavior.or(self.delete_behavior),
        }
    }
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_LineageConfiguration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LineageConfiguration {
    crawler_lineage_settings: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_LakeFormationConfiguration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LakeFormationConfiguration {
    use_lake_formation_credentials: Option<bool>,
    account_id: Option<String>,
}

/// What callers may ask for beside the definition, and is not there.
pub(crate) struct Extras<'a> {
    pub(crate) catalog_id: Option<&'a str>,
    pub(crate) lineage: Option<&'a LineageConfiguration>,
    pub(crate) lake_formation: Option<&'a LakeFormationConfiguration>,
    pub(crate) security_configuration: Option<&'a str>,
}

impl Extras<'_> {
    /// # Errors
    /// `EntityNotFoundException`, `NotImplemented`
    pub(crate) fn check(&self, cx: &Cx) -> Result<()> {
        if Catalog::of(cx, self.catalog_id)?.place != cx.here() {
            return Err(not_implemented("crawlers that write to the catalog of another account (CatalogId)"));
        }
        if self.lineage.is_some_and(|it| it.crawler_lineage_settings.as_deref() == Some("ENABLE")) {
            return Err(not_implemented("the lineage of crawls (LineageConfiguration)"));
        }
        let lake = self.lake_formation;
        let lent = lake.is_some_and(|it| it.use_lake_formation_credentials == Some(true));
        if lent || lake.and_then(|it| it.account_id.as_deref()).is_some_and(|id| !id.is_empty()) {
            return Err(not_implemented("crawls with Lake Formation's credentials (LakeFormationConfiguration)"));
        }
        if self.security_configuration.is_some_and(|name| !name.is_empty()) {
            return Err(not_implemented("security configurations of crawlers (CrawlerSecurityConfiguration)"));
        }
        Ok(())
    }
}

impl Definition {
    /// Holds it against what the model does not know.
    ///
    /// # Errors
    /// `InvalidInputException`, `NotImplemented`
    pub(crate) async fn check(&self, cx: &mut Cx) -> Result<()> {
        self.targets.check()?;
        Configuration::parse(self.configuration.as_deref())?;
        self.check_policies()?;
        for name in &self.classifiers {
            if !cx.exists::<Classifier>(cx.here(), name.as_str()).await? {
                // UNVERIFIED: the code and the wording.
                return Err(invalid(format!("Classifier {name} does not exist")));
            }
        }
        Ok(())
    }

    fn check_policies(&self) -> Result<()> {
        let policy = self.schema_change_policy;
        let logged = policy.delete() == DeleteBehavior::Log;
        match self.recrawl_behavior {
            RecrawlBehavior::EventMode => {
                return Err(not_implemented("crawls by the events of S3 (CRAWL_EVENT_MODE)"));
            }
            RecrawlBehavior::NewFoldersOnly if !self.targets.catalog.is_empty() => {
                // UNVERIFIED: the wording.
                return Err(invalid("CRAWL_NEW_FOLDERS_ONLY is not supported for Catalog targets."));
            }
            RecrawlBehavior::NewFoldersOnly if !logged || policy.update() != UpdateBehavior::Log => {
                return Err(invalid(
                    "The SchemaChangePolicy for \"Crawl new folders only\" Amazon S3 target can have only LOG \
                     DeleteBehavior value and LOG UpdateBehavior value.",
                ));
            }
            RecrawlBehavior::NewFoldersOnly | RecrawlBehavior::Everything => {}
        }
        if !self.targets.catalog.is_empty() && !logged {
            // "SchemaChangePolicy.DeleteBehavior=LOG":
            // https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html
            // UNVERIFIED: the wording.
            return Err(invalid("The SchemaChangePolicy for Catalog targets can have only LOG DeleteBehavior value."));
        }
        Ok(())
    }
}
