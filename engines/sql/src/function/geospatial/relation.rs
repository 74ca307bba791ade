//! How two shapes lie to each other.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#relationship-tests>

use geo::relate::IntersectionMatrix;
use geo::{Intersects, Relate};

use super::super::List;
use super::pair;
use crate::error::{Result, SqlError};
use crate::geometry::solid;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    for (name, run) in TESTS {
        list.plain(name, "(geometry, geometry) -> boolean", *run);
    }
    list.plain("st_relate", "(geometry, geometry, varchar) -> boolean", |args| {
        let pattern = args[2].as_str()?;
        let matches = matrix(args)?.matches(pattern);
        let fault = |_| SqlError::argument(format!("Invalid DE-9IM pattern: {pattern}"));
        matches.map(Value::Boolean).map_err(fault)
    });
}

type Test = fn(&[Value]) -> Result<Value>;

const TESTS: &[(&str, Test)] = &[
    ("st_contains", |args| told(args, IntersectionMatrix::is_contains)),
    ("st_crosses", |args| told(args, IntersectionMatrix::is_crosses)),
    ("st_equals", |args| told(args, IntersectionMatrix::is_equal_topo)),
    ("st_overlaps", |args| told(args, IntersectionMatrix::is_overlaps)),
    ("st_touches", |args| told(args, IntersectionMatrix::is_touches)),
    ("st_within", |args| told(args, IntersectionMatrix::is_within)),
    ("st_intersects", |args| intersects(args).map(Value::Boolean)),
    ("st_disjoint", |args| intersects(args).map(|meet| Value::Boolean(!meet))),
];

fn matrix(args: &[Value]) -> Result<IntersectionMatrix> {
    let (one, other) = pair(args)?;
    Ok(solid(one).relate(&solid(other)))
}

fn told(args: &[Value], test: fn(&IntersectionMatrix) -> bool) -> Result<Value> {
    matrix(args).map(|matrix| Value::Boolean(test(&matrix)))
}

/// Quicker than the whole matrix.
fn intersects(args: &[Value]) -> Result<bool> {
    let (one, other) = pair(args)?;
    Ok(solid(one).intersects(&solid(other)))
}
