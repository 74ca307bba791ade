//! Writing: a file goes to the trail's bucket.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Cx, DataRecord, Job, Place, Result, Schedule, Timestamp};

use super::file::{self, FileName, Kind};
use crate::digest::{self, LogFile};
use crate::insight::event::InsightEvent;
use crate::trail::Trail;
use crate::trail::status::Status;
use crate::{bucket, event, notice};

/// Writes one file of a trail, and tries again for 30 days.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WriteFile {
    /// ARN of the trail.
    pub(crate) trail: String,
    /// The file's name, which stays the same however often it is written.
    pub(crate) name: FileName,
    /// Its records of management events.
    pub(crate) records: Vec<(Timestamp, String)>,
    /// Its records of data events.
    #[serde(default)]
    pub(crate) data_records: Vec<(Timestamp, String)>,
    /// How often S3 has refused it.
    pub(crate) attempts: u32,
}

/// How long a delivery is tried.
///
/// Source: "CloudTrail will attempt to redeliver the log files to your S3 bucket for 30 days":
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trails.html>
pub(crate) const TRIED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Job for WriteFile {
    const NAME: &'static str = "cloudtrail/write";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        // A trail that was deleted delivers nothing more.
        let Some(trail) = Trail::by_arn(cx, &self.trail).await? else { return Ok(()) };
        let contents = file::contents(&self.events(cx, here).await?);
        let bytes = file::gzip(contents.as_bytes())?;
        let key = self.name.key(&trail, here);
        let refused = cx.stage(async |cx| put(cx, &trail, &key, bytes).await).await?;
        if refused.is_none() {
            digest::delivered(cx, &trail, self.log_file(cx, &trail, key.clone(), &contents)).await?;
        }
        let told = if refused.is_none() { notice::of_file(cx, &trail, &key).await? } else { None };
        let at = Place::new(trail.owner, here.region);
        let mut status = cx.get::<Status>(at, &self.trail).await?.unwrap_or_else(|| Status::of(&self.trail));
        status.attempted(cx.now(), refused.clone());
        if let Some(told) = told {
            status.told(cx.now(), told.err());
        }
        cx.put(at, &status).await?;
        if refused.is_some() && cx.now().since(self.name.time) < TRIED {
            let again = Self { attempts: self.attempts.saturating_add(1), ..self.clone() };
            let at = cx.after(pause(self.attempts));
            cx.enqueue(&again, Schedule::at(at)).await?;
        }
        Ok(())
    }
}

/// Five minutes, then twice as long each time, up to a day.
pub(crate) fn pause(attempts: u32) -> Duration {
    Duration::from_secs(300u64 << attempts.min(8)).min(Duration::from_secs(24 * 60 * 60))
}

impl WriteFile {
    /// The file, as a digest tells of it.
    fn log_file(&self, cx: &Cx, trail: &Trail, key: String, contents: &str) -> LogFile {
        let times = || self.records.iter().chain(&self.data_records).map(|(time, _)| *time);
        LogFile {
            trail: self.trail.clone(),
            region: cx.region(),
            delivered: cx.now(),
            bucket: trail.bucket.clone(),
            key,
            hash: digest::file::sha256(contents.as_bytes()),
            oldest: times().min().unwrap_or(self.name.time),
            newest: times().max().unwrap_or(self.name.time),
        }
    }

    /// The events of the file. Records that were dropped meanwhile, because the clock was set far ahead, are
    /// left out.
    async fn events(&self, cx: &mut Cx, here: Place) -> Result<Vec<String>> {
        let mut events = Vec::with_capacity(self.records.len() + self.data_records.len());
        for (time, event_id) in &self.records {
            let key = (*time, event_id);
            let event = match self.name.kind {
                Kind::Call => cx.get::<CallRecord>(here, key).await?.as_ref().map(event::render).transpose()?,
                Kind::Insight => cx.get::<InsightEvent>(here, key).await?.map(|event| event.json),
            };
            events.extend(event);
        }
        for (time, event_id) in &self.data_records {
            if let Some(DataRecord(record)) = cx.get::<DataRecord>(here, (*time, event_id)).await? {
                events.push(event::render(&record)?);
            }
        }
        Ok(events)
    }
}

/// Puts the file; answers the code of S3's error if S3 refuses it.
async fn put(cx: &mut Cx, trail: &Trail, key: &str, bytes: Bytes) -> Result<Option<String>> {
    match bucket::put(cx, trail, key, bytes).await {
        Ok(()) => Ok(None),
        Err(error) => match error.answer() {
            Some(answer) => Ok(Some(answer.code.clone().into_owned())),
            None => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_day() {
        assert_eq!(pause(0), Duration::from_secs(300));
        assert_eq!(pause(1), Duration::from_secs(600));
        assert_eq!(pause(1000), pause(8).min(Duration::from_secs(86_400)));
    }
}
