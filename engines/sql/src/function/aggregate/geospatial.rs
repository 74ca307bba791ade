//! Aggregates of shapes.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#aggregations>

use super::{List, Row, Skip};
use crate::error::Result;
use crate::function::geospatial::convex_hull;
use crate::geometry::{self, Shape, overlay};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.add("geometry_union_agg", "(geometry) -> geometry", Skip::Any, |_, rows| {
        whole(rows, |all| overlay::union(all))
    });
    list.add("convex_hull_agg", "(geometry) -> geometry", Skip::Any, |_, rows| {
        whole(rows, |all| {
            let all = geo::GeometryCollection::new_from(all.to_vec());
            convex_hull(&Shape::GeometryCollection(all))
        })
    });
}

fn whole(rows: &[Row], make: fn(&[Shape]) -> Shape) -> Result<Value> {
    let shapes: Vec<Shape> = rows.iter().map(|row| geometry::shape(&row[0])).collect::<Result<_>>()?;
    Ok(if shapes.is_empty() { Value::Null } else { geometry::value(&make(&shapes)) })
}
