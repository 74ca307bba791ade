//! Bing tiles: <https://learn.microsoft.com/en-us/bingmaps/articles/bing-maps-tile-system>

use geo::{Coord, Intersects, LineString, Polygon};

use super::part::bounds;
use super::sphere::{RADIUS, angle, check_latitude, check_longitude};
use super::{Shape, is_empty, solid};
use crate::error::{Result, SqlError};

/// The closest look.
const MOST_ZOOM: i64 = 23;

/// The latitude at which a square map of the Earth ends.
const EDGE: f64 = 85.051_128_78;

/// Tiles that one call answers at most.
const MOST: usize = 1_000_000;

/// A square of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) zoom: i64,
}

/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
fn check_zoom(zoom: i64) -> Result<()> {
    match zoom {
        ..0 => Err(SqlError::argument("Zoom level must be >= 0")),
        0..=MOST_ZOOM => Ok(()),
        _ => Err(SqlError::argument(format!("Zoom level must be <= {MOST_ZOOM}"))),
    }
}

impl Tile {
    /// A tile by its coordinates.
    ///
    /// # Errors
    /// `INVALID_FUNCTION_ARGUMENT`
    pub(crate) fn new(x: i64, y: i64, zoom: i64) -> Result<Self> {
        check_zoom(zoom)?;
        let end = 1_i64 << zoom;
        if !(0..end).contains(&x) || !(0..end).contains(&y) {
            let message = "XY coordinates for a Bing tile at zoom level";
            return Err(SqlError::argument(format!("{message} {zoom} must be within [0, {end}) range")));
        }
        Ok(Self { x, y, zoom })
    }

    /// The tile of a place.
    ///
    /// # Errors
    /// `INVALID_FUNCTION_ARGUMENT`
    pub(crate) fn at(latitude: f64, longitude: f64, zoom: i64) -> Result<Self> {
        check_latitude_of_map(latitude)?;
        check_longitude(longitude)?;
        check_zoom(zoom)?;
        Ok(Self::within(latitude, longitude, zoom))
    }

    fn within(latitude: f64, longitude: f64, zoom: i64) -> Self {
        let (last, size) = ((1_i64 << zoom) - 1, (1_i64 << zoom) as f64);
        let x = (longitude + 180.0) / 360.0;
        let sine = latitude.to_radians().sin();
        let y = 0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * std::f64::consts::PI);
        let clip = |share: f64| ((share * size).floor() as i64).clamp(0, last);
        Self { x: clip(x), y: clip(y), zoom }
    }

    /// A tile by its key.
    ///
    /// # Errors
    /// `INVALID_FUNCTION_ARGUMENT`
    pub(crate) fn of_key(key: &str) -> Result<Self> {
        let zoom = i64::try_from(key.len()).unwrap_or(i64::MAX);
        check_zoom(zoom)?;
        let (mut x, mut y) = (0, 0);
        for digit in key.chars() {
            let digit = digit
                .to_digit(4)
                .ok_or_else(|| SqlError::argument(format!("Invalid QuadKey digit sequence: {key}")))?;
            x = x * 2 + i64::from(digit & 1);
            y = y * 2 + i64::from(digit >> 1);
        }
        Ok(Self { x, y, zoom })
    }

    /// Its key: a digit for each step of looking closer.
    pub(crate) fn key(self) -> String {
        let digit =
            |step: i64| char::from(b'0' + u8::from(self.x >> step & 1 == 1) + 2 * u8::from(self.y >> step & 1 == 1));
        (0..self.zoom).rev().map(digit).collect()
    }

    /// As a number, as values keep it.
    pub(crate) fn number(self) -> i64 {
        self.x << 32 | self.y << 8 | self.zoom
    }

    /// The tile that a value keeps.
    pub(crate) fn of_number(number: i64) -> Self {
        Self { x: number >> 32 & 0xff_ffff, y: number >> 8 & 0xff_ffff, zoom: (number & 0xff).min(MOST_ZOOM) }
    }

    /// As results show it.
    pub(crate) fn show(self) -> String {
        format!("{{\"x\":{},\"y\":{},\"zoom\":{}}}", self.x, self.y, self.zoom)
    }

    /// The corner in the north-west.
    fn corner(x: i64, y: i64, zoom: i64) -> Coord<f64> {
        let size = (1_i64 << zoom) as f64;
        let y = 0.5 - y as f64 / size;
        let latitude = 90.0 - 360.0 * (-y * 2.0 * std::f64::consts::PI).exp().atan() / std::f64::consts::PI;
        Coord { x: x as f64 / size * 360.0 - 180.0, y: latitude }
    }

    /// What it covers.
    pub(crate) fn polygon(self) -> Polygon<f64> {
        let (north_west, south_east) =
            (Self::corner(self.x, self.y, self.zoom), Self::corner(self.x + 1, self.y + 1, self.zoom));
        let (west, east, north, south) = (north_west.x, south_east.x, north_west.y, south_east.y);
        let ring = vec![(west, south), (west, north), (east, north), (east, south), (west, south)];
        Polygon::new(LineString::from(ring), Vec::new())
    }
}

