//! What an ORC file says about itself, in protocol buffers.
//!
//! <https://orc.apache.org/specification/ORCv1/>

use super::Bad;
use crate::types::Type;

/// Types within types deeper than this are refused.
const DEPTH: usize = 100;

/// A field of a message.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn number(&self) -> u64 {
        match self {
            Field::Number(it) => *it,
            Field::Bytes(_) => 0,
        }
    }

    fn bytes(&self) -> &'a [u8] {
        match self {
            Field::Number(_) => &[],
            Field::Bytes(it) => it,
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

/// Reads a number of 7 bits a byte, the lowest first.
fn varint(bytes: &mut &[u8]) -> Result<u64, Bad> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or(Bad::END)?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Bad::new("a number is too long"))
}

fn cut<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], Bad> {
    let length = usize::try_from(length).ok().filter(|length| *length <= bytes.len()).ok_or(Bad::END)?;
    let (here, rest) = bytes.split_at(length);
    *bytes = rest;
    Ok(here)
}

/// Calls with each field of a message and its number.
fn fields<'a>(mut bytes: &'a [u8], mut each: impl FnMut(u64, Field<'a>) -> Result<(), Bad>) -> Result<(), Bad> {
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)?),
            1 => Field::Bytes(cut(&mut bytes, 8)?),
            2 => {
                let length = varint(&mut bytes)?;
                Field::Bytes(cut(&mut bytes, length)?)
            }
            5 => Field::Bytes(cut(&mut bytes, 4)?),
            _ => return Err(Bad::new("a field of no kind")),
        };
        each(tag >> 3, field)?;
    }
    Ok(())
}

/// The end of a file.
#[derive(Default)]
pub(super) struct PostScript {
    pub(super) footer: u64,
    pub(super) compression: u64,
    pub(super) block: u64,
    magic: String,
}

impl PostScript {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let mut own = Self { block: 256 << 10, ..Self::default() };
        fields(bytes, |number, field| {
            match number {
                1 => own.footer = field.number(),
                2 => own.compression = field.number(),
                3 => own.block = field.number(),
                8000 => own.magic = field.text(),
                _ => {}
            }
            Ok(())
        })?;
        if own.magic == "ORC" { Ok(own) } else { Err(Bad::new("Invalid postscript")) }
    }
}

/// A part of a file: rows by their columns.
#[derive(Clone, Debug, Default)]
pub(super) struct StripeInformation {
    pub(super) offset: u64,
    pub(super) index: u64,
    pub(super) data: u64,
    pub(super) footer: u64,
    pub(super) rows: u64,
}

/// A type, by the numbers of those within it.
#[derive(Clone, Debug, Default)]
struct Listed {
    kind: u64,
    within: Vec<u64>,
    names: Vec<String>,
    precision: u64,
    scale: u64,
}

/// What a column holds.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// Its number among the columns of the file.
    pub(super) column: u64,
    pub(super) of: Of,
}

/// Kinds of columns.
#[derive(Clone, Debug)]
pub(super) enum Of {
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    String,
    Binary,
    Timestamp,
    Instant,
    List(Box<Kind>),
    Map(Box<Kind>, Box<Kind>),
    Struct(Vec<(String, Kind)>),
    Union,
    Decimal(u8, i8),
    Date,
    Varchar,
    Char,
}

impl Kind {
    fn of(all: &[Listed], column: u64, depth: usize) -> Result<Self, Bad> {
        let own = usize::try_from(column).ok().and_then(|n| all.get(n)).ok_or(Bad::new("a type that there is not"))?;
        if depth > DEPTH {
            return Err(Bad::new("types within types are too deep"));
        }
        // Types come in the order of a walk, which keeps them from being within themselves.
        let child = |n: usize| match own.within.get(n) {
            Some(within) if *within > column => Kind::of(all, *within, depth + 1),
            _ => Err(Bad::new("a type within itself")),
        };
        let of = match own.kind {
            0 => Of::Boolean,
            1 => Of::Byte,
            2 => Of::Short,
            3 => Of::Int,
            4 => Of::Long,
            5 => Of::Float,
            6 => Of::Double,
            7 => Of::String,
            8 => Of::Binary,
            9 => Of::Timestamp,
            10 => Of::List(Box::new(child(0)?)),
            11 => Of::Map(Box::new(child(0)?), Box::new(child(1)?)),
            12 => {
                let mut within = Vec::new();
                for (n, name) in own.names.iter().enumerate().take(own.within.len()) {
                    within.push((name.clone(), child(n)?));
                }
                Of::Struct(within)
            }
            13 => Of::Union,
            14 => match (u8::try_from(own.precision), i8::try_from(own.scale)) {
                // A decimal of Hive before it had precisions.
                (Ok(0), _) => Of::Decimal(38, 18),
                (Ok(p @ 1..=38), Ok(s)) if s.unsigned_abs() <= p => Of::Decimal(p, s),
                _ => return Err(Bad::new("a decimal of no such precision")),
            },
            15 => Of::Date,
            16 => Of::Varchar,
            17 => Of::Char,
            18 => Of::Instant,
            _ => return Err(Bad::new("a type of no kind")),
        };
        Ok(Self { column, of })
    }

