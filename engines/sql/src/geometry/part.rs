//! What a shape is made of: its points, lines and polygons, its boundary, its envelope.

use geo::{
    BoundingRect, Coord, CoordsIter, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon, Rect,
};

use super::{Shape, is_empty};

/// A shape taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) points: Vec<Point<f64>>,
    pub(crate) lines: Vec<LineString<f64>>,
    pub(crate) polygons: Vec<Polygon<f64>>,
}

impl Parts {
    /// What a shape is made of.
    pub(crate) fn of(shape: &Shape) -> Self {
        let mut parts = Self::default();
        parts.add(shape);
        parts
    }

    fn add(&mut self, shape: &Shape) {
        match shape {
            Shape::Point(point) => self.points.extend(Some(*point).filter(|point| !point.x().is_nan())),
            Shape::LineString(line) => self.lines.extend(Some(line.clone()).filter(|line| !line.0.is_empty())),
            Shape::Polygon(polygon) => {
                self.polygons.extend(Some(polygon.clone()).filter(|polygon| !polygon.exterior().0.is_empty()));
            }
            Shape::MultiPoint(all) => self.points.extend(all.0.iter().filter(|point| !point.x().is_nan())),
            Shape::MultiLineString(all) => self.lines.extend(all.0.iter().filter(|line| !line.0.is_empty()).cloned()),
            Shape::MultiPolygon(all) => {
                self.polygons.extend(all.0.iter().filter(|polygon| !polygon.exterior().0.is_empty()).cloned());
            }
            Shape::GeometryCollection(all) => all.0.iter().for_each(|one| self.add(one)),
            Shape::Line(line) => self.lines.push((*line).into()),
            Shape::Rect(rect) => self.polygons.push(rect.to_polygon()),
            Shape::Triangle(triangle) => self.polygons.push(triangle.to_polygon()),
        }
    }

    /// The simplest shape that is made of them.
    pub(crate) fn shape(mut self) -> Shape {
        match (self.points.len(), self.lines.len(), self.polygons.len()) {
            (1, 0, 0) => self.points.pop().map_or_else(super::no_point, Shape::Point),
            (0, 1, 0) => Shape::LineString(self.lines.pop().unwrap_or_else(|| LineString::new(Vec::new()))),
            (0, 0, 1) => self.polygons.pop().map_or_else(nothing, Shape::Polygon),
            (_, 0, 0) if !self.points.is_empty() => Shape::MultiPoint(MultiPoint::new(self.points)),
            (0, _, 0) if !self.lines.is_empty() => Shape::MultiLineString(MultiLineString::new(self.lines)),
            (0, 0, _) if !self.polygons.is_empty() => Shape::MultiPolygon(MultiPolygon::new(self.polygons)),
            _ => {
                let points = self.points.into_iter().map(Shape::Point);
                let lines = self.lines.into_iter().map(Shape::LineString);
                let polygons = self.polygons.into_iter().map(Shape::Polygon);
                Shape::GeometryCollection(GeometryCollection::new_from(points.chain(lines).chain(polygons).collect()))
            }
        }
    }
}

/// A collection of nothing.
pub(crate) fn nothing() -> Shape {
    Shape::GeometryCollection(GeometryCollection::new_from(Vec::new()))
}

/// The shapes that a collection has; another shape has itself.
pub(crate) fn members(shape: &Shape) -> Vec<Shape> {
    match shape {
        Shape::MultiPoint(all) => all.0.iter().copied().map(Shape::Point).collect(),
        Shape::MultiLineString(all) => all.0.iter().cloned().map(Shape::LineString).collect(),
        Shape::MultiPolygon(all) => all.0.iter().cloned().map(Shape::Polygon).collect(),
        Shape::GeometryCollection(all) => all.0.clone(),
        one if is_empty(one) => Vec::new(),
        one => vec![one.clone()],
    }
}

/// The points of a shape, in order.
pub(crate) fn coords(shape: &Shape) -> Vec<Coord<f64>> {
    shape.coords_iter().filter(|coord| !coord.x.is_nan()).collect()
}

/// The rectangle around a shape.
pub(crate) fn bounds(shape: &Shape) -> Option<Rect<f64>> {
    MultiPoint::from(coords(shape)).bounding_rect()
}

/// The rectangle around a shape, as a polygon.
pub(crate) fn envelope(shape: &Shape) -> Shape {
    let Some(bounds) = bounds(shape) else {
        return Shape::Polygon(Polygon::new(LineString::new(Vec::new()), Vec::new()));
    };
    let (min, max) = (bounds.min(), bounds.max());
    let ring = vec![(min.x, min.y), (min.x, max.y), (max.x, max.y), (max.x, min.y), (min.x, min.y)];
    Shape::Polygon(Polygon::new(ring.into(), Vec::new()))
}

/// Where a shape ends: lines at their ends, unless an even number of them meet there; polygons at their rings.
pub(crate) fn boundary(shape: &Shape) -> Shape {
    let parts = Parts::of(shape);
    if !parts.polygons.is_empty() {
        let rings = |polygon: &Polygon<f64>| {
            let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
            all.cloned().collect::<Vec<_>>()
        };
        let lines = parts.polygons.iter().flat_map(rings).collect();
        return Parts { lines, ..Parts::default() }.shape();
    }
    if parts.lines.is_empty() {
        return nothing();
    }
    let ends = parts.lines.iter().flat_map(|line| [line.0.first(), line.0.last()]).flatten();
    let mut counted: Vec<(Coord<f64>, usize)> = Vec::new();
    for end in ends {
        match counted.iter_mut().find(|(at, _)| at == end) {
            Some((_, count)) => *count += 1,
            None => counted.push((*end, 1)),
        }
    }
    let odd = counted.into_iter().filter(|(_, count)| count % 2 == 1);
    Shape::MultiPoint(MultiPoint::new(odd.map(|(at, _)| Point(at)).collect()))
}
