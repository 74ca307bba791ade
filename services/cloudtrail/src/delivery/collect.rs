//! Collecting: the notes of a window become files.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Page, Resource, Result, Schedule};

use super::file::{FileName, Kind};
use super::write::WriteFile;
use super::{Note, Window};

/// Collects the notes of one trail, window and Region.
#[derive(Serialize, Deserialize)]
pub(crate) struct Collect {
    /// ARN of the trail.
    pub(crate) trail: String,
    /// The window.
    pub(crate) window: Window,
}

/// Records of a file at most.
// UNVERIFIED: AWS documents no number. This keeps the list of a file's records within a stored value.
pub(crate) const RECORDS: usize = 1000;

impl Job for Collect {
    const NAME: &'static str = "cloudtrail/collect";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let notes = cx.list::<Note>(here, (&self.trail, self.window.0), Page::ALL).await?;
        for batch in notes.chunks(RECORDS) {
            let of_kind = |is_data: bool| {
                let notes = batch.iter().filter(move |note| note.is_data == is_data);
                notes.map(|note| (note.time, note.event_id.clone())).collect()
            };
            let file = WriteFile {
                trail: self.trail.clone(),
                name: FileName::draw(cx, Kind::Call),
                records: of_kind(false),
                data_records: of_kind(true),
                attempts: 0,
            };
            cx.enqueue(&file, Schedule::now()).await?;
            for note in batch {
                cx.delete::<Note>(here, Resource::key(note)).await?;
            }
        }
        Ok(())
    }
}
