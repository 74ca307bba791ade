//! Text.
//!
//! <https://trino.io/docs/current/functions/string.html>

use super::{List, Types};
use crate::error::{Result, SqlError};
use crate::types::Type;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("lower", "(varchar(x)) -> varchar(x)", |args| Ok(Value::text(args[0].as_str()?.to_lowercase())));
    list.plain("upper", "(varchar(x)) -> varchar(x)", |args| Ok(Value::text(args[0].as_str()?.to_uppercase())));
    list.plain("length", "(varchar) -> bigint", |args| Ok(Value::Integer(args[0].as_str()?.chars().count() as i64)));
    list.plain("length", "(varbinary) -> bigint", |args| Ok(Value::Integer(args[0].as_bytes()?.len() as i64)));
    list.plain("reverse", "(varchar(x)) -> varchar(x)", |args| {
        Ok(Value::text(args[0].as_str()?.chars().rev().collect::<String>()))
    });
    list.plain("reverse", "(varbinary) -> varbinary", |args| {
        Ok(Value::bytes(args[0].as_bytes()?.iter().rev().copied().collect::<Vec<_>>()))
    });
    trims(list);
    list.plain("concat", "(varchar, varchar...) -> varchar", |args| {
        Ok(Value::text(args.iter().map(Value::as_str).collect::<Result<Vec<_>>>()?.concat()))
    });
    list.plain("concat", "(varbinary, varbinary...) -> varbinary", |args| {
        Ok(Value::bytes(args.iter().map(Value::as_bytes).collect::<Result<Vec<_>>>()?.concat()))
    });
    list.plain("concat_ws", "(varchar, array(varchar)) -> varchar", |args| {
        let parts =
            args[1].as_array()?.iter().filter(|part| !part.is_null()).map(Value::as_str).collect::<Result<Vec<_>>>()?;
        Ok(Value::text(parts.join(args[0].as_str()?)))
    });
    list.plain("concat_ws", "(varchar, varchar...) -> varchar", |args| {
        if args[0].is_null() {
            return Ok(Value::Null);
        }
        let parts = args[1..].iter().filter(|part| !part.is_null()).map(Value::as_str).collect::<Result<Vec<_>>>()?;
        Ok(Value::text(parts.join(args[0].as_str()?)))
    })
    .with_nulls();
    for name in ["substr", "substring"] {
        list.plain(name, "(varchar(x), bigint) -> varchar(x)", |args| {
            substring(args[0].as_str()?, args[1].as_int()?, None)
        });
        list.plain(name, "(varchar(x), bigint, bigint) -> varchar(x)", |args| {
            substring(args[0].as_str()?, args[1].as_int()?, Some(args[2].as_int()?))
        });
        list.plain(name, "(varbinary, bigint) -> varbinary", |args| {
            bytes(args[0].as_bytes()?, args[1].as_int()?, None)
        });
        list.plain(name, "(varbinary, bigint, bigint) -> varbinary", |args| {
            bytes(args[0].as_bytes()?, args[1].as_int()?, Some(args[2].as_int()?))
        });
    }
    list.plain("strpos", "(varchar, varchar) -> bigint", |args| position(args[0].as_str()?, args[1].as_str()?, 1));
    list.plain("strpos", "(varchar, varchar, bigint) -> bigint", |args| {
        position(args[0].as_str()?, args[1].as_str()?, args[2].as_int()?)
    });
    list.plain("position", "(varchar, varchar) -> bigint", |args| position(args[1].as_str()?, args[0].as_str()?, 1));
    list.plain("starts_with", "(varchar, varchar) -> boolean", |args| {
        Ok(Value::Boolean(args[0].as_str()?.starts_with(args[1].as_str()?)))
    });
    list.plain("replace", "(varchar, varchar) -> varchar", |args| {
        Ok(Value::text(args[0].as_str()?.replace(args[1].as_str()?, "")))
    });
    list.plain("replace", "(varchar, varchar, varchar) -> varchar", |args| {
        let (text, from, to) = (args[0].as_str()?, args[1].as_str()?, args[2].as_str()?);
        Ok(Value::text(text.replace(from, to)))
    });
    list.plain("split", "(varchar, varchar) -> array(varchar)", |args| split(args, None));
    list.plain("split", "(varchar, varchar, bigint) -> array(varchar)", |args| split(args, Some(args[2].as_int()?)));
    list.plain("split_part", "(varchar, varchar, bigint) -> varchar", |args| {
        let (text, delimiter, index) = (args[0].as_str()?, args[1].as_str()?, args[2].as_int()?);
        if index <= 0 {
            return Err(SqlError::argument("Index must be greater than zero"));
        }
        if delimiter.is_empty() {
            return Ok(text.chars().nth(index as usize - 1).map_or(Value::Null, |c| Value::text(c.to_string())));
        }
        Ok(text.split(delimiter).nth(index as usize - 1).map_or(Value::Null, Value::text))
    });
    list.plain("split_to_map", "(varchar, varchar, varchar) -> map(varchar, varchar)", |args| {
        let mut entries: Vec<(Value, Value)> = Vec::new();
        for (key, value) in pairs(args)? {
            if entries.iter().any(|(own, _)| own.same(&key)) {
                return Err(SqlError::argument(format!("Duplicate keys ({}) are not allowed", key.as_str()?)));
            }
            entries.push((key, value));
        }
        Ok(Value::Map(entries.into()))
    });
    list.plain("split_to_multimap", "(varchar, varchar, varchar) -> map(varchar, array(varchar))", |args| {
        let mut entries: Vec<(Value, Vec<Value>)> = Vec::new();
        for (key, value) in pairs(args)? {
            match entries.iter_mut().find(|(own, _)| own.same(&key)) {
                Some((_, all)) => all.push(value),
                None => entries.push((key, vec![value])),
            }
        }
        Ok(Value::Map(entries.into_iter().map(|(key, all)| (key, Value::array(all))).collect()))
    });
    list.plain("lpad", "(varchar, bigint, varchar) -> varchar", |args| pad(args, true));
    list.plain("rpad", "(varchar, bigint, varchar) -> varchar", |args| pad(args, false));
    list.plain("chr", "(bigint) -> varchar", |args| {
        let code = args[0].as_int()?;
        let c = u32::try_from(code).ok().and_then(char::from_u32);
        c.map(|c| Value::text(c.to_string()))
            .ok_or_else(|| SqlError::argument(format!("Not a valid Unicode code point: {code}")))
    });
    list.plain("codepoint", "(varchar) -> integer", |args| {
        let mut chars = args[0].as_str()?.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(Value::Integer(i64::from(u32::from(c)))),
            _ => Err(SqlError::argument("Input must be a single character string")),
        }
    });
    list.plain("translate", "(varchar, varchar, varchar) -> varchar", |args| {
        let (from, to): (Vec<char>, Vec<char>) =
            (args[1].as_str()?.chars().collect(), args[2].as_str()?.chars().collect());
        let one = |c: char| match from.iter().position(|own| *own == c) {
            Some(at) => to.get(at).copied(),
            None => Some(c),
        };
        Ok(Value::text(args[0].as_str()?.chars().filter_map(one).collect::<String>()))
    });
    list.plain("levenshtein_distance", "(varchar, varchar) -> bigint", |args| {
        let (a, b): (Vec<char>, Vec<char>) = (args[0].as_str()?.chars().collect(), args[1].as_str()?.chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut corner = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let next = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
                corner = row[j + 1];
                row[j + 1] = next;
            }
        }
        Ok(Value::Integer(row[b.len()] as i64))
    });
    list.plain("hamming_distance", "(varchar, varchar) -> bigint", |args| {
        let (a, b): (Vec<char>, Vec<char>) = (args[0].as_str()?.chars().collect(), args[1].as_str()?.chars().collect());
        if a.len() != b.len() {
            return Err(SqlError::argument("The input strings to hamming_distance function must have the same length"));
        }
        Ok(Value::Integer(a.iter().zip(&b).filter(|(a, b)| a != b).count() as i64))
    });
    list.plain("to_utf8", "(varchar) -> varbinary", |args| Ok(Value::bytes(args[0].as_str()?)));
    list.plain("from_utf8", "(varbinary) -> varchar", |args| {
        Ok(Value::text(String::from_utf8_lossy(args[0].as_bytes()?)))
    });
    list.plain("from_utf8", "(varbinary, varchar) -> varchar", |args| {
        let text = String::from_utf8_lossy(args[0].as_bytes()?);
        Ok(Value::text(text.replace('\u{fffd}', args[1].as_str()?)))
    });
    list.plain("luhn_check", "(varchar) -> boolean", luhn);
    list.plain("soundex", "(varchar) -> varchar", |args| soundex(args[0].as_str()?));
    list.typed("format", "(varchar, E) -> varchar", format);
    for n in 2..=8 {
        let letters = ["A", "B", "C", "D", "F", "G", "H", "J"];
        let mut signature = "(varchar".to_owned();
        letters[..n].iter().for_each(|letter| signature.push_str(&format!(", {}", letter.replace('D', "K"))));
        signature.push_str(") -> varchar");
        list.typed("format", &signature, format);
    }
}

