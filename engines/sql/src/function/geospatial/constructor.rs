//! Making shapes of text, bytes and numbers, and the other way.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#constructors>

use geo::{CoordsIter as _, LineString, MultiPoint, Point};

use super::super::List;
use super::value;
use crate::error::{Result, SqlError};
use crate::geometry::{self, Kind, Shape, binary, demand, geojson, is_empty, polyline, sphere, text};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("st_point", "(double, double) -> geometry", |args| {
        let (x, y) = (args[0].as_f64()?, args[1].as_f64()?);
        match x.is_finite() && y.is_finite() {
            true => value(&Shape::Point(Point::new(x, y))),
            false => Err(SqlError::argument("Point coordinates must be finite")),
        }
    });
    list.plain("st_geometryfromtext", "(varchar) -> geometry", |args| value(&text::read(args[0].as_str()?)?));
    list.plain("st_linefromtext", "(varchar) -> geometry", |args| {
        let shape = text::read(args[0].as_str()?)?;
        demand("ST_LineFromText", &shape, &[Kind::LineString])?;
        value(&shape)
    });
    list.plain("st_polygon", "(varchar) -> geometry", |args| {
        let shape = text::read(args[0].as_str()?)?;
        demand("ST_Polygon", &shape, &[Kind::Polygon])?;
        value(&shape)
    });
    list.plain("st_geomfrombinary", "(varbinary) -> geometry", |args| value(&binary::read(args[0].as_bytes()?)?));
    list.plain("st_asbinary", "(geometry) -> varbinary", |args| {
        Ok(Value::bytes(binary::write(&geometry::shape(&args[0])?)))
    });
    list.plain("st_astext", "(geometry) -> varchar", |args| Ok(Value::text(text::write(&geometry::shape(&args[0])?))));
    list.plain("st_linestring", "(array(geometry)) -> geometry", |args| {
        let points = points("ST_LineString", &args[0])?;
        if points.windows(2).any(|two| two[0] == two[1]) {
            let message = "consecutive duplicate points";
            return Err(SqlError::argument(format!("Invalid input to ST_LineString: {message}")));
        }
        let coords = if points.len() < 2 { Vec::new() } else { points.into_iter().map(|point| point.0).collect() };
        value(&Shape::LineString(LineString::new(coords)))
    });
    list.plain("st_multipoint", "(array(geometry)) -> geometry", |args| {
        let points = points("ST_MultiPoint", &args[0])?;
        Ok(if points.is_empty() { Value::Null } else { geometry::value(&Shape::MultiPoint(MultiPoint::new(points))) })
    });
    list.plain("to_spherical_geography", "(geometry) -> sphericalgeography", |args| {
        sphere::check(&geometry::shape(&args[0])?)?;
        Ok(args[0].clone())
    });
    list.plain("to_geometry", "(sphericalgeography) -> geometry", |args| Ok(args[0].clone()));
    list.plain("to_geojson_geometry", "(sphericalgeography) -> varchar", |args| {
        Ok(Value::text(geojson::write(&geometry::shape(&args[0])?)))
    });
    list.plain("from_geojson_geometry", "(varchar) -> sphericalgeography", |args| {
        let shape = geojson::read(args[0].as_str()?)?;
        sphere::check(&shape)?;
        value(&shape)
    });
    list.plain("to_encoded_polyline", "(geometry) -> varchar", |args| {
        let shape = geometry::shape(&args[0])?;
        demand("to_encoded_polyline", &shape, &[Kind::LineString, Kind::MultiPoint])?;
        Ok(Value::text(polyline::write(shape.coords_iter())))
    });
    list.plain("from_encoded_polyline", "(varchar) -> geometry", |args| {
        value(&Shape::LineString(polyline::read(args[0].as_str()?)?))
    });
}

/// The points of an array of shapes.
// UNVERIFIED: the wording.
fn points(function: &str, array: &Value) -> Result<Vec<Point<f64>>> {
    let point = |one: &Value| {
        let fault = |what: &str| SqlError::argument(format!("Invalid input to {function}: {what}"));
        if one.is_null() {
            return Err(fault("null point"));
        }
        match geometry::shape(one)? {
            Shape::Point(point) if !is_empty(&point.into()) => Ok(point),
            Shape::Point(_) => Err(fault("empty point")),
            other => Err(fault(&format!("geometry is not a point: {}", Kind::of(&other).name()))),
        }
    };
    array.as_array()?.iter().map(point).collect()
}
