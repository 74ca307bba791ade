//! Reads everything, to find damage before somebody else does.

use super::{
    Local, blocking,
    record::{self, End, HEADER, Kind, Record},
    segments,
};
use crate::{
    BlobId, Error, Scrubbed,
    frame::{Run, unframed},
    reference::{Place, Position},
};
use bytes::Bytes;
use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    sync::{Arc, PoisonError},
};

/// Blocks that are read at once: 1 MiB.
const RUN_BLOCKS: u64 = 16;

impl Local {
    pub(crate) async fn scrub(self: Arc<Self>) -> Result<Scrubbed, Error> {
        blocking(move || {
            let _one_at_a_time = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
            let mut scrubbed = Scrubbed::default();
            let end = self.segments.end();
            for segment in segments::list(self.segments.folder())? {
                let until = if segment < end.segment { u64::MAX } else { end.offset };
                if segment <= end.segment {
                    self.scrub_segment(segment, until, &mut scrubbed)?;
                }
            }
            self.scrub_large(&mut scrubbed)?;
            Ok(scrubbed)
        })
        .await
    }

    fn scrub_segment(&self, segment: u32, end: u64, scrubbed: &mut Scrubbed) -> io::Result<()> {
        let file = self.segments.file(segment)?;
        let walked = record::walk(&file, end, |offset, record| {
            if record.kind == Kind::Blob {
                let intact = verify(&file, offset + HEADER as u64, record.id, record.framed)?;
                let deleted = || Ok::<_, io::Error>(Record::read(&file, offset)? != Some(record));
                if intact || !deleted()? {
                    let place = Place::Segment(Position { segment, offset });
                    scrubbed.count(record.id, Some(place), record.framed, intact);
                }
            }
            Ok(())
        })?;
        if matches!(walked, End::Damaged(_)) {
            scrubbed.illegible.push(self.segments.path(segment).display().to_string());
        }
        Ok(())
    }

    fn scrub_large(&self, scrubbed: &mut Scrubbed) -> io::Result<()> {
        for entry in fs::read_dir(self.directory.join("large"))? {
            let entry = entry?;
            let Some(id) = entry.file_name().to_str().and_then(BlobId::parse) else {
                scrubbed.illegible.push(entry.path().display().to_string());
                continue;
            };
            match File::open(entry.path()) {
                Ok(file) => {
                    let framed = file.metadata()?.len();
                    scrubbed.count(id, Some(Place::Own), framed, verify(&file, 0, id, framed)?);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether the frames at `offset` are those of `id`.
fn verify(file: &File, offset: u64, id: BlobId, framed: u64) -> io::Result<bool> {
    let Some(length) = unframed(framed) else { return Ok(false) };
    let mut rest = 0..length;
    while !rest.is_empty() {
        let run = Run::first(rest.clone(), length, RUN_BLOCKS);
        let mut frames = vec![0; (run.frames.end - run.frames.start) as usize];
        match file.read_exact_at(&mut frames, offset + run.frames.start) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
        if run.blocks(id, Bytes::from(frames)).is_err() {
            return Ok(false);
        }
        rest.start = run.end();
    }
    Ok(true)
}