fn trims(list: &mut List) {
    for name in ["trim", "ltrim", "rtrim"] {
        let (left, right) = (name != "rtrim", name != "ltrim");
        let one: fn(&[Value]) -> Result<Value> = match (left, right) {
            (true, true) => |args| trim(args, " \t\n\r\u{b}\u{c}", true, true),
            (true, false) => |args| trim(args, " \t\n\r\u{b}\u{c}", true, false),
            _ => |args| trim(args, " \t\n\r\u{b}\u{c}", false, true),
        };
        let two: fn(&[Value]) -> Result<Value> = match (left, right) {
            (true, true) => |args| trim(args, args[1].as_str()?, true, true),
            (true, false) => |args| trim(args, args[1].as_str()?, true, false),
            _ => |args| trim(args, args[1].as_str()?, false, true),
        };
        list.plain(name, "(varchar(x)) -> varchar(x)", one);
        list.plain(name, "(varchar(x), varchar) -> varchar", two);
    }
}

fn trim(args: &[Value], set: &str, left: bool, right: bool) -> Result<Value> {
    let mut text = args[0].as_str()?;
    if left {
        text = text.trim_start_matches(|c| set.contains(c));
    }
    if right {
        text = text.trim_end_matches(|c| set.contains(c));
    }
    Ok(Value::text(text))
}

