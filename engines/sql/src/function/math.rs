//! Mathematics.
//!
//! <https://trino.io/docs/current/functions/math.html>,
//! <https://trino.io/docs/current/functions/bitwise.html>

use super::{List, Types};
use crate::error::{Code, Result, SqlError};
use crate::number::{fits, pow10, rescale, round_div};
use crate::types::Type;
use crate::value::Value;

type OfDouble = fn(f64) -> f64;

/// Functions of one double.
const DOUBLES: &[(&str, OfDouble)] = &[
    ("sqrt", f64::sqrt),
    ("cbrt", f64::cbrt),
    ("exp", f64::exp),
    ("ln", f64::ln),
    ("log2", f64::log2),
    ("log10", f64::log10),
    ("sin", f64::sin),
    ("cos", f64::cos),
    ("tan", f64::tan),
    ("asin", f64::asin),
    ("acos", f64::acos),
    ("atan", f64::atan),
    ("sinh", f64::sinh),
    ("cosh", f64::cosh),
    ("tanh", f64::tanh),
    ("degrees", f64::to_degrees),
    ("radians", f64::to_radians),
];

macro_rules! doubles {
    ($list:expr, $($n:literal),+) => {
        $(if let Some((name, _)) = DOUBLES.get($n) {
            $list.plain(name, "(double) -> double", |args| Ok(Value::Double(DOUBLES[$n].1(args[0].as_f64()?))));
        })+
    };
}

