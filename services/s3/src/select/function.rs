//! Functions, casts and LIKE.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html>

use super::error::{Result, SelectError};
use super::syntax::{Function, Side, Type};
use super::time::Time;
use super::value::{Number, Value};

fn illegal(what: &str) -> SelectError {
    SelectError::new("IllegalSqlFunctionArgument", format!("Illegal argument was used in the SQL function: {what}"))
}

/// The value of a call. Of arguments that are absent most know nothing to say.
///
/// # Errors
/// `IllegalSqlFunctionArgument`, `ValueParseFailure`, and those of patterns.
pub(super) fn call(function: Function, args: Vec<Value>, now: i64) -> Result<Value> {
    match function {
        Function::Coalesce => return Ok(args.into_iter().find(|arg| !arg.is_absent()).unwrap_or(Value::Null)),
        Function::UtcNow => return Ok(Value::Time(Time::at(now))),
        _ => {}
    }
    let mut args = args.into_iter();
    let (first, second, third) = (args.next().unwrap_or(Value::Null), args.next(), args.next());
    if let (Function::NullIf, Some(second)) = (function, &second) {
        let same = first.compare(second).is_some_and(std::cmp::Ordering::is_eq);
        return Ok(if same { Value::Null } else { first });
    }
    if [Some(&first), second.as_ref(), third.as_ref()].into_iter().flatten().any(Value::is_absent) {
        return Ok(Value::Null);
    }
    let second = second.unwrap_or(Value::Null);
    Ok(match function {
        Function::DateAdd(part) => Value::Time(time(&second)?.add(part, int(&first)?)?),
        Function::DateDiff(part) => Value::Int(time(&first)?.until(part, &time(&second)?)?),
        Function::Extract(part) => Value::Int(time(&first)?.part(part)),
        Function::ToString => Value::Text(time(&first)?.format(&text(&second)?)?),
        Function::ToTimestamp => {
            let text = text(&first)?;
            let message = "Time stamp parse failure in the SQL expression.";
            Value::Time(Time::parse(&text).ok_or_else(|| SelectError::new("ValueParseFailure", message))?)
        }
        Function::CharLength => Value::Int(i64::try_from(text(&first)?.chars().count()).unwrap_or(i64::MAX)),
        Function::Lower => Value::Text(text(&first)?.to_lowercase()),
        Function::Upper => Value::Text(text(&first)?.to_uppercase()),
        Function::Substring => {
            Value::Text(substring(&text(&first)?, int(&second)?, third.as_ref().map(int).transpose()?)?)
        }
        Function::Trim(side) => Value::Text(trim(&text(&first)?, side, &text(&second)?)),
        Function::Coalesce | Function::NullIf | Function::UtcNow => first,
    })
}

fn text(value: &Value) -> Result<String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        other => Err(illegal(&format!("{} is no string", other.to_json()))),
    }
}

fn int(value: &Value) -> Result<i64> {
    match value.number() {
        Some(Number::Int(int)) => Ok(int),
        _ => Err(illegal(&format!("{} is no integer", value.to_json()))),
    }
}

fn time(value: &Value) -> Result<Time> {
    match value {
        Value::Time(time) => Ok(*time),
        other => Err(illegal(&format!("{} is no timestamp", other.to_json()))),
    }
}

/// Characters from `start` on, counted from 1; what lies before the first one counts, too.
fn substring(text: &str, start: i64, length: Option<i64>) -> Result<String> {
    if length.is_some_and(|length| length < 0) {
        return Err(illegal("a negative length"));
    }
    let end = length.map_or(i64::MAX, |length| start.saturating_add(length));
    let within = |at: usize| i64::try_from(at).is_ok_and(|at| at + 1 >= start && at + 1 < end);
    Ok(text.chars().enumerate().filter(|(at, _)| within(*at)).map(|(_, c)| c).collect())
}

fn trim(text: &str, side: Side, chars: &str) -> String {
    let is_one = |c: char| chars.contains(c);
    match side {
        Side::Leading => text.trim_start_matches(is_one),
        Side::Trailing => text.trim_end_matches(is_one),
        Side::Both => text.trim_matches(is_one),
    }
    .to_owned()
}

