//! Functions of shapes on a plane and on the Earth.
//!
//! <https://trino.io/docs/current/functions/geospatial.html>

mod accessor;
mod constructor;
mod operation;
mod relation;
mod tile;

use geo::Coord;

pub(crate) use operation::convex_hull;

use super::List;
use crate::error::Result;
use crate::geometry::{self, Shape, sphere};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    constructor::register(list);
    relation::register(list);
    operation::register(list);
    accessor::register(list);
    tile::register(list);
    list.plain("great_circle_distance", "(double, double, double, double) -> double", |args| {
        let (from, to) = (place(&args[0], &args[1])?, place(&args[2], &args[3])?);
        Ok(Value::Double(sphere::angle(from, to) * sphere::RADIUS))
    });
}

/// A place by its latitude and its longitude.
fn place(latitude: &Value, longitude: &Value) -> Result<Coord<f64>> {
    let (latitude, longitude) = (latitude.as_f64()?, longitude.as_f64()?);
    sphere::check_latitude(latitude)?;
    sphere::check_longitude(longitude)?;
    Ok(Coord { x: longitude, y: latitude })
}

/// Two shapes.
fn pair(args: &[Value]) -> Result<(Shape, Shape)> {
    Ok((geometry::shape(&args[0])?, geometry::shape(&args[1])?))
}

/// A shape that is there.
fn value(shape: &Shape) -> Result<Value> {
    Ok(geometry::value(shape))
}

/// A number, or NULL.
fn number(number: Option<f64>) -> Result<Value> {
    Ok(number.map_or(Value::Null, Value::Double))
}

/// A count.
fn count(count: usize) -> Result<Value> {
    Ok(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// Shapes as an array.
fn array(shapes: impl IntoIterator<Item = Shape>) -> Value {
    Value::array(shapes.into_iter().map(|shape| geometry::value(&shape)).collect())
}
