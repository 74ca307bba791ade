//! What the columns of a file are, where the file tells it: Parquet and ORC at its end, Avro at its beginning.

use super::{Format, avro, orc, parquet};
use crate::types::Type;

/// What a file tells of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Names and types, as the file has them.
    pub columns: Vec<(String, Type)>,
    /// How many rows there are: in the file, or in the piece that was looked at.
    pub rows: u64,
    /// Bytes of the rows that were counted, where these are not all of the file's.
    pub bytes: Option<u64>,
    /// The schema as the file has it in JSON, if it has one.
    pub schema: Option<String>,
}

/// Why a file is not described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undescribed {
    /// It takes a piece that is so long, if there are so many bytes.
    More(u64),
    /// It is none of the format, or damaged.
    Bad(String),
}

/// Describes a file by a piece of it: its last bytes if it is Parquet or ORC, its first ones if it is Avro.
///
/// # Errors
/// The piece is too short, or the file is none of the format.
pub fn describe(format: Format, piece: &[u8]) -> Result<Description, Undescribed> {
    match format {
        Format::Parquet => parquet::describe(piece),
        Format::Orc => orc::describe(piece),
        Format::Avro => avro::describe(piece),
        _ => Err(Undescribed::Bad("files of this format do not tell their columns".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_told_so_and_what_is_too_short_asks_for_more() {
        let bad = |format, piece: &[u8]| matches!(describe(format, piece), Err(Undescribed::Bad(_)));
        let more = |format, piece: &[u8]| matches!(describe(format, piece), Err(Undescribed::More(_)));
        assert!(bad(Format::Parquet, b"PAR1 this is text PAR2"));
        assert!(bad(Format::Orc, b"ORC this is text\n"));
        assert!(more(Format::Orc, b"ORC this is text"), "its last byte says 116");
        assert!(bad(Format::Avro, b"text, not Avro"));
        assert!(bad(Format::OpenCsv, b"a,b"));
        assert!(more(Format::Parquet, b"\xff\0\0\0PAR1"));
        assert!(more(Format::Avro, b"Obj\x01"));
        for format in [Format::Parquet, Format::Orc, Format::Avro] {
            assert!(describe(format, b"").is_err());
            assert!(describe(format, &[0xff; 100]).is_err());
        }
    }
}