/// Where a part begins and ends, both counted from 0; nothing when it is outside.
fn part(length: i64, start: i64, count: Option<i64>) -> Option<(usize, usize)> {
    let from = match start {
        0 => return None,
        start if start > 0 => start - 1,
        start => length + start,
    };
    let end = count.map_or(length, |count| from.saturating_add(count).min(length));
    (from >= 0 && from < end).then(|| Some((usize::try_from(from).ok()?, usize::try_from(end).ok()?)))?
}

fn substring(text: &str, start: i64, count: Option<i64>) -> Result<Value> {
    let length = text.chars().count() as i64;
    Ok(Value::text(match part(length, start, count) {
        Some((from, end)) => text.chars().skip(from).take(end - from).collect::<String>(),
        None => String::new(),
    }))
}

fn bytes(all: &[u8], start: i64, count: Option<i64>) -> Result<Value> {
    Ok(Value::bytes(part(all.len() as i64, start, count).map_or(&[][..], |(from, end)| &all[from..end])))
}

fn position(text: &str, what: &str, instance: i64) -> Result<Value> {
    if instance == 0 {
        return Err(SqlError::argument("'instance' must be a positive or negative number."));
    }
    if what.is_empty() {
        return Ok(Value::Integer(1));
    }
    let nth = instance.unsigned_abs() as usize - 1;
    // Occurrences may overlap.
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(what) {
        places.push(from + at);
        from += at + text[from + at..].chars().next().map_or(1, char::len_utf8);
    }
    let at = if instance > 0 { places.get(nth) } else { places.iter().rev().nth(nth) };
    Ok(Value::Integer(at.map_or(0, |at| text[..*at].chars().count() as i64 + 1)))
}

