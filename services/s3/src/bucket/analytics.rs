//! Which objects' storage is analysed.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Bucket;
use super::configured::{self, Configuration, configurations};
use super::selection::Selection;
use crate::errors::{MalformedXML, not_implemented};

/// An analysis as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AnalyticsConfiguration {
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Selection>,
    storage_class_analysis: Option<StorageClassAnalysis>,
}

/// What becomes of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StorageClassAnalysis {
    #[serde(default, skip_serializing)]
    data_export: Option<DataExport>,
}

/// An export to a bucket, which is refused whatever it says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataExport {}

impl Configuration for AnalyticsConfiguration {
    const KIND: &'static str = "s3/analytics";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn check(&self) -> Result<()> {
        self.filter.as_ref().map_or(Ok(()), Selection::check)?;
        match &self.storage_class_analysis {
            None => Err(MalformedXML.into()),
            // It would need counts of retrievals by the age of objects, which nobody keeps.
            Some(analysis) if analysis.data_export.is_some() => {
                Err(not_implemented("the export of storage class analyses"))
            }
            Some(_) => Ok(()),
        }
    }
}

configurations!(
    AnalyticsConfiguration, analytics_configuration, analytics_configuration_list,
    reads: "s3:GetAnalyticsConfiguration", writes: "s3:PutAnalyticsConfiguration",
    PutBucketAnalyticsConfiguration,
    GetBucketAnalyticsConfiguration -> GetBucketAnalyticsConfigurationOutput,
    ListBucketAnalyticsConfigurations -> ListBucketAnalyticsConfigurationsOutput,
    DeleteBucketAnalyticsConfiguration
);
