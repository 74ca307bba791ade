//! What a crawler crawls.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use super::glob::Glob;
use crate::errors::{invalid, not_implemented};

/// The targets of a crawler, as they are kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Targets {
    pub(crate) s3: Vec<S3Target>,
    pub(crate) catalog: Vec<CatalogTarget>,
    pub(crate) iceberg: Vec<IcebergTarget>,
}

/// Objects of S3.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_S3Target.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3Target {
    path: Option<String>,
    exclusions: Option<Vec<String>>,
    sample_size: Option<i64>,
    connection_name: Option<String>,
    event_queue_arn: Option<String>,
    dlq_event_queue_arn: Option<String>,
}

/// Tables of the catalog.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CatalogTarget.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CatalogTarget {
    pub(crate) database_name: String,
    pub(crate) tables: Vec<String>,
    connection_name: Option<String>,
    event_queue_arn: Option<String>,
    dlq_event_queue_arn: Option<String>,
}

/// Iceberg tables in folders of S3.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_IcebergTarget.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IcebergTarget {
    paths: Option<Vec<String>>,
    connection_name: Option<String>,
    exclusions: Option<Vec<String>>,
    maximum_traversal_depth: Option<i64>,
}

/// Targets as callers give them.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlerTargets.html>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TargetsInput {
    s3_targets: Option<Vec<S3Target>>,
    catalog_targets: Option<Vec<CatalogTarget>>,
    jdbc_targets: Option<Vec<IgnoredAny>>,
    #[serde(rename = "MongoDBTargets")]
    mongo_targets: Option<Vec<IgnoredAny>>,
    #[serde(rename = "DynamoDBTargets")]
    dynamo_targets: Option<Vec<IgnoredAny>>,
    delta_targets: Option<Vec<IgnoredAny>>,
    iceberg_targets: Option<Vec<IcebergTarget>>,
    hudi_targets: Option<Vec<IgnoredAny>>,
}

/// Targets as the API shows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownTargets {
    s3_targets: Vec<S3Target>,
    catalog_targets: Vec<CatalogTarget>,
    iceberg_targets: Vec<IcebergTarget>,
}

impl TargetsInput {
    /// What is kept of them.
    ///
    /// # Errors
    /// `NotImplemented`
    pub(crate) fn keep(&self) -> Result<Targets> {
        let others = [
            (&self.jdbc_targets, "crawls of databases (JdbcTargets)"),
            (&self.mongo_targets, "crawls of MongoDB (MongoDBTargets)"),
            (&self.dynamo_targets, "crawls of DynamoDB (DynamoDBTargets)"),
            (&self.delta_targets, "crawls of Delta Lake (DeltaTargets)"),
            (&self.hudi_targets, "crawls of Hudi (HudiTargets)"),
        ];
        match others.iter().find(|(given, _)| given.as_ref().is_some_and(|given| !given.is_empty())) {
            Some((_, what)) => Err(not_implemented(what)),
            None => Ok(Targets {
                s3: self.s3_targets.clone().unwrap_or_default(),
                catalog: self.catalog_targets.clone().unwrap_or_default(),
                iceberg: self.iceberg_targets.clone().unwrap_or_default(),
            }),
        }
    }
}

impl Targets {
    /// As the API shows them.
    pub(crate) fn shown(&self) -> ShownTargets {
        ShownTargets {
            s3_targets: self.s3.clone(),
            catalog_targets: self.catalog.clone(),
            iceberg_targets: self.iceberg.clone(),
        }
    }

