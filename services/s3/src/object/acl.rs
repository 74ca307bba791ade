//! Access control lists of objects.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use super::access::Existing;
use super::{access, version};
use crate::acl::Acl;
use crate::acl::given::{Given, hold_unblocked};
use crate::acl::headers::Headers;
use crate::acl::xml::{AccessControlPolicy, Policy};
use crate::bucket::acl::missing;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::bucket::replication::{self, replicate::What};

/// Tells the access control list of an object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectAcl {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl Operation for GetObjectAcl {
    const NAME: &str = "GetObjectAcl";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = AccessControlPolicy;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let action = access::by_version(version, "s3:GetObjectAcl", "s3:GetObjectVersionAcl");
        access::to_existing(cx, action, &self.bucket, &self.key, version).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<AccessControlPolicy> {
        let version = self.version_id.as_deref();
        let Existing { bucket, object, .. } = access::existing(cx, &self.bucket, &self.key, version, "GET").await?;
        let acl = object.settings.acl.as_ref().filter(|_| bucket.takes_lists());
        Ok(AccessControlPolicy::of(object.settings.owner(&bucket), acl))
    }
}

/// Sets the access control list of an object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutObjectAcl {
    bucket: String,
    key: String,
    version_id: Option<String>,
    #[serde(rename = "ACL")]
    acl: Option<String>,
    access_control_policy: Option<Policy>,
    grant_full_control: Option<String>,
    grant_read: Option<String>,
    #[serde(rename = "GrantReadACP")]
    grant_read_acp: Option<String>,
    grant_write: Option<String>,
    #[serde(rename = "GrantWriteACP")]
    grant_write_acp: Option<String>,
}

impl Operation for PutObjectAcl {
    const NAME: &str = "PutObjectAcl";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let action = access::by_version(version, "s3:PutObjectAcl", "s3:PutObjectVersionAcl");
        let access = access::to_existing(cx, action, &self.bucket, &self.key, version).await?;
        Ok(self.given().keys(access))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let version = self.version_id.as_deref();
        let Existing { bucket, mut object, current } =
            access::existing(cx, &self.bucket, &self.key, version, "PUT").await?;
        let given = self.given();
        if given.is_empty() {
            return Err(missing());
        }
        let owner = object.settings.owner(&bucket);
        let acl = given.of_object(&bucket, owner)?;
        if !bucket.takes_lists() {
            return Ok(Empty {});
        }
        hold_unblocked(cx, &bucket, acl.as_ref(), "s3:PutObjectAcl", &bucket.object_arn(&self.key))?;
        object.settings.acl = acl.filter(|acl| *acl != Acl::private(owner));
        replication::begin::changed(cx, &bucket, &mut object, What::Acl).await?;
        notify(cx, &bucket, Happening::to("ObjectAcl:Put", &object)).await?;
        version::update(cx, &bucket, object, current).await?;
        Ok(Empty {})
    }
}

impl PutObjectAcl {
    fn given(&self) -> Given<'_> {
        Given {
            canned: self.acl.as_deref(),
            headers: Headers {
                full_control: self.grant_full_control.as_deref(),
                read: self.grant_read.as_deref(),
                read_acp: self.grant_read_acp.as_deref(),
                write: self.grant_write.as_deref(),
                write_acp: self.grant_write_acp.as_deref(),
            },
            body: self.access_control_policy.as_ref(),
        }
    }
}
