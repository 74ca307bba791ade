//! Text.
//!
//! <https://trino.io/docs/current/functions/string.html>

use unicode_normalization::UnicodeNormalization;

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("lower", "(varchar(x)) -> varchar(x)", |args| {
        Ok(Value::text(one_to_one(args[0].as_str()?, char::to_lowercase)))
    });
    list.plain("upper", "(varchar(x)) -> varchar(x)", |args| {
        Ok(Value::text(one_to_one(args[0].as_str()?, char::to_uppercase)))
    });
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
    list.plain("codepoint", "(varchar(1)) -> integer", |args| {
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
    list.plain("normalize", "(varchar) -> varchar", |args| normalized(args[0].as_str()?, "NFC"));
    list.plain("normalize", "(varchar, varchar) -> varchar", |args| normalized(args[0].as_str()?, args[1].as_str()?));
    list.plain("luhn_check", "(varchar) -> boolean", luhn);
    list.plain("soundex", "(varchar) -> varchar", |args| soundex(args[0].as_str()?));
}

/// Characters whose other case is several characters stay as they are, as the documentation warns.
fn one_to_one<I: Iterator<Item = char>>(text: &str, case: fn(char) -> I) -> String {
    let one = |c: char| {
        let mut other = case(c);
        match (other.next(), other.next()) {
            (Some(only), None) => only,
            _ => c,
        }
    };
    text.chars().map(one).collect()
}

/// A text in a normal form of Unicode.
fn normalized(text: &str, form: &str) -> Result<Value> {
    Ok(Value::text(match form.to_ascii_lowercase().as_str() {
        "nfd" => text.nfd().collect::<String>(),
        "nfc" => text.nfc().collect(),
        "nfkd" => text.nfkd().collect(),
        "nfkc" => text.nfkc().collect(),
        _ => {
            return Err(SqlError::argument(format!(
                "Normalization form must be one of [NFD, NFC, NFKD, NFKC]: {form}"
            )));
        }
    }))
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
