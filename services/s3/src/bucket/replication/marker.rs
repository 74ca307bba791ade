//! Replicas of delete markers.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html>

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use super::failure::Reason;
use super::replica::demand;
use super::replicate::Route;
use crate::bucket::Bucket;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::object::version::{self, Found, Marker, Version};

/// The write of a delete marker's replica.
#[derive(Debug, Deserialize)]
pub(super) struct PutMarker {
    route: Route,
}

impl PutMarker {
    pub(super) fn along(route: &Route) -> Self {
        Self { route: route.clone() }
    }
}

impl Operation for PutMarker {
    const NAME: &str = "DeleteObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let source = Bucket::open_anywhere(cx, &self.route.source).await?;
        let destination = Bucket::open_anywhere(cx, &self.route.destination).await?;
        // UNVERIFIED: the reasons; the guide says that both permissions are needed to get at delete markers.
        let configuration = source.access(cx, "s3:GetReplicationConfiguration");
        demand(cx, configuration, Reason::SrcBucketReplicationConfigMissing).await?;
        let list = demand(cx, source.access(cx, "s3:ListBucket"), Reason::SrcHeadObjectNotPermitted).await?;
        let write = destination.object_access(cx, "s3:ReplicateDelete", &self.route.key);
        let write = demand(cx, write, Reason::DstDelObjNotPermitted).await?;
        Ok(list.and(write))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (key, id) = (&self.route.key, Some(self.route.version.as_str()));
        let source = Bucket::open_anywhere(cx, &self.route.source).await?;
        let destination = Bucket::open_anywhere(cx, &self.route.destination).await?;
        let Found::Marker(marker) = version::find(cx, &source, key, id).await? else {
            return Err(Reason::SrcVersionNotFound.error("the delete marker is not there any more"));
        };
        if matches!(version::find(cx, &destination, key, id).await?, Found::Nothing) {
            let marker = Marker { bucket: destination.name.clone(), ..marker };
            notify(cx, &destination, Happening::marked("ObjectRemoved:DeleteMarkerCreated", &marker)).await?;
            version::store_replica(cx, &destination, Version::Marker(marker)).await?;
        }
        Ok(Empty {})
    }
}