    /// Its name in the format.
    pub(super) fn name(&self) -> &'static str {
        match self.of {
            Of::Boolean => "BOOLEAN",
            Of::Byte => "BYTE",
            Of::Short => "SHORT",
            Of::Int => "INT",
            Of::Long => "LONG",
            Of::Float => "FLOAT",
            Of::Double => "DOUBLE",
            Of::String => "STRING",
            Of::Binary => "BINARY",
            Of::Timestamp => "TIMESTAMP",
            Of::Instant => "TIMESTAMP_INSTANT",
            Of::List(_) => "LIST",
            Of::Map(..) => "MAP",
            Of::Struct(_) => "STRUCT",
            Of::Union => "UNION",
            Of::Decimal(..) => "DECIMAL",
            Of::Date => "DATE",
            Of::Varchar => "VARCHAR",
            Of::Char => "CHAR",
        }
    }

    /// The type of a column of these.
    pub(super) fn ty(&self) -> Type {
        match &self.of {
            Of::Boolean => Type::Boolean,
            Of::Byte => Type::Tinyint,
            Of::Short => Type::Smallint,
            Of::Int => Type::Integer,
            Of::Long => Type::Bigint,
            Of::Float => Type::Real,
            Of::Double => Type::Double,
            // Lengths are not read; a text of whatever length is one.
            Of::String | Of::Union | Of::Varchar | Of::Char => Type::VARCHAR,
            Of::Binary => Type::Varbinary,
            Of::Timestamp | Of::Instant => Type::Timestamp(3),
            Of::Date => Type::Date,
            Of::Decimal(precision, scale) => Type::Decimal(*precision, u8::try_from(*scale).unwrap_or(0)),
            Of::List(of) => Type::array(of.ty()),
            Of::Map(key, of) => Type::map(key.ty(), of.ty()),
            Of::Struct(fields) => {
                Type::Row(fields.iter().map(|(name, kind)| (Some(name.clone()), kind.ty())).collect())
            }
        }
    }

    /// Its number and those of all columns within it.
    pub(super) fn columns(&self, all: &mut Vec<u64>) {
        all.push(self.column);
        match &self.of {
            Of::List(of) => of.columns(all),
            Of::Map(key, of) => {
                key.columns(all);
                of.columns(all);
            }
            Of::Struct(within) => within.iter().for_each(|(_, kind)| kind.columns(all)),
            _ => {}
        }
    }
}

/// What a file has in it.
pub(super) struct Footer {
    pub(super) stripes: Vec<StripeInformation>,
    /// The columns of the table.
    pub(super) columns: Vec<(String, Kind)>,
}

impl Footer {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let (mut stripes, mut types) = (Vec::new(), Vec::new());
        fields(bytes, |number, field| {
            match number {
                3 => stripes.push(stripe(field.bytes())?),
                4 => types.push(listed(field.bytes())?),
                _ => {}
            }
            Ok(())
        })?;
        match Kind::of(&types, 0, 0)?.of {
            Of::Struct(columns) => Ok(Self { stripes, columns }),
            _ => Err(Bad::new("the rows are no structs")),
        }
    }
}

fn stripe(bytes: &[u8]) -> Result<StripeInformation, Bad> {
    let mut own = StripeInformation::default();
    fields(bytes, |number, field| {
        match number {
            1 => own.offset = field.number(),
            2 => own.index = field.number(),
            3 => own.data = field.number(),
            4 => own.footer = field.number(),
            5 => own.rows = field.number(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(own)
}

fn listed(bytes: &[u8]) -> Result<Listed, Bad> {
    let mut own = Listed::default();
    fields(bytes, |number, field| {
        match (number, &field) {
            (1, _) => own.kind = field.number(),
            (2, Field::Number(one)) => own.within.push(*one),
            (2, Field::Bytes(packed)) => {
                let mut packed = *packed;
                while !packed.is_empty() {
                    own.within.push(varint(&mut packed)?);
                }
            }
            (3, _) => own.names.push(field.text()),
            (5, _) => own.precision = field.number(),
            (6, _) => own.scale = field.number(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(own)
}

/// A run of bytes of a stripe.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamInformation {
    pub(super) kind: u64,
    pub(super) column: u64,
    pub(super) length: u64,
}

/// What a stripe has in it.
#[derive(Default)]
pub(super) struct StripeFooter {
    pub(super) streams: Vec<StreamInformation>,
    /// Of each column its encoding and the size of its dictionary.
    pub(super) encodings: Vec<(u64, u64)>,
    pub(super) zone: String,
}

impl StripeFooter {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let mut own = Self::default();
        fields(bytes, |number, field| {
            match number {
                1 => {
                    let mut stream = StreamInformation::default();
                    fields(field.bytes(), |number, field| {
                        match number {
                            1 => stream.kind = field.number(),
                            2 => stream.column = field.number(),
                            3 => stream.length = field.number(),
                            _ => {}
                        }
                        Ok(())
                    })?;
                    own.streams.push(stream);
                }
                2 => {
                    let mut encoding = (0, 0);
                    fields(field.bytes(), |number, field| {
                        match number {
                            1 => encoding.0 = field.number(),
                            2 => encoding.1 = field.number(),
                            _ => {}
                        }
                        Ok(())
                    })?;
                    own.encodings.push(encoding);
                }
                3 => own.zone = field.text(),
                _ => {}
            }
            Ok(())
        })?;
        Ok(own)
    }
}
