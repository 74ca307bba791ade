//! What there is to know of a shape.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#accessors>

use geo::{HasDimensions, LineString, Point, Validation};

use super::super::List;
use super::{array, count, number, pair, value};
use crate::error::{Result, SqlError};
use crate::geometry::part::{bounds, coords, members};
use crate::geometry::{self, Kind, Shape, demand, is_empty, measure, solid, sphere};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    measures(list);
    coordinates(list);
    counts(list);
    rings(list);
    lines(list);
    tests(list);
}

fn measures(list: &mut List) {
    list.plain("st_area", "(geometry) -> double", |args| number(Some(measure::area(&geometry::shape(&args[0])?))));
    list.plain("st_area", "(sphericalgeography) -> double", |args| {
        let shape = geometry::shape(&args[0])?;
        number(if is_empty(&shape) { None } else { Some(sphere::area(&shape)?) })
    });
    list.plain("st_length", "(geometry) -> double", |args| number(Some(measure::length(&geometry::shape(&args[0])?)?)));
    list.plain("st_length", "(sphericalgeography) -> double", |args| {
        let shape = geometry::shape(&args[0])?;
        number(if is_empty(&shape) { None } else { Some(sphere::length(&shape)?) })
    });
    list.plain("st_distance", "(geometry, geometry) -> double", |args| {
        let (one, other) = pair(args)?;
        number(measure::distance(&one, &other))
    });
    list.plain("st_distance", "(sphericalgeography, sphericalgeography) -> double", |args| {
        let (one, other) = pair(args)?;
        number(sphere::distance(&one, &other)?)
    });
}

fn coordinates(list: &mut List) {
    list.plain("st_x", "(geometry) -> double", |args| {
        Ok(point("ST_X", &args[0])?.map_or(Value::Null, |point| Value::Double(point.x())))
    });
    list.plain("st_y", "(geometry) -> double", |args| {
        Ok(point("ST_Y", &args[0])?.map_or(Value::Null, |point| Value::Double(point.y())))
    });
    list.plain("st_xmax", "(geometry) -> double", |args| {
        number(bounds(&geometry::shape(&args[0])?).map(|it| it.max().x))
    });
    list.plain("st_ymax", "(geometry) -> double", |args| {
        number(bounds(&geometry::shape(&args[0])?).map(|it| it.max().y))
    });
    list.plain("st_xmin", "(geometry) -> double", |args| {
        number(bounds(&geometry::shape(&args[0])?).map(|it| it.min().x))
    });
    list.plain("st_ymin", "(geometry) -> double", |args| {
        number(bounds(&geometry::shape(&args[0])?).map(|it| it.min().y))
    });
    list.plain("st_coorddim", "(geometry) -> tinyint", |args| geometry::shape(&args[0]).map(|_| Value::Integer(2)));
    list.plain("st_dimension", "(geometry) -> tinyint", |args| {
        Ok(Value::Integer(dimension(&geometry::shape(&args[0])?)))
    });
    list.plain("st_geometrytype", "(geometry) -> varchar", |args| {
        Ok(Value::text(Kind::of(&geometry::shape(&args[0])?).type_name()))
    });
}

/// The point that an argument is; none if it is empty.
fn point(function: &str, value: &Value) -> Result<Option<Point<f64>>> {
    let shape = geometry::shape(value)?;
    demand(function, &shape, &[Kind::Point])?;
    Ok(coords(&shape).first().copied().map(Point))
}

fn dimension(shape: &Shape) -> i64 {
    match Kind::of(shape) {
        Kind::Point | Kind::MultiPoint => 0,
        Kind::LineString | Kind::MultiLineString => 1,
        Kind::Polygon | Kind::MultiPolygon => 2,
        Kind::Collection => members(shape).iter().map(dimension).max().unwrap_or(-1),
    }
}

