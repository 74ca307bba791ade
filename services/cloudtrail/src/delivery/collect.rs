//! Collecting: the records of a window that trails want become files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    CallRecord, Cx, DataRecord, IntoKey, Job, Key, Place, Resource, Result, Schedule, Scope, Timestamp,
};

use super::Window;
use super::file::{FileName, Kind};
use super::write::WriteFile;

/// What is collected in an account and Region. Every call that a trail wants reads it and only the first of a window
/// writes it, so the window's end conflicts with those that have not committed by then.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Collection {
    /// Windows that are to be collected.
    pending: Vec<Window>,
    /// The latest that is closed.
    closed: Option<Window>,
}

impl Resource for Collection {
    const KIND: &'static str = "cloudtrail/collection";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// Collects the records of one window, account and Region.
#[derive(Serialize, Deserialize)]
pub(crate) struct Collect {
    window: Window,
    /// Where in it to go on; `None` before it is closed.
    from: Option<(Timestamp, String)>,
}

/// Records of a file at most, and looked at in one transaction.
// UNVERIFIED: AWS documents no number. This keeps the list of a file's records within a stored value.
pub(crate) const RECORDS: usize = 1000;

/// Sees to it that a record which trails want is delivered. One that comes after its window was closed gets files of
/// its own, and says no more who wants it: the window may still be gone through.
pub(crate) async fn expect(cx: &mut Cx, place: Place, record: &mut CallRecord) -> Result<()> {
    let window = Window::of(record.time);
    let mut collection = cx.get::<Collection>(place, ()).await?.unwrap_or_default();
    if collection.pending.contains(&window) {
        return Ok(());
    }
    if collection.closed.is_some_and(|closed| window <= closed) {
        let key = (record.time, record.event_id.clone());
        for trail in std::mem::take(&mut record.wanted_by) {
            let wanted = [(key.clone(), record.kind.is_data())];
            cx.enqueue_at(place, &file(cx, &trail, &wanted), Schedule::now()).await?;
        }
        return Ok(());
    }
    collection.pending.push(window);
    cx.put(place, &collection).await?;
    let id = format!("cloudtrail/collect {} {} {}", place.account, place.region, window.number());
    cx.enqueue_at(place, &Collect { window, from: None }, Schedule::at(window.end()).same(id)).await?;
    Ok(())
}

/// The key of a record, and whether it is a [`DataRecord`].
type Wanted = ((Timestamp, String), bool);

/// A file of records.
fn file(cx: &Cx, trail: &str, wanted: &[Wanted]) -> WriteFile {
    let of_kind = |data: bool| {
        let of_kind = wanted.iter().filter(|(_, is_data)| *is_data == data);
        of_kind.map(|(key, _)| key.clone()).collect()
    };
    WriteFile {
        trail: trail.to_owned(),
        name: FileName::draw(cx, Kind::Call),
        records: of_kind(false),
        data_records: of_kind(true),
        attempts: 0,
    }
}

impl Job for Collect {
    const NAME: &'static str = "cloudtrail/collect";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let next = match &self.from {
            None => {
                self.close(cx).await?;
                Some((self.window.start(), String::new()))
            }
            Some(from) => self.collect(cx, from).await?,
        };
        if next.is_some() {
            cx.enqueue(&Self { window: self.window, from: next }, Schedule::now()).await?;
        }
        Ok(())
    }
}

impl Collect {
    /// From now on no record can come to lie in the window without being noticed.
    async fn close(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let mut collection = cx.get::<Collection>(here, ()).await?.unwrap_or_default();
        collection.pending.retain(|pending| *pending != self.window);
        collection.closed = collection.closed.max(Some(self.window));
        cx.put(here, &collection).await
    }

    /// Enqueues files for the next records; says where to go on.
    async fn collect(&self, cx: &mut Cx, from: &(Timestamp, String)) -> Result<Option<(Timestamp, String)>> {
        let (here, from, to) = (cx.here(), (from.0, &from.1), (self.window.end(),));
        let calls = cx.glance_between::<CallRecord>(here, from, to, RECORDS).await?;
        let data = cx.glance_between::<DataRecord>(here, from, to, RECORDS).await?;
        let key = |record: &CallRecord| (record.time, record.event_id.clone());
        let full_at = |last: Option<&CallRecord>, read: usize| last.filter(|_| read == RECORDS).map(key);
        let ends = [full_at(calls.last(), calls.len()), full_at(data.last().map(|data| &data.0), data.len())];
        let end = ends.into_iter().flatten().min();
        let mut files: BTreeMap<&str, Vec<Wanted>> = BTreeMap::new();
        for record in calls.iter().chain(data.iter().map(|data| &data.0)) {
            let wanted = (key(record), record.kind.is_data());
            if end.as_ref().is_none_or(|end| wanted.0 <= *end) {
                record.wanted_by.iter().for_each(|trail| files.entry(trail).or_default().push(wanted.clone()));
            }
        }
        for (trail, mut wanted) in files {
            wanted.sort();
            for wanted in wanted.chunks(RECORDS) {
                cx.enqueue(&file(cx, trail, wanted), Schedule::now()).await?;
            }
        }
        // The next one after this: ids have no NUL.
        Ok(end.map(|(time, event_id)| (time, format!("{event_id}\0"))))
    }
}
