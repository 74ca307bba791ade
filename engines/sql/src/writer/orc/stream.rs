//! What a stripe has of its columns.

use super::message::{Message, varint, zigzag};
use super::run;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Kinds of streams.
const PRESENT: u64 = 0;
const DATA: u64 = 1;
const LENGTH: u64 = 2;
const SECONDARY: u64 = 5;

/// Seconds from 1970 to 2015, from which on timestamps count.
const EPOCH: i64 = 1_420_070_400;

/// A type and those within it, numbered from the root on.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    ty: Type,
    names: Vec<String>,
    children: Vec<Tree>,
}

impl Tree {
    /// # Errors
    /// `NOT_SUPPORTED`: ORC has no such type.
    pub(super) fn of(ty: &Type) -> Result<Self> {
        let (names, children) = match ty {
            Type::Array(of) => (Vec::new(), vec![Self::of(of)?]),
            Type::Map(key, of) => (Vec::new(), vec![Self::of(key)?, Self::of(of)?]),
            Type::Row(fields) => {
                let name = |(n, (name, _)): (usize, &(Option<String>, Type))| {
                    name.clone().unwrap_or_else(|| format!("field{n}"))
                };
                let children = fields.iter().map(|(_, ty)| Self::of(ty)).collect::<Result<_>>()?;
                (fields.iter().enumerate().map(name).collect(), children)
            }
            other => match kind(other) {
                Some(_) => (Vec::new(), Vec::new()),
                None => {
                    return Err(SqlError::new(Code::NotSupported, format!("Unsupported ORC type: {other}")));
                }
            },
        };
        Ok(Self { ty: ty.clone(), names, children })
    }

    /// How many types there are.
    pub(super) fn count(&self) -> u64 {
        1 + self.children.iter().map(Self::count).sum::<u64>()
    }

    /// The types, as the footer tells them.
    pub(super) fn types(&self) -> Vec<Message> {
        let mut all = Vec::new();
        self.add_types(&mut all);
        all
    }

    fn add_types(&self, all: &mut Vec<Message>) {
        let mut own = Message::default();
        own.number(1, kind(&self.ty).unwrap_or_default());
        let mut next = all.len() as u64 + 1;
        let mut numbers = Vec::new();
        for child in &self.children {
            numbers.push(next);
            next += child.count();
        }
        if !numbers.is_empty() {
            own.packed(2, &numbers);
        }
        self.names.iter().for_each(|name| {
            own.text(3, name);
        });
        match &self.ty {
            Type::Varchar(Some(length)) | Type::Char(length) => {
                own.number(4, u64::from(*length));
            }
            Type::Decimal(precision, scale) => {
                own.number(5, u64::from(*precision)).number(6, u64::from(*scale));
            }
            _ => {}
        }
        all.push(own);
        self.children.iter().for_each(|child| child.add_types(all));
    }
}

/// How the footer names a type.
fn kind(ty: &Type) -> Option<u64> {
    Some(match ty {
        Type::Boolean => 0,
        Type::Tinyint => 1,
        Type::Smallint => 2,
        Type::Integer => 3,
        Type::Bigint => 4,
        Type::Real => 5,
        Type::Double => 6,
        Type::Varchar(None) => 7,
        Type::Varbinary => 8,
        Type::Timestamp(_) => 9,
        Type::Array(_) => 10,
        Type::Map(..) => 11,
        Type::Row(_) => 12,
        Type::Decimal(..) => 14,
        Type::Date => 15,
        Type::Varchar(Some(_)) => 16,
        Type::Char(_) => 17,
        _ => return None,
    })
}

/// The values of a column of a stripe.
#[derive(Debug)]
pub(super) struct Streams {
    ty: Type,
    present: Vec<bool>,
    data: Data,
    children: Vec<Streams>,
}

#[derive(Debug)]
enum Data {
    None,
    Bits(Vec<bool>),
    Tiny(Vec<u8>),
    Numbers(Vec<i64>),
    Plain(Vec<u8>),
    Texts(Vec<u8>, Vec<u64>),
    Lengths(Vec<u64>),
    /// Numbers, and what is smaller than they are: scales of decimals.
    Decimals(Vec<u8>, Vec<i64>),
    /// Seconds and parts of a second.
    Times(Vec<i64>, Vec<u64>),
}

impl Streams {
    pub(super) fn of(tree: &Tree) -> Self {
        let data = match &tree.ty {
            Type::Boolean => Data::Bits(Vec::new()),
            Type::Tinyint => Data::Tiny(Vec::new()),
            Type::Smallint | Type::Integer | Type::Bigint | Type::Date => Data::Numbers(Vec::new()),
            Type::Real | Type::Double => Data::Plain(Vec::new()),
            Type::Varchar(_) | Type::Char(_) | Type::Varbinary => Data::Texts(Vec::new(), Vec::new()),
            Type::Array(_) | Type::Map(..) => Data::Lengths(Vec::new()),
            Type::Decimal(..) => Data::Decimals(Vec::new(), Vec::new()),
            Type::Timestamp(_) => Data::Times(Vec::new(), Vec::new()),
            _ => Data::None,
        };
        let children = tree.children.iter().map(Self::of).collect();
        Self { ty: tree.ty.clone(), present: Vec::new(), data, children }
    }

    /// Bytes in memory, about.
    pub(super) fn size(&self) -> usize {
        let own = match &self.data {
            Data::None => 0,
            Data::Bits(bits) => bits.len(),
            Data::Tiny(all) | Data::Plain(all) => all.len(),
            Data::Numbers(all) => all.len() * 8,
            Data::Texts(all, lengths) => all.len() + lengths.len() * 8,
            Data::Lengths(all) => all.len() * 8,
            Data::Decimals(all, scales) => all.len() + scales.len() * 8,
            Data::Times(all, _) => all.len() * 16,
        };
        own + self.present.len() + self.children.iter().map(Self::size).sum::<usize>()
    }

