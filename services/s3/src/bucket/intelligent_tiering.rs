//! Which objects of the class S3 Intelligent-Tiering go into archives when nobody reads them, and when.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-managing.html>

pub(crate) mod run;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result, Schedule, Timestamp};

use super::Bucket;
use super::configured::{self, Configuration, configurations};
use super::lifecycle::midnight_after;
use super::selection::Selection;
use crate::errors::{InvalidArgument, MalformedXML};
use crate::object::Object;
use crate::object::tiering::Archive;
use run::Run;

/// Days without access after which an object may go into an archive.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Tiering.html>
const MOST_DAYS: u64 = 730;

/// A configuration as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IntelligentTieringConfiguration {
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Selection>,
    status: Option<String>,
    #[serde(default)]
    tierings: Vec<Tiering>,
}

/// A tier, and when objects go there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tiering {
    days: Option<i64>,
    access_tier: Option<String>,
}

impl Tiering {
    /// # Errors
    /// `MalformedXML`, `InvalidArgument`
    fn read(&self) -> Result<(Archive, Duration)> {
        let archive = self.access_tier.as_deref().and_then(Archive::by_name).ok_or(MalformedXML)?;
        let days = self.days.ok_or(MalformedXML)?;
        let least = if archive == Archive::Access { 90 } else { 180 };
        match u64::try_from(days) {
            Ok(days) if (least..=MOST_DAYS).contains(&days) => Ok((archive, Duration::from_secs(days * 24 * 60 * 60))),
            // UNVERIFIED: the message.
            _ => Err(InvalidArgument::because(format!(
                "'Days' for {} must be between {least} and {MOST_DAYS}",
                archive.name()
            ))),
        }
    }
}

impl IntelligentTieringConfiguration {
    fn is_enabled(&self) -> bool {
        self.status.as_deref() == Some("Enabled")
    }

    /// The archive where an object belongs by now.
    fn archive(&self, object: &Object, now: Timestamp) -> Option<Archive> {
        let unread = now.since(object.unread_since());
        let is_meant = self.filter.as_ref().is_none_or(|filter| filter.takes(&object.key, &object.settings.tags));
        let due = self.tierings.iter().filter_map(|tiering| tiering.read().ok());
        due.filter(|(_, after)| is_meant && unread >= *after).map(|(archive, _)| archive).max()
    }
}

impl Configuration for IntelligentTieringConfiguration {
    const KIND: &'static str = "s3/intelligent-tiering";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn check(&self) -> Result<()> {
        self.filter.as_ref().map_or(Ok(()), Selection::check)?;
        if !matches!(self.status.as_deref(), Some("Enabled" | "Disabled")) || self.tierings.is_empty() {
            return Err(MalformedXML.into());
        }
        let tiers = self.tierings.iter().map(Tiering::read).collect::<Result<Vec<_>>>()?;
        match tiers.as_slice() {
            [_] => Ok(()),
            // UNVERIFIED: the message; that the deeper one comes later.
            [(first, after), (second, later)] if first != second && (first < second) == (after < later) => Ok(()),
            _ => Err(InvalidArgument::because("The tiers of a configuration must differ, the deeper one later.")),
        }
    }

    async fn apply(&self, cx: &mut Cx, bucket: &Bucket) -> Result<()> {
        if self.is_enabled() {
            let run = Run::of(&bucket.name);
            let schedule = Schedule::at(midnight_after(cx.now())).id(run.id());
            cx.enqueue_at(bucket.place(), &run, schedule).await?;
        }
        Ok(())
    }
}

configurations!(
    IntelligentTieringConfiguration, intelligent_tiering_configuration, intelligent_tiering_configuration_list,
    reads: "s3:GetIntelligentTieringConfiguration", writes: "s3:PutIntelligentTieringConfiguration",
    PutBucketIntelligentTieringConfiguration,
    GetBucketIntelligentTieringConfiguration -> GetBucketIntelligentTieringConfigurationOutput,
    ListBucketIntelligentTieringConfigurations -> ListBucketIntelligentTieringConfigurationsOutput,
    DeleteBucketIntelligentTieringConfiguration
);