pub(super) fn register(list: &mut List) {
    doubles!(list, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    rounding(list);
    list.typed("abs", "(I) -> I", |types, args| {
        let number = args[0].as_int()?;
        let most = match types.result {
            Type::Tinyint => i8::MAX.into(),
            Type::Smallint => i16::MAX.into(),
            Type::Integer => i32::MAX.into(),
            _ => i64::MAX,
        };
        let positive = number.checked_abs().filter(|positive| *positive <= most);
        positive
            .map(Value::Integer)
            .ok_or_else(|| SqlError::range(format!("Value {number} is out of range for abs({})", types.result)))
    });
    list.plain("abs", "(D) -> D", |args| decimal(&args[0]).map(|(digits, scale)| Value::Decimal(digits.abs(), scale)));
    list.plain("abs", "(real) -> real", |args| Ok(Value::Real(args[0].as_f64()?.abs() as f32)));
    list.plain("abs", "(double) -> double", |args| Ok(Value::Double(args[0].as_f64()?.abs())));
    list.plain("sign", "(I) -> I", |args| Ok(Value::Integer(args[0].as_int()?.signum())));
    list.plain("sign", "(D) -> decimal", |args| {
        decimal(&args[0]).map(|(digits, _)| Value::Decimal(digits.signum(), 0))
    });
    list.plain("sign", "(double) -> double", |args| {
        let number = args[0].as_f64()?;
        Ok(Value::Double(if number == 0.0 || number.is_nan() { number } else { number.signum() }))
    });
    {
        let name = "mod";
        list.plain(name, "(I, I) -> I", |args| match args[1].as_int()? {
            0 => Err(zero()),
            by => Ok(Value::Integer(args[0].as_int()?.wrapping_rem(by))),
        });
        list.plain(name, "(bigint, bigint) -> bigint", |args| match args[1].as_int()? {
            0 => Err(zero()),
            by => Ok(Value::Integer(args[0].as_int()?.wrapping_rem(by))),
        });
        list.plain(name, "(D, D) -> D", |args| match (decimal(&args[0])?, decimal(&args[1])?) {
            (_, (0, _)) => Err(zero()),
            ((a, scale), (b, _)) => Ok(Value::Decimal(a % b, scale)),
        });
        list.plain(name, "(double, double) -> double", |args| Ok(Value::Double(args[0].as_f64()? % args[1].as_f64()?)));
    }
    for name in ["pow", "power"] {
        list.plain(name, "(double, double) -> double", |args| {
            Ok(Value::Double(args[0].as_f64()?.powf(args[1].as_f64()?)))
        });
    }
    list.plain("log", "(double, double) -> double", |args| {
        Ok(Value::Double(args[1].as_f64()?.ln() / args[0].as_f64()?.ln()))
    });
    list.plain("atan2", "(double, double) -> double", |args| {
        Ok(Value::Double(args[0].as_f64()?.atan2(args[1].as_f64()?)))
    });
    list.plain("e", "() -> double", |_| Ok(Value::Double(std::f64::consts::E)));
    list.plain("pi", "() -> double", |_| Ok(Value::Double(std::f64::consts::PI)));
    list.plain("nan", "() -> double", |_| Ok(Value::Double(f64::NAN)));
    list.plain("infinity", "() -> double", |_| Ok(Value::Double(f64::INFINITY)));
    list.plain("is_nan", "(double) -> boolean", |args| Ok(Value::Boolean(args[0].as_f64()?.is_nan())));
    list.plain("is_finite", "(double) -> boolean", |args| Ok(Value::Boolean(args[0].as_f64()?.is_finite())));
    list.plain("is_infinite", "(double) -> boolean", |args| Ok(Value::Boolean(args[0].as_f64()?.is_infinite())));
    for name in ["greatest", "least"] {
        list.plain(
            name,
            "(E, E...) -> E",
            if name == "greatest" { |args| extreme(args, true) } else { |args| extreme(args, false) },
        );
    }
    list.plain("width_bucket", "(double, double, double, bigint) -> bigint", width_bucket);
    list.plain("width_bucket", "(double, array(double)) -> bigint", |args| {
        let (number, bins) = (args[0].as_f64()?, args[1].as_array()?);
        let bins = bins.iter().map(Value::as_f64).collect::<Result<Vec<_>>>()?;
        if bins.is_empty() {
            return Err(SqlError::argument("Bins cannot be an empty array"));
        }
        Ok(Value::Integer(bins.partition_point(|bin| *bin <= number) as i64))
    });
    list.plain("from_base", "(varchar, bigint) -> bigint", |args| {
        let (text, base) = (args[0].as_str()?, radix(args[1].as_int()?)?);
        i64::from_str_radix(text, base)
            .map(Value::Integer)
            .map_err(|_| SqlError::argument(format!("Not a valid base-{base} number: {text}")))
    });
    list.plain("to_base", "(bigint, bigint) -> varchar", |args| {
        let (number, base) = (args[0].as_int()?, radix(args[1].as_int()?)?);
        Ok(Value::text(to_base(number, base)))
    });
    bits(list);
}

fn zero() -> SqlError {
    SqlError::new(Code::DivisionByZero, "Division by zero")
}

pub(super) fn decimal(value: &Value) -> Result<(i128, u8)> {
    match value {
        Value::Decimal(digits, scale) => Ok((*digits, *scale)),
        other => Err(SqlError::internal(format!("{other:?} is no decimal"))),
    }
}

fn extreme(args: &[Value], greatest: bool) -> Result<Value> {
    let best = args.iter().reduce(|best, one| {
        let order = one.order(best);
        if (greatest && order.is_gt()) || (!greatest && order.is_lt()) { one } else { best }
    });
    Ok(best.cloned().unwrap_or(Value::Null))
}

fn radix(base: i64) -> Result<u32> {
    match u32::try_from(base) {
        Ok(base @ 2..=36) => Ok(base),
        _ => Err(SqlError::argument("Radix must be between 2 and 36")),
    }
}

fn to_base(number: i64, base: u32) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % u64::from(base)) as u32, base).unwrap_or('0'));
        rest /= u64::from(base);
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.into_iter().rev().collect()
}

fn width_bucket(args: &[Value]) -> Result<Value> {
    let (x, low, high, count) = (args[0].as_f64()?, args[1].as_f64()?, args[2].as_f64()?, args[3].as_int()?);
    if count <= 0 {
        return Err(SqlError::argument("bucketCount must be greater than 0"));
    }
    if low == high {
        return Err(SqlError::argument("bounds cannot equal each other"));
    }
    let (lower, upper) = (low.min(high), low.max(high));
    let bucket = if x < lower {
        0
    } else if x >= upper {
        count + 1
    } else {
        (count as f64 * (x - lower) / (upper - lower) + 1.0) as i64
    };
    Ok(Value::Integer(if low > high { count - bucket + 1 } else { bucket }))
}