    /// # Errors
    /// `InvalidInputException`, `NotImplemented`
    // UNVERIFIED: the wordings.
    pub(crate) fn check(&self) -> Result<()> {
        let others = self.s3.len() + self.iceberg.len();
        if others == 0 && self.catalog.is_empty() {
            return Err(invalid("Crawler targets cannot be empty."));
        }
        if others > 0 && !self.catalog.is_empty() {
            return Err(invalid("Catalog targets cannot be mixed with other targets."));
        }
        self.s3.iter().try_for_each(S3Target::check)?;
        self.iceberg.iter().try_for_each(IcebergTarget::check)?;
        let elsewhere = |it: &CatalogTarget| it.connection_name.as_deref().is_some_and(|name| !name.is_empty());
        if self.catalog.iter().any(elsewhere) {
            return Err(not_implemented("crawls through connections (ConnectionName)"));
        }
        if self.catalog.iter().any(|it| it.event_queue_arn.is_some() || it.dlq_event_queue_arn.is_some()) {
            return Err(not_implemented("crawls by the events of S3 (EventQueueArn)"));
        }
        Ok(())
    }
}

impl S3Target {
    fn check(&self) -> Result<()> {
        if self.location().is_none() {
            let path = self.path.as_deref().unwrap_or_default();
            return Err(invalid(format!("The S3 target path is not valid: {path}")));
        }
        if self.connection_name.as_deref().is_some_and(|name| !name.is_empty()) {
            return Err(not_implemented("crawls through connections (ConnectionName)"));
        }
        if self.event_queue_arn.is_some() || self.dlq_event_queue_arn.is_some() {
            return Err(not_implemented("crawls by the events of S3 (EventQueueArn)"));
        }
        // "A valid value is an integer between 1 and 249."
        if self.sample_size.is_some_and(|size| !(1..=249).contains(&size)) {
            return Err(invalid("SampleSize must be an integer between 1 and 249."));
        }
        self.exclusions().map(drop)
    }

    /// Bucket and key prefix.
    pub(crate) fn location(&self) -> Option<(&str, &str)> {
        bucket_and_key(self.path.as_deref()?)
    }

    /// Which objects are left out.
    ///
    /// # Errors
    /// `InvalidInputException`
    pub(crate) fn exclusions(&self) -> Result<Vec<Glob>> {
        globs(self.exclusions.as_deref())
    }

    /// How many files of each folder are read; all if not said.
    pub(crate) fn sample_size(&self) -> Option<usize> {
        self.sample_size.and_then(|size| usize::try_from(size).ok())
    }
}

impl IcebergTarget {
    // UNVERIFIED: the wordings, and how deep a crawler looks where nothing is said.
    fn check(&self) -> Result<()> {
        if self.paths().is_empty() {
            return Err(invalid("The paths of an Iceberg target cannot be empty."));
        }
        if let Some(path) = self.paths().iter().find(|path| bucket_and_key(path).is_none()) {
            return Err(invalid(format!("The path of an Iceberg target is not valid: {path}")));
        }
        if self.connection_name.as_deref().is_some_and(|name| !name.is_empty()) {
            return Err(not_implemented("crawls through connections (ConnectionName)"));
        }
        if self.maximum_traversal_depth.is_some_and(|depth| !(1..=20).contains(&depth)) {
            return Err(invalid("MaximumTraversalDepth must be an integer between 1 and 20."));
        }
        self.exclusions().map(drop)
    }

    /// Folders that tables are in.
    pub(crate) fn paths(&self) -> &[String] {
        self.paths.as_deref().unwrap_or_default()
    }

    /// Which objects are left out.
    ///
    /// # Errors
    /// `InvalidInputException`
    pub(crate) fn exclusions(&self) -> Result<Vec<Glob>> {
        globs(self.exclusions.as_deref())
    }

    /// How many folders below a path a table may be.
    pub(crate) fn depth(&self) -> usize {
        self.maximum_traversal_depth.and_then(|depth| usize::try_from(depth).ok()).unwrap_or(20)
    }
}

fn globs(patterns: Option<&[String]>) -> Result<Vec<Glob>> {
    let one = |text: &String| Glob::parse(text).ok_or_else(|| invalid(format!("Invalid exclude pattern: {text}")));
    patterns.unwrap_or_default().iter().map(one).collect()
}

/// Bucket and key of `s3://bucket/key`.
pub(crate) fn bucket_and_key(location: &str) -> Option<(&str, &str)> {
    let rest = ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| location.strip_prefix(scheme))?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}
