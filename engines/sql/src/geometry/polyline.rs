//! Lines as short text: <https://developers.google.com/maps/documentation/utilities/polylinealgorithm>

use geo::{Coord, LineString};

use crate::error::{Result, SqlError};

/// Steps of a degree.
const STEPS: f64 = 1e5;

/// Latitudes and longitudes as text.
pub(crate) fn write(coords: impl Iterator<Item = Coord<f64>>) -> String {
    let mut out = String::new();
    let mut last = (0, 0);
    for coord in coords {
        let here = ((coord.y * STEPS).round() as i64, (coord.x * STEPS).round() as i64);
        put(&mut out, here.0.saturating_sub(last.0));
        put(&mut out, here.1.saturating_sub(last.1));
        last = here;
    }
    out
}

fn put(out: &mut String, delta: i64) {
    let mut bits = delta.wrapping_shl(1).cast_unsigned();
    if delta < 0 {
        bits = !bits;
    }
    loop {
        let more = if bits >= 0x20 { 0x20 } else { 0 };
        // INVARIANT: five bits, the sixth and 63 are at most 126.
        out.push(char::from(u8::try_from((bits & 0x1f) | more).unwrap_or_default() + 63));
        bits >>= 5;
        if more == 0 {
            return;
        }
    }
}

/// Reads text.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT`
pub(crate) fn read(text: &str) -> Result<LineString<f64>> {
    let mut bytes = text.bytes();
    let (mut latitude, mut longitude) = (0_i64, 0_i64);
    let mut coords = Vec::new();
    let fault = || SqlError::argument("Input is not a valid encoded polyline");
    while bytes.len() > 0 {
        latitude = latitude.saturating_add(take(&mut bytes).ok_or_else(fault)?);
        longitude = longitude.saturating_add(take(&mut bytes).ok_or_else(fault)?);
        coords.push(Coord { x: longitude as f64 / STEPS, y: latitude as f64 / STEPS });
    }
    Ok(LineString::new(coords))
}

fn take(bytes: &mut std::str::Bytes<'_>) -> Option<i64> {
    let (mut bits, mut shift) = (0_u64, 0);
    loop {
        let byte = u64::from(bytes.next()?.checked_sub(63).filter(|byte| *byte < 64)?);
        bits |= (byte & 0x1f).checked_shl(shift).filter(|_| shift < 60)?;
        shift += 5;
        if byte < 0x20 {
            break;
        }
    }
    let half = (bits >> 1).cast_signed();
    Some(if bits & 1 == 1 { !half } else { half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_documentation_holds() {
        let line = LineString::from(vec![(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)]);
        let text = write(line.0.iter().copied());
        assert_eq!(text, "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
        assert_eq!(read(&text).ok(), Some(line));
        assert!(read("_").is_err() && read("\u{1f600}").is_err());
    }
}
