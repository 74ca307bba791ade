//! Regular expressions, and LIKE.
//!
//! <https://trino.io/docs/current/functions/regexp.html>,
//! <https://trino.io/docs/current/functions/comparison.html#pattern-comparison-like>

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use fancy_regex::{Captures, Regex};

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("like", "(varchar, varchar) -> boolean", |args| like(args, None));
    list.plain("like", "(varchar, varchar, varchar) -> boolean", |args| like(args, Some(args[2].as_str()?)));
    list.plain("regexp_like", "(varchar, varchar) -> boolean", |args| {
        Ok(Value::Boolean(compiled(args[1].as_str()?)?.is_match(args[0].as_str()?).map_err(failed)?))
    });
    list.plain("regexp_extract", "(varchar, varchar) -> varchar", |args| extract(args, 0));
    list.plain("regexp_extract", "(varchar, varchar, bigint) -> varchar", |args| extract(args, args[2].as_int()?));
    list.plain("regexp_extract_all", "(varchar, varchar) -> array(varchar)", |args| extract_all(args, 0));
    list.plain("regexp_extract_all", "(varchar, varchar, bigint) -> array(varchar)", |args| {
        extract_all(args, args[2].as_int()?)
    });
    list.plain("regexp_replace", "(varchar, varchar) -> varchar", |args| replace(args, ""));
    list.plain("regexp_replace", "(varchar, varchar, varchar) -> varchar", |args| replace(args, args[2].as_str()?));
    list.plain("regexp_replace", "(varchar, varchar, function(array(varchar), varchar)) -> varchar", |args| {
        let (text, regex) = (args[0].as_str()?, compiled(args[1].as_str()?)?);
        let groups = |found: &Captures<'_>| {
            Value::Array(
                (1..found.len()).map(|n| found.get(n).map_or(Value::Null, |it| Value::text(it.as_str()))).collect(),
            )
        };
        substitute(text, &regex, |found| {
            let result = (args[2].as_lambda()?.0)(&[vec![groups(found)]])?;
            Ok(result.first().and_then(|it| it.as_str().ok()).unwrap_or_default().to_owned())
        })
    });
    list.plain("regexp_split", "(varchar, varchar) -> array(varchar)", |args| {
        let (text, regex) = (args[0].as_str()?, compiled(args[1].as_str()?)?);
        let (mut parts, mut from) = (Vec::new(), 0);
        for found in regex.find_iter(text) {
            let found = found.map_err(failed)?;
            parts.push(Value::text(&text[from..found.start()]));
            from = found.end();
        }
        parts.push(Value::text(&text[from..]));
        Ok(Value::array(parts))
    });
    list.plain("regexp_count", "(varchar, varchar) -> bigint", |args| {
        let regex = compiled(args[1].as_str()?)?;
        Ok(Value::Integer(regex.find_iter(args[0].as_str()?).count() as i64))
    });
    list.plain("regexp_position", "(varchar, varchar) -> bigint", |args| position(args, 1, 1));
    list.plain("regexp_position", "(varchar, varchar, bigint) -> bigint", |args| position(args, args[2].as_int()?, 1));
    list.plain("regexp_position", "(varchar, varchar, bigint, bigint) -> bigint", |args| {
        position(args, args[2].as_int()?, args[3].as_int()?)
    });
}

/// Where a pattern occurs for the nth time from a character on, both counted from 1; -1 if it does not.
fn position(args: &[Value], start: i64, occurrence: i64) -> Result<Value> {
    let (text, regex) = (args[0].as_str()?, compiled(args[1].as_str()?)?);
    let number = |of: i64, what: &str| match usize::try_from(of - 1) {
        Ok(number) => Ok(number),
        Err(_) => Err(SqlError::argument(format!("{what} cannot be smaller than 1"))),
    };
    let (start, nth) = (number(start, "start position")?, number(occurrence, "occurrence")?);
    let Some((from, _)) = text.char_indices().nth(start) else { return Ok(Value::Integer(-1)) };
    // What is before the start is still looked at by \b and its like.
    let mut at = from;
    for n in 0.. {
        let Some(found) = regex.find_from_pos(text, at).map_err(failed)? else { break };
        if n == nth {
            return Ok(Value::Integer(text[..found.start()].chars().count() as i64 + 1));
        }
        let next = text[found.start()..].chars().next().map_or(1, char::len_utf8);
        at = found.end().max(found.start() + next);
        if at > text.len() {
            break;
        }
    }
    Ok(Value::Integer(-1))
}

thread_local! {
    /// The patterns of queries are few, and the same for every row.
    static KNOWN: RefCell<HashMap<String, Arc<Regex>>> = RefCell::default();
}

fn cached(key: String, make: impl FnOnce() -> Result<Regex>) -> Result<Arc<Regex>> {
    KNOWN.with(|known| {
        if let Some(regex) = known.borrow().get(&key) {
            return Ok(Arc::clone(regex));
        }
        let regex = Arc::new(make()?);
        let mut known = known.borrow_mut();
        if known.len() > 256 {
            known.clear();
        }
        known.insert(key, Arc::clone(&regex));
        Ok(regex)
    })
}

