//! Lengths, distances, areas and places along lines on a plane.

use geo::line_measures::metric_spaces::Euclidean;
use geo::{
    Area, ClosestPoint, Coord, Distance, Intersects, Line, LineIntersection, LineString, Point, line_intersection,
};

use super::part::{Parts, coords};
use super::{Kind, Shape, demand, is_empty, solid};
use crate::error::{Result, SqlError};

/// The area of the polygons of a shape.
pub(crate) fn area(shape: &Shape) -> f64 {
    // The sum of nothing has a sign otherwise.
    Parts::of(shape).polygons.iter().map(Area::unsigned_area).fold(0.0, |all, one| all + one)
}

/// The length of lines.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: other shapes.
pub(crate) fn length(shape: &Shape) -> Result<f64> {
    demand("ST_Length", shape, &[Kind::LineString, Kind::MultiLineString])?;
    Ok(Parts::of(shape).lines.iter().map(line_length).fold(0.0, |all, one| all + one))
}

fn line_length(line: &LineString<f64>) -> f64 {
    line.lines().map(segment_length).sum()
}

fn segment_length(line: Line<f64>) -> f64 {
    (line.end.x - line.start.x).hypot(line.end.y - line.start.y)
}

/// The shortest way between two shapes; none if one is empty.
pub(crate) fn distance(from: &Shape, to: &Shape) -> Option<f64> {
    if is_empty(from) || is_empty(to) {
        return None;
    }
    let (from, to) = (solid(from.clone()), solid(to.clone()));
    Some(if from.intersects(&to) { 0.0 } else { Euclidean.distance(&from, &to) })
}

/// The points of two shapes that are nearest to each other; none if one is empty.
pub(crate) fn nearest(from: &Shape, to: &Shape) -> Option<(Point<f64>, Point<f64>)> {
    let (from, to) = (solid(from.clone()), solid(to.clone()));
    let mut best: Option<(f64, Point<f64>, Point<f64>)> = None;
    let mut keep = |from: Point<f64>, to: Point<f64>| {
        let far = segment_length(Line::new(from.0, to.0));
        if best.is_none_or(|(before, _, _)| far < before) {
            best = Some((far, from, to));
        }
    };
    for at in coords(&from).into_iter().map(Point) {
        if let Some(other) = closest(&to, at) {
            keep(at, other);
        }
    }
    for at in coords(&to).into_iter().map(Point) {
        if let Some(other) = closest(&from, at) {
            keep(other, at);
        }
    }
    // Lines may cross away from their points.
    for at in crossings(&from, &to) {
        keep(Point(at), Point(at));
    }
    best.map(|(_, from, to)| (from, to))
}

fn closest(shape: &Shape, to: Point<f64>) -> Option<Point<f64>> {
    match shape.closest_point(&to) {
        geo::Closest::Intersection(at) | geo::Closest::SinglePoint(at) => Some(at),
        geo::Closest::Indeterminate => None,
    }
}

fn segments(shape: &Shape) -> Vec<Line<f64>> {
    let parts = Parts::of(shape);
    let rings =
        parts.polygons.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    rings.chain(&parts.lines).flat_map(LineString::lines).collect()
}

fn crossings(one: &Shape, other: &Shape) -> Vec<Coord<f64>> {
    let others = segments(other);
    let mut all = Vec::new();
    for line in segments(one) {
        for against in &others {
            match line_intersection::line_intersection(line, *against) {
                Some(LineIntersection::SinglePoint { intersection, .. }) => all.push(intersection),
                Some(LineIntersection::Collinear { intersection }) => all.push(intersection.start),
                None => {}
            }
        }
    }
    all
}

/// At which share of a line's length it is nearest to a point; none if the line is empty.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: other shapes.
pub(crate) fn locate(line: &Shape, point: &Shape) -> Result<Option<f64>> {
    demand("line_locate_point", line, &[Kind::LineString, Kind::MultiLineString])?;
    demand("line_locate_point", point, &[Kind::Point])?;
    let segments = segments(line);
    let (Some(point), total) = (coords(point).first().copied(), segments.iter().copied().map(segment_length).sum())
    else {
        return Ok(None);
    };
    if segments.is_empty() {
        return Ok(None);
    }
    let (mut walked, mut best) = (0.0, (f64::INFINITY, 0.0));
    for segment in segments {
        let (length, share) = (segment_length(segment), share_of(segment, point));
        let at = along(segment, share);
        let far = segment_length(Line::new(at, point));
        if far < best.0 {
            best = (far, walked + length * share);
        }
        walked += length;
    }
    let total: f64 = total;
    Ok(Some(if total == 0.0 { 0.0 } else { best.1 / total }))
}

/// At which share of a segment it is nearest to a point.
fn share_of(segment: Line<f64>, point: Coord<f64>) -> f64 {
    let (delta, square) = (segment.delta(), segment.delta().x.powi(2) + segment.delta().y.powi(2));
    if square == 0.0 {
        return 0.0;
    }
    let to = point - segment.start;
    ((to.x * delta.x + to.y * delta.y) / square).clamp(0.0, 1.0)
}

fn along(segment: Line<f64>, share: f64) -> Coord<f64> {
    segment.start + segment.delta() * share
}

/// The point at a share of a line's length; none if the line is empty.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: other shapes and shares.
pub(crate) fn interpolate(line: &Shape, share: f64) -> Result<Option<Point<f64>>> {
    demand("line_interpolate_point", line, &[Kind::LineString])?;
    if !(0.0..=1.0).contains(&share) {
        let message = format!("fraction must be between 0 and 1, but is {share}");
        return Err(SqlError::argument(message));
    }
    let segments = segments(line);
    let mut left: f64 = segments.iter().copied().map(segment_length).sum::<f64>() * share;
    for segment in &segments {
        let length = segment_length(*segment);
        if left <= length {
            let share = if length == 0.0 { 0.0 } else { left / length };
            return Ok(Some(Point(along(*segment, share))));
        }
        left -= length;
    }
    Ok(segments.last().map(|last| Point(last.end)))
}

/// Whether no line of a shape meets itself but at its ends, and no point is there twice.
pub(crate) fn is_simple(shape: &Shape) -> bool {
    let parts = Parts::of(shape);
    let twice =
        parts.points.iter().enumerate().any(|(n, point)| parts.points.iter().skip(n + 1).any(|one| one == point));
    !twice && parts.lines.iter().all(is_simple_line)
}

fn is_simple_line(line: &LineString<f64>) -> bool {
    let segments: Vec<Line<f64>> = line.lines().filter(|line| line.start != line.end).collect();
    let last = segments.len().saturating_sub(1);
    for (n, one) in segments.iter().enumerate() {
        for (m, other) in segments.iter().enumerate().skip(n + 1) {
            let meets = match line_intersection::line_intersection(*one, *other) {
                None => continue,
                Some(LineIntersection::SinglePoint { intersection, .. }) => intersection,
                Some(LineIntersection::Collinear { .. }) => return false,
            };
            let neighbours = m == n + 1 && meets == one.end;
            let ring = n == 0 && m == last && meets == one.start && meets == other.end;
            if !neighbours && !ring {
                return false;
            }
        }
    }
    true
}
