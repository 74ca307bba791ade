//! What two shapes have in common, and what one has that the other has not.
//!
//! Polygons are cut by `geo`; lines and points here, part by part.
// UNVERIFIED: in which order AWS answers parts and points; and that lines of a union are not cut where they cross.

use geo::{BooleanOps, Coord, Intersects, Line, LineIntersection, LineString, MultiLineString, MultiPolygon, Point};
use geo::{line_intersection, unary_union};

use super::Shape;
use super::part::Parts;

fn polygons(parts: &Parts) -> MultiPolygon<f64> {
    MultiPolygon::new(parts.polygons.clone())
}

fn lines(parts: &Parts) -> MultiLineString<f64> {
    MultiLineString::new(parts.lines.clone())
}

fn has_point(parts: &Parts, point: &Point<f64>) -> bool {
    parts.points.contains(point)
        || parts.lines.iter().any(|line| line.intersects(point))
        || parts.polygons.iter().any(|polygon| polygon.intersects(point))
}

/// What both shapes have.
pub(crate) fn intersection(one: &Shape, other: &Shape) -> Shape {
    let (one, other) = (Parts::of(one), Parts::of(other));
    let mut common = Parts { polygons: polygons(&one).intersection(&polygons(&other)).0, ..Parts::default() };
    let inside = polygons(&other).clip(&lines(&one), false).0;
    common.lines.extend(inside.into_iter().chain(polygons(&one).clip(&lines(&other), false).0));
    let (mine, theirs) = (edges(&one), edges(&other));
    let mut met = meetings(&mine, &theirs);
    common.lines.append(&mut met.lines);
    let points = one.points.iter().filter(|point| has_point(&other, point));
    let points = points.chain(other.points.iter().filter(|point| has_point(&one, point)));
    met.points.extend(points);
    tidy(common, met.points)
}

/// Lines and points that are not in what is there already.
fn tidy(mut common: Parts, points: Vec<Point<f64>>) -> Shape {
    let area = polygons(&common);
    let mut kept: Vec<LineString<f64>> = Vec::new();
    for line in std::mem::take(&mut common.lines) {
        let outside = match area.0.is_empty() {
            true => vec![line],
            false => area.clip(&MultiLineString::new(vec![line]), true).0,
        };
        for line in outside {
            let new = kept
                .iter()
                .fold(vec![line], |left, before| left.iter().flat_map(|line| without(line, before)).collect());
            kept.extend(new.into_iter().filter(|line| line.0.len() > 1 && length(line) > 0.0));
        }
    }
    common.lines = joined(kept);
    // Edges of the area are in it, though cutting may leave them.
    common.lines.retain(|line| !area.0.iter().any(|polygon| on_ring(polygon, line)));
    for point in points {
        if !has_point(&common, &point) {
            common.points.push(point);
        }
    }
    common.shape()
}

fn on_ring(polygon: &geo::Polygon<f64>, line: &LineString<f64>) -> bool {
    let middle = |line: Line<f64>| Point((line.start + line.end) / 2.0);
    line.lines().all(|line| polygon.intersects(&middle(line)))
}

fn length(line: &LineString<f64>) -> f64 {
    line.lines().map(|line| (line.end.x - line.start.x).hypot(line.end.y - line.start.y)).sum()
}

/// The segments of lines and of rings.
fn edges(parts: &Parts) -> Vec<Line<f64>> {
    let rings =
        parts.polygons.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    rings.chain(&parts.lines).flat_map(LineString::lines).collect()
}

/// Where segments meet.
fn meetings(mine: &[Line<f64>], theirs: &[Line<f64>]) -> Parts {
    let mut met = Parts::default();
    for one in mine {
        for other in theirs {
            match line_intersection::line_intersection(*one, *other) {
                Some(LineIntersection::SinglePoint { intersection, .. }) => met.points.push(Point(intersection)),
                Some(LineIntersection::Collinear { intersection }) if intersection.start == intersection.end => {
                    met.points.push(Point(intersection.start));
                }
                Some(LineIntersection::Collinear { intersection }) => met.lines.push(along(intersection, *one).into()),
                None => {}
            }
        }
    }
    met
}

/// A piece of a segment in the segment's direction.
fn along(piece: Line<f64>, segment: Line<f64>) -> Line<f64> {
    let (piece_delta, delta) = (piece.delta(), segment.delta());
    let back = piece_delta.x * delta.x + piece_delta.y * delta.y < 0.0;
    if back { Line::new(piece.end, piece.start) } else { piece }
}

/// What is left of a line when what it shares with another one is taken away.
fn without(line: &LineString<f64>, other: &LineString<f64>) -> Vec<LineString<f64>> {
    let mut left: Vec<LineString<f64>> = Vec::new();
    let mut open: Vec<Coord<f64>> = Vec::new();
    for segment in line.lines() {
        for piece in pieces(segment, other) {
            if open.last() != Some(&piece.start) {
                if open.len() > 1 {
                    left.push(LineString::new(std::mem::take(&mut open)));
                }
                open = vec![piece.start];
            }
            open.push(piece.end);
        }
    }
    if open.len() > 1 {
        left.push(LineString::new(open));
    }
    left
}

/// The pieces of a segment that another line does not cover, in order.
fn pieces(segment: Line<f64>, other: &LineString<f64>) -> Vec<Line<f64>> {
    let delta = segment.delta();
    let square = delta.x.powi(2) + delta.y.powi(2);
    let share = |at: Coord<f64>| {
        let to = at - segment.start;
        if square == 0.0 { 0.0 } else { (to.x * delta.x + to.y * delta.y) / square }
    };
    let mut covered: Vec<(f64, f64, Line<f64>)> = Vec::new();
    for against in other.lines() {
        if let Some(LineIntersection::Collinear { intersection }) =
            line_intersection::line_intersection(segment, against)
        {
            let (a, b) = (share(intersection.start), share(intersection.end));
            covered.push((a.min(b), a.max(b), along(intersection, segment)));
        }
    }
    covered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut from, mut at, mut left) = (segment.start, 0.0, Vec::new());
    for (start, end, line) in covered {
        if start > at {
            left.push(Line::new(from, line.start));
        }
        if end > at {
            (from, at) = (line.end, end);
        }
    }
    if at < 1.0 {
        left.push(Line::new(from, segment.end));
    }
    left
}

