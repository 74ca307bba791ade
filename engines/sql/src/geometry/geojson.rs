//! GeoJSON: <https://www.rfc-editor.org/rfc/rfc7946#section-3.1>

use geo::{Coord, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::{Value as Json, json};

use super::{DEEPEST, Shape};
use crate::error::{Result, SqlError};

/// A shape as JSON.
pub(crate) fn write(shape: &Shape) -> String {
    to_json(shape).to_string()
}

fn to_json(shape: &Shape) -> Json {
    let of = |kind: &str, coordinates: Json| json!({"type": kind, "coordinates": coordinates});
    match shape {
        Shape::Point(point) if point.x().is_nan() => of("Point", json!([])),
        Shape::Point(point) => of("Point", coord(point.0)),
        Shape::LineString(line) => of("LineString", coords(line)),
        Shape::Polygon(polygon) => of("Polygon", rings(polygon)),
        Shape::MultiPoint(all) => of("MultiPoint", all.0.iter().map(|point| coord(point.0)).collect()),
        Shape::MultiLineString(all) => of("MultiLineString", all.0.iter().map(coords).collect()),
        Shape::MultiPolygon(all) => of("MultiPolygon", all.0.iter().map(rings).collect()),
        Shape::GeometryCollection(all) => {
            json!({"type": "GeometryCollection", "geometries": all.0.iter().map(to_json).collect::<Vec<_>>()})
        }
        Shape::Line(line) => to_json(&Shape::LineString((*line).into())),
        Shape::Rect(rect) => to_json(&Shape::Polygon(rect.to_polygon())),
        Shape::Triangle(triangle) => to_json(&Shape::Polygon(triangle.to_polygon())),
    }
}

fn coord(coord: Coord<f64>) -> Json {
    let number = |number: f64| {
        let whole = number.fract() == 0.0 && number.abs() < 9e15;
        if whole { json!(number as i64) } else { json!(number) }
    };
    json!([number(coord.x), number(coord.y)])
}

fn coords(line: &LineString<f64>) -> Json {
    line.0.iter().map(|one| coord(*one)).collect()
}

fn rings(polygon: &Polygon<f64>) -> Json {
    let exterior = Some(polygon.exterior()).filter(|ring| !ring.0.is_empty());
    exterior.into_iter().chain(polygon.interiors()).map(coords).collect()
}

/// Reads JSON.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn read(text: &str) -> Result<Shape> {
    let json: Option<Json> = serde_json::from_str(text).ok();
    json.and_then(|json| of_json(&json, 0)).ok_or_else(|| SqlError::argument(format!("Invalid GeoJSON: {text}")))
}

fn of_json(json: &Json, depth: usize) -> Option<Shape> {
    if depth > DEEPEST {
        return None;
    }
    let kind = json.get("type")?.as_str()?;
    if kind == "GeometryCollection" {
        let all = json.get("geometries")?.as_array()?;
        let all: Option<Vec<Shape>> = all.iter().map(|one| of_json(one, depth + 1)).collect();
        return Some(Shape::GeometryCollection(GeometryCollection::new_from(all?)));
    }
    let at = json.get("coordinates")?;
    Some(match kind {
        "Point" if at.as_array()?.is_empty() => super::no_point(),
        "Point" => Shape::Point(Point(read_coord(at)?)),
        "LineString" => Shape::LineString(read_line(at)?),
        "Polygon" => Shape::Polygon(read_polygon(at)?),
        "MultiPoint" => Shape::MultiPoint(MultiPoint::new(list(at, |one| Some(Point(read_coord(one)?)))?)),
        "MultiLineString" => Shape::MultiLineString(MultiLineString::new(list(at, read_line)?)),
        "MultiPolygon" => Shape::MultiPolygon(MultiPolygon::new(list(at, read_polygon)?)),
        _ => return None,
    })
}

fn list<T>(json: &Json, each: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(each).collect()
}

fn read_coord(json: &Json) -> Option<Coord<f64>> {
    let (x, y) = (json.get(0)?.as_f64()?, json.get(1)?.as_f64()?);
    Some(Coord { x, y })
}

fn read_line(json: &Json) -> Option<LineString<f64>> {
    let coords = list(json, read_coord)?;
    (coords.len() != 1).then(|| LineString::new(coords))
}

fn read_polygon(json: &Json) -> Option<Polygon<f64>> {
    let mut rings = list(json, read_line)?.into_iter();
    let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    let rings: Vec<LineString<f64>> = rings.collect();
    let closed = |ring: &LineString<f64>| ring.0.is_empty() || (ring.0.len() > 3 && ring.is_closed());
    (closed(&exterior) && rings.iter().all(closed)).then(|| Polygon::new(exterior, rings))
}
