//! Functions of Bing tiles.
//!
//! <https://trino.io/docs/current/functions/geospatial.html#bing-tiles>

use super::super::List;
use super::value;
use crate::error::Result;
use crate::geometry::tile::{self, Tile};
use crate::geometry::{self, Shape};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("bing_tile", "(integer, integer, integer) -> bingtile", |args| {
        Ok(kept(Tile::new(args[0].as_int()?, args[1].as_int()?, args[2].as_int()?)?))
    });
    list.plain("bing_tile", "(varchar) -> bingtile", |args| Ok(kept(Tile::of_key(args[0].as_str()?)?)));
    list.plain("bing_tile_at", "(double, double, integer) -> bingtile", |args| {
        Ok(kept(Tile::at(args[0].as_f64()?, args[1].as_f64()?, args[2].as_int()?)?))
    });
    list.plain("bing_tiles_around", "(double, double, integer) -> array(bingtile)", |args| {
        Ok(all(tile::around(args[0].as_f64()?, args[1].as_f64()?, args[2].as_int()?)?))
    });
    list.plain("bing_tiles_around", "(double, double, integer, double) -> array(bingtile)", |args| {
        Ok(all(tile::within(args[0].as_f64()?, args[1].as_f64()?, args[2].as_int()?, args[3].as_f64()?)?))
    });
    list.plain("bing_tile_coordinates", "(bingtile) -> row(x integer, y integer)", |args| {
        let tile = of(&args[0])?;
        Ok(Value::Row([Value::Integer(tile.x), Value::Integer(tile.y)].into()))
    });
    list.plain("bing_tile_polygon", "(bingtile) -> geometry", |args| value(&Shape::Polygon(of(&args[0])?.polygon())));
    list.plain("bing_tile_quadkey", "(bingtile) -> varchar", |args| Ok(Value::text(of(&args[0])?.key())));
    list.plain("bing_tile_zoom_level", "(bingtile) -> tinyint", |args| Ok(Value::Integer(of(&args[0])?.zoom)));
    list.plain("geometry_to_bing_tiles", "(geometry, integer) -> array(bingtile)", |args| {
        Ok(all(tile::covering(&geometry::shape(&args[0])?, args[1].as_int()?)?))
    });
}

fn of(value: &Value) -> Result<Tile> {
    value.as_int().map(Tile::of_number)
}

fn kept(tile: Tile) -> Value {
    Value::Integer(tile.number())
}

fn all(tiles: Vec<Tile>) -> Value {
    Value::array(tiles.into_iter().map(kept).collect())
}
