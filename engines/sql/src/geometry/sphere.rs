//! Lengths, distances and areas on the Earth, taken as a sphere.

use geo::{Coord, LineString, Polygon};

use super::{Kind, Shape, demand, is_empty};
use crate::error::{Result, SqlError};

/// In kilometres.
pub(crate) const RADIUS: f64 = 6371.01;

/// In metres.
const METRES: f64 = RADIUS * 1000.0;

/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn check_latitude(latitude: f64) -> Result<()> {
    match (-90.0..=90.0).contains(&latitude) {
        true => Ok(()),
        false => Err(SqlError::argument("Latitude must be between -90 and 90")),
    }
}

/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn check_longitude(longitude: f64) -> Result<()> {
    match (-180.0..=180.0).contains(&longitude) {
        true => Ok(()),
        false => Err(SqlError::argument("Longitude must be between -180 and 180")),
    }
}

/// The angle between two places in degrees, in radians: by the form that is exact for places close together and opposite
/// each other alike.
///
/// <https://en.wikipedia.org/wiki/Great-circle_distance#Computational_formulae>
pub(crate) fn angle(from: Coord<f64>, to: Coord<f64>) -> f64 {
    let turn = (from.x - to.x).to_radians();
    let (from, to) = (from.y.to_radians(), to.y.to_radians());
    let across = to.cos() * turn.sin();
    let along = from.cos() * to.sin() - from.sin() * to.cos() * turn.cos();
    let ahead = from.sin() * to.sin() + from.cos() * to.cos() * turn.cos();
    across.hypot(along).atan2(ahead)
}

/// Whether every place of a shape is on the Earth.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn check(shape: &Shape) -> Result<()> {
    use geo::CoordsIter as _;
    for coord in shape.coords_iter().filter(|coord| !coord.x.is_nan()) {
        check_latitude(coord.y)?;
        check_longitude(coord.x)?;
    }
    Ok(())
}

/// Metres between two points.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: other shapes.
pub(crate) fn distance(from: &Shape, to: &Shape) -> Result<Option<f64>> {
    demand("ST_Distance", from, &[Kind::Point])?;
    demand("ST_Distance", to, &[Kind::Point])?;
    match (from, to) {
        (Shape::Point(from), Shape::Point(to)) if !is_empty(&(*from).into()) && !is_empty(&(*to).into()) => {
            Ok(Some(angle(from.0, to.0) * METRES))
        }
        _ => Ok(None),
    }
}

/// Metres along lines.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: other shapes.
pub(crate) fn length(shape: &Shape) -> Result<f64> {
    demand("ST_Length", shape, &[Kind::LineString, Kind::MultiLineString])?;
    let of = |line: &LineString<f64>| line.lines().map(|line| angle(line.start, line.end)).sum::<f64>() * METRES;
    Ok(match shape {
        Shape::LineString(line) => of(line),
        Shape::MultiLineString(all) => all.0.iter().map(of).sum(),
        _ => 0.0,
    })
}

/// Square metres of polygons.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: other shapes.
pub(crate) fn area(shape: &Shape) -> Result<f64> {
    demand("ST_Area", shape, &[Kind::Polygon, Kind::MultiPolygon])?;
    Ok(match shape {
        Shape::Polygon(polygon) => of_polygon(polygon),
        Shape::MultiPolygon(all) => all.0.iter().map(of_polygon).sum(),
        _ => 0.0,
    })
}

fn of_polygon(polygon: &Polygon<f64>) -> f64 {
    let holes: f64 = polygon.interiors().iter().map(excess).sum();
    (excess(polygon.exterior()) - holes) * METRES * METRES
}

/// By how much the angles of a ring exceed those of a flat one: the sum of what its edges and the equator enclose.
///
/// <https://en.wikipedia.org/wiki/Spherical_trigonometry#Area_and_spherical_excess>
fn excess(ring: &LineString<f64>) -> f64 {
    let of_edge = |line: geo::Line<f64>| {
        let turn = ((line.end.x - line.start.x).to_radians() / 2.0).tan();
        let (from, to) = ((line.start.y.to_radians() / 2.0).tan(), (line.end.y.to_radians() / 2.0).tan());
        2.0 * (turn * (from + to)).atan2(1.0 + from * to)
    };
    ring.lines().map(of_edge).sum::<f64>().abs()
}
