//! Legal holds of versions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, Event, Operation, Result};

use super::{check_bucket, hold_name};
use crate::bucket::replication::{self, replicate::What};
use crate::errors::{MalformedXML, NoSuchObjectLockConfiguration};
use crate::object::access::{self, Existing};
use crate::object::version;

/// A hold as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LegalHold {
    status: Option<String>,
}

/// Holds a version, or lets it go.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutObjectLegalHold {
    bucket: String,
    key: String,
    version_id: Option<String>,
    legal_hold: Option<LegalHold>,
}

impl PutObjectLegalHold {
    fn status(&self) -> Option<&str> {
        self.legal_hold.as_ref().and_then(|hold| hold.status.as_deref())
    }
}

impl Operation for PutObjectLegalHold {
    const NAME: &str = "PutObjectLegalHold";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let access = access::to_existing(cx, "s3:PutObjectLegalHold", &self.bucket, &self.key, version).await?;
        Ok(match self.status() {
            Some(status) => access.key("s3:object-lock-legal-hold", status),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "PUT").await?;
        check_bucket(&existing.bucket)?;
        let held = match self.status() {
            Some("ON") => true,
            Some("OFF") => false,
            _ => return Err(MalformedXML.into()),
        };
        let Existing { bucket, mut object, current } = existing;
        object.settings.lock.held = Some(held);
        replication::begin::changed(cx, &bucket, &mut object, What::LegalHold).await?;
        version::update(cx, &bucket, object, current).await?;
        Ok(Empty {})
    }
}

/// Tells whether a version is held.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLegalHold.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectLegalHold {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

/// Answer of [`GetObjectLegalHold`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectLegalHoldOutput {
    legal_hold: LegalHold,
}

impl Operation for GetObjectLegalHold {
    const NAME: &str = "GetObjectLegalHold";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = GetObjectLegalHoldOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        access::to_existing(cx, "s3:GetObjectLegalHold", &self.bucket, &self.key, version).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetObjectLegalHoldOutput> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "GET").await?;
        check_bucket(&existing.bucket)?;
        match existing.object.settings.lock.held {
            Some(held) => Ok(GetObjectLegalHoldOutput { legal_hold: LegalHold { status: Some(hold_name(held)) } }),
            None => Err(Error::from(NoSuchObjectLockConfiguration).with("Key", self.key.as_str())),
        }
    }
}
