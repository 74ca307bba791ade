//! Well-known binary: <https://en.wikipedia.org/wiki/Well-known_text_representation_of_geometry#Well-known_binary>

use geo::{Coord, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{DEEPEST, Shape};
use crate::error::{Result, SqlError};

/// A shape as bytes, the smallest of a number first.
pub(crate) fn write(shape: &Shape) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, shape);
    out
}

fn put(out: &mut Vec<u8>, shape: &Shape) {
    match shape {
        Shape::Point(point) => {
            head(out, 1);
            put_coord(out, point.0);
        }
        Shape::LineString(line) => {
            head(out, 2);
            put_line(out, line);
        }
        Shape::Polygon(polygon) => {
            head(out, 3);
            put_polygon(out, polygon);
        }
        Shape::MultiPoint(all) => put_all(out, 4, all.0.iter().map(|one| Shape::Point(*one))),
        Shape::MultiLineString(all) => put_all(out, 5, all.0.iter().map(|one| Shape::LineString(one.clone()))),
        Shape::MultiPolygon(all) => put_all(out, 6, all.0.iter().map(|one| Shape::Polygon(one.clone()))),
        Shape::GeometryCollection(all) => put_all(out, 7, all.0.iter().cloned()),
        Shape::Line(line) => put(out, &Shape::LineString((*line).into())),
        Shape::Rect(rect) => put(out, &Shape::Polygon(rect.to_polygon())),
        Shape::Triangle(triangle) => put(out, &Shape::Polygon(triangle.to_polygon())),
    }
}

fn head(out: &mut Vec<u8>, kind: u32) {
    out.push(1);
    out.extend(kind.to_le_bytes());
}

fn count(out: &mut Vec<u8>, count: usize) {
    // INVARIANT: so many points do not fit into memory.
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_all(out: &mut Vec<u8>, kind: u32, all: impl ExactSizeIterator<Item = Shape>) {
    head(out, kind);
    count(out, all.len());
    all.for_each(|one| put(out, &one));
}

fn put_coord(out: &mut Vec<u8>, coord: Coord<f64>) {
    out.extend(coord.x.to_le_bytes());
    out.extend(coord.y.to_le_bytes());
}

fn put_line(out: &mut Vec<u8>, line: &LineString<f64>) {
    count(out, line.0.len());
    line.0.iter().for_each(|coord| put_coord(out, *coord));
}

fn put_polygon(out: &mut Vec<u8>, polygon: &Polygon<f64>) {
    let exterior = Some(polygon.exterior()).filter(|ring| !ring.0.is_empty());
    count(out, usize::from(exterior.is_some()) + polygon.interiors().len());
    exterior.into_iter().chain(polygon.interiors()).for_each(|ring| put_line(out, ring));
}

/// Reads bytes.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn read(bytes: &[u8]) -> Result<Shape> {
    let mut reader = Reader { rest: bytes };
    match reader.shape(0) {
        Some(shape) if reader.rest.is_empty() => Ok(shape),
        _ => Err(SqlError::argument("Invalid WKB")),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (found, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*found)
    }

    fn number(&mut self, little: bool) -> Option<u32> {
        let bytes = self.take()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn coord(&mut self, little: bool) -> Option<Coord<f64>> {
        let mut one = || {
            let bytes = self.take()?;
            Some(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
        };
        let (x, y) = (one()?, one()?);
        // Both are numbers, or neither is: the point is empty.
        ((x.is_finite() && y.is_finite()) || (x.is_nan() && y.is_nan())).then_some(Coord { x, y })
    }

    /// So many of what takes at least `size` bytes each.
    fn many<T>(&mut self, little: bool, size: usize, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = usize::try_from(self.number(little)?).ok()?;
        if count.checked_mul(size)? > self.rest.len() {
            return None;
        }
        (0..count).map(|_| each(self)).collect()
    }

    fn line(&mut self, little: bool) -> Option<LineString<f64>> {
        let coords = self.many(little, 16, |reader| reader.coord(little).filter(|coord| !coord.x.is_nan()))?;
        (coords.len() != 1).then(|| LineString::new(coords))
    }

    fn polygon(&mut self, little: bool) -> Option<Polygon<f64>> {
        let mut rings = self.many(little, 4, |reader| reader.line(little))?.into_iter();
        let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        let rings: Vec<LineString<f64>> = rings.collect();
        let closed = |ring: &LineString<f64>| ring.0.is_empty() || (ring.0.len() > 3 && ring.is_closed());
        (closed(&exterior) && rings.iter().all(closed)).then(|| Polygon::new(exterior, rings))
    }

    fn shape(&mut self, depth: usize) -> Option<Shape> {
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        if depth > DEEPEST {
            return None;
        }
        let kind = self.number(little)?;
        if (1..=3).contains(&kind) {
            return Some(match kind {
                1 => Shape::Point(Point(self.coord(little)?)),
                2 => Shape::LineString(self.line(little)?),
                _ => Shape::Polygon(self.polygon(little)?),
            });
        }
        let parts = self.many(little, 9, |reader| reader.shape(depth + 1))?;
        Some(match kind {
            4 => Shape::MultiPoint(MultiPoint::new(all(parts)?)),
            5 => Shape::MultiLineString(MultiLineString::new(all(parts)?)),
            6 => Shape::MultiPolygon(MultiPolygon::new(all(parts)?)),
            7 => Shape::GeometryCollection(GeometryCollection::new_from(parts)),
            _ => return None,
        })
    }
}

fn all<T: TryFrom<Shape>>(parts: Vec<Shape>) -> Option<Vec<T>> {
    parts.into_iter().map(|part| T::try_from(part).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::text;

    #[test]
    fn bytes_are_read_and_written() {
        for text in [
            "POINT (1 2.5)",
            "POINT EMPTY",
            "LINESTRING EMPTY",
            "POLYGON EMPTY",
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
            "MULTIPOINT ((0 0), (1 2))",
            "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((-1 -1, -1 -2, -2 -2, -2 -1, -1 -1)))",
            "GEOMETRYCOLLECTION (POINT (2 3), GEOMETRYCOLLECTION (LINESTRING (2 3, 3 4)))",
        ] {
            let bytes = write(&text::read(text).expect("text"));
            assert_eq!(read(&bytes).map(|shape| text::write(&shape)).ok().as_deref(), Some(text));
            for end in 0..bytes.len() {
                assert!(read(&bytes[..end]).is_err(), "{text} up to {end}");
            }
        }
        let big = hex::decode("00000000013ff00000000000004000000000000000").expect("hex");
        assert_eq!(read(&big).map(|shape| text::write(&shape)).ok().as_deref(), Some("POINT (1 2)"));
        assert!(read(&hex::decode("0104000000ffffffff").expect("hex")).is_err());
    }
}
