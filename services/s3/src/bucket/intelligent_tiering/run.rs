//! Objects that nobody reads go into archives: each midnight, all keys of a bucket in turn.

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Cx, Job, Page, Result, Schedule};

use super::IntelligentTieringConfiguration;
use crate::bucket::Bucket;
use crate::bucket::configured::Kept;
use crate::bucket::lifecycle::midnight_after;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::object::Object;
use crate::object::list::order;
use crate::object::list::page::Keyed;
use crate::object::list::versions::Rows;
use crate::object::version::{self, Version};

/// Versions that one run looks at, about: all versions of a key stay together.
const BATCH: usize = 100;

/// Looks at the keys of a bucket from one on; the last run of a day enqueues the first one of the next.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    bucket: String,
    /// The last key that was looked at.
    after: Option<String>,
}

impl Run {
    pub(super) fn of(bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), after: None }
    }

    /// The id of the job; a bucket has one.
    pub(super) fn id(&self) -> String {
        format!("s3/intelligent-tiering/{}", self.bucket)
    }
}

impl Job for Run {
    const NAME: &'static str = "s3/intelligent-tiering";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let bucket = cx.get::<Bucket>(place, (&self.bucket,)).await?.filter(|bucket| bucket.place() == place);
        let Some(bucket) = bucket else { return Ok(()) };
        let rows = cx.list::<Kept<IntelligentTieringConfiguration>>(place, (&self.bucket,), Page::ALL).await?;
        let rules: Vec<_> = rows.into_iter().map(|kept| kept.configuration).filter(|rule| rule.is_enabled()).collect();
        if rules.is_empty() {
            return Ok(());
        }
        let (next, at) = match self.keys(cx, &bucket, &rules).await? {
            Some(last) => (Self { after: Some(last), ..Self::of(&bucket.name) }, cx.now()),
            None => (Self::of(&bucket.name), midnight_after(cx.now())),
        };
        cx.enqueue(&next, Schedule::at(at).id(self.id())).await?;
        Ok(())
    }
}

impl Run {
    /// Looks at a batch of keys; returns the last one, if there may be more.
    async fn keys(
        &self,
        cx: &mut Cx,
        bucket: &Bucket,
        rules: &[IntelligentTieringConfiguration],
    ) -> Result<Option<String>> {
        let from = self.after.as_deref().map(order::after).unwrap_or_default();
        let mut rows = Rows::between(bucket, &from, &order::end_of(b""), BATCH);
        let (mut seen, mut last) = (0_usize, None::<String>);
        while let Some((version, is_latest)) = rows.next(cx).await? {
            if is_latest && seen >= BATCH {
                return Ok(last);
            }
            seen += 1;
            last = Some(version.text().to_owned());
            if let Version::Object(object) = version {
                archive(cx, bucket, rules, *object, is_latest).await?;
            }
        }
        Ok(None)
    }
}

/// Puts an object into the deepest archive that it is due for.
async fn archive(
    cx: &mut Cx,
    bucket: &Bucket,
    rules: &[IntelligentTieringConfiguration],
    mut object: Object,
    current: bool,
) -> Result<()> {
    let now = cx.now();
    let Some(archive) = rules.iter().filter_map(|rule| rule.archive(&object, now)).max() else { return Ok(()) };
    if !object.is_tiered() || object.archive(now).is_some_and(|there| there >= archive) {
        return Ok(());
    }
    object.put_into(archive);
    let data = json!({ "destinationAccessTier": archive.name() });
    notify(cx, bucket, Happening::to("IntelligentTiering", &object).with("intelligentTieringEventData", &data)).await?;
    version::update(cx, bucket, object, current).await
}
