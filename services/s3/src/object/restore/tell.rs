//! Notifications of restorations, when their time has come.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Timestamp};

use crate::bucket::Bucket;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::object::Object;
use crate::object::version::{self, Found};

/// Tells that an object is restored, or is not any more.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tell {
    bucket: String,
    key: String,
    version: Option<String>,
    what: What,
    /// When it was to happen.
    at: Timestamp,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum What {
    Completed,
    Deleted,
}

impl Tell {
    pub(super) fn of(object: &Object, what: What, at: Timestamp) -> Self {
        Self { bucket: object.bucket.clone(), key: object.key.clone(), version: object.version.clone(), what, at }
    }
}

impl Job for Tell {
    const NAME: &'static str = "s3/restored";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(bucket) = Bucket::open_for_job(cx, &self.bucket).await? else { return Ok(()) };
        let id = version::shown(self.version.as_deref());
        let Found::Object { object, .. } = version::find(cx, &bucket, &self.key, Some(&id)).await? else {
            return Ok(());
        };
        // It may have been replaced, or its restoration prolonged, in the meantime.
        let happened = object.settings.restoration.is_some_and(|restored| match self.what {
            What::Completed => restored.ready == self.at,
            What::Deleted => restored.until == self.at,
        });
        let left = matches!(self.what, What::Completed) && object.left_archive(self.at);
        if !happened && !left {
            return Ok(());
        }
        let name = match self.what {
            What::Completed => "ObjectRestore:Completed",
            What::Deleted => "ObjectRestore:Delete",
        };
        notify(cx, &bucket, Happening::to(name, &object)).await
    }
}