fn counts(list: &mut List) {
    list.plain("st_numgeometries", "(geometry) -> integer", |args| count(members(&geometry::shape(&args[0])?).len()));
    list.plain("st_geometries", "(geometry) -> array(geometry)", |args| {
        let shape = geometry::shape(&args[0])?;
        Ok(if is_empty(&shape) { Value::Null } else { array(members(&shape)) })
    });
    list.plain("st_geometryn", "(geometry, integer) -> geometry", |args| {
        nth(members(&geometry::shape(&args[0])?), &args[1])
    });
    list.plain("st_numpoints", "(geometry) -> bigint", |args| count(number_of_points(&geometry::shape(&args[0])?)));
    list.plain("st_points", "(geometry) -> array(geometry)", |args| {
        let shape = geometry::shape(&args[0])?;
        let points = coords(&shape).into_iter().map(|at| Shape::Point(Point(at)));
        Ok(if is_empty(&shape) { Value::Null } else { array(points) })
    });
}

/// The end of a ring is its beginning, and counts once.
fn number_of_points(shape: &Shape) -> usize {
    let ring = |line: &LineString<f64>| line.0.len().saturating_sub(1);
    match shape {
        Shape::Polygon(polygon) => ring(polygon.exterior()) + polygon.interiors().iter().map(ring).sum::<usize>(),
        Shape::MultiPolygon(_) | Shape::GeometryCollection(_) => members(shape).iter().map(number_of_points).sum(),
        other => coords(other).len(),
    }
}

/// The one of this number, the first being 1; NULL if there is none.
fn nth(mut all: Vec<Shape>, wanted: &Value) -> Result<Value> {
    let place = usize::try_from(wanted.as_int()? - 1).ok().filter(|place| *place < all.len());
    place.map_or(Ok(Value::Null), |place| value(&all.swap_remove(place)))
}

fn rings(list: &mut List) {
    list.plain("st_exteriorring", "(geometry) -> geometry", |args| {
        let shape = geometry::shape(&args[0])?;
        demand("ST_ExteriorRing", &shape, &[Kind::Polygon])?;
        match shape {
            Shape::Polygon(polygon) if !polygon.exterior().0.is_empty() => {
                value(&Shape::LineString(polygon.exterior().clone()))
            }
            _ => Ok(Value::Null),
        }
    });
    list.plain("st_interiorrings", "(geometry) -> array(geometry)", |args| {
        let shape = geometry::shape(&args[0])?;
        let rings = holes("ST_InteriorRings", &shape)?;
        Ok(if is_empty(&shape) { Value::Null } else { array(rings) })
    });
    list.plain("st_interiorringn", "(geometry, integer) -> geometry", |args| {
        nth(holes("ST_InteriorRingN", &geometry::shape(&args[0])?)?, &args[1])
    });
    list.plain("st_numinteriorring", "(geometry) -> bigint", |args| {
        let shape = geometry::shape(&args[0])?;
        let rings = holes("ST_NumInteriorRing", &shape)?;
        if is_empty(&shape) { Ok(Value::Null) } else { count(rings.len()) }
    });
}

fn holes(function: &str, shape: &Shape) -> Result<Vec<Shape>> {
    demand(function, shape, &[Kind::Polygon])?;
    Ok(match shape {
        Shape::Polygon(polygon) => polygon.interiors().iter().cloned().map(Shape::LineString).collect(),
        _ => Vec::new(),
    })
}