fn rounding(list: &mut List) {
    for name in ["ceil", "ceiling", "floor", "round", "truncate"] {
        list.plain(name, "(I) -> I", |args| Ok(args[0].clone()));
    }
    for name in ["ceil", "ceiling"] {
        list.plain(name, "(D) -> decimal", |args| {
            let (digits, scale) = decimal(&args[0])?;
            let one = pow10(u32::from(scale));
            Ok(Value::Decimal(digits.div_euclid(one) + i128::from(digits.rem_euclid(one) != 0), 0))
        });
        list.plain(name, "(real) -> real", |args| Ok(Value::Real(args[0].as_f64()?.ceil() as f32)));
        list.plain(name, "(double) -> double", |args| Ok(Value::Double(args[0].as_f64()?.ceil())));
    }
    list.plain("floor", "(D) -> decimal", |args| {
        decimal(&args[0]).map(|(digits, scale)| Value::Decimal(digits.div_euclid(pow10(u32::from(scale))), 0))
    });
    list.plain("floor", "(real) -> real", |args| Ok(Value::Real(args[0].as_f64()?.floor() as f32)));
    list.plain("floor", "(double) -> double", |args| Ok(Value::Double(args[0].as_f64()?.floor())));
    list.plain("truncate", "(D) -> decimal", |args| {
        decimal(&args[0]).map(|(digits, scale)| Value::Decimal(digits / pow10(u32::from(scale)), 0))
    });
    list.plain("truncate", "(real) -> real", |args| Ok(Value::Real(args[0].as_f64()?.trunc() as f32)));
    list.plain("truncate", "(double) -> double", |args| Ok(Value::Double(args[0].as_f64()?.trunc())));
    list.typed("truncate", "(D, bigint) -> D", |types, args| {
        let (digits, scale) = decimal(&args[0])?;
        let _ = types;
        let cut = (i64::from(scale) - args[1].as_int()?).clamp(0, 38);
        let step = pow10(cut as u32);
        Ok(Value::Decimal(digits / step * step, scale))
    });
    list.plain("truncate", "(double, bigint) -> double", |args| {
        let step = 10_f64.powi(clamp(args[1].as_int()?));
        Ok(Value::Double((args[0].as_f64()? * step).trunc() / step))
    });
    list.plain("round", "(D) -> decimal", |args| {
        decimal(&args[0]).map(|(digits, scale)| Value::Decimal(round_div(digits, pow10(u32::from(scale))), 0))
    });
    list.plain("round", "(real) -> real", |args| Ok(Value::Real(args[0].as_f64()?.round() as f32)));
    list.plain("round", "(double) -> double", |args| Ok(Value::Double(args[0].as_f64()?.round())));
    list.plain("round", "(I, bigint) -> I", |args| {
        let (number, places) = (args[0].as_int()?, args[1].as_int()?);
        if places >= 0 {
            return Ok(Value::Integer(number));
        }
        let step = pow10((-places).min(38) as u32);
        let rounded = round_div(i128::from(number), step) * step;
        i64::try_from(rounded).map(Value::Integer).map_err(|_| SqlError::range(format!("numerical overflow: {number}")))
    });
    list.typed("round", "(D, bigint) -> D", |types, args| {
        let (digits, scale) = decimal(&args[0])?;
        let places = args[1].as_int()?;
        if places >= i64::from(scale) {
            return Ok(Value::Decimal(digits, scale));
        }
        let step = pow10((i64::from(scale) - places).clamp(0, 38) as u32);
        let rounded = round_div(digits, step).checked_mul(step);
        let fitting =
            rounded.filter(|digits| matches!(types.result, Type::Decimal(precision, _) if fits(*digits, precision)));
        Ok(Value::Decimal(fitting.ok_or_else(|| SqlError::range("decimal overflow"))?, scale))
    });
    list.plain("round", "(real, bigint) -> real", |args| {
        Ok(Value::Real(match &args[0] {
            Value::Real(number) => round_to(f64::from(*number), args[1].as_int()?, &number.to_string()) as f32,
            other => other.as_f64()? as f32,
        }))
    });
    list.plain("round", "(double, bigint) -> double", |args| {
        let number = args[0].as_f64()?;
        Ok(Value::Double(round_to(number, args[1].as_int()?, &number.to_string())))
    });
}

