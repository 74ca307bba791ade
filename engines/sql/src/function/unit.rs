//! Numbers with units.
//!
//! <https://trino.io/docs/current/functions/conversion.html#formatting>,
//! <https://trino.io/docs/current/functions/conversion.html#data-size>

use super::List;
use crate::error::{Result, SqlError};
use crate::number::{pow10, read};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("format_number", "(double) -> varchar", |args| Ok(Value::text(short(args[0].as_f64()?))));
    for name in ["parse_data_size", "parse_presto_data_size"] {
        list.plain(name, "(varchar) -> decimal", |args| data_size(args[0].as_str()?));
    }
}

/// Three digits and a letter for thousands, millions and so on.
fn short(number: f64) -> String {
    const UNITS: [&str; 6] = ["", "K", "M", "B", "T", "Q"];
    let mut rest = number.abs();
    let mut unit = 0;
    while rest >= 1000.0 && unit + 1 < UNITS.len() {
        rest /= 1000.0;
        unit += 1;
    }
    let places = match rest {
        rest if rest < 10.0 => 2,
        rest if rest < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{rest:.places$}");
    let text = if places > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{}{text}{}", if number < 0.0 { "-" } else { "" }, UNITS[unit])
}

/// `2.3MB` as bytes; what is below a byte is cut.
fn data_size(text: &str) -> Result<Value> {
    const UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    let fail = || SqlError::argument(format!("Invalid data size: '{text}'"));
    let at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(fail)?;
    let (digits, scale) = read(text[..at].trim()).ok_or_else(fail)?;
    let power = UNITS.iter().position(|unit| *unit == &text[at..]).ok_or_else(fail)?;
    let unit = 1024_i128.pow(u32::try_from(power).unwrap_or(0));
    let bytes = digits
        .checked_mul(unit)
        .ok_or_else(|| SqlError::range(format!("Value out of range: '{text}' ('{digits}{}')", UNITS[power])))?;
    Ok(Value::Decimal(bytes / pow10(u32::from(scale)), 0))
}
