//! Retention of versions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Event, Operation, Result, Timestamp};

use super::{Mode, Retention, bypassing, check_bucket, retaining};
use crate::bucket::Bucket;
use crate::bucket::replication::{self, replicate::What};
use crate::errors::{AccessDenied, MalformedXML, NoSuchObjectLockConfiguration, not_implemented};
use crate::object::access::{self, Existing};
use crate::object::version::{self, Found};

/// A retention as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    mode: Option<String>,
    retain_until_date: Option<Timestamp>,
    event_hold: Option<String>,
}

/// Sets until when a version is retained.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutObjectRetention {
    bucket: String,
    key: String,
    version_id: Option<String>,
    bypass_governance_retention: Option<bool>,
    retention: Option<Given>,
}

impl Operation for PutObjectRetention {
    const NAME: &str = "PutObjectRetention";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let access = access::to_existing(cx, "s3:PutObjectRetention", &self.bucket, &self.key, version).await?;
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let given = self.retention.as_ref();
        let (mode, until) = (given.and_then(|given| given.mode.as_deref()), given.and_then(|g| g.retain_until_date));
        let access = retaining(access, mode, until, cx.now());
        let found = version::find(cx, &bucket, &self.key, version).await?;
        Ok(match &found {
            Found::Object { object, .. } => bypassing(cx, &bucket, object, self.bypasses(), access),
            _ => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "PUT").await?;
        check_bucket(&existing.bucket)?;
        let retention = self.read()?;
        let retention = retention.map(|retention| retention.in_the_future(cx.now())).transpose()?;
        let Existing { bucket, mut object, current } = existing;
        let before = object.settings.lock.binding(cx.now());
        let permitted = match (before, retention) {
            (None, _) => true,
            (Some(before), Some(after)) if after.mode == before.mode && after.until >= before.until => true,
            (Some(before), _) => before.mode == Mode::Governance && self.bypasses(),
        };
        if !permitted {
            return Err(AccessDenied::because("Access Denied because object protected by object lock."));
        }
        object.settings.lock.retention = retention;
        replication::begin::changed(cx, &bucket, &mut object, What::Retention).await?;
        version::update(cx, &bucket, object, current).await?;
        Ok(Empty {})
    }
}

impl PutObjectRetention {
    fn bypasses(&self) -> bool {
        self.bypass_governance_retention == Some(true)
    }

    /// The retention; `None` if there is to be none any more.
    fn read(&self) -> Result<Option<Retention>> {
        let Some(given) = &self.retention else { return Err(MalformedXML.into()) };
        if given.event_hold.is_some() {
            return Err(not_implemented("event holds"));
        }
        match (given.mode.as_deref().map(Mode::read), given.retain_until_date) {
            (None, None) => Ok(None),
            (Some(Some(mode)), Some(until)) => Ok(Some(Retention { mode, until })),
            _ => Err(MalformedXML.into()),
        }
    }
}

/// Tells until when a version is retained.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectRetention {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

/// Answer of [`GetObjectRetention`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectRetentionOutput {
    retention: Given,
}

impl Operation for GetObjectRetention {
    const NAME: &str = "GetObjectRetention";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = GetObjectRetentionOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        access::to_existing(cx, "s3:GetObjectRetention", &self.bucket, &self.key, version).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetObjectRetentionOutput> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "GET").await?;
        check_bucket(&existing.bucket)?;
        match existing.object.settings.lock.retention {
            Some(retention) => Ok(GetObjectRetentionOutput {
                retention: Given {
                    mode: Some(retention.mode.name().to_owned()),
                    retain_until_date: Some(retention.until),
                    event_hold: None,
                },
            }),
            None => Err(Error::from(NoSuchObjectLockConfiguration).with("Key", self.key.as_str())),
        }
    }
}
