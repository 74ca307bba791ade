//! Removes the blobs that nothing refers to.

use super::{
    Local, blocking,
    record::{self, End, Kind, Record},
    segments::{self, punch},
};
use crate::{BlobId, Error, Mark, Swept, reference::Position, sweep::Moment};
use std::{
    fs, io,
    sync::{Arc, PoisonError, atomic::Ordering},
};

/// Records in a row of which none lives.
struct Run {
    offset: u64,
    span: u64,
    /// Whether there is anything to free: a record that is not free yet.
    fresh: bool,
}

impl Local {
    pub(crate) async fn sweep(
        self: Arc<Self>,
        mark: &Mark,
        live: impl Fn(&BlobId) -> bool + Send + Sync + 'static,
    ) -> Result<Swept, Error> {
        let Moment::Local { era, position, generation } = mark.0 else { return Err(Error::Foreign) };
        blocking(move || {
            let _one_at_a_time = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
            let mut swept = Swept::default();
            if self.era.load(Ordering::Acquire) != era {
                return Ok(swept);
            }
            self.sweep_large(generation, &live, &mut swept)?;
            for segment in segments::list(self.segments.folder())? {
                if segment <= position.segment {
                    self.sweep_segment(segment, position, &live, &mut swept)?;
                }
            }
            Ok(swept)
        })
        .await
    }

    fn sweep_large(&self, generation: u64, live: &impl Fn(&BlobId) -> bool, swept: &mut Swept) -> io::Result<()> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, finished| *finished >= generation);
        for entry in fs::read_dir(self.directory.join("large"))? {
            let entry = entry?;
            let Some(id) = entry.file_name().to_str().and_then(BlobId::parse) else { continue };
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id);
            if recent || live(&id) {
                continue;
            }
            let removed = entry.metadata().and_then(|file| fs::remove_file(entry.path()).map(|()| file.len()));
            match removed {
                Ok(bytes) => {
                    swept.blobs += 1;
                    swept.bytes += bytes;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn sweep_segment(
        &self,
        segment: u32,
        mark: Position,
        live: &impl Fn(&BlobId) -> bool,
        swept: &mut Swept,
    ) -> io::Result<()> {
        let file = self.segments.file(segment)?;
        // Nothing is appended to the segments before the last one.
        let sealed = segment < mark.segment;
        let end = if sealed { u64::MAX } else { mark.offset };
        let mut runs: Vec<Run> = Vec::new();
        let mut alive = false;
        let mut dead = Swept::default();
        let walked = record::walk(&file, end, |offset, record| {
            let fresh = record.kind == Kind::Blob;
            if fresh && live(&record.id) {
                alive = true;
                return Ok(());
            }
            if fresh {
                dead.blobs += 1;
                dead.bytes += record.span;
            }
            match runs.last_mut() {
                Some(run) if run.offset + run.span == offset => {
                    run.span += record.span;
                    run.fresh |= fresh;
                }
                _ => runs.push(Run { offset, span: record.span, fresh }),
            }
            Ok(())
        })?;
        match walked {
            End::Damaged(offset) => {
                tracing::error!(segment, offset, "a segment is damaged: what follows is left alone");
                alive = true;
            }
            End::Torn(offset) if sealed => file.set_len(offset)?,
            End::Torn(_) | End::Whole => {}
        }
        if sealed && !alive {
            self.segments.remove(segment)?;
        } else {
            free(&file, &runs)?;
        }
        swept.blobs += dead.blobs;
        swept.bytes += dead.bytes;
        Ok(())
    }
}

/// Makes each run one free record, and gives its space back once that is on disk.
fn free(file: &fs::File, runs: &[Run]) -> io::Result<()> {
    let fresh = || runs.iter().filter(|run| run.fresh);
    if fresh().next().is_none() {
        return Ok(());
    }
    fresh().try_for_each(|run| Record::free(run.span).write(file, run.offset))?;
    file.sync_data()?;
    fresh().try_for_each(|run| punch(file, run.offset, run.span))
}
