//! Aggregates that make sketches, and that merge them.
//!
//! <https://trino.io/docs/current/functions/aggregate.html#approximate-aggregate-functions>

use super::{List, Row, Skip};
use crate::error::{Result, SqlError};
use crate::function::Types;
use crate::function::sketch::hashed;
use crate::function::sketch::hyper_log_log::HyperLogLog;
use crate::function::sketch::quantile::Quantiles;
use crate::function::sketch::set_digest::SetDigest;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.add("approx_set", "(T) -> HyperLogLog", Skip::Any, |types, rows| {
        let mut sketch = HyperLogLog::default();
        rows.iter().for_each(|row| sketch.add(hashed(types, &row[0])));
        Ok(if rows.is_empty() { Value::Null } else { sketch.write() })
    });
    for of in ["HyperLogLog", "P4HyperLogLog"] {
        list.add("merge", &format!("({of}) -> {of}"), Skip::Any, |_, rows| {
            let mut sketch = HyperLogLog::default();
            for row in rows {
                sketch.merge(&HyperLogLog::read(row[0].as_bytes()?)?);
            }
            Ok(if rows.is_empty() { Value::Null } else { sketch.write() })
        });
    }
    list.add("make_set_digest", "(T) -> setdigest", Skip::Any, |types, rows| {
        let mut digest = SetDigest::default();
        rows.iter().for_each(|row| digest.add(hashed(types, &row[0]) as i64, 1));
        Ok(if rows.is_empty() { Value::Null } else { digest.write() })
    });
    list.add("merge_set_digest", "(setdigest) -> setdigest", Skip::Any, |_, rows| {
        let mut digest = SetDigest::default();
        for row in rows {
            digest.merge(&SetDigest::read(row[0].as_bytes()?)?);
        }
        Ok(if rows.is_empty() { Value::Null } else { digest.write() })
    });
    list.add("tdigest_agg", "(double) -> tdigest", Skip::Any, quantiles);
    list.add("tdigest_agg", "(double, double) -> tdigest", Skip::Any, quantiles);
    list.add("merge", "(tdigest) -> tdigest", Skip::Any, merged);
    for of in ["bigint", "double", "real"] {
        list.add("qdigest_agg", &format!("({of}) -> qdigest({of})"), Skip::Any, quantiles);
        list.add("qdigest_agg", &format!("({of}, bigint) -> qdigest({of})"), Skip::Any, quantiles);
        list.add("qdigest_agg", &format!("({of}, bigint, double) -> qdigest({of})"), Skip::Any, |types, rows| {
            for row in rows {
                let accuracy = row[2].as_f64()?;
                if accuracy <= 0.0 || accuracy >= 1.0 {
                    return Err(SqlError::argument("Percentile accuracy must be exclusively between 0 and 1"));
                }
            }
            quantiles(types, rows)
        });
        list.add("merge", &format!("(qdigest({of})) -> qdigest({of})"), Skip::Any, merged);
    }
}

fn quantiles(_: &Types, rows: &[Row]) -> Result<Value> {
    let pair = |row: &Row| {
        let weight = row.get(1).map_or(Ok(1.0), Value::as_f64)?;
        if weight < 1.0 {
            return Err(SqlError::argument("weight must be >= 1"));
        }
        Ok((row[0].as_f64()?, weight))
    };
    let sketch = Quantiles::of(rows.iter().map(pair).collect::<Result<_>>()?);
    Ok(if rows.is_empty() { Value::Null } else { sketch.write() })
}

fn merged(_: &Types, rows: &[Row]) -> Result<Value> {
    let mut all = Vec::new();
    for row in rows {
        all.extend_from_slice(Quantiles::read(row[0].as_bytes()?)?.values());
    }
    Ok(if rows.is_empty() { Value::Null } else { Quantiles::of(all).write() })
}