    /// Adds a value.
    ///
    /// # Errors
    /// It is none of the type.
    pub(super) fn push(&mut self, value: &Value) -> Result<()> {
        self.present.push(!value.is_null());
        match (&mut self.data, value) {
            (_, Value::Null) => {}
            (Data::Bits(all), Value::Boolean(it)) => all.push(*it),
            // INVARIANT: a tinyint fits.
            (Data::Tiny(all), Value::Integer(it)) => all.push(it.to_le_bytes()[0]),
            (Data::Numbers(all), Value::Integer(it)) => all.push(*it),
            (Data::Numbers(all), Value::Date(it)) => all.push(i64::from(*it)),
            (Data::Plain(all), Value::Real(it)) => all.extend(it.to_le_bytes()),
            (Data::Plain(all), Value::Double(it)) => all.extend(it.to_le_bytes()),
            (Data::Texts(all, lengths), Value::Text(it)) => {
                // Without what pads it, as Hive keeps `char`.
                let text = if matches!(self.ty, Type::Char(_)) { it.trim_end_matches(' ') } else { it };
                all.extend_from_slice(text.as_bytes());
                lengths.push(text.len() as u64);
            }
            (Data::Texts(all, lengths), Value::Bytes(it)) => {
                all.extend_from_slice(it);
                lengths.push(it.len() as u64);
            }
            (Data::Decimals(all, scales), Value::Decimal(digits, scale)) => {
                varint(all, zigzag(*digits));
                scales.push(i64::from(*scale));
            }
            (Data::Times(seconds, parts), Value::Timestamp(micros)) => {
                let (second, part) = time(*micros);
                seconds.push(second);
                parts.push(part);
            }
            (Data::Lengths(lengths), Value::Array(all)) => {
                lengths.push(all.len() as u64);
                if let Some(child) = self.children.first_mut() {
                    all.iter().try_for_each(|one| child.push(one))?;
                }
            }
            (Data::Lengths(lengths), Value::Map(all)) => {
                lengths.push(all.len() as u64);
                if let [key, of] = self.children.as_mut_slice() {
                    all.iter().try_for_each(|(one, value)| key.push(one).and_then(|()| of.push(value)))?;
                }
            }
            (Data::None, Value::Row(all)) => {
                self.children.iter_mut().zip(all.iter()).try_for_each(|(child, one)| child.push(one))?;
            }
            (_, other) => return Err(SqlError::internal(format!("{other:?} is no {}", self.ty))),
        }
        Ok(())
    }

    /// The streams: column, kind and bytes.
    pub(super) fn finish(self) -> Vec<(u64, u64, Vec<u8>)> {
        let mut all = Vec::new();
        self.add(&mut 0, &mut all);
        all
    }

    fn add(self, next: &mut u64, all: &mut Vec<(u64, u64, Vec<u8>)>) {
        let column = *next;
        *next += 1;
        if self.present.contains(&false) {
            all.push((column, PRESENT, run::of_bits(&self.present)));
        }
        match self.data {
            Data::None => {}
            Data::Bits(bits) => all.push((column, DATA, run::of_bits(&bits))),
            Data::Tiny(bytes) => all.push((column, DATA, run::of_bytes(&bytes))),
            Data::Numbers(numbers) => all.push((column, DATA, run::of_signed(&numbers))),
            Data::Plain(bytes) => all.push((column, DATA, bytes)),
            Data::Texts(bytes, lengths) => {
                all.push((column, DATA, bytes));
                all.push((column, LENGTH, run::of_unsigned(&lengths)));
            }
            Data::Lengths(lengths) => all.push((column, LENGTH, run::of_unsigned(&lengths))),
            Data::Decimals(bytes, scales) => {
                all.push((column, DATA, bytes));
                all.push((column, SECONDARY, run::of_signed(&scales)));
            }
            Data::Times(seconds, parts) => {
                all.push((column, DATA, run::of_signed(&seconds)));
                all.push((column, SECONDARY, run::of_unsigned(&parts)));
            }
        }
        for child in self.children {
            child.add(next, all);
        }
    }
}

/// Seconds since 2015 and nanoseconds. Before 1970, seconds are those of the next whole one, as the first writers had
/// them: parts of the last second before 1970 cannot be told, and are read as those of the first one. Zeros at the end of
/// nanoseconds are counted.
fn time(micros: i64) -> (i64, u64) {
    let (mut seconds, nanos) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000).unsigned_abs() * 1000);
    if seconds < 0 && nanos > 999_999 {
        seconds += 1;
    }
    let (mut left, mut zeros) = (nanos, 0);
    while left > 0 && left.is_multiple_of(10) && zeros < 8 {
        left /= 10;
        zeros += 1;
    }
    // Fewer than two zeros are not worth it.
    let part = if zeros < 2 { nanos << 3 } else { left << 3 | (zeros - 1) };
    (seconds - EPOCH, part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_seconds_have_no_zeros_at_the_end() {
        assert_eq!(time(1_420_070_400_000_000), (0, 0));
        assert_eq!(time(1_420_070_401_000_001), (1, 1 << 3 | 2));
        assert_eq!(time(1_420_070_400_500_000), (0, 5 << 3 | 7));
        assert_eq!(time(-500_000), (-EPOCH, 5 << 3 | 7));
        assert_eq!(time(-1_000_000), (-EPOCH - 1, 0));
    }
}
