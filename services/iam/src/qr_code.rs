//! QR codes as PNG images: what an authenticator app scans.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};
use qrcode::{Color, EcLevel, QrCode};
use welkin_kernel::{Error, Result};

/// Pixels of a module's side.
const SCALE: usize = 4;

/// Modules of white around the code: ISO/IEC 18004 asks for four.
const MARGIN: usize = 4;

/// A PNG image, black and white, of the QR code of `text`.
pub(crate) fn png(text: &str) -> Result<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Error::internal)?;
    let modules = code.width();
    let colors = code.to_colors();
    let side = (modules + 2 * MARGIN) * SCALE;
    let white = |x: usize, y: usize| {
        let inside = |at: usize| (at / SCALE).checked_sub(MARGIN).filter(|at| *at < modules);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => colors.get(y * modules + x) != Some(&Color::Dark),
            _ => true,
        }
    };
    let mut rows = Vec::with_capacity(side * (side / 8 + 2));
    for y in 0..side {
        // Filter type 0: the row as it is.
        rows.push(0);
        for byte in 0..side.div_ceil(8) {
            rows.push((0..8).fold(0, |bits, bit| bits << 1 | u8::from(white(byte * 8 + bit, y))));
        }
    }
    image(side, &rows)
}

/// A PNG of one bit a pixel: <https://www.w3.org/TR/png-3/>.
fn image(side: usize, rows: &[u8]) -> Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(rows).map_err(Error::internal)?;
    let packed = packed.finish().map_err(Error::internal)?;
    let side = u32::try_from(side).map_err(Error::internal)?.to_be_bytes();
    let mut header = [side, side].concat();
    // One bit of grey scale, deflated, filtered by row, not interlaced.
    header.extend([1, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header.as_slice()), (b"IDAT", &packed), (b"IEND", &[])] {
        chunk(&mut png, kind, data)?;
    }
    Ok(png)
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) -> Result<()> {
    png.extend(u32::try_from(data.len()).map_err(Error::internal)?.to_be_bytes());
    png.extend(kind);
    png.extend(data);
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    png.extend(crc.sum().to_be_bytes());
    Ok(())
}
