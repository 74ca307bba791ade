//! Exports, replaces and removes all blobs of a directory.

use super::{
    Local,
    record::{self, ALIGN, End, HEADER, Kind, Record},
    segments, sync_directory,
};
use crate::{
    Error,
    reference::{Place, Position},
    transfer::{Entry, Exporter, Importer, PIECE, damaged},
};
use bytes::Bytes;
use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    sync::{PoisonError, atomic::Ordering},
};
use tokio::sync::mpsc;

impl Local {
    /// Sends every blob that is finished by now. Blobs must be held meanwhile.
    pub(crate) fn export(&self, out: mpsc::Sender<Bytes>) -> Result<u64, Error> {
        let _one_at_a_time = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
        let mut exporter = Exporter::new(out);
        let end = self.segments.end();
        for segment in segments::list(self.segments.folder())? {
            if segment <= end.segment {
                let until = if segment < end.segment { u64::MAX } else { end.offset };
                self.export_segment(segment, until, &mut exporter)?;
            }
        }
        for entry in fs::read_dir(self.directory.join("large"))? {
            let entry = entry?;
            let Some(id) = entry.file_name().to_str().and_then(crate::BlobId::parse) else { continue };
            let file = File::open(entry.path())?;
            let framed = file.metadata()?.len();
            send(&mut exporter, &file, 0, Entry { id, place: Place::Own, framed })?;
        }
        let blobs = exporter.blobs;
        let (out, last) = exporter.end();
        out.blocking_send(last).map_err(|_| crate::transfer::nobody_reads())?;
        Ok(blobs)
    }

    fn export_segment(&self, segment: u32, until: u64, exporter: &mut Exporter) -> Result<(), Error> {
        let file = self.segments.file(segment)?;
        let mut failed = None;
        let walked = record::walk(&file, until, |offset, record| {
            if record.kind == Kind::Free {
                return Ok(());
            }
            let place = Place::Segment(Position { segment, offset });
            let entry = Entry { id: record.id, place, framed: record.framed };
            send(exporter, &file, offset + HEADER as u64, entry).map_err(|error| {
                failed = Some(error);
                io::Error::other("export")
            })
        });
        match (failed, walked) {
            (Some(error), _) => Err(error),
            (None, Ok(End::Damaged(offset))) => Err(Error::Transfer(format!(
                "segment {segment} is damaged at {offset}; what follows cannot be exported"
            ))),
            (None, Ok(_)) => Ok(()),
            (None, Err(error)) => Err(error.into()),
        }
    }

    /// Removes all blobs. No other work may be under way.
    pub(crate) fn clear(&self) -> Result<(), Error> {
        let _one_at_a_time = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.segments.end();
        self.remove_all()?;
        // The numbers of segments go on, so that no reference to a blob that was here means one to come.
        self.begin_again(end)
    }

    /// Replaces all blobs by those of an export. No other work may be under way.
    pub(crate) fn restore(&self, importer: &mut Importer) -> Result<(), Error> {
        let _one_at_a_time = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
        self.remove_all()?;
        let mut segment = None;
        let mut end = Position::default();
        while let Some(entry) = importer.next()? {
            match entry.place {
                Place::Segment(position) if position >= end => {
                    end = self.restore_record(&mut segment, end, position, &entry, importer)?;
                }
                Place::Segment(_) => return Err(damaged()),
                Place::Own => self.restore_large(&entry, importer)?,
            }
        }
        if let Some(file) = segment {
            file.sync_all()?;
        }
        sync_directory(self.segments.folder())?;
        sync_directory(&self.directory.join("large"))?;
        self.begin_again(end)
    }

    fn begin_again(&self, end: Position) -> Result<(), Error> {
        self.appender.go_to(end)?;
        self.era.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    fn remove_all(&self) -> Result<(), Error> {
        // From here on nothing can be appended, until the appender is told where.
        self.appender.go_to(Position { segment: u32::MAX, offset: 0 })?;
        self.era.fetch_add(1, Ordering::AcqRel);
        for segment in segments::list(self.segments.folder())? {
            self.segments.remove(segment)?;
        }
        self.segments.close_all();
        let large = self.directory.join("large");
        for entry in fs::read_dir(&large)? {
            fs::remove_file(entry?.path())?;
        }
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
        sync_directory(self.segments.folder())?;
        Ok(sync_directory(&large)?)
    }

    /// Writes a record where it was, and a free one into the gap before it. Returns where it ends.
    fn restore_record(
        &self,
        open: &mut Option<File>,
        end: Position,
        position: Position,
        entry: &Entry,
        importer: &mut Importer,
    ) -> Result<Position, Error> {
        if !position.offset.is_multiple_of(ALIGN as u64) || entry.framed > 2 * PIECE as u64 {
            return Err(damaged());
        }
        let begun = open.is_some() && end.segment == position.segment;
        let file = match open {
            Some(file) if begun => file,
            open => {
                if let Some(before) = open.take() {
                    before.sync_all()?;
                }
                let path = self.segments.path(position.segment);
                open.insert(File::options().read(true).write(true).create_new(true).open(path)?)
            }
        };
        let from = if begun { end.offset } else { 0 };
        if position.offset > from {
            Record::free(position.offset - from).write(file, from)?;
        }
        let span = (HEADER as u64 + entry.framed).next_multiple_of(ALIGN as u64);
        let mut record = Record { kind: Kind::Blob, id: entry.id, span, framed: entry.framed }.encode().to_vec();
        loop {
            let frames = importer.frames()?;
            if frames.is_empty() {
                break;
            }
            record.extend_from_slice(&frames);
        }
        // INVARIANT: a span is a few megabytes, by the check above.
        record.resize(span as usize, 0);
        file.write_all_at(&record, position.offset)?;
        let offset = position.offset.checked_add(span).ok_or_else(damaged)?;
        Ok(Position { segment: position.segment, offset })
    }

    fn restore_large(&self, entry: &Entry, importer: &mut Importer) -> Result<(), Error> {
        let file = File::options().write(true).create_new(true).open(self.large(entry.id))?;
        let mut offset = 0;
        loop {
            let frames = importer.frames()?;
            if frames.is_empty() {
                break;
            }
            file.write_all_at(&frames, offset)?;
            offset += frames.len() as u64;
        }
        Ok(file.sync_all()?)
    }
}

/// Sends a blob whose frames stand at `offset` of `file`.
fn send(exporter: &mut Exporter, file: &File, mut offset: u64, entry: Entry) -> Result<(), Error> {
    exporter.begin(&entry);
    let mut left = entry.framed;
    let mut frames = vec![0; left.min(PIECE as u64) as usize];
    loop {
        frames.truncate(left.min(PIECE as u64) as usize);
        file.read_exact_at(&mut frames, offset)?;
        if let Some(piece) = exporter.frames(&frames) {
            exporter.send_blocking(piece)?;
        }
        offset += frames.len() as u64;
        left -= frames.len() as u64;
        if left == 0 {
            return Ok(());
        }
    }
}
