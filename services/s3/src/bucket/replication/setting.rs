//! Settings of replicas: changes of tags, lists and locks, brought after the object.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html>

use std::marker::PhantomData;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use super::failure::Reason;
use super::replica::{demand, is_forbidden};
use super::replicate::Route;
use crate::object::Object;
use crate::object::version::{self, Found};

/// A setting that may change after the object was written.
pub(super) trait Setting: Send + Sync + 'static {
    /// The operation that sets it.
    const NAME: &'static str;
    /// What it takes to read it at the source.
    const READ: &'static str;
    /// Why it is not replicated if it cannot be read.
    const UNREAD: Reason;
    /// What a policy at the destination may forbid, though nobody needs to allow it.
    const FORBIDDEN: Option<&'static str> = None;
    /// Why it is not replicated if it cannot be written.
    const UNWRITTEN: Reason;

    /// Makes it the same.
    fn copy(from: Object, to: &mut Object);
}

/// Tags.
pub(super) struct Tagging;

/// The access control list.
pub(super) struct Acl;

/// Retention.
pub(super) struct Retention;

/// The legal hold.
pub(super) struct LegalHold;

impl Setting for Tagging {
    const NAME: &'static str = "PutObjectTagging";
    const READ: &'static str = "s3:GetObjectVersionTagging";
    const UNREAD: Reason = Reason::SrcGetTaggingNotPermitted;
    const FORBIDDEN: Option<&'static str> = Some("s3:ReplicateTags");
    const UNWRITTEN: Reason = Reason::DstPutTaggingNotPermitted;

    fn copy(from: Object, to: &mut Object) {
        to.settings.tags = from.settings.tags;
    }
}

impl Setting for Acl {
    const NAME: &'static str = "PutObjectAcl";
    const READ: &'static str = "s3:GetObjectVersionAcl";
    const UNREAD: Reason = Reason::SrcGetAclNotPermitted;
    const UNWRITTEN: Reason = Reason::DstPutAclNotPermitted;

    fn copy(from: Object, to: &mut Object) {
        to.settings.acl = from.settings.acl;
    }
}

impl Setting for Retention {
    const NAME: &'static str = "PutObjectRetention";
    const READ: &'static str = "s3:GetObjectRetention";
    const UNREAD: Reason = Reason::SrcGetRetentionNotPermitted;
    const UNWRITTEN: Reason = Reason::DstPutRetentionNotPermitted;

    fn copy(from: Object, to: &mut Object) {
        to.settings.lock.retention = from.settings.lock.retention;
    }
}

impl Setting for LegalHold {
    const NAME: &'static str = "PutObjectLegalHold";
    const READ: &'static str = "s3:GetObjectLegalHold";
    const UNREAD: Reason = Reason::SrcGetLegalHoldNotPermitted;
    const UNWRITTEN: Reason = Reason::DstPutLegalHoldNotPermitted;

    fn copy(from: Object, to: &mut Object) {
        to.settings.lock.held = from.settings.lock.held;
    }
}

/// The write of a setting of a replica.
#[derive(Deserialize)]
#[serde(bound = "")]
pub(super) struct PutSetting<S> {
    route: Route,
    #[serde(skip)]
    setting: PhantomData<S>,
}

impl<S: Setting> PutSetting<S> {
    pub(super) fn along(route: &Route) -> Self {
        Self { route: route.clone(), setting: PhantomData }
    }
}

impl<S: Setting> Operation for PutSetting<S> {
    const NAME: &'static str = S::NAME;
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let ends = self.route.open(cx).await?;
        let read = self.route.read(cx, &ends, S::READ);
        let read = demand(cx, read, S::UNREAD).await?;
        // UNVERIFIED: that this is enough for retention and holds too.
        let write = ends.destination.object_access(cx, "s3:ReplicateObject", &self.route.key);
        let write = demand(cx, write, S::UNWRITTEN).await?;
        if let Some(action) = S::FORBIDDEN {
            let access = ends.destination.object_access(cx, action, &self.route.key);
            if is_forbidden(cx, &access).await? {
                return Err(S::UNWRITTEN.error("a policy of the destination forbids it"));
            }
        }
        Ok(read.and(write))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let ends = self.route.open(cx).await?;
        let there = version::find(cx, &ends.destination, &self.route.key, Some(&self.route.version)).await?;
        let Found::Object { mut object, current } = there else {
            return Err(Reason::DstVersionNotFound.error("the destination does not have the version"));
        };
        S::copy(ends.object, &mut object);
        version::update(cx, &ends.destination, *object, current).await?;
        Ok(Empty {})
    }
}
