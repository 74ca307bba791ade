//! Shapes of shapes.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#operations>

use geo::{Buffer, ConvexHull, MultiPoint, Point, Polygon, Simplify};

use super::super::List;
use super::{array, pair, value};
use crate::error::{Result, SqlError};
use crate::geometry::part::{Parts, boundary, bounds, coords, envelope, nothing};
use crate::geometry::{self, Shape, is_empty, measure, no_point, overlay, solid};
use crate::value::Value;

/// A function of two shapes.
type Two = fn(&Shape, &Shape) -> Shape;

pub(super) fn register(list: &mut List) {
    list.plain("st_intersection", "(geometry, geometry) -> geometry", |args| two(args, overlay::intersection));
    list.plain("st_difference", "(geometry, geometry) -> geometry", |args| two(args, overlay::difference));
    list.plain("st_symdifference", "(geometry, geometry) -> geometry", |args| two(args, overlay::symmetric_difference));
    list.plain("st_union", "(geometry, geometry) -> geometry", |args| {
        two(args, |one, other| overlay::union([one, other]))
    });
    list.plain("geometry_union", "(array(geometry)) -> geometry", |args| {
        let there = args[0].as_array()?.iter().filter(|one| !one.is_null());
        let shapes: Vec<Shape> = there.map(geometry::shape).collect::<Result<_>>()?;
        Ok(if shapes.is_empty() { Value::Null } else { geometry::value(&overlay::union(&shapes)) })
    });
    list.plain("st_boundary", "(geometry) -> geometry", |args| value(&boundary(&geometry::shape(&args[0])?)));
    list.plain("st_envelope", "(geometry) -> geometry", |args| value(&envelope(&geometry::shape(&args[0])?)));
    list.plain("st_envelopeaspts", "(geometry) -> array(geometry)", |args| {
        let corners = bounds(&geometry::shape(&args[0])?).map(|bounds| [bounds.min(), bounds.max()]);
        Ok(corners.map_or(Value::Null, |corners| array(corners.map(|corner| Shape::Point(Point(corner))))))
    });
    list.plain("st_buffer", "(geometry, double) -> geometry", buffer);
    list.plain("st_convexhull", "(geometry) -> geometry", |args| value(&convex_hull(&geometry::shape(&args[0])?)));
    list.plain("st_centroid", "(geometry) -> geometry", |args| {
        use geo::Centroid as _;
        let centre = solid(geometry::shape(&args[0])?).centroid();
        value(&centre.map_or_else(no_point, Shape::Point))
    });
    list.plain("simplify_geometry", "(geometry, double) -> geometry", simplify);
    list.plain("geometry_nearest_points", "(geometry, geometry) -> array(geometry)", |args| {
        let (one, other) = pair(args)?;
        let points = measure::nearest(&one, &other);
        Ok(points.map_or(Value::Null, |(from, to)| array([Shape::Point(from), Shape::Point(to)])))
    });
}

fn two(args: &[Value], run: Two) -> Result<Value> {
    let (one, other) = pair(args)?;
    value(&run(&one, &other))
}

/// All that is at most so far away. Circles have corners: which ones is not what it is in Trino.
fn buffer(args: &[Value]) -> Result<Value> {
    let (shape, distance) = (geometry::shape(&args[0])?, args[1].as_f64()?);
    if distance.is_nan() {
        return Err(SqlError::argument("distance is NaN"));
    }
    if distance < 0.0 {
        return Err(SqlError::argument("distance is negative"));
    }
    if distance == 0.0 {
        return Ok(args[0].clone());
    }
    if is_empty(&shape) {
        return Ok(Value::Null);
    }
    if !distance.is_finite() {
        return Err(SqlError::argument("distance is infinite"));
    }
    let polygons = solid(shape).buffer(distance).0;
    value(&Parts { polygons, ..Parts::default() }.shape())
}

/// The smallest shape without dents around a shape.
pub(crate) fn convex_hull(shape: &Shape) -> Shape {
    let coords = coords(shape);
    let hull = MultiPoint::from(coords.clone()).convex_hull();
    let mut corners = hull.exterior().0.clone();
    corners.dedup();
    corners.pop();
    match corners.as_slice() {
        [] => coords.first().map_or_else(nothing, |at| Shape::Point(Point(*at))),
        [one] => Shape::Point(Point(*one)),
        [one, other] if one == other => Shape::Point(Point(*one)),
        [_, _] => Shape::LineString(corners.into()),
        _ => Shape::Polygon(Polygon::new(hull.exterior().clone(), Vec::new())),
    }
}

/// Without points that are so near to what is left.
fn simplify(args: &[Value]) -> Result<Value> {
    let (shape, distance) = (geometry::shape(&args[0])?, args[1].as_f64()?);
    if distance.is_nan() {
        return Err(SqlError::argument("distanceTolerance is NaN"));
    }
    if distance < 0.0 {
        return Err(SqlError::argument("distanceTolerance is negative"));
    }
    let mut parts = Parts::of(&shape);
    parts.lines = parts.lines.iter().map(|line| line.simplify(distance)).collect();
    parts.polygons = parts.polygons.iter().map(|polygon| polygon.simplify(distance)).collect();
    if is_empty(&shape) || matches!(shape, Shape::GeometryCollection(_)) {
        return Ok(args[0].clone());
    }
    value(&parts.shape())
}
