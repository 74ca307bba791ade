//! Shapes on a plane and on the Earth. Values are kept as well-known binary.
//!
//! <https://trino.io/docs/current/functions/geospatial.html>
//!
//! A point that is empty has coordinates that are no numbers, as it has in well-known binary.

pub(crate) mod binary;
pub(crate) mod geojson;
pub(crate) mod measure;
pub(crate) mod overlay;
pub(crate) mod part;
pub(crate) mod polyline;
pub(crate) mod sphere;
pub(crate) mod text;
pub(crate) mod tile;

use geo::{CoordsIter, Geometry, GeometryCollection, Point};

use crate::error::{Result, SqlError};
use crate::value::Value;

/// A shape.
pub(crate) type Shape = Geometry<f64>;

/// Deepest nesting of collections.
const DEEPEST: usize = 32;

/// How far from the middle a point may be, so that squares of distances are numbers.
const FARTHEST: f64 = 1e100;

/// The shape that a value is.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`: a point is too far away to compute with.
pub(crate) fn shape(value: &Value) -> Result<Shape> {
    let shape = binary::read(value.as_bytes()?)?;
    if shape.coords_iter().any(|coord| coord.x.abs() > FARTHEST || coord.y.abs() > FARTHEST) {
        return Err(SqlError::argument("The coordinates of a geometry are too large"));
    }
    Ok(shape)
}

/// A shape as a value.
pub(crate) fn value(shape: &Shape) -> Value {
    Value::bytes(binary::write(shape))
}

/// The point that is nowhere.
pub(crate) fn no_point() -> Shape {
    Shape::Point(Point::new(f64::NAN, f64::NAN))
}

/// Whether there is no point in it.
pub(crate) fn is_empty(shape: &Shape) -> bool {
    shape.coords_iter().all(|coord| coord.x.is_nan())
}

/// The shape without points that are nowhere and members that are empty, which no algorithm knows.
pub(crate) fn solid(shape: Shape) -> Shape {
    match shape {
        Shape::Point(point) if point.x().is_nan() => {
            Shape::GeometryCollection(GeometryCollection::new_from(Vec::new()))
        }
        Shape::GeometryCollection(all) => {
            let all = all.0.into_iter().map(solid).filter(|one| !is_empty(one));
            Shape::GeometryCollection(GeometryCollection::new_from(all.collect()))
        }
        other => other,
    }
}

/// What a shape is, as messages and well-known text name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    Collection,
}

impl Kind {
    /// What a shape is. Lines, rectangles and triangles are not kept as such.
    pub(crate) fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Point(_) => Self::Point,
            Shape::LineString(_) | Shape::Line(_) => Self::LineString,
            Shape::Polygon(_) | Shape::Rect(_) | Shape::Triangle(_) => Self::Polygon,
            Shape::MultiPoint(_) => Self::MultiPoint,
            Shape::MultiLineString(_) => Self::MultiLineString,
            Shape::MultiPolygon(_) => Self::MultiPolygon,
            Shape::GeometryCollection(_) => Self::Collection,
        }
    }

    /// As error messages name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Point => "POINT",
            Self::LineString => "LINE_STRING",
            Self::Polygon => "POLYGON",
            Self::MultiPoint => "MULTI_POINT",
            Self::MultiLineString => "MULTI_LINE_STRING",
            Self::MultiPolygon => "MULTI_POLYGON",
            Self::Collection => "GEOMETRY_COLLECTION",
        }
    }

    /// As `ST_GeometryType` names it.
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Point => "ST_Point",
            Self::LineString => "ST_LineString",
            Self::Polygon => "ST_Polygon",
            Self::MultiPoint => "ST_MultiPoint",
            Self::MultiLineString => "ST_MultiLineString",
            Self::MultiPolygon => "ST_MultiPolygon",
            Self::Collection => "ST_GeomCollection",
        }
    }
}

/// Refuses shapes that a function has no answer for.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`, in Trino's words.
pub(crate) fn demand(function: &str, shape: &Shape, kinds: &[Kind]) -> Result<()> {
    let kind = Kind::of(shape);
    if kinds.contains(&kind) {
        return Ok(());
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let (names, kind) = (names.join(" or "), kind.name());
    Err(SqlError::argument(format!("{function} only applies to {names}. Input type is: {kind}")))
}
