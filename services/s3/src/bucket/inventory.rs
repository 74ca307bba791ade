//! Inventory: lists of the objects of a bucket, put into another one each day or week.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>

mod field;
mod manifest;
pub(crate) mod take;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Schedule};

use super::Bucket;
use super::configured::{self, Configuration, configurations};
use super::report::{self, Destination, Encrypted};
use crate::errors::MalformedXML;
use field::Field;
use take::Take;

/// An inventory as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InventoryConfiguration {
    id: Option<String>,
    is_enabled: Option<bool>,
    included_object_versions: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    optional_fields: Option<Vec<String>>,
    schedule: Option<Frequency>,
    destination: Option<Destinations>,
}

/// Which objects are listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    prefix: Option<String>,
}

/// How often.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Frequency {
    frequency: Option<String>,
}

/// Where the lists go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destinations {
    s3_bucket_destination: Option<BucketDestination>,
}

/// The bucket where they go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BucketDestination {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    bucket: Option<String>,
    format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encryption: Option<Encryption>,
}

/// How the files are encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Encryption {
    #[serde(rename = "SSES3", default, skip_serializing_if = "Option::is_none")]
    s3: Option<Nothing>,
    #[serde(rename = "SSEKMS", default, skip_serializing_if = "Option::is_none")]
    kms: Option<Kms>,
}

/// An element without content.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Nothing {}

/// The KMS key of the files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kms {
    key_id: Option<String>,
}

impl Encryption {
    fn read(&self) -> Result<Encrypted> {
        match (&self.s3, &self.kms) {
            (Some(_), None) => Ok(Encrypted::S3),
            (None, Some(Kms { key_id: Some(id) })) => Ok(Encrypted::Kms(id.clone())),
            _ => Err(MalformedXML.into()),
        }
    }
}

impl InventoryConfiguration {
    fn bucket_destination(&self) -> Result<&BucketDestination> {
        let destination = self.destination.as_ref().and_then(|all| all.s3_bucket_destination.as_ref());
        destination.ok_or_else(|| MalformedXML.into())
    }

    fn destination<'a>(&'a self, source: &'a Bucket) -> Result<Destination<'a>> {
        let given = self.bucket_destination()?;
        Ok(Destination {
            source,
            bucket: report::bucket_of(given.bucket.as_deref())?,
            owner: given.account_id.as_deref(),
            encrypted: given.encryption.as_ref().map_or(Ok(Encrypted::ByDefault), Encryption::read)?,
        })
    }

    /// The optional fields, in the order of the columns.
    fn fields(&self) -> Result<Vec<Field>> {
        let given = self.optional_fields.iter().flatten();
        let mut fields = given.map(|name| Field::by_name(name)).collect::<Result<Vec<_>>>()?;
        fields.sort_unstable();
        fields.dedup();
        Ok(fields)
    }

    fn has_all_versions(&self) -> bool {
        self.included_object_versions.as_deref() == Some("All")
    }

    fn is_weekly(&self) -> bool {
        self.schedule.as_ref().is_some_and(|schedule| schedule.frequency.as_deref() == Some("Weekly"))
    }

    fn prefix(&self) -> &str {
        self.filter.as_ref().and_then(|filter| filter.prefix.as_deref()).unwrap_or_default()
    }
}

impl Configuration for InventoryConfiguration {
    const KIND: &'static str = "s3/inventory";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn check(&self) -> Result<()> {
        let frequency = self.schedule.as_ref().and_then(|schedule| schedule.frequency.as_deref());
        let is_whole = self.is_enabled.is_some()
            && matches!(self.included_object_versions.as_deref(), Some("All" | "Current"))
            && matches!(frequency, Some("Daily" | "Weekly"))
            && self.filter.as_ref().is_none_or(|filter| filter.prefix.is_some());
        if !is_whole {
            return Err(MalformedXML.into());
        }
        let destination = self.bucket_destination()?;
        report::check_format(destination.format.as_deref(), &["ORC", "Parquet"])?;
        report::bucket_of(destination.bucket.as_deref())?;
        destination.encryption.as_ref().map(Encryption::read).transpose()?;
        self.fields().map(|_| ())
    }

    async fn apply(&self, cx: &mut Cx, bucket: &Bucket) -> Result<()> {
        let take = Take::of(&bucket.name, self.id.as_deref().unwrap_or_default());
        if self.is_enabled != Some(true) {
            cx.cancel(&take.id()).await?;
            return Ok(());
        }
        let at = take::next(cx.now(), self.is_weekly());
        cx.enqueue_at(bucket.place(), &take, Schedule::at(at).id(take.id())).await?;
        Ok(())
    }
}

configurations!(
    InventoryConfiguration, inventory_configuration, inventory_configuration_list,
    reads: "s3:GetInventoryConfiguration", writes: "s3:PutInventoryConfiguration",
    PutBucketInventoryConfiguration,
    GetBucketInventoryConfiguration -> GetBucketInventoryConfigurationOutput,
    ListBucketInventoryConfigurations -> ListBucketInventoryConfigurationsOutput,
    DeleteBucketInventoryConfiguration
);