fn split(args: &[Value], limit: Option<i64>) -> Result<Value> {
    let (text, delimiter) = (args[0].as_str()?, args[1].as_str()?);
    if delimiter.is_empty() {
        return Err(SqlError::argument("The delimiter may not be the empty string"));
    }
    match limit {
        None => Ok(Value::Array(text.split(delimiter).map(Value::text).collect())),
        Some(limit) if limit > 0 => Ok(Value::Array(text.splitn(limit as usize, delimiter).map(Value::text).collect())),
        Some(_) => Err(SqlError::argument("Limit must be positive")),
    }
}

fn pairs(args: &[Value]) -> Result<Vec<(Value, Value)>> {
    let (text, entries, fields) = (args[0].as_str()?, args[1].as_str()?, args[2].as_str()?);
    if entries.is_empty() || fields.is_empty() {
        return Err(SqlError::argument("entryDelimiter and keyValueDelimiter must not be empty"));
    }
    if entries == fields {
        return Err(SqlError::argument("entryDelimiter and keyValueDelimiter must not be the same"));
    }
    let pair = |entry: &str| {
        let fail = || {
            SqlError::argument(format!(
                "Key-value delimiter must appear exactly once in each entry. Bad input: '{entry}'"
            ))
        };
        let (key, value) = entry.split_once(fields).ok_or_else(fail)?;
        if value.contains(fields) { Err(fail()) } else { Ok((Value::text(key), Value::text(value))) }
    };
    text.split(entries).filter(|entry| !entry.is_empty()).map(pair).collect()
}

fn pad(args: &[Value], left: bool) -> Result<Value> {
    let (text, size, filler) = (args[0].as_str()?, args[1].as_int()?, args[2].as_str()?);
    let size = usize::try_from(size)
        .ok()
        .filter(|size| *size <= 1 << 24)
        .ok_or_else(|| SqlError::argument("Target length must be in the range [0..2147483647]"))?;
    if filler.is_empty() {
        return Err(SqlError::argument("Padding string must not be empty"));
    }
    let length = text.chars().count();
    if length >= size {
        return Ok(Value::text(text.chars().take(size).collect::<String>()));
    }
    let padding: String = filler.chars().cycle().take(size - length).collect();
    Ok(Value::text(if left { format!("{padding}{text}") } else { format!("{text}{padding}") }))
}

fn luhn(args: &[Value]) -> Result<Value> {
    let text = args[0].as_str()?;
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SqlError::argument("luhn_check: input must be all digits"));
    }
    let sum: u32 = text
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, b)| match (n % 2, u32::from(b - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    Ok(Value::Boolean(sum.is_multiple_of(10)))
}

fn soundex(text: &str) -> Result<Value> {
    let code = |c: char| match c.to_ascii_uppercase() {
        'B' | 'F' | 'P' | 'V' => '1',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => '2',
        'D' | 'T' => '3',
        'L' => '4',
        'M' | 'N' => '5',
        'R' => '6',
        _ => '0',
    };
    let mut letters = text.chars().filter(char::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return Ok(Value::text("")) };
    let mut out = first.to_ascii_uppercase().to_string();
    let mut last = code(first);
    for c in letters {
        let own = code(c);
        if own != '0' && own != last {
            out.push(own);
        }
        if !matches!(c.to_ascii_uppercase(), 'H' | 'W') {
            last = own;
        }
    }
    Ok(Value::text(format!("{out:0<4}").chars().take(4).collect::<String>()))
}

/// Java's format of numbers and text, as far as values of SQL need it.
///
/// <https://trino.io/docs/current/functions/conversion.html#format>
fn format(types: &Types, args: &[Value]) -> Result<Value> {
    let pattern = args[0].as_str()?;
    let fail = || SqlError::argument(format!("Invalid format string: {pattern}"));
    let (mut out, mut rest, mut next) = (String::new(), pattern, 1);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%').ok_or_else(fail)?;
        let (spec, conversion) = (&rest[..end], rest[end..].chars().next().ok_or_else(fail)?);
        rest = &rest[end + 1..];
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
        out.push_str(&one(spec, conversion, of, value).ok_or_else(fail)?);
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
