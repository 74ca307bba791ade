//! What a key was used for last: `GetKeyLastUsage`.
//!
//! The records of calls tell it: whenever one of a cryptographic operation is written, the key's last use is written
//! with it, over the one before, without reading. So it is never behind the trail.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Arn, CallRecord, Cx, IntoKey, Limit, Operation, Place, Recorder, Resource, Result, Scope, Timestamp,
};

use crate::access::Demand;
use crate::names::names;
use crate::{key_id, quota};

names! {
    /// The operations that are uses.
    pub(crate) enum Use {
        Decrypt = "Decrypt",
        DeriveSharedSecret = "DeriveSharedSecret",
        Encrypt = "Encrypt",
        GenerateDataKey = "GenerateDataKey",
        GenerateDataKeyPair = "GenerateDataKeyPair",
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        GenerateMac = "GenerateMac",
        ReEncrypt = "ReEncrypt",
        Sign = "Sign",
        Verify = "Verify",
        VerifyMac = "VerifyMac",
        Encapsulate = "Encapsulate",
        Decapsulate = "Decapsulate",
    }
}

/// The last use of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LastUse {
    key_id: String,
    operation: Use,
    at: Timestamp,
    event_id: String,
    request_id: String,
}

impl Resource for LastUse {
    const KIND: &'static str = "kms/last-use";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.key_id.as_str().into_key()
    }
}

/// Notes uses of keys as they are recorded.
pub(crate) struct LastUses;

impl Recorder for LastUses {
    fn recorded<'a>(&'a self, cx: &'a mut Cx, records: &'a mut Vec<CallRecord>) -> BoxFuture<'a, Result<()>> {
        async move {
            for record in records.iter() {
                for (place, last_use) in uses(record) {
                    cx.insert(place, &last_use)?;
                }
            }
            Ok(())
        }
        .boxed()
    }
}

/// The uses that a record tells the owner of the keys.
fn uses(record: &CallRecord) -> Vec<(Place, LastUse)> {
    let used = Use::ALL.iter().copied().find(|used| used.name() == record.name);
    let Some(operation) = used.filter(|_| record.source == "kms.amazonaws.com" && record.error_code.is_none()) else {
        return Vec::new();
    };
    let of_recipient = record.resources.iter().filter(|resource| resource.account == record.recipient);
    let keys = of_recipient.filter_map(|resource| {
        let arn: Arn = resource.arn.parse().ok()?;
        let key_id = arn.resource().strip_prefix("key/")?.to_owned();
        Some((Place::new(arn.account()?, arn.region()?), key_id))
    });
    let last_use = |key_id| LastUse {
        key_id,
        operation,
        at: record.time,
        event_id: record.event_id.clone(),
        request_id: record.request_id.clone(),
    };
    keys.map(|(place, key_id)| (place, last_use(key_id))).collect()
}

/// Forgets the uses of a key that is no more.
pub(crate) fn forget(cx: &mut Cx, place: Place, key_id: &str) -> Result<()> {
    cx.discard::<LastUse>(place, key_id)
}

/// Tells what a key was used for last.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetKeyLastUsage {
    key_id: String,
}

/// The last use, empty if there was none, and since when uses are noted.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetKeyLastUsageResponse {
    key_id: String,
    key_last_usage: KeyLastUsageData,
    tracking_start_date: Timestamp,
    key_creation_date: Timestamp,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyLastUsageData {
    operation: Option<Use>,
    timestamp: Option<Timestamp>,
    cloud_trail_event_id: Option<String>,
    kms_request_id: Option<String>,
}

impl From<LastUse> for KeyLastUsageData {
    fn from(last_use: LastUse) -> Self {
        Self {
            operation: Some(last_use.operation),
            timestamp: Some(last_use.at),
            cloud_trail_event_id: Some(last_use.event_id),
            kms_request_id: Some(last_use.request_id),
        }
    }
}

impl Operation for GetKeyLastUsage {
    const NAME: &'static str = "GetKeyLastUsage";
    type Output = GetKeyLastUsageResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        // UNVERIFIED: the rate.
        Some(quota::management("kms GetKeyLastUsage", 100))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetKeyLastUsageResponse> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        let last_use = cx.get::<LastUse>(key.place, &key.id).await?;
        Ok(GetKeyLastUsageResponse {
            key_last_usage: last_use.map(KeyLastUsageData::from).unwrap_or_default(),
            tracking_start_date: key.created,
            key_creation_date: key.created,
            key_id: key.id,
        })
    }
}