/// Lines of which one begins where another one ends, as one.
fn joined(mut lines: Vec<LineString<f64>>) -> Vec<LineString<f64>> {
    let mut done: Vec<LineString<f64>> = Vec::new();
    while !lines.is_empty() {
        let mut line = lines.remove(0);
        loop {
            let (first, last) = (line.0.first().copied(), line.0.last().copied());
            if first == last {
                break;
            }
            if let Some(next) = lines.iter().position(|one| one.0.first().copied() == last) {
                line.0.extend(lines.remove(next).0.into_iter().skip(1));
            } else if let Some(before) = lines.iter().position(|one| one.0.last().copied() == first) {
                let mut whole = lines.remove(before);
                whole.0.extend(line.0.into_iter().skip(1));
                line = whole;
            } else {
                break;
            }
        }
        done.push(line);
    }
    done
}

/// What the first shape has and the second one has not.
pub(crate) fn difference(one: &Shape, other: &Shape) -> Shape {
    taken(&Parts::of(one), &Parts::of(other)).shape()
}

fn taken(one: &Parts, other: &Parts) -> Parts {
    let polygons_left = match other.polygons.is_empty() {
        true => one.polygons.clone(),
        false => polygons(one).difference(&polygons(other)).0,
    };
    let mut left = Parts { polygons: polygons_left, ..Parts::default() };
    let outside = match other.polygons.is_empty() || one.lines.is_empty() {
        true => one.lines.clone(),
        false => polygons(other).clip(&lines(one), true).0,
    };
    for line in outside {
        let rest = other
            .lines
            .iter()
            .fold(vec![line], |left, other| left.iter().flat_map(|line| without(line, other)).collect());
        left.lines.extend(rest);
    }
    left.points = one.points.iter().filter(|point| !has_point(other, point)).copied().collect();
    left
}

/// What one of both shapes has and the other one has not.
pub(crate) fn symmetric_difference(one: &Shape, other: &Shape) -> Shape {
    let (one, other) = (Parts::of(one), Parts::of(other));
    let (mut mine, theirs) = (taken(&one, &other), taken(&other, &one));
    mine.polygons = polygons(&mine).union(&polygons(&theirs)).0;
    mine.lines.extend(theirs.lines);
    mine.points.extend(theirs.points);
    mine.shape()
}

/// What any of the shapes has.
pub(crate) fn union<'a>(shapes: impl IntoIterator<Item = &'a Shape>) -> Shape {
    let mut all = Parts::default();
    for parts in shapes.into_iter().map(Parts::of) {
        all.points.extend(parts.points);
        all.lines.extend(parts.lines);
        all.polygons.extend(parts.polygons);
    }
    let area = Parts { polygons: unary_union(&all.polygons).0, ..Parts::default() };
    let mut whole = area.clone();
    for line in all.lines {
        let there = Parts { polygons: area.polygons.clone(), lines: whole.lines.clone(), points: Vec::new() };
        whole.lines.extend(taken(&Parts { lines: vec![line], ..Parts::default() }, &there).lines);
    }
    for point in all.points {
        if !has_point(&whole, &point) {
            whole.points.push(point);
        }
    }
    whole.shape()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::text;

    fn shape(text: &str) -> Shape {
        text::read(text).expect("a shape")
    }

    #[test]
    fn lines_share_pieces_and_points() {
        let line = shape("LINESTRING (0 0, 4 0)");
        for (other, common, left) in [
            ("LINESTRING (1 0, 2 0)", "LINESTRING (1 0, 2 0)", "MULTILINESTRING ((0 0, 1 0), (2 0, 4 0))"),
            ("LINESTRING (2 0, 1 0)", "LINESTRING (1 0, 2 0)", "MULTILINESTRING ((0 0, 1 0), (2 0, 4 0))"),
            ("LINESTRING (1 -1, 1 1)", "POINT (1 0)", "LINESTRING (0 0, 4 0)"),
            ("LINESTRING (0 1, 4 1)", "GEOMETRYCOLLECTION EMPTY", "LINESTRING (0 0, 4 0)"),
            ("POINT (3 0)", "POINT (3 0)", "LINESTRING (0 0, 4 0)"),
            (
                "POLYGON ((1 -1, 2 -1, 2 1, 1 1, 1 -1))",
                "LINESTRING (1 0, 2 0)",
                "MULTILINESTRING ((0 0, 1 0), (2 0, 4 0))",
            ),
        ] {
            assert_eq!(text::write(&intersection(&line, &shape(other))), common, "{other}");
            assert_eq!(text::write(&difference(&line, &shape(other))), left, "{other}");
        }
    }

    #[test]
    fn polygons_that_touch_share_an_edge_or_a_point() {
        let square = shape("POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))");
        let beside = shape("POLYGON ((1 0, 2 0, 2 1, 1 1, 1 0))");
        let corner = shape("POLYGON ((1 1, 2 1, 2 2, 1 2, 1 1))");
        assert_eq!(text::write(&intersection(&square, &corner)), "POINT (1 1)");
        assert!(matches!(intersection(&square, &beside), Shape::LineString(_)));
        assert_eq!(super::super::measure::area(&union([&square, &beside, &corner])), 3.0);
    }
}
