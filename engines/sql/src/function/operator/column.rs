//! Arithmetic and comparison of whole columns.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, PrimitiveArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{
    ArrowNativeTypeOp, ArrowPrimitiveType, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, i256,
};

use crate::error::{Code, Result, SqlError};
use crate::function::Types;
use crate::number::{fits, pow10, rescale, round_div};
use crate::syntax::ast::{BinaryOp, CompareOp};
use crate::types::Type;

type Run = fn(&Types, &[ArrayRef]) -> Result<ArrayRef>;

fn zero() -> SqlError {
    SqlError::new(Code::DivisionByZero, "Division by zero")
}

/// The kernel of an operator on integers.
pub(super) fn integers(op: BinaryOp) -> Option<Run> {
    macro_rules! kernel {
        ($apply:ident, $word:literal, $sign:literal) => {
            |types, args| {
                by_type(
                    types,
                    args,
                    &|a, b| a.$apply(b),
                    &|a, b| a.$apply(b),
                    &|a, b| a.$apply(b),
                    &|a, b| a.$apply(b),
                    $word,
                    $sign,
                )
            }
        };
    }
    Some(match op {
        BinaryOp::Add => kernel!(checked_add, "addition", "+"),
        BinaryOp::Subtract => kernel!(checked_sub, "subtraction", "-"),
        BinaryOp::Multiply => kernel!(checked_mul, "multiplication", "*"),
        BinaryOp::Divide => kernel!(checked_div, "division", "/"),
        BinaryOp::Modulus => |types, args| {
            let rest = "modulus";
            by_type(
                types,
                args,
                &|a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) },
                &|a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) },
                &|a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) },
                &|a, b| if b == 0 { None } else { Some(a.wrapping_rem(b)) },
                rest,
                "%",
            )
        },
        BinaryOp::Concat => return None,
    })
}

#[expect(clippy::too_many_arguments, reason = "one function for each width")]
fn by_type(
    types: &Types,
    args: &[ArrayRef],
    tiny: &dyn Fn(i8, i8) -> Option<i8>,
    small: &dyn Fn(i16, i16) -> Option<i16>,
    int: &dyn Fn(i32, i32) -> Option<i32>,
    big: &dyn Fn(i64, i64) -> Option<i64>,
    word: &str,
    sign: &str,
) -> Result<ArrayRef> {
    match types.result {
        Type::Tinyint => each::<Int8Type>(types, args, tiny, word, sign),
        Type::Smallint => each::<Int16Type>(types, args, small, word, sign),
        Type::Integer => each::<Int32Type>(types, args, int, word, sign),
        _ => each::<Int64Type>(types, args, big, word, sign),
    }
}

fn each<T: ArrowPrimitiveType>(
    types: &Types,
    args: &[ArrayRef],
    apply: &dyn Fn(T::Native, T::Native) -> Option<T::Native>,
    word: &str,
    sign: &str,
) -> Result<ArrayRef>
where
    T::Native: ArrowNativeTypeOp,
{
    let (left, right) = (args[0].as_primitive::<T>(), args[1].as_primitive::<T>());
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    let mut out = Vec::with_capacity(left.len());
    for n in 0..left.len() {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(n)) {
            out.push(T::default_value());
            continue;
        }
        let (a, b) = (left.value(n), right.value(n));
        match apply(a, b) {
            Some(result) => out.push(result),
            None if matches!(sign, "/" | "%") && b.is_zero() => return Err(zero()),
            None => return Err(SqlError::range(format!("{} {word} overflow: {a:?} {sign} {b:?}", types.result))),
        }
    }
    Ok(Arc::new(PrimitiveArray::<T>::new(out.into(), nulls)))
}

/// The kernel of an operator on decimals.
pub(super) fn decimals(op: BinaryOp) -> Option<Run> {
    Some(match op {
        BinaryOp::Add => |types, args| {
            let of = Scales::of(types)?;
            let (left, right) = of.factors();
            let narrow = |a: i64, b: i64| i128::from(a) * left + i128::from(b) * right;
            each_decimal(types, args, of.aligns().then_some(narrow), false, |a, b, of| {
                let (a, b) = aligned(a, b, of)?;
                a.checked_add(b)
            })
        },
        BinaryOp::Subtract => |types, args| {
            let of = Scales::of(types)?;
            let (left, right) = of.factors();
            let narrow = |a: i64, b: i64| i128::from(a) * left - i128::from(b) * right;
            each_decimal(types, args, of.aligns().then_some(narrow), false, |a, b, of| {
                let (a, b) = aligned(a, b, of)?;
                a.checked_sub(b)
            })
        },
        BinaryOp::Multiply => |types, args| {
            let narrow = |a: i64, b: i64| i128::from(a) * i128::from(b);
            each_decimal(types, args, Some(narrow), false, |a, b, _| a.checked_mul(b))
        },
        BinaryOp::Divide => |types, args| each_decimal(types, args, NONE, true, divide),
        BinaryOp::Modulus => |types, args| {
            each_decimal(types, args, NONE, true, |a, b, of| {
                let (a, b) = aligned(a, b, of)?;
                Some(a % b)
            })
        },
        BinaryOp::Concat => return None,
    })
}

/// No way for digits that fit 64 bits.
const NONE: Option<fn(i64, i64) -> i128> = None;

/// Scales of the arguments and the result.
struct Scales {
    left: u8,
    right: u8,
    result: u8,
}

