//! Writing.

use super::{Lease, View, bytes, failed};
use crate::{
    Durability, Error, Stamp,
    batch::stamped_key,
    chunk::{self, Stored},
    limits::CLEARED_KEYS,
    overlay::{Pending, Writes, encode, integer},
};
use bytes::Bytes;
use futures_util::future::join4;
use std::collections::{BTreeMap, HashMap};

/// The rows to write and to delete.
#[derive(Default)]
struct Rows {
    put: (Vec<Bytes>, Vec<Bytes>),
    deleted: Vec<Bytes>,
}

impl Rows {
    fn put(&mut self, key: Bytes, value: Bytes) {
        self.put.0.push(key);
        self.put.1.push(chunk::escape(value));
    }
}

impl View {
    pub(crate) async fn commit(mut self, writes: Writes, durability: Durability) -> Result<Option<Stamp>, Error> {
        if writes.is_empty() {
            // What was read is certain only once the server has agreed.
            return match &mut self.lease {
                None => Ok(None),
                Some(lease) => lease.commit().await.map(|()| None).map_err(failed),
            };
        }
        self.transaction().await?;
        let Some(mut lease) = self.lease.take() else { return Err(Error::Conflict) };
        if durability == Durability::Buffered {
            lease.client().batch_execute("SET LOCAL synchronous_commit = off").await.map_err(failed)?;
        }
        let ordered = !writes.stamped.is_empty();
        let mut touched = clear(&lease, &writes.cleared).await?;
        let mut rows = points(&lease, writes.points).await?;
        let mut stamp = None;
        if ordered {
            let number = next_stamp(&lease, true).await?;
            for (place, write) in (0..=u16::MAX).zip(writes.stamped) {
                rows.put(stamped_key(&write.prefix, number.at(place), &write.suffix), write.value);
            }
            stamp = Some(number);
        }
        let number = finish(&mut lease, &rows, stamp).await?;
        touched.extend(rows.put.0);
        touched.extend(rows.deleted);
        self.shared.hub.changed(&touched);
        self.shared.courier.tell(touched);
        Ok(Some(number))
    }
}

async fn clear(lease: &Lease, ranges: &BTreeMap<Bytes, Bytes>) -> Result<Vec<Bytes>, Error> {
    let mut cleared = Vec::new();
    for (start, end) in ranges {
        let (start, end) = (start.as_ref(), end.as_ref());
        let rows = lease.client().query(&lease.statements().delete_range, &[&start, &end]).await.map_err(failed)?;
        if cleared.len() + rows.len() > CLEARED_KEYS {
            return Err(Error::TransactionTooLarge("it clears more than 100,000 keys"));
        }
        for row in rows {
            cleared.push(bytes(&row, 0)?);
        }
    }
    Ok(cleared)
}

/// Turns additions into what they add up to.
async fn points(lease: &Lease, points: BTreeMap<Bytes, Pending>) -> Result<Rows, Error> {
    let counters: Vec<&[u8]> =
        points.iter().filter(|(_, pending)| matches!(pending, Pending::Add(_))).map(|(key, _)| key.as_ref()).collect();
    let mut values = HashMap::new();
    if !counters.is_empty() {
        let found = lease.client().query(&lease.statements().get_many, &[&counters]).await.map_err(failed)?;
        for row in found {
            values.insert(bytes(&row, 0)?, bytes(&row, 1)?);
        }
    }
    let mut rows = Rows::default();
    for (key, pending) in points {
        match pending {
            Pending::Put(value) => rows.put(key, value),
            Pending::Delete => rows.deleted.push(key),
            Pending::Add(delta) => {
                let value = match values.remove(&key).map(chunk::decode).transpose()? {
                    None => 0,
                    Some(Stored::Whole(value)) => integer(&value)?,
                    Some(Stored::Head(_)) => return Err(Error::NotAnInteger),
                };
                rows.put(key, encode(value.wrapping_add(delta)));
            }
        }
    }
    Ok(rows)
}

/// Takes the number of this commit. `ordered`: no other ordered one is taken until this commit is visible, so that
/// who has seen a stamped key will not find one with a lower stamp later.
async fn next_stamp(lease: &Lease, ordered: bool) -> Result<Stamp, Error> {
    let statements = lease.statements();
    let row = match ordered {
        true => lease.client().query_one(&statements.ordered_stamp, &[&super::connection::STAMP_LOCK]).await,
        false => lease.client().query_one(&statements.stamp, &[]).await,
    };
    let number: i64 = row.and_then(|row| row.try_get(0)).map_err(failed)?;
    Ok(Stamp::of_commit(number.cast_unsigned()))
}

fn slices(all: &[Bytes]) -> Vec<&[u8]> {
    all.iter().map(AsRef::as_ref).collect()
}

/// Writes and commits, in one exchange with the server: if a statement fails, the commit after it does nothing.
async fn finish(lease: &mut Lease, rows: &Rows, stamp: Option<Stamp>) -> Result<Stamp, Error> {
    let (client, statements) = (lease.client(), lease.statements());
    let put = async {
        match rows.put.0.is_empty() {
            true => Ok(0),
            false => client.execute(&statements.put, &[&slices(&rows.put.0), &slices(&rows.put.1)]).await,
        }
    };
    let delete = async {
        match rows.deleted.is_empty() {
            true => Ok(0),
            false => client.execute(&statements.delete, &[&slices(&rows.deleted)]).await,
        }
    };
    let number = async {
        match stamp {
            Some(stamp) => Ok(stamp),
            None => next_stamp(lease, false).await,
        }
    };
    let (put, delete, number, commit) = join4(put, delete, number, client.batch_execute("COMMIT")).await;
    put.map_err(failed)?;
    delete.map_err(failed)?;
    let number = number?;
    match commit {
        Ok(()) => {
            lease.ended();
            Ok(number)
        }
        Err(error) if error.code().is_some() => Err(failed(error)),
        Err(error) => Err(Error::CommitUnknown(super::words(&error))),
    }
}
