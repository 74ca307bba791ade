//! Distances on the Earth.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#great_circle_distance>

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

/// In kilometres.
const RADIUS: f64 = 6371.01;

pub(super) fn register(list: &mut List) {
    list.plain("great_circle_distance", "(double, double, double, double) -> double", |args| {
        let (from, to) = (place(args[0].as_f64()?, args[1].as_f64()?)?, place(args[2].as_f64()?, args[3].as_f64()?)?);
        Ok(Value::Double(distance(from, to)))
    });
}

/// Latitude and longitude in radians.
fn place(latitude: f64, longitude: f64) -> Result<(f64, f64)> {
    if !(-90.0..=90.0).contains(&latitude) {
        return Err(SqlError::argument("Latitude must be between -90 and 90"));
    }
    if !(-180.0..=180.0).contains(&longitude) {
        return Err(SqlError::argument("Longitude must be between -180 and 180"));
    }
    Ok((latitude.to_radians(), longitude.to_radians()))
}

/// By the form that is exact for places close together and opposite each other alike.
///
/// <https://en.wikipedia.org/wiki/Great-circle_distance#Computational_formulae>
fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let turn = from.1 - to.1;
    let across = to.0.cos() * turn.sin();
    let along = from.0.cos() * to.0.sin() - from.0.sin() * to.0.cos() * turn.cos();
    let ahead = from.0.sin() * to.0.sin() + from.0.cos() * to.0.cos() * turn.cos();
    across.hypot(along).atan2(ahead) * RADIUS
}