/// A value as one of another type.
///
/// # Errors
/// `CastFailed`.
pub(super) fn cast(value: Value, to: Type) -> Result<Value> {
    if value.is_absent() {
        return Ok(value);
    }
    let cast = match to {
        Type::Bool => to_bool(&value),
        Type::Int => to_int(&value).map(Value::Int),
        Type::Float => plain_number(&value).map(|number| Value::Float(number.to_float())),
        Type::Decimal(limits) => to_decimal(&value, limits),
        Type::Text => Some(Value::Text(value.show())),
        Type::Time => match &value {
            Value::Time(time) => Some(Value::Time(*time)),
            Value::Text(text) => Time::parse(text.trim()).map(Value::Time),
            _ => None,
        },
    };
    cast.ok_or_else(|| {
        let message = "Attempt to convert from one data type to another using CAST failed in the SQL expression";
        SelectError::cast(format!("{message}: {}", value.to_json()))
    })
}

fn plain_number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(it) => Some(Number::Int((*it).into())),
        other => other.number(),
    }
}

fn to_bool(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(it) => Some(Value::Bool(*it)),
        Value::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Value::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        Value::Text(_) => None,
        other => other.number().map(|number| Value::Bool(number.to_float() != 0.0)),
    }
}

fn to_int(value: &Value) -> Option<i64> {
    match plain_number(value)? {
        Number::Int(int) => Some(int),
        Number::Decimal(decimal) => decimal.to_int(),
        // The greatest double below 2^63 is an integer.
        Number::Float(float) if float.abs() < 9_223_372_036_854_775_808.0 => Some(float as i64),
        Number::Float(_) => None,
    }
}

fn to_decimal(value: &Value, limits: Option<(u32, u32)>) -> Option<Value> {
    let decimal = match plain_number(value)? {
        Number::Float(float) => super::decimal::Decimal::parse(&float.to_string())?,
        number => number.to_decimal()?,
    };
    let Some((precision, scale)) = limits else { return Some(Value::Decimal(decimal)) };
    decimal.round(scale).filter(|decimal| decimal.fits(precision - scale)).map(Value::Decimal)
}

/// Whether a text fits a pattern of `%` and `_`; `None` if that is not known.
///
/// # Errors
/// `LikeInvalidInputs`, `EvaluatorLikePatternInvalidEscapeSequence`.
pub(super) fn like(of: &Value, pattern: &Value, escape: Option<&Value>) -> Result<Option<bool>> {
    if of.is_absent() || pattern.is_absent() || escape.is_some_and(Value::is_absent) {
        return Ok(None);
    }
    let invalid =
        || SelectError::new("LikeInvalidInputs", "Invalid argument given to the LIKE clause in the SQL expression.");
    let text = |value: &Value| text(value).map_err(|_| invalid());
    let escape = match escape {
        None => None,
        Some(escape) => {
            let escape = text(escape)?;
            let mut chars = escape.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => Some(one),
                _ => return Err(invalid()),
            }
        }
    };
    let pattern = compile(&text(pattern)?, escape)?;
    Ok(Some(matches(&text(of)?.chars().collect::<Vec<_>>(), &pattern)))
}

#[derive(Clone, Copy, PartialEq)]
enum Glob {
    Any,
    One,
    Char(char),
}

fn compile(pattern: &str, escape: Option<char>) -> Result<Vec<Glob>> {
    let mut globs = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        globs.push(match c {
            c if Some(c) == escape => match chars.next() {
                Some(next @ ('%' | '_')) => Glob::Char(next),
                Some(next) if Some(next) == escape => Glob::Char(next),
                _ => {
                    let message = "An escape character in a LIKE pattern must be followed by %, _ or itself.";
                    return Err(SelectError::new("EvaluatorLikePatternInvalidEscapeSequence", message));
                }
            },
            '%' => Glob::Any,
            '_' => Glob::One,
            other => Glob::Char(other),
        });
    }
    Ok(globs)
}

