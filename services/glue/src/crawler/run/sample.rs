//! The beginning of a file: how it is compressed, and what it is.

use std::io::{Cursor, Read};

use welkin_sql::Format;

use crate::crawler::shape::Compression;

/// How much of a file is read, and how much of what that holds is looked at.
// UNVERIFIED: how much Glue reads.
pub(super) const HEAD: u64 = 1 << 20;

/// Which format, of those whose files tell their columns, a file is of that begins so.
pub(super) fn format(head: &[u8]) -> Option<Format> {
    match head {
        [b'P', b'A', b'R', b'1', ..] => Some(Format::Parquet),
        [b'O', b'R', b'C', ..] => Some(Format::Orc),
        [b'O', b'b', b'j', 1, ..] => Some(Format::Avro),
        _ => None,
    }
}

/// How a file is compressed that begins so and has this name.
pub(super) fn compression(head: &[u8], name: &str) -> Compression {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match (head, extension.as_str()) {
        ([0x1f, 0x8b, ..], _) => Compression::Gzip,
        ([b'B', b'Z', b'h', ..], _) => Compression::Bzip2,
        ([b'P', b'K', 3, 4, ..], _) => Compression::Zip,
        ([0xff, 6, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y', ..], _) | (_, "snappy") => Compression::Snappy,
        (_, "lz4") => Compression::Lz4,
        _ => Compression::None,
    }
}

/// What the beginning of a file holds, and whether there is more than that.
pub(super) struct Plain {
    pub(super) bytes: Vec<u8>,
    pub(super) cut: bool,
}

/// What the beginning of a file holds, if it can be told.
pub(super) fn plain(head: &[u8], cut: bool, compression: Compression) -> Option<Plain> {
    let stored = Cursor::new(head.to_vec());
    let standard = head.starts_with(&[0xff, 6, 0, 0]);
    let reader: Box<dyn Read> = match compression {
        Compression::None => return Some(Plain { bytes: head.to_vec(), cut }),
        Compression::Gzip => welkin_sql::decompress("gz", Box::new(stored)).ok()??,
        Compression::Bzip2 => welkin_sql::decompress("bz2", Box::new(stored)).ok()??,
        Compression::Lz4 => welkin_sql::decompress("lz4", Box::new(stored)).ok()??,
        // "Snappy (supported for both standard and Hadoop native Snappy formats)"
        Compression::Snappy if standard => Box::new(snap::read::FrameDecoder::new(stored)),
        Compression::Snappy => welkin_sql::decompress("snappy", Box::new(stored)).ok()??,
        Compression::Zip => Box::new(flate2::read::DeflateDecoder::new(Cursor::new(zipped(head)?.to_vec()))),
    };
    let mut bytes = Vec::new();
    let read = reader.take(HEAD).read_to_end(&mut bytes);
    // What is cut cannot be read to its end; what is whole can.
    if (read.is_err() && !cut) || bytes.is_empty() {
        return None;
    }
    let more = bytes.len() as u64 == HEAD || read.is_err();
    Some(Plain { bytes, cut: more })
}

/// The first file of an archive, deflated. "ZIP (supported for archives containing only a single file)"
fn zipped(head: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| Some(usize::from(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?])));
    const DEFLATED: usize = 8;
    (number(8)? == DEFLATED).then_some(())?;
    head.get(30 + number(26)? + number(28)?..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(format(b"PAR1..."), Some(Format::Parquet));
        assert_eq!(format(b"Obj\x01..."), Some(Format::Avro));
        assert_eq!(format(b"a,b"), None);
        assert_eq!(compression(&gzip(b"x"), "a.csv"), Compression::Gzip);
        assert_eq!(compression(b"a,b", "a.csv"), Compression::None);
        assert_eq!(compression(b"\0\0\0\x01", "a.snappy"), Compression::Snappy);
    }

    #[test]
    fn what_is_compressed_is_read_as_far_as_it_goes() {
        let stored = gzip(b"a,b\n1,2\n");
        let found = plain(&stored, false, Compression::Gzip).expect("text");
        assert_eq!((found.bytes.as_slice(), found.cut), (b"a,b\n1,2\n".as_slice(), false));
        let random: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let stored = gzip(&random);
        let found = plain(stored.get(..stored.len() / 2).expect("half"), true, Compression::Gzip).expect("text");
        assert!(found.cut && random.starts_with(&found.bytes));
        assert!(plain(stored.get(..100).expect("a part"), false, Compression::Gzip).is_none());
        assert!(plain(b"PK\x03\x04", false, Compression::Zip).is_none());
    }

    #[test]
    fn what_grows_without_end_is_cut() {
        let stored = gzip(&vec![b'x'; 16 << 20]);
        let found = plain(&stored, false, Compression::Gzip).expect("text");
        assert!(found.cut && found.bytes.len() as u64 == HEAD);
    }
}
