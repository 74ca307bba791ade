//! Members that stand in headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use welkin_model::{Kind, Member, Service, Shape, TimestampFormat};

use crate::parse_error::{Fail, ParseErrorKind};
use crate::route::wire_name;
use crate::scalar;
use crate::serialise_error::{Problem, SerialiseError};
use crate::{Fraction, Map, Name, Value};

/// Reads the header of `member`; `None` if it was not sent.
pub(crate) fn read(
    service: &'static Service,
    member: &'static Member,
    headers: &HeaderMap,
) -> Result<Option<Value>, Fail> {
    let name = wire_name(member);
    let shape = service.shape(member.shape);
    if let Kind::List { member: item, .. } = &shape.kind {
        return list(service, item, headers, name);
    }
    let Some(header) = headers.get(name) else { return Ok(None) };
    let text = text(header);
    if member.json_value {
        let json = scalar::decode_base64(&text).map_err(|f| f.of(name, &text))?;
        let json = String::from_utf8(json.to_vec()).map_err(|_| Fail::malformed("A header is not UTF-8."))?;
        return Ok(Some(Value::String(json)));
    }
    scalar(shape, Some(member), &text, name).map(Some)
}

fn scalar(shape: &'static Shape, member: Option<&Member>, text: &str, name: &str) -> Result<Value, Fail> {
    let value = scalar::from_text(shape, member, text, TimestampFormat::Rfc822);
    value.map_err(|fail| Fail { parameter: None, ..fail }.of(name, text))
}

/// Text of a header: UTF-8, or else Latin-1.
pub(crate) fn text(header: &HeaderValue) -> String {
    let bytes = header.as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

fn list(
    service: &'static Service,
    item: &'static Member,
    headers: &HeaderMap,
    name: &str,
) -> Result<Option<Value>, Fail> {
    let shape = service.shape(item.shape);
    let dates = matches!(shape.kind, Kind::Timestamp { .. })
        && scalar::timestamp_format(Some(item), shape, TimestampFormat::Rfc822) == TimestampFormat::Rfc822;
    let mut list = Vec::new();
    let mut sent = false;
    for header in headers.get_all(name) {
        sent = true;
        for piece in split_list(&text(header), dates)? {
            list.push(scalar(shape, Some(item), &piece, name)?);
        }
    }
    Ok(sent.then_some(Value::List(list)))
}

/// Splits at commas outside quotes; at every second comma where items are dates.
fn split_list(text: &str, dates: bool) -> Result<Vec<String>, Fail> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (item, after) = unquote(quoted)?;
            items.push(item);
            rest = after.trim_start().strip_prefix(',').unwrap_or_default().trim_start();
            continue;
        }
        let first = rest.find(',');
        let end = match first {
            Some(first) if dates => rest[first + 1..].find(',').map(|second| first + 1 + second),
            other => other,
        };
        let (item, after) = end.map_or((rest, ""), |end| (&rest[..end], &rest[end + 1..]));
        items.push(item.trim().to_owned());
        rest = after.trim_start();
    }
    Ok(items)
}

fn unquote(text: &str) -> Result<(String, &str), Fail> {
    let mut item = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Ok((item, &text[at + 1..])),
            '\\' => item.extend(chars.next().map(|(_, c)| c)),
            _ => item.push(char),
        }
    }
    Err(Fail::new(ParseErrorKind::Malformed, "A quoted item of a header does not end."))
}

/// Reads the headers that start with the prefix of `member` into a map.
pub(crate) fn read_prefixed(member: &'static Member, headers: &HeaderMap) -> Option<Value> {
    let prefix = member.location_name.unwrap_or_default().to_ascii_lowercase();
    let mut map = Map::new();
    for name in headers.keys() {
        if let Some(rest) = name.as_str().strip_prefix(prefix.as_str()) {
            let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
            map.push(Name::Owned(rest.to_owned()), values.join(","));
        }
    }
    (!map.is_empty()).then_some(Value::Map(map))
}

/// Adds the header or headers of `member`.
pub(crate) fn write(
    service: &'static Service,
    member: &'static Member,
    value: &Value,
    headers: &mut HeaderMap,
) -> Result<(), SerialiseError> {
    let shape = service.shape(member.shape);
    let text = match (&shape.kind, value) {
        (Kind::List { .. }, Value::List(list)) if list.is_empty() => return Ok(()),
        (Kind::List { member: item, .. }, Value::List(list)) => {
            let shape = service.shape(item.shape);
            let items = list.iter().map(|v| item_text(shape, item, v)).collect::<Result<Vec<_>, _>>()?;
            items.join(",")
        }
        (_, Value::String(json)) if member.json_value => scalar::encode_base64(json.as_bytes()),
        _ => to_text(shape, member, value)?,
    };
    let name = HeaderName::from_bytes(wire_name(member).as_bytes()).map_err(|_| bad())?;
    headers.insert(name, header_value(&text)?);
    Ok(())
}

fn item_text(shape: &'static Shape, member: &'static Member, value: &Value) -> Result<String, SerialiseError> {
    let text = to_text(shape, member, value)?;
    let quote = matches!(shape.kind, Kind::String { .. }) && text.contains([',', '"']);
    Ok(if quote { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) } else { text })
}

fn to_text(shape: &'static Shape, member: &'static Member, value: &Value) -> Result<String, SerialiseError> {
    scalar::to_text(shape, Some(member), value, TimestampFormat::Rfc822, Fraction::AsNeeded)
        .ok_or_else(|| SerialiseError::kind(shape, value))
}

/// Adds the headers of a map with a prefix.
pub(crate) fn write_prefixed(
    service: &'static Service,
    member: &'static Member,
    value: &Value,
    headers: &mut HeaderMap,
) -> Result<(), SerialiseError> {
    let Value::Map(map) = value else { return Err(SerialiseError::kind(service.shape(member.shape), value)) };
    for (key, value) in map.iter() {
        let Value::String(text) = value else { return Err(SerialiseError::new(Problem::Text).within(key)) };
        let name = format!("{}{key}", member.location_name.unwrap_or_default());
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad().within(key))?;
        headers.append(name, header_value(text).map_err(|e| e.within(key))?);
    }
    Ok(())
}

pub(crate) fn header_value(text: &str) -> Result<HeaderValue, SerialiseError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| bad())
}

fn bad() -> SerialiseError {
    SerialiseError::new(Problem::Text)
}