fn compiled(pattern: &str) -> Result<Arc<Regex>> {
    // Java's possessive and named groups are written the same; `\p{IsAlphabetic}` and the like are not.
    cached(format!("r{pattern}"), || {
        Regex::new(pattern).map_err(|why| SqlError::argument(format!("Invalid regular expression: {why}")))
    })
}

fn failed(why: fancy_regex::Error) -> SqlError {
    SqlError::argument(format!("Regular expression failed: {why}"))
}

fn like(args: &[Value], escape: Option<&str>) -> Result<Value> {
    let pattern = args[1].as_str()?;
    let escape = match escape.map(|escape| (escape.chars().next(), escape.chars().count())) {
        None => None,
        Some((Some(c), 1)) => Some(c),
        Some(_) => return Err(SqlError::argument("Escape string must be a single character")),
    };
    let regex = cached(format!("l{escape:?}{pattern}"), || {
        let mut out = String::from("(?s)\\A");
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            match c {
                c if Some(c) == escape => match chars.next() {
                    Some(next) if next == '%' || next == '_' || Some(next) == escape => {
                        out.push_str(&fancy_regex::escape(&next.to_string()))
                    }
                    _ => {
                        return Err(SqlError::argument(
                            "Escape character must be followed by '%', '_' or the escape character itself",
                        ));
                    }
                },
                '%' => out.push_str(".*"),
                '_' => out.push('.'),
                c => out.push_str(&fancy_regex::escape(&c.to_string())),
            }
        }
        out.push_str("\\z");
        Regex::new(&out).map_err(failed)
    })?;
    Ok(Value::Boolean(regex.is_match(args[0].as_str()?).map_err(failed)?))
}

fn group_of(regex: &Regex, group: i64) -> Result<usize> {
    let count = regex.captures_len() as i64 - 1;
    match group {
        group if group < 0 => Err(SqlError::argument("Group cannot be negative")),
        group if group > count => {
            Err(SqlError::argument(format!("Pattern has {count} groups. Cannot access group {group}")))
        }
        group => Ok(group as usize),
    }
}

fn extract(args: &[Value], group: i64) -> Result<Value> {
    let regex = compiled(args[1].as_str()?)?;
    let group = group_of(&regex, group)?;
    let found = regex.captures(args[0].as_str()?).map_err(failed)?;
    Ok(found.and_then(|found| found.get(group).map(|it| Value::text(it.as_str()))).unwrap_or(Value::Null))
}

fn extract_all(args: &[Value], group: i64) -> Result<Value> {
    let regex = compiled(args[1].as_str()?)?;
    let group = group_of(&regex, group)?;
    let mut all = Vec::new();
    for found in regex.captures_iter(args[0].as_str()?) {
        all.push(found.map_err(failed)?.get(group).map_or(Value::Null, |it| Value::text(it.as_str())));
    }
    Ok(Value::array(all))
}

fn substitute(text: &str, regex: &Regex, mut with: impl FnMut(&Captures<'_>) -> Result<String>) -> Result<Value> {
    let (mut out, mut from) = (String::new(), 0);
    for found in regex.captures_iter(text) {
        let found = found.map_err(failed)?;
        // INVARIANT: group 0 is the whole match.
        let Some(whole) = found.get(0) else { continue };
        out.push_str(&text[from..whole.start()]);
        out.push_str(&with(&found)?);
        from = whole.end();
    }
    out.push_str(&text[from..]);
    Ok(Value::text(out))
}

/// `$1`, `${name}` and `\$` in the replacement, as Java has them.
fn replace(args: &[Value], with: &str) -> Result<Value> {
    let regex = compiled(args[1].as_str()?)?;
    substitute(args[0].as_str()?, &regex, |found| {
        let mut out = String::new();
        let mut rest = with;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\\' => {
                    let next =
                        rest.chars().next().ok_or_else(|| SqlError::argument("character to be escaped is missing"))?;
                    out.push(next);
                    rest = &rest[next.len_utf8()..];
                }
                '$' if rest.starts_with('{') => {
                    let end = rest.find('}').ok_or_else(|| SqlError::argument("Illegal group reference"))?;
                    let name = &rest[1..end];
                    out.push_str(found.name(name).map_or("", |it| it.as_str()));
                    rest = &rest[end + 1..];
                }
                '$' => {
                    let mut end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    while end > 1 && rest[..end].parse::<usize>().is_ok_and(|n| n >= found.len()) {
                        end -= 1;
                    }
                    let n: usize = rest[..end]
                        .parse()
                        .map_err(|_| SqlError::argument("Illegal replacement sequence: unknown group"))?;
                    if n >= found.len() {
                        return Err(SqlError::argument(format!(
                            "Illegal replacement sequence: unknown group {{ {n} }}"
                        )));
                    }
                    out.push_str(found.get(n).map_or("", |it| it.as_str()));
                    rest = &rest[end..];
                }
                c => out.push(c),
            }
        }
        Ok(out)
    })
}
