//! `format`: values in a text, by Java's patterns.
//!
//! <https://trino.io/docs/current/functions/conversion.html#formatting>

use super::datetime::local;
use super::datetime_format::java_time;
use super::{List, Types};
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.typed("format", "(varchar, E) -> varchar", format).with_nulls();
    for n in 2..=8 {
        let letters = ["A", "B", "C", "D", "F", "G", "H", "J"];
        let mut signature = "(varchar".to_owned();
        letters[..n].iter().for_each(|letter| signature.push_str(&format!(", {}", letter.replace('D', "K"))));
        signature.push_str(") -> varchar");
        list.typed("format", &signature, format).with_nulls();
    }
}

/// Java's format of numbers, texts and moments, as far as values of SQL need it.
fn format(types: &Types, args: &[Value]) -> Result<Value> {
    if args[0].is_null() {
        return Ok(Value::Null);
    }
    let pattern = args[0].as_str()?;
    let fail = || SqlError::argument(format!("Invalid format string: {pattern}"));
    let (mut out, mut rest, mut next) = (String::new(), pattern, 1);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%').ok_or_else(fail)?;
        let (spec, conversion) = (&rest[..end], rest[end..].chars().next().ok_or_else(fail)?);
        rest = &rest[end + 1..];
        // Of a moment, another letter tells which part of it.
        let part = if matches!(conversion, 't' | 'T') { rest.chars().next() } else { None };
        rest = &rest[part.map_or(0, char::len_utf8)..];
        if conversion == '%' || conversion == 'n' {
            out.push(if conversion == 'n' { '\n' } else { '%' });
            continue;
        }
        let (index, spec) = match spec.split_once('$') {
            Some((index, spec)) => (index.parse::<usize>().map_err(|_| fail())?, spec),
            None => {
                next += 1;
                (next - 1, spec)
            }
        };
        let (value, of) = (args.get(index).ok_or_else(fail)?, types.args.get(index).ok_or_else(fail)?);
        out.push_str(&match part {
            _ if value.is_null() => one(spec, 's', of, value).ok_or_else(fail)?,
            Some(part) => java_time(local(value).map_err(|_| fail())?, part).ok_or_else(fail)?,
            None => one(spec, conversion, of, value).ok_or_else(fail)?,
        });
    }
    out.push_str(rest);
    Ok(Value::text(out))
}

fn one(spec: &str, conversion: char, of: &Type, value: &Value) -> Option<String> {
    let flags: String = spec.chars().take_while(|c| "-+ 0,(#".contains(*c)).collect();
    let (width, precision) = match spec[flags.len()..].split_once('.') {
        Some((width, precision)) => (width, Some(precision.parse::<usize>().ok()?)),
        None => (&spec[flags.len()..], None),
    };
    let width: usize = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width < 10_000)? };
    let body = match conversion {
        's' | 'S' => {
            let shown = super::cast::show(of, value);
            let shown = precision.map_or(shown.clone(), |n| shown.chars().take(n).collect());
            if conversion == 'S' { shown.to_uppercase() } else { shown }
        }
        'd' => grouped(
            &match value {
                Value::Integer(it) => it.to_string(),
                _ => return None,
            },
            &flags,
        ),
        'x' | 'X' => {
            let hex = format!("{:x}", value.as_int().ok()?);
            if conversion == 'X' { hex.to_uppercase() } else { hex }
        }
        'o' => format!("{:o}", value.as_int().ok()?),
        'b' => value.as_bool().ok()?.to_string(),
        'f' => {
            let places = precision.unwrap_or(6);
            let text = match value {
                Value::Decimal(digits, scale) => {
                    let to = u8::try_from(places).ok()?;
                    crate::number::write(crate::number::rescale(*digits, *scale, to)?, to)
                }
                other => format!("{:.places$}", other.as_f64().ok()?),
            };
            grouped(&text, &flags)
        }
        'e' | 'E' => {
            let text = format!("{:.*e}", precision.unwrap_or(6), value.as_f64().ok()?);
            let (mantissa, exponent) = text.split_once('e')?;
            let exponent: i32 = exponent.parse().ok()?;
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.abs())
        }
        _ => return None,
    };
    let missing = width.saturating_sub(body.chars().count());
    Some(if flags.contains('-') {
        format!("{body}{}", " ".repeat(missing))
    } else if flags.contains('0') && conversion != 's' {
        let digits = body.trim_start_matches(['-', '+']);
        format!("{}{}{digits}", &body[..body.len() - digits.len()], "0".repeat(missing))
    } else {
        format!("{}{body}", " ".repeat(missing))
    })
}

/// With commas and a sign, if the flags ask for them.
fn grouped(text: &str, flags: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let mut out = String::new();
    for (n, c) in whole.chars().enumerate() {
        if flags.contains(',') && n > 0 && (whole.len() - n) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    let sign = if sign.is_empty() && flags.contains('+') { "+" } else { sign };
    format!("{sign}{out}{part}")
}
