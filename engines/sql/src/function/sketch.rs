//! Sketches: summaries of values, which are merged, kept as bytes, and asked for what they are about.
//!
//! <https://trino.io/docs/current/functions/hyperloglog.html>,
//! <https://trino.io/docs/current/functions/setdigest.html>,
//! <https://trino.io/docs/current/functions/qdigest.html>,
//! <https://trino.io/docs/current/functions/tdigest.html>
//!
//! UNVERIFIED: the bytes of a sketch are of our own form: what Trino stored is not read.

pub(crate) mod hyper_log_log;
pub(crate) mod quantile;
pub(crate) mod set_digest;

use super::hash::murmur3;
use super::{List, Types};
use crate::error::{Result, SqlError};
use crate::types::{Sketch, Type};
use crate::value::Value;

use hyper_log_log::HyperLogLog;
use quantile::Quantiles;
use set_digest::SetDigest;

pub(super) fn register(list: &mut List) {
    for of in ["HyperLogLog", "P4HyperLogLog"] {
        list.plain("cardinality", &format!("({of}) -> bigint"), |args| {
            Ok(Value::Integer(HyperLogLog::read(args[0].as_bytes()?)?.cardinality()))
        });
    }
    list.plain("empty_approx_set", "() -> HyperLogLog", |_| Ok(HyperLogLog::default().write()));
    list.plain("cardinality", "(setdigest) -> bigint", |args| {
        Ok(Value::Integer(SetDigest::read(args[0].as_bytes()?)?.cardinality()))
    });
    list.plain("intersection_cardinality", "(setdigest, setdigest) -> bigint", |args| {
        let (a, b) = (SetDigest::read(args[0].as_bytes()?)?, SetDigest::read(args[1].as_bytes()?)?);
        Ok(Value::Integer(a.intersection(&b)))
    });
    list.plain("jaccard_index", "(setdigest, setdigest) -> double", |args| {
        let (a, b) = (SetDigest::read(args[0].as_bytes()?)?, SetDigest::read(args[1].as_bytes()?)?);
        Ok(Value::Double(a.jaccard(&b)))
    });
    list.plain("hash_counts", "(setdigest) -> map(bigint, smallint)", |args| {
        Ok(SetDigest::read(args[0].as_bytes()?)?.counts())
    });
    for (sketch, of) in
        [("tdigest", "double"), ("qdigest(bigint)", "bigint"), ("qdigest(double)", "double"), ("qdigest(real)", "real")]
    {
        list.typed("value_at_quantile", &format!("({sketch}, double) -> {of}"), |types, args| {
            let sketch = Quantiles::read(args[0].as_bytes()?)?;
            Ok(number(&types.result, sketch.value_at(share(&args[1])?)))
        });
        list.typed("values_at_quantiles", &format!("({sketch}, array(double)) -> array({of})"), |types, args| {
            let Type::Array(of) = &types.result else { return Err(SqlError::internal("an array")) };
            let sketch = Quantiles::read(args[0].as_bytes()?)?;
            let each = args[1].as_array()?.iter().map(|one| Ok(number(of, sketch.value_at(share(one)?))));
            Ok(Value::Array(each.collect::<Result<_>>()?))
        });
        if sketch != "tdigest" {
            list.plain("quantile_at_value", &format!("({sketch}, {of}) -> double"), |args| {
                let sketch = Quantiles::read(args[0].as_bytes()?)?;
                Ok(sketch.share_below(args[1].as_f64()?).map_or(Value::Null, Value::Double))
            });
        }
    }
}

fn share(value: &Value) -> Result<f64> {
    let share = value.as_f64()?;
    match (0.0..=1.0).contains(&share) {
        true => Ok(share),
        false => {
            Err(SqlError::argument("Quantile should be within bounds [0, 1], was: ".to_owned() + &share.to_string()))
        }
    }
}

/// A number of a type; NULL when there is none.
fn number(of: &Type, value: Option<f64>) -> Value {
    match (of, value) {
        (_, None) => Value::Null,
        (Type::Bigint, Some(value)) => Value::Integer(value as i64),
        (Type::Real, Some(value)) => Value::Real(value as f32),
        (_, Some(value)) => Value::Double(value),
    }
}

/// The hash of a value: of numbers as the documentation shows it, of texts their bytes'.
pub(crate) fn hashed(types: &Types, value: &Value) -> u64 {
    match value {
        Value::Integer(it) => murmur3(&it.to_le_bytes()).0,
        Value::Double(it) => murmur3(&it.to_le_bytes()).0,
        Value::Text(it) => murmur3(it.as_bytes()).0,
        Value::Bytes(it) => murmur3(it).0,
        other => {
            let of = types.args.first().unwrap_or(&Type::Unknown);
            murmur3(super::cast::show(of, other).as_bytes()).0
        }
    }
}

/// Whether bytes are a sketch of this kind.
///
/// # Errors
/// `INVALID_CAST_ARGUMENT` when they are not.
pub(crate) fn check(of: &Sketch, bytes: &[u8]) -> Result<()> {
    let read = match of {
        Sketch::HyperLogLog | Sketch::P4HyperLogLog => HyperLogLog::read(bytes).map(drop),
        Sketch::SetDigest => SetDigest::read(bytes).map(drop),
        Sketch::TDigest | Sketch::QDigest(_) => Quantiles::read(bytes).map(drop),
    };
    read.map_err(|_| {
        SqlError::cast(format!("Cannot cast varbinary to {}: these bytes are none", Type::Sketch(of.clone())))
    })
}

/// Bytes that are no sketch.
fn malformed() -> SqlError {
    SqlError::argument("Cannot deserialize the sketch")
}