fn clamp(places: i64) -> i32 {
    places.clamp(-400, 400) as i32
}

/// Rounds as the digits read, half away from zero: 2.675 is no less than it looks.
fn round_to(number: f64, places: i64, written: &str) -> f64 {
    if !number.is_finite() {
        return number;
    }
    let exact = || {
        let (digits, scale) = crate::number::read(written)?;
        let to = u8::try_from(places).ok()?;
        if to >= scale {
            return Some(number);
        }
        crate::number::write(rescale(digits, scale, to)?, to).parse().ok()
    };
    exact().unwrap_or_else(|| {
        let step = 10_f64.powi(clamp(places));
        let rounded = (number * step).round() / step;
        if rounded.is_finite() { rounded } else { number }
    })
}

fn bits(list: &mut List) {
    list.plain("bitwise_and", "(bigint, bigint) -> bigint", |args| {
        Ok(Value::Integer(args[0].as_int()? & args[1].as_int()?))
    });
    list.plain("bitwise_or", "(bigint, bigint) -> bigint", |args| {
        Ok(Value::Integer(args[0].as_int()? | args[1].as_int()?))
    });
    list.plain("bitwise_xor", "(bigint, bigint) -> bigint", |args| {
        Ok(Value::Integer(args[0].as_int()? ^ args[1].as_int()?))
    });
    list.plain("bitwise_not", "(bigint) -> bigint", |args| Ok(Value::Integer(!args[0].as_int()?)));
    list.typed("bitwise_left_shift", "(I, bigint) -> I", |types, args| {
        shift(types, args, |bits, by| bits.checked_shl(by).unwrap_or(0))
    });
    list.typed("bitwise_right_shift", "(I, bigint) -> I", |types, args| {
        shift(types, args, |bits, by| bits.checked_shr(by).unwrap_or(0))
    });
    list.plain("bitwise_right_shift_arithmetic", "(I, bigint) -> I", |args| {
        Ok(Value::Integer(args[0].as_int()? >> args[1].as_int()?.clamp(0, 63)))
    });
    list.plain("bit_count", "(bigint, bigint) -> bigint", |args| {
        let (number, bits) = (args[0].as_int()?, args[1].as_int()?);
        if !(2..=64).contains(&bits) {
            return Err(SqlError::argument(format!(
                "Bits specified in bit_count must be between 2 and 64, got {bits}"
            )));
        }
        let half = 1_i128 << (bits - 1);
        if i128::from(number) >= half || i128::from(number) < -half {
            return Err(SqlError::argument(format!(
                "Number must be representable with the bits specified. {number} cannot be represented with {bits} bits"
            )));
        }
        let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
        Ok(Value::Integer(i64::from((number as u64 & mask).count_ones())))
    });
}

fn shift(types: &Types, args: &[Value], apply: fn(u64, u32) -> u64) -> Result<Value> {
    let width = match types.result {
        Type::Tinyint => 8,
        Type::Smallint => 16,
        Type::Integer => 32,
        _ => 64,
    };
    let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
    let by = u32::try_from(args[1].as_int()?).unwrap_or(64);
    let bits = apply(args[0].as_int()? as u64 & mask, by) & mask;
    // The highest bit of the type is its sign.
    let signed = (bits << (64 - width)) as i64 >> (64 - width);
    Ok(Value::Integer(signed))
}

/// The digits of what rounding makes of a decimal, which signatures cannot say.
///
/// <https://trino.io/docs/current/functions/math.html>
pub(crate) fn rounded_type(name: &str, given: &[Type]) -> Option<Type> {
    match (name, given) {
        ("ceil" | "ceiling" | "floor" | "round", [Type::Decimal(precision, scale)]) => {
            Some(Type::Decimal(precision - scale + scale.min(&1), 0))
        }
        ("truncate", [Type::Decimal(precision, scale)]) => Some(Type::Decimal((precision - scale).max(1), 0)),
        ("sign", [Type::Decimal(..)]) => Some(Type::Decimal(1, 0)),
        ("round", [Type::Decimal(precision, scale), _]) => Some(Type::Decimal((precision + 1).min(38), *scale)),
        _ => None,
    }
}
