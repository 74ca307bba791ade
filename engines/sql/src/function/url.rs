//! URLs.
//!
//! <https://trino.io/docs/current/functions/url.html>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::List;
use crate::error::{Result, SqlError};
use crate::value::Value;

/// What Java's form encoding leaves as it is, but for the space.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_');

pub(super) fn register(list: &mut List) {
    list.plain("url_extract_protocol", "(varchar) -> varchar", |args| part(args, |url| url.scheme));
    list.plain("url_extract_host", "(varchar) -> varchar", |args| part(args, |url| url.host));
    list.plain("url_extract_path", "(varchar) -> varchar", |args| part(args, |url| url.path));
    list.plain("url_extract_query", "(varchar) -> varchar", |args| part(args, |url| url.query));
    list.plain("url_extract_fragment", "(varchar) -> varchar", |args| part(args, |url| url.fragment));
    list.plain("url_extract_port", "(varchar) -> bigint", |args| {
        let port = split(args[0].as_str()?).and_then(|url| url.port.parse::<i64>().ok());
        Ok(port.map_or(Value::Null, Value::Integer))
    });
    list.plain("url_extract_parameter", "(varchar, varchar) -> varchar", |args| {
        let Some(url) = split(args[0].as_str()?) else { return Ok(Value::Null) };
        let wanted = args[1].as_str()?;
        for pair in url.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if decode(name)? == wanted {
                return Ok(Value::text(decode(value)?));
            }
        }
        Ok(Value::Null)
    });
    list.plain("url_encode", "(varchar) -> varchar", |args| {
        Ok(Value::text(utf8_percent_encode(args[0].as_str()?, FORM).to_string().replace("%20", "+")))
    });
    list.plain("url_decode", "(varchar) -> varchar", |args| Ok(Value::text(decode(args[0].as_str()?)?)));
}

struct Url<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

/// Splits by the rules of RFC 3986; `None` for what has characters that no URL has.
fn split(text: &str) -> Option<Url<'_>> {
    if text.contains([' ', '<', '>', '"', '{', '}', '|', '\\', '^', '`']) {
        return None;
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = match rest.split_once(':') {
        Some((scheme, rest)) if !scheme.is_empty() && !scheme.contains('/') => (scheme, rest),
        _ => ("", rest),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(after) => after.split_at(after.find('/').unwrap_or(after.len())),
        None => ("", rest),
    };
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
        _ => (server, ""),
    };
    Some(Url { scheme, host, port, path, query, fragment })
}

fn part(args: &[Value], of: for<'a> fn(Url<'a>) -> &'a str) -> Result<Value> {
    Ok(split(args[0].as_str()?).map_or(Value::Null, |url| Value::text(of(url))))
}

fn decode(text: &str) -> Result<String> {
    let plus = text.replace('+', " ");
    percent_decode_str(&plus)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| SqlError::argument(format!("Invalid URL encoding: {text}")))
}
