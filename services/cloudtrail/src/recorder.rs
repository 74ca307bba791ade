//! What happens when a call is recorded: every trail that wants the record gets a note of it.

use std::collections::HashMap;
use std::sync::Mutex;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use welkin_kernel::{CallRecord, Cx, IntoKey, Place, Recorder, Resource, Result, Schedule, Scope};

use serde::{Deserialize, Serialize};

use crate::delivery::{Note, Window};
use crate::retention::Expire;
use crate::trail::Trail;
use crate::{insight, lake};

/// The trails of an account that log: one row, so that a call of an account without any costs one read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Logging {
    pub(crate) trails: Vec<Trail>,
}

impl Resource for Logging {
    const KIND: &'static str = "cloudtrail/logging";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> welkin_kernel::Key {
        ().into_key()
    }
}

/// Notes records for the trails that want them.
#[derive(Default)]
pub(crate) struct Trails {
    /// The day on which each account and Region was last looked through for records that are too old. It is
    /// a hint: after a restart they are looked through once more.
    looked_through: Mutex<HashMap<Place, i64>>,
}

/// Places remembered at most; then the hints start afresh.
const MOST: usize = 10_000;

impl Recorder for Trails {
    fn recorded<'a>(&'a self, cx: &'a mut Cx, records: &'a [CallRecord]) -> BoxFuture<'a, Result<()>> {
        async move {
            for record in records {
                let place = CallRecord::recipient_place(record.recipient, record.place.region);
                if let Some(logging) = cx.get::<Logging>(place, ()).await? {
                    note(cx, place, &logging, record).await?;
                    insight::noticed(cx, place, &logging.trails, record).await?;
                }
                lake::event::recorded(cx, place, record).await?;
                self.expire(cx, place).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Notes the record for each trail that wants it, and has the notes collected at the end of the window.
async fn note(cx: &mut Cx, place: Place, logging: &Logging, record: &CallRecord) -> Result<()> {
    let window = Window::of(cx.now());
    for trail in logging.trails.iter().filter(|trail| trail.wants(record)) {
        let trail = trail.arn(place.account).to_string();
        let note = Note { trail: trail.clone(), window, time: record.time, event_id: record.event_id.clone() };
        cx.put(place, &note).await?;
        let (id, collect) = window.collect(trail, place.region);
        cx.enqueue_at(place, &collect, Schedule::at(window.end()).same(id)).await?;
    }
    Ok(())
}

impl Trails {
    /// Once a day, has old records of the place dropped.
    async fn expire(&self, cx: &mut Cx, place: Place) -> Result<()> {
        let day = cx.now().secs().div_euclid(24 * 60 * 60);
        {
            let mut looked_through = self.looked_through.lock().unwrap_or_else(|e| e.into_inner());
            if looked_through.len() >= MOST {
                looked_through.clear();
            }
            if looked_through.insert(place, day) == Some(day) {
                return Ok(());
            }
        }
        let id = format!("cloudtrail/expire {} {} {day}", place.account, place.region);
        cx.enqueue_at(place, &Expire {}, Schedule::now().same(id)).await?;
        Ok(())
    }
}
