//! Well-known text: <https://en.wikipedia.org/wiki/Well-known_text_representation_of_geometry>

use std::fmt::Write as _;

use geo::{Coord, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{DEEPEST, Shape, no_point};
use crate::error::{Result, SqlError};

/// A shape as text.
pub(crate) fn write(shape: &Shape) -> String {
    let mut out = String::new();
    put(&mut out, shape);
    out
}

fn put(out: &mut String, shape: &Shape) {
    match shape {
        Shape::Point(point) => put_tagged(out, "POINT", !point.x().is_nan(), |out| put_coord(out, point.0)),
        Shape::LineString(line) => put_tagged(out, "LINESTRING", !line.0.is_empty(), |out| put_coords(out, &line.0)),
        Shape::Polygon(polygon) => {
            put_tagged(out, "POLYGON", !polygon.exterior().0.is_empty(), |out| put_rings(out, polygon));
        }
        Shape::MultiPoint(points) => put_tagged(out, "MULTIPOINT", !points.0.is_empty(), |out| {
            put_list(out, &points.0, |out, point| put_group(out, |out| put_coord(out, point.0)));
        }),
        Shape::MultiLineString(lines) => put_tagged(out, "MULTILINESTRING", !lines.0.is_empty(), |out| {
            put_list(out, &lines.0, |out, line| put_group(out, |out| put_coords(out, &line.0)));
        }),
        Shape::MultiPolygon(polygons) => put_tagged(out, "MULTIPOLYGON", !polygons.0.is_empty(), |out| {
            put_list(out, &polygons.0, |out, polygon| put_group(out, |out| put_rings(out, polygon)));
        }),
        Shape::GeometryCollection(all) => {
            put_tagged(out, "GEOMETRYCOLLECTION", !all.0.is_empty(), |out| put_list(out, &all.0, put));
        }
        Shape::Line(line) => put(out, &Shape::LineString((*line).into())),
        Shape::Rect(rect) => put(out, &Shape::Polygon(rect.to_polygon())),
        Shape::Triangle(triangle) => put(out, &Shape::Polygon(triangle.to_polygon())),
    }
}

fn put_tagged(out: &mut String, tag: &str, full: bool, inner: impl FnOnce(&mut String)) {
    out.push_str(tag);
    out.push(' ');
    if full { put_group(out, inner) } else { out.push_str("EMPTY") }
}

fn put_group(out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push('(');
    inner(out);
    out.push(')');
}

fn put_list<T>(out: &mut String, all: &[T], each: impl Fn(&mut String, &T)) {
    for (n, one) in all.iter().enumerate() {
        out.push_str(if n > 0 { ", " } else { "" });
        each(out, one);
    }
}

fn put_coord(out: &mut String, coord: Coord<f64>) {
    // Writing to a String does not fail. Zero has no sign.
    let _ = write!(out, "{} {}", coord.x + 0.0, coord.y + 0.0);
}

fn put_coords(out: &mut String, coords: &[Coord<f64>]) {
    put_list(out, coords, |out, coord| put_coord(out, *coord));
}

fn put_rings(out: &mut String, polygon: &Polygon<f64>) {
    let rings: Vec<&LineString<f64>> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    put_list(out, &rings, |out, ring| put_group(out, |out| put_coords(out, &ring.0)));
}

/// Reads text.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn read(text: &str) -> Result<Shape> {
    let mut reader = Reader { rest: text };
    match reader.shape(0) {
        Some(shape) if reader.rest.trim().is_empty() => Ok(shape),
        // UNVERIFIED: the end of the message, which is the parser's own in Trino.
        _ => Err(SqlError::argument(format!("Invalid WKT: {text}"))),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn word(&mut self) -> String {
        let rest = self.rest.trim_start();
        let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        word.to_ascii_uppercase()
    }

    fn eat(&mut self, what: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(what)?;
        Some(())
    }

    fn is_empty(&mut self) -> bool {
        let rest = self.rest.trim_start();
        match rest.get(..5) {
            Some(word) if word.eq_ignore_ascii_case("EMPTY") => {
                self.rest = rest.get(5..).unwrap_or_default();
                true
            }
            _ => false,
        }
    }

    fn shape(&mut self, depth: usize) -> Option<Shape> {
        if depth > DEEPEST {
            return None;
        }
        let tag = self.word();
        let empty = self.is_empty();
        Some(match tag.as_str() {
            "POINT" if empty => no_point(),
            "POINT" => Shape::Point(self.group(Self::point)?),
            "LINESTRING" if empty => Shape::LineString(LineString::new(Vec::new())),
            "LINESTRING" => Shape::LineString(self.line()?),
            "POLYGON" if empty => Shape::Polygon(Polygon::new(LineString::new(Vec::new()), Vec::new())),
            "POLYGON" => Shape::Polygon(self.polygon()?),
            "MULTIPOINT" if empty => Shape::MultiPoint(MultiPoint::new(Vec::new())),
            "MULTIPOINT" => Shape::MultiPoint(MultiPoint::new(self.list(Self::loose_point)?)),
            "MULTILINESTRING" if empty => Shape::MultiLineString(MultiLineString::new(Vec::new())),
            "MULTILINESTRING" => Shape::MultiLineString(MultiLineString::new(self.list(Self::line)?)),
            "MULTIPOLYGON" if empty => Shape::MultiPolygon(MultiPolygon::new(Vec::new())),
            "MULTIPOLYGON" => Shape::MultiPolygon(MultiPolygon::new(self.list(Self::polygon)?)),
            "GEOMETRYCOLLECTION" if empty => Shape::GeometryCollection(GeometryCollection::new_from(Vec::new())),
            "GEOMETRYCOLLECTION" => {
                let all = self.list(|reader| reader.shape(depth + 1))?;
                Shape::GeometryCollection(GeometryCollection::new_from(all))
            }
            _ => return None,
        })
    }

    fn group<T>(&mut self, inner: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.eat('(')?;
        let found = inner(self)?;
        self.eat(')')?;
        Some(found)
    }

    fn list<T>(&mut self, each: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.group(|reader| {
            let mut all = vec![each(reader)?];
            while reader.eat(',').is_some() {
                all.push(each(reader)?);
            }
            Some(all)
        })
    }

    fn number(&mut self) -> Option<f64> {
        let rest = self.rest.trim_start();
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "+-.".contains(letter)));
        let (number, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = rest;
        number.parse().ok().filter(|number: &f64| number.is_finite())
    }

    fn point(&mut self) -> Option<Point<f64>> {
        Some(Point::new(self.number()?, self.number()?))
    }

    /// A point of several, which need no parentheses of its own.
    fn loose_point(&mut self) -> Option<Point<f64>> {
        if self.rest.trim_start().starts_with('(') { self.group(Self::point) } else { self.point() }
    }

    fn line(&mut self) -> Option<LineString<f64>> {
        let coords = self.list(Self::point)?;
        // A line has two points, or none.
        (coords.len() > 1).then(|| LineString::from(coords))
    }

    fn polygon(&mut self) -> Option<Polygon<f64>> {
        let mut rings = self.list(Self::line)?.into_iter();
        let exterior = rings.next()?;
        let rings: Vec<LineString<f64>> = rings.collect();
        let closed = |ring: &LineString<f64>| ring.0.len() > 3 && ring.is_closed();
        (closed(&exterior) && rings.iter().all(closed)).then(|| Polygon::new(exterior, rings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written() {
        for text in [
            "POINT (1 2.5)",
            "POINT EMPTY",
            "LINESTRING (0 0, 1 1, 1 2)",
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
            "MULTIPOINT ((0 0), (1 2))",
            "MULTILINESTRING ((0 0, 1 1, 1 2), (2 3, 3 2, 5 4))",
            "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((-1 -1, -1 -2, -2 -2, -2 -1, -1 -1)))",
            "GEOMETRYCOLLECTION (POINT (2 3), LINESTRING (2 3, 3 4))",
            "GEOMETRYCOLLECTION EMPTY",
        ] {
            assert_eq!(read(text).map(|shape| write(&shape)).ok().as_deref(), Some(text));
        }
        assert_eq!(
            read("multipoint(0 0,1 2)").map(|shape| write(&shape)).ok().as_deref(),
            Some("MULTIPOINT ((0 0), (1 2))")
        );
        for text in [
            "",
            "POINT",
            "POINT (1)",
            "POINT (1 2",
            "POINT (1 nan)",
            "LINESTRING (1 1)",
            "CIRCLE (1 1)",
            "POINT (1 2) x",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("POLYGON ((0 0, 1 0, 1 1))").is_err(), "a ring is closed");
        assert!(read(&"GEOMETRYCOLLECTION (".repeat(100_000)).is_err());
    }
}