/// Goes back to the last `%` only, which is enough.
fn matches(text: &[char], pattern: &[Glob]) -> bool {
    let (mut at, mut own, mut back) = (0, 0, None);
    while at < text.len() {
        match pattern.get(own) {
            Some(Glob::Any) => {
                back = Some((own + 1, at));
                own += 1;
            }
            Some(Glob::One) => (at, own) = (at + 1, own + 1),
            Some(Glob::Char(c)) if *c == text[at] => (at, own) = (at + 1, own + 1),
            _ => match back {
                Some((after, from)) => {
                    back = Some((after, from + 1));
                    (at, own) = (from + 1, after);
                }
                None => return false,
            },
        }
    }
    pattern.get(own..).is_none_or(|rest| rest.iter().all(|glob| *glob == Glob::Any))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_or_do_not() {
        let fits = |text: &str, pattern: &str, escape: Option<&str>| {
            like(&Value::text(text), &Value::text(pattern), escape.map(Value::text).as_ref()).unwrap()
        };
        for (text, pattern, expected) in [
            ("abc", "a%", true),
            ("abc", "_b_", true),
            ("abc", "%b", false),
            ("", "%", true),
            ("aXbXc", "a%b%c", true),
            ("ä", "_", true),
            ("abc", "abcd", false),
            ("mississippi", "%iss%ip%", true),
        ] {
            assert_eq!(fits(text, pattern, None), Some(expected), "{text} {pattern}");
        }
        assert_eq!(fits("5%", "5\\%", Some("\\")), Some(true));
        assert_eq!(fits("55", "5\\%", Some("\\")), Some(false));
        let wrong = like(&Value::text("a"), &Value::text("\\a"), Some(&Value::text("\\"))).unwrap_err();
        assert_eq!(wrong.code, "EvaluatorLikePatternInvalidEscapeSequence");
        assert_eq!(like(&Value::Int(1), &Value::text("1"), None).unwrap_err().code, "LikeInvalidInputs");
    }

    /// The examples of the reference.
    #[test]
    fn parts_of_texts_are_cut_out() {
        assert_eq!(substring("123456789", 0, None).unwrap(), "123456789");
        assert_eq!(substring("123456789", 2, Some(3)).unwrap(), "234");
        assert_eq!(substring("123456789", -1, Some(4)).unwrap(), "12");
        assert_eq!(substring("123456789", 1, Some(0)).unwrap(), "");
        assert!(substring("1", 1, Some(-1)).is_err());
        assert_eq!(trim("   foobar   ", Side::Both, " "), "foobar");
        assert_eq!(trim("1112211foobar22211122", Side::Both, "12"), "foobar");
        assert_eq!(trim("  foobar  ", Side::Leading, " "), "foobar  ");
    }

    #[test]
    fn casts_follow_the_types() {
        let is = |value: Value, to: Type, expected: &str| assert_eq!(cast(value, to).unwrap().to_json(), expected);
        is(Value::text(" 12 "), Type::Int, "12");
        is(Value::text("1.9"), Type::Int, "1");
        is(Value::text("1e2"), Type::Float, "100.0");
        is(Value::text("2.345"), Type::Decimal(Some((5, 2))), "2.35");
        is(Value::text("TRUE"), Type::Bool, "true");
        is(Value::Bool(true), Type::Int, "1");
        is(Value::Int(5), Type::Text, "\"5\"");
        is(Value::text("2007-02T"), Type::Time, "\"2007-02T\"");
        is(Value::Null, Type::Int, "null");
        for (value, to) in [
            (Value::text("x"), Type::Int),
            (Value::text(""), Type::Float),
            (Value::text("1000"), Type::Decimal(Some((3, 0)))),
            (Value::text("maybe"), Type::Bool),
            (Value::text("never"), Type::Time),
            (Value::Float(1e30), Type::Int),
        ] {
            assert_eq!(cast(value, to).unwrap_err().code, "CastFailed");
        }
    }
}
