//! The bucket of a row, as Hive's first version of bucketing has it.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/ctas-partitioning-and-bucketing.html>,
//! <https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL+BucketedTables>

use crate::catalog::Column;
use crate::engine::Batch;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Puts rows into buckets by some of their columns.
#[derive(Clone, Debug)]
pub struct Buckets {
    columns: Vec<(usize, Type)>,
    count: u32,
}

impl Buckets {
    /// So many buckets, by these columns of a query.
    ///
    /// # Errors
    /// `NOT_SUPPORTED` for a type by which there are no buckets.
    pub fn new(count: u32, columns: &[usize], query: &[Column]) -> Result<Self> {
        let mut of = Vec::new();
        for (n, column) in columns.iter().filter_map(|n| Some((*n, query.get(*n)?))) {
            let hashed = matches!(
                column.ty,
                Type::Boolean
                    | Type::Tinyint
                    | Type::Smallint
                    | Type::Integer
                    | Type::Bigint
                    | Type::Real
                    | Type::Double
                    | Type::Varchar(_)
                    | Type::Date
            );
            if !hashed {
                let message = format!("Cannot bucket by column {} of the type {}", column.name, column.ty);
                return Err(SqlError::new(Code::NotSupported, message));
            }
            of.push((n, column.ty.clone()));
        }
        Ok(Self { columns: of, count: count.max(1) })
    }

    /// The bucket of a row, from 0.
    pub fn of(&self, batch: &Batch, row: usize) -> u32 {
        let all = self.columns.iter().map(|(n, ty)| hash(ty, &batch.value(*n, row)));
        let hash = all.fold(0i32, |all, one| all.wrapping_mul(31).wrapping_add(one));
        (hash & i32::MAX).unsigned_abs() % self.count
    }
}

/// The hash of a value in Java.
fn hash(ty: &Type, value: &Value) -> i32 {
    match value {
        Value::Boolean(it) => i32::from(*it),
        Value::Integer(it) if *ty == Type::Bigint => fold(*it),
        Value::Integer(it) => i32::try_from(*it).unwrap_or_default(),
        // Both zeros are one value.
        Value::Real(it) => (it + 0.0).to_bits().cast_signed(),
        Value::Double(it) => fold((it + 0.0).to_bits().cast_signed()),
        Value::Date(it) => *it,
        Value::Text(it) => {
            it.bytes().fold(0i32, |all, byte| all.wrapping_mul(31).wrapping_add(i32::from(byte.cast_signed())))
        }
        _ => 0,
    }
}

/// The upper half over the lower one.
fn fold(it: i64) -> i32 {
    let bits = it.cast_unsigned();
    let folded = (bits ^ (bits >> 32)) & u64::from(u32::MAX);
    u32::try_from(folded).unwrap_or_default().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_java() {
        assert_eq!(hash(&Type::VARCHAR, &Value::text("hello")), 99_162_322);
        assert_eq!(hash(&Type::Integer, &Value::Integer(-7)), -7);
        assert_eq!(hash(&Type::Bigint, &Value::Integer(-1)), 0);
        assert_eq!(hash(&Type::Bigint, &Value::Integer(1 << 32)), 1);
        assert_eq!(hash(&Type::Double, &Value::Double(1.0)), 1_072_693_248);
        assert_eq!(hash(&Type::Double, &Value::Double(-0.0)), 0);
        assert_eq!(hash(&Type::Integer, &Value::Null), 0);
    }
}