fn check_latitude_of_map(latitude: f64) -> Result<()> {
    match (-EDGE..=EDGE).contains(&latitude) {
        true => Ok(()),
        false => Err(SqlError::argument(format!("Latitude must be between -{EDGE} and {EDGE}"))),
    }
}

/// The tile of a place and those around it.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn around(latitude: f64, longitude: f64, zoom: i64) -> Result<Vec<Tile>> {
    let here = Tile::at(latitude, longitude, zoom)?;
    let end = 1_i64 << zoom;
    let mut tiles = Vec::with_capacity(9);
    for y in (here.y - 1..=here.y + 1).filter(|y| (0..end).contains(y)) {
        for x in (here.x - 1..=here.x + 1).filter(|x| (0..end).contains(x)) {
            tiles.push(Tile { x, y, zoom });
        }
    }
    Ok(tiles)
}

/// The tiles of places that are at most so many kilometres away.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn within(latitude: f64, longitude: f64, zoom: i64, kilometres: f64) -> Result<Vec<Tile>> {
    check_latitude(latitude)?;
    let here = Tile::at(latitude, longitude, zoom)?;
    if !(0.0..=1000.0).contains(&kilometres) {
        let message = if kilometres < 0.0 { "Radius must be >= 0" } else { "Radius must be <= 1,000 km" };
        return Err(SqlError::argument(message));
    }
    let reach = (kilometres / RADIUS).to_degrees();
    let (north, south) = ((latitude + reach).min(EDGE), (latitude - reach).max(-EDGE));
    let (top, bottom) = (Tile::within(north, longitude, zoom).y, Tile::within(south, longitude, zoom).y);
    let end = 1_i64 << zoom;
    let place = Coord { x: longitude, y: latitude };
    let near = |x: i64, y: i64| angle(place, nearest(place, Tile { x, y, zoom })) * RADIUS <= kilometres;
    let mut tiles = Vec::new();
    for y in top..=bottom {
        // The row is nearest where it is straight north or south; it goes on to both sides, and around the Earth.
        for step in [1, -1] {
            let mut x = if step == 1 { here.x } else { here.x - 1 };
            for _ in 0..end {
                let around = x.rem_euclid(end);
                if !near(around, y) || tiles.contains(&Tile { x: around, y, zoom }) {
                    break;
                }
                tiles.push(Tile { x: around, y, zoom });
                if tiles.len() > MOST {
                    return Err(too_many());
                }
                x += step;
            }
        }
    }
    if tiles.is_empty() {
        tiles.push(here);
    }
    tiles.sort_by_key(|tile| (tile.y, tile.x));
    Ok(tiles)
}

/// The place of a tile that is nearest, going by latitude and longitude.
fn nearest(place: Coord<f64>, tile: Tile) -> Coord<f64> {
    let (north_west, south_east) =
        (Tile::corner(tile.x, tile.y, tile.zoom), Tile::corner(tile.x + 1, tile.y + 1, tile.zoom));
    let y = place.y.clamp(south_east.y, north_west.y);
    if (north_west.x..=south_east.x).contains(&place.x) {
        return Coord { x: place.x, y };
    }
    let far = |x: f64| (place.x - x + 540.0).rem_euclid(360.0) - 180.0;
    let x = if far(north_west.x).abs() <= far(south_east.x).abs() { north_west.x } else { south_east.x };
    Coord { x, y }
}

fn too_many() -> SqlError {
    SqlError::argument(
        "The number of tiles covering input rectangle exceeds the limit of 1M. Try using a lower zoom level.",
    )
}

/// The tiles that a shape touches.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn covering(shape: &Shape, zoom: i64) -> Result<Vec<Tile>> {
    check_zoom(zoom)?;
    if is_empty(shape) {
        return Ok(Vec::new());
    }
    let Some(bounds) = bounds(shape) else { return Ok(Vec::new()) };
    let (min, max) = (bounds.min(), bounds.max());
    for corner in [min, max] {
        check_latitude_of_map(corner.y)?;
        check_longitude(corner.x)?;
    }
    let (first, last) = (Tile::within(max.y, min.x, zoom), Tile::within(min.y, max.x, zoom));
    let count = (last.x - first.x + 1).saturating_mul(last.y - first.y + 1);
    if usize::try_from(count).is_ok_and(|count| count > MOST) {
        return Err(too_many());
    }
    let shape = solid(shape.clone());
    let mut tiles = Vec::new();
    for x in first.x..=last.x {
        for y in first.y..=last.y {
            let tile = Tile { x, y, zoom };
            if shape.intersects(&tile.polygon()) {
                tiles.push(tile);
            }
        }
    }
    Ok(tiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_numbers_name_tiles() {
        let tile = Tile { x: 21845, y: 13506, zoom: 15 };
        assert_eq!(tile.key(), "123030123010121");
        assert_eq!(Tile::of_key("123030123010121").ok(), Some(tile));
        assert_eq!(Tile::of_number(tile.number()), tile);
        assert_eq!(Tile::at(30.12, 60.0, 15).ok(), Some(tile));
        assert!(Tile::of_key("4").is_err() && Tile::new(2, 0, 1).is_err() && Tile::new(0, 0, 24).is_err());
    }
}
