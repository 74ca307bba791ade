//! Reads a range of the engine and the pending writes of the transaction as one.

use crate::{
    Error, KeyRange,
    engine::View,
    overlay::{Overlay, Pending, encode, integer},
    range::{RangeOptions, successor},
};
use bytes::Bytes;
use std::{cmp::Ordering, collections::VecDeque};

type Row = (Bytes, Bytes);

/// The rows of `range` as the transaction sees them: the engine's, under the overlay's.
pub(crate) async fn read(
    view: &mut View,
    overlay: &Overlay,
    range: &KeyRange,
    options: RangeOptions,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    let points = overlay.points(range);
    let mut cursor = Cursor::new(overlay.gaps(range), options.reverse);
    let mut forward = (!options.reverse).then(|| points.clone());
    let mut backward = options.reverse.then(|| points.rev());
    let mut next_point = || match (&mut forward, &mut backward) {
        (Some(points), _) => points.next(),
        (_, Some(points)) => points.next(),
        (None, None) => None,
    };
    let mut point = next_point();
    while rows.len() < options.limit {
        cursor.fill(view, options.limit - rows.len(), point.is_some()).await?;
        let side = match (cursor.peek(), point) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((key, _)), Some((pending, _))) if options.reverse => pending.cmp(key),
            (Some((key, _)), Some((pending, _))) => key.cmp(pending),
        };
        let base = if side == Ordering::Greater { None } else { cursor.next() };
        if side == Ordering::Less {
            rows.extend(base);
            continue;
        }
        if let Some((key, pending)) = point {
            rows.extend(merged(key, pending, base)?);
        }
        point = next_point();
    }
    Ok(rows)
}

fn merged(key: &Bytes, pending: &Pending, base: Option<Row>) -> Result<Option<Row>, Error> {
    let value = match pending {
        Pending::Put(value) => value.clone(),
        Pending::Delete => return Ok(None),
        Pending::Add(delta) => {
            let base = base.map_or(Ok(0), |(_, value)| integer(&value))?;
            encode(base.wrapping_add(*delta))
        }
    };
    Ok(Some((key.clone(), value)))
}

/// Rows of the engine, a page at a time.
struct Cursor {
    ranges: VecDeque<KeyRange>,
    rows: std::vec::IntoIter<Row>,
    reverse: bool,
}

/// Most rows in one page.
const PAGE_ROWS: usize = 1024;

impl Cursor {
    fn new(ranges: Vec<KeyRange>, reverse: bool) -> Self {
        let ranges = if reverse { ranges.into_iter().rev().collect() } else { ranges.into() };
        Self { ranges, rows: Vec::new().into_iter(), reverse }
    }

    /// Reads on until there is a row to see, or none is left.
    async fn fill(&mut self, view: &mut View, wanted: usize, overlaid: bool) -> Result<(), Error> {
        while self.rows.as_slice().is_empty() {
            let Some(range) = self.ranges.front_mut() else { return Ok(()) };
            // Some of the rows may turn out to be deleted in the overlay: ask for a few more.
            let limit = if overlaid { wanted.saturating_add(16) } else { wanted }.min(PAGE_ROWS);
            let page = view.range(range, limit, self.reverse).await?;
            match page.rows.last() {
                Some((last, _)) if page.more && self.reverse => range.end = last.clone(),
                Some((last, _)) if page.more => range.start = successor(last),
                _ => drop(self.ranges.pop_front()),
            }
            self.rows = page.rows.into_iter();
        }
        Ok(())
    }

    fn peek(&self) -> Option<&Row> {
        self.rows.as_slice().first()
    }

    fn next(&mut self) -> Option<Row> {
        self.rows.next()
    }
}
