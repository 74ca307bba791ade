//! Digests: signed files that tell which log files were delivered, each linked to the one before.
//!
//! 1. The delivery of a log file notes it as a [`LogFile`], in its own transaction.
//! 2. A [`Chain`] begins when a trail begins to log, or to validate; in Regions that are not the trail's home with the
//!    first log file there.
//! 3. [`write::WriteDigest`] ends each hour of a chain: it writes a digest of the log files delivered in it, or an
//!    empty one, signed with the [key of the Region](key). Every log file is in exactly one digest.
//! 4. A chain ends when its trail logs or validates no more: the hour that runs is its last.
//!
//! A log file belongs to the hour in which it is delivered, however late that is, so there is nothing that backfill
//! digests could be written for.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html>

pub(crate) mod file;
pub(crate) mod key;
pub(crate) mod public_key;
pub(crate) mod write;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Page, Place, Region, Resource, Result, Schedule, Scope, Timestamp};

use crate::trail::Trail;
use file::Previous;
use write::WriteDigest;

/// What a digest covers. Source: "Every hour": the page above.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Digests of a trail in one Region, each linked to the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Chain {
    /// ARN of the trail.
    trail: String,
    region: Region,
    begun: Timestamp,
    /// Where the next digest begins.
    start: Timestamp,
    /// Where the last digest ends, if that is not an hour after it begins: another chain has begun, or the trail is
    /// deleted.
    closed: Option<Timestamp>,
    /// The last digest that was written.
    previous: Option<Previous>,
}

impl Resource for Chain {
    const KIND: &'static str = "cloudtrail/digest-chain";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> welkin_kernel::Key {
        (&self.trail, self.region, self.begun).into_key()
    }
}

/// A log file that was delivered and is in no digest yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LogFile {
    /// ARN of the trail.
    pub(crate) trail: String,
    pub(crate) region: Region,
    /// When it was delivered.
    pub(crate) delivered: Timestamp,
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// SHA-256 of its contents before compression, in hexadecimal.
    pub(crate) hash: String,
    pub(crate) oldest: Timestamp,
    pub(crate) newest: Timestamp,
}

impl Resource for LogFile {
    const KIND: &'static str = "cloudtrail/log-file";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> welkin_kernel::Key {
        (&self.trail, self.region, self.delivered, &self.key).into_key()
    }
}

/// Notes a log file that a trail has delivered, for the next digest.
pub(crate) async fn delivered(cx: &mut Cx, trail: &Trail, log_file: LogFile) -> Result<()> {
    if !trail.validation {
        return Ok(());
    }
    let here = cx.here();
    let chains = cx.list::<Chain>(here, (&log_file.trail, here.region), Page::ALL).await?;
    // A log file that comes when the chain has ended is in no digest, as with AWS.
    if chains.is_empty() && !trail.is_logging {
        return Ok(());
    }
    if chains.iter().all(|chain| chain.closed.is_some()) {
        begin(cx, here, &log_file.trail).await?;
    }
    cx.put(here, &log_file).await
}

/// Begins chains afresh, because the trail begins to log or to validate: the next digests have no previous one.
pub(crate) async fn restart(cx: &mut Cx, trail: &Trail) -> Result<()> {
    let home = trail.place();
    let (arn, now) = (String::from(trail.arn()), cx.now().whole_secs());
    let mut begun = false;
    for mut chain in cx.list::<Chain>(home, (&arn,), Page::ALL).await? {
        if chain.closed.is_none() && chain.start == now {
            begun |= chain.region == trail.home;
            chain.previous = None;
            cx.put(home, &chain).await?;
        } else if chain.closed.is_none() {
            chain.close(cx, home, None).await?;
        }
    }
    if !begun {
        begin(cx, home, &arn).await?;
    }
    Ok(())
}

/// Ends the chains of a trail that is being deleted, each with a last digest.
pub(crate) async fn finish(cx: &mut Cx, trail: &Trail) -> Result<()> {
    let home = trail.place();
    let arn = String::from(trail.arn());
    for mut chain in cx.list::<Chain>(home, (&arn,), Page::ALL).await? {
        chain.close(cx, home, Some(trail.clone())).await?;
    }
    Ok(())
}

async fn begin(cx: &mut Cx, place: Place, trail: &str) -> Result<()> {
    let now = cx.now().whole_secs();
    let chain =
        Chain { trail: trail.to_owned(), region: place.region, begun: now, start: now, closed: None, previous: None };
    cx.put(place, &chain).await?;
    chain.enqueue(cx, place, chain.job(None), chain.end()).await
}

impl Chain {
    /// Where the next digest ends.
    fn end(&self) -> Timestamp {
        self.closed.unwrap_or_else(|| self.start.plus(HOUR))
    }

    fn job(&self, last: Option<Trail>) -> WriteDigest {
        WriteDigest { trail: self.trail.clone(), begun: self.begun, last, attempts: 0 }
    }

    async fn enqueue(&self, cx: &mut Cx, place: Place, job: WriteDigest, at: Timestamp) -> Result<()> {
        let id = format!("cloudtrail/digest {} {} {} {}", place.account, self.trail, self.region, self.begun.secs());
        let there = Place::new(place.account, self.region);
        cx.enqueue_at(there, &job, Schedule::at(at).id(id)).await.map(|_| ())
    }

    /// Ends it now; `last` is the trail as it was if it is being deleted.
    async fn close(&mut self, cx: &mut Cx, place: Place, last: Option<Trail>) -> Result<()> {
        let now = cx.now();
        if self.closed.is_none() {
            // No digest ends where the one before it does: it would have the same name.
            self.closed = Some(now.whole_secs().max(self.start.plus(Duration::from_secs(1))));
            cx.put(place, self).await?;
        }
        self.enqueue(cx, place, self.job(last), now).await
    }

    /// Log files delivered before the next digest's end that are in none yet.
    async fn log_files(&self, cx: &mut Cx, place: Place) -> Result<Vec<LogFile>> {
        let (from, to) = ((&self.trail, self.region), (&self.trail, self.region, self.end()));
        cx.between::<LogFile>(place, from, to, 0, false).await
    }
}
