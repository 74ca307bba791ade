//! Writing: a digest goes to the trail's bucket, with its signature.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Place, Resource, Result, Timestamp};

use super::file::{Digest, Previous};
use super::key::SigningKey;
use super::{Chain, LogFile};
use crate::bucket;
use crate::delivery::file::gzip;
use crate::delivery::write::{TRIED, pause};
use crate::trail::Trail;
use crate::trail::status::Status;

/// Writes the next digest of a chain, and enqueues itself for the one after it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WriteDigest {
    /// ARN of the trail.
    pub(super) trail: String,
    /// When the chain began.
    pub(super) begun: Timestamp,
    /// The trail as it was, if it is deleted.
    pub(super) last: Option<Trail>,
    /// How often S3 has refused the digest.
    pub(super) attempts: u32,
}

/// How long after StopLogging the last log file comes at the latest, unless S3 refuses it: at the end of its window.
const LATE: Duration = Duration::from_secs(6 * 60);

/// What came of writing: the log files that the digest tells of, and the digest as the next one tells of it, or the
/// code of S3's error.
#[derive(Clone)]
struct Written {
    log_files: Vec<LogFile>,
    outcome: std::result::Result<Previous, String>,
}

impl Job for WriteDigest {
    const NAME: &'static str = "cloudtrail/digest";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let key = (&self.trail, here.region, self.begun);
        let Some(chain) = cx.get::<Chain>(here, key).await? else { return Ok(()) };
        let trail = match &self.last {
            // Its account is not part of its stored form.
            Some(trail) => Some(Trail { owner: here.account, ..trail.clone() }),
            None => Trail::by_arn(cx, &self.trail).await?,
        };
        let Some(trail) = trail else { return chain.forget(cx, here).await };
        let written = self.write(cx, here, &trail, &chain).await?;
        self.note(cx, Place::new(trail.owner, here.region), written.outcome.as_ref().err().cloned()).await?;
        match written.outcome {
            Ok(digest) => {
                for log_file in &written.log_files {
                    cx.delete::<LogFile>(here, Resource::key(log_file)).await?;
                }
                self.go_on(cx, here, &trail, chain, digest).await
            }
            Err(_) if cx.now().since(chain.end()) < TRIED => {
                let again = Self { attempts: self.attempts.saturating_add(1), ..self.clone() };
                let at = cx.after(pause(self.attempts));
                chain.enqueue(cx, here, again, at).await
            }
            Err(_) => chain.forget(cx, here).await,
        }
    }
}

impl WriteDigest {
    async fn write(&self, cx: &mut Cx, here: Place, trail: &Trail, chain: &Chain) -> Result<Written> {
        let key = SigningKey::of(cx, here.region, chain.end()).await?;
        let log_files = chain.log_files(cx, here).await?;
        cx.stage(async |cx| {
            let digest = Digest::of(trail, here, chain, &key, &log_files)?;
            let outcome = match bucket::put_digest(cx, trail, &digest, gzip(&digest.json)?).await {
                Ok(()) => Ok(digest.told),
                Err(error) => match error.answer() {
                    Some(answer) => Err(answer.code.clone().into_owned()),
                    None => return Err(error),
                },
            };
            Ok(Written { log_files: log_files.clone(), outcome })
        })
        .await
    }

    /// What GetTrailStatus tells of it.
    async fn note(&self, cx: &mut Cx, at: Place, refused: Option<String>) -> Result<()> {
        if self.last.is_some() {
            return Ok(());
        }
        let mut status = cx.get::<Status>(at, &self.trail).await?.unwrap_or_else(|| Status::of(&self.trail));
        status.digest_attempted(cx.now(), refused);
        cx.put(at, &status).await
    }

    /// Goes on to the next hour, or ends the chain.
    async fn go_on(&self, cx: &mut Cx, here: Place, trail: &Trail, mut chain: Chain, digest: Previous) -> Result<()> {
        let end = chain.end();
        let silent = !trail.is_logging && trail.stopped.is_none_or(|stopped| stopped.plus(LATE) <= end);
        if chain.closed.is_some() || silent || !trail.validation {
            cx.delete::<Chain>(here, Resource::key(&chain)).await?;
            return Ok(());
        }
        chain.start = end;
        chain.previous = Some(digest);
        cx.put(here, &chain).await?;
        chain.enqueue(cx, here, chain.job(None), chain.end()).await
    }
}

impl Chain {
    /// Drops it with the log files that it was to tell of.
    async fn forget(&self, cx: &mut Cx, here: Place) -> Result<()> {
        for log_file in self.log_files(cx, here).await? {
            cx.delete::<LogFile>(here, Resource::key(&log_file)).await?;
        }
        cx.delete::<Chain>(here, Resource::key(self)).await.map(|_| ())
    }
}