impl Scales {
    fn of(types: &Types) -> Result<Self> {
        let (Type::Decimal(_, left), Type::Decimal(_, right), Type::Decimal(_, result)) =
            (&types.args[0], &types.args[1], &types.result)
        else {
            return Err(SqlError::internal("decimals expected"));
        };
        Ok(Self { left: *left, right: *right, result: *result })
    }

    /// By what the arguments are multiplied so that their points are in the same place.
    fn factors(&self) -> (i128, i128) {
        let scale = self.left.max(self.right);
        (pow10(u32::from(scale - self.left)), pow10(u32::from(scale - self.right)))
    }

    /// Whether the sum of arguments of 64 bits cannot overflow when their points are in the same place.
    fn aligns(&self) -> bool {
        self.left.abs_diff(self.right) <= 18
    }
}

fn aligned(a: i128, b: i128, of: &Scales) -> Option<(i128, i128)> {
    let scale = of.left.max(of.right);
    Some((rescale(a, of.left, scale)?, rescale(b, of.right, scale)?))
}

fn divide(a: i128, b: i128, of: &Scales) -> Option<i128> {
    let up = u32::from(of.result + of.right - of.left);
    if let Some(dividend) = a.checked_mul(10_i128.checked_pow(up)?) {
        return Some(round_div(dividend, b));
    }
    let dividend = i256::from_i128(a).checked_mul(i256::from_i128(pow10(up)))?;
    let divisor = i256::from_i128(b);
    let (quotient, rest) = (dividend.checked_div(divisor)?, dividend.checked_rem(divisor)?);
    let double = rest.checked_mul(i256::from_i128(2))?;
    let away = double.wrapping_abs() >= divisor.wrapping_abs();
    let quotient = quotient.to_i128()?;
    Some(if away { quotient + if (a < 0) == (b < 0) { 1 } else { -1 } } else { quotient })
}

/// Computes a column of decimals: all at once by `narrow` where the digits of all arguments fit 64 bits, which nearly
/// always they do and which cannot overflow; else one by one.
fn each_decimal(
    types: &Types,
    args: &[ArrayRef],
    narrow: Option<impl Fn(i64, i64) -> i128>,
    divides: bool,
    apply: fn(i128, i128, &Scales) -> Option<i128>,
) -> Result<ArrayRef> {
    let of = Scales::of(types)?;
    let Type::Decimal(precision, scale) = types.result else { return Err(SqlError::internal("decimals expected")) };
    let (left, right) = (args[0].as_primitive::<Decimal128Type>(), args[1].as_primitive::<Decimal128Type>());
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    let at_once = narrow.and_then(|narrow| all_narrow(left.values(), right.values(), precision, narrow));
    let out = match at_once {
        Some(out) => out,
        None => {
            let mut out = Vec::with_capacity(left.len());
            for n in 0..left.len() {
                if nulls.as_ref().is_some_and(|nulls| nulls.is_null(n)) {
                    out.push(0);
                    continue;
                }
                let (a, b) = (left.value(n), right.value(n));
                if divides && b == 0 {
                    return Err(zero());
                }
                match apply(a, b, &of) {
                    Some(digits) if fits(digits, precision) => out.push(digits),
                    _ => return Err(SqlError::range("Decimal overflow")),
                }
            }
            out
        }
    };
    let array =
        Decimal128Array::new(out.into(), nulls).with_precision_and_scale(precision, i8::try_from(scale).unwrap_or(38));
    Ok(Arc::new(array.map_err(|why| SqlError::internal(why.to_string()))?))
}

/// The results, if all arguments fit 64 bits and all results the precision. What lies under a NULL counts too: it only
/// takes the slower way then.
fn all_narrow(left: &[i128], right: &[i128], precision: u8, apply: impl Fn(i64, i64) -> i128) -> Option<Vec<i128>> {
    let bound = pow10(u32::from(precision)).unsigned_abs();
    let mut good = true;
    let one = |(a, b): (&i128, &i128)| {
        let (low_a, low_b) = (*a as i64, *b as i64);
        let result = apply(low_a, low_b);
        good &= i128::from(low_a) == *a && i128::from(low_b) == *b && result.unsigned_abs() < bound;
        result
    };
    let out = left.iter().zip(right).map(one).collect();
    good.then_some(out)
}

/// The kernel of a comparison of doubles: nothing compares with NaN, and both zeros are one.
pub(super) fn doubles(op: CompareOp) -> Run {
    macro_rules! kernel {
        ($test:expr) => {
            |_, args| {
                let (left, right) = (args[0].as_primitive::<Float64Type>(), args[1].as_primitive::<Float64Type>());
                let nulls = NullBuffer::union(left.nulls(), right.nulls());
                let test: fn(f64, f64) -> bool = $test;
                let out = left.values().iter().zip(right.values()).map(|(a, b)| test(*a, *b)).collect();
                Ok(Arc::new(BooleanArray::new(out, nulls)))
            }
        };
    }
    match op {
        CompareOp::Equal => kernel!(|a, b| a == b),
        CompareOp::NotEqual => kernel!(|a, b| a != b),
        CompareOp::Less => kernel!(|a, b| a < b),
        CompareOp::LessOrEqual => kernel!(|a, b| a <= b),
        CompareOp::Greater => kernel!(|a, b| a > b),
        CompareOp::GreaterOrEqual => kernel!(|a, b| a >= b),
    }
}