fn lines(list: &mut List) {
    list.plain("st_pointn", "(geometry, integer) -> geometry", |args| {
        let points = line("ST_PointN", &args[0])?;
        nth(points.0.into_iter().map(|at| Shape::Point(Point(at))).collect(), &args[1])
    });
    list.plain("st_startpoint", "(geometry) -> geometry", |args| {
        let first = line("ST_StartPoint", &args[0])?.0.first().copied();
        Ok(first.map_or(Value::Null, |at| geometry::value(&Shape::Point(Point(at)))))
    });
    list.plain("st_endpoint", "(geometry) -> geometry", |args| {
        let last = line("ST_EndPoint", &args[0])?.0.last().copied();
        Ok(last.map_or(Value::Null, |at| geometry::value(&Shape::Point(Point(at)))))
    });
    list.plain("line_locate_point", "(geometry, geometry) -> double", |args| {
        let (line, point) = pair(args)?;
        number(measure::locate(&line, &point)?)
    });
    list.plain("line_interpolate_point", "(geometry, double) -> geometry", |args| {
        let at = measure::interpolate(&geometry::shape(&args[0])?, args[1].as_f64()?)?;
        Ok(at.map_or(Value::Null, |at| geometry::value(&Shape::Point(at))))
    });
    list.plain("line_interpolate_points", "(geometry, double) -> array(geometry)", |args| {
        let (line, step) = (geometry::shape(&args[0])?, args[1].as_f64()?);
        if is_empty(&line) {
            return Ok(Value::Null);
        }
        let mut points = Vec::new();
        for share in shares(step)? {
            points.extend(measure::interpolate(&line, share)?.map(Shape::Point));
        }
        Ok(array(points))
    });
}

/// The multiples of a share up to 1.
fn shares(step: f64) -> Result<Vec<f64>> {
    /// Points of one call at most.
    const MOST: f64 = 1e6;
    if !(0.0..=1.0).contains(&step) {
        return Err(SqlError::argument(format!("fraction must be between 0 and 1, but is {step}")));
    }
    if step == 0.0 {
        return Ok(vec![0.0]);
    }
    let whole = (1.0 / step + 1e-9).floor();
    if whole > MOST {
        return Err(SqlError::argument(format!("fraction is too small: {step}")));
    }
    Ok((1..=whole as u64).map(|n| (n as f64 * step).min(1.0)).collect())
}

/// The line that an argument is.
fn line(function: &str, value: &Value) -> Result<LineString<f64>> {
    let shape = geometry::shape(value)?;
    demand(function, &shape, &[Kind::LineString])?;
    Ok(match shape {
        Shape::LineString(line) => line,
        _ => LineString::new(Vec::new()),
    })
}

fn tests(list: &mut List) {
    list.plain("st_isempty", "(geometry) -> boolean", |args| Ok(Value::Boolean(is_empty(&geometry::shape(&args[0])?))));
    list.plain("st_issimple", "(geometry) -> boolean", |args| {
        Ok(Value::Boolean(measure::is_simple(&geometry::shape(&args[0])?)))
    });
    list.plain("st_isvalid", "(geometry) -> boolean", |args| {
        Ok(Value::Boolean(fault(&geometry::shape(&args[0])?).is_none()))
    });
    // UNVERIFIED: the wordings, which are the library's own in Trino as well.
    list.plain("geometry_invalid_reason", "(geometry) -> varchar", |args| {
        let shape = geometry::shape(&args[0])?;
        let simple = || (!measure::is_simple(&shape)).then(|| "Geometry is not simple".to_owned());
        Ok(fault(&shape).or_else(simple).map_or(Value::Null, Value::text))
    });
    list.plain("st_isclosed", "(geometry) -> boolean", |args| {
        let shape = geometry::shape(&args[0])?;
        demand("ST_IsClosed", &shape, &[Kind::LineString, Kind::MultiLineString])?;
        let closed = |one: &Shape| matches!(one, Shape::LineString(line) if !line.0.is_empty() && line.is_closed());
        Ok(Value::Boolean(members(&shape).iter().all(closed)))
    });
    list.plain("st_isring", "(geometry) -> boolean", |args| {
        let shape = geometry::shape(&args[0])?;
        let line = line("ST_IsRing", &args[0])?;
        Ok(Value::Boolean(!line.is_empty() && line.is_closed() && measure::is_simple(&shape)))
    });
}

/// What is wrong with a shape. Lines may cross themselves.
fn fault(shape: &Shape) -> Option<String> {
    solid(shape.clone()).check_validation().err().map(|fault| fault.to_string())
}
