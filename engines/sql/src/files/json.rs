//! The JSON SerDes: OpenX's, Hive's, and CloudTrail's.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/hive-json-serde.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html>

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Serde;
use super::field::{self, bad, formats};
use super::text::{Decoder, Wanted};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Decodes JSON objects.
pub(super) struct Json {
    wanted: Vec<Wanted>,
    kind: Kind,
    case_insensitive: bool,
    dots_in_keys: bool,
    ignore_malformed: bool,
    null_for_invalid: bool,
    /// The key of a column, where it is another than its name.
    keys: HashMap<String, String>,
    formats: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    OpenX,
    Hive,
    /// What does not fit is NULL.
    CloudTrail,
}

/// The members of an object, in their order.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visit;
        impl<'t> Visitor<'t> for Visit {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> std::result::Result<Members<'t>, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry::<Key<'t>, &'t RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

/// Why a value could not be had.
enum Problem {
    /// The text is no JSON.
    Syntax(String),
    /// The text is no value of the type.
    Mismatch(String),
}

impl From<serde_json::Error> for Problem {
    fn from(why: serde_json::Error) -> Self {
        Problem::Syntax(why.to_string())
    }
}

impl Json {
    fn new(kind: Kind, wanted: &[Wanted]) -> Self {
        Self {
            wanted: wanted.to_vec(),
            kind,
            case_insensitive: true,
            dots_in_keys: false,
            ignore_malformed: false,
            null_for_invalid: false,
            keys: HashMap::new(),
            formats: Vec::new(),
        }
    }

    pub(super) fn open_x(serde: &Serde, wanted: &[Wanted]) -> Self {
        let is = |name: &str, default: bool| serde.property(name).map_or(default, |it| it.eq_ignore_ascii_case("true"));
        let key = |column: &Wanted| {
            let key = serde.property(&format!("mapping.{}", column.name))?;
            Some((column.name.clone(), key.to_owned()))
        };
        Self {
            case_insensitive: is("case.insensitive", true),
            dots_in_keys: is("dots.in.keys", false),
            ignore_malformed: is("ignore.malformed.json", false),
            null_for_invalid: is("use.null.for.invalid.data", false),
            keys: wanted.iter().filter_map(key).collect(),
            formats: formats(serde.property("timestamp.formats")),
            ..Self::new(Kind::OpenX, wanted)
        }
    }

    pub(super) fn hive(serde: &Serde, wanted: &[Wanted]) -> Self {
        let is = |name: &str| serde.property(name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
        Self {
            ignore_malformed: is("ignore.malformed.json"),
            formats: formats(serde.property("timestamp.formats")),
            ..Self::new(Kind::Hive, wanted)
        }
    }

    pub(super) fn cloud_trail(wanted: &[Wanted]) -> Self {
        Self::new(Kind::CloudTrail, wanted)
    }

    fn is(&self, key: &str, name: &str) -> bool {
        let same = |key: &str| match self.case_insensitive {
            true if key.is_ascii() && name.is_ascii() => key.eq_ignore_ascii_case(name),
            true => key.to_lowercase() == name.to_lowercase(),
            false => key == name,
        };
        same(key) || (self.dots_in_keys && key.contains('.') && same(&key.replace('.', "_")))
    }

    /// The member of a name.
    fn member<'m, 't>(
        &self,
        members: &'m Members<'t>,
        name: &str,
    ) -> std::result::Result<Option<&'m &'t RawValue>, Problem> {
        let mut found = members.0.iter().filter(|(key, _)| self.is(key, name)).map(|(_, value)| value);
        let first = found.next();
        if self.kind != Kind::CloudTrail && found.next().is_some() {
            return Err(Problem::Syntax(format!("Duplicate key \"{name}\"")));
        }
        Ok(first)
    }

    fn value(&self, raw: &RawValue, ty: &Type) -> std::result::Result<Value, Problem> {
        let text = raw.get();
        let mismatch = || Problem::Mismatch(text.to_owned());
        let first = text.as_bytes().first().copied().unwrap_or(b'n');
        if text == "null" {
            return Ok(Value::Null);
        }
        match ty {
            Type::Row(fields) if first == b'{' => {
                let members: Members<'_> = serde_json::from_str(text)?;
                let field = |(name, ty): &(Option<String>, Type)| match self
                    .member(&members, name.as_deref().unwrap_or_default())?
                {
                    Some(raw) => self.value(raw, ty),
                    None => Ok(Value::Null),
                };
                Ok(Value::Row(fields.iter().map(field).collect::<std::result::Result<_, _>>()?))
            }
            // OpenX takes the elements of an array for the fields of a struct.
            Type::Row(fields) if first == b'[' && self.kind == Kind::OpenX => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                let field = |(n, (_, ty)): (usize, &(Option<String>, Type))| {
                    elements.get(n).map_or(Ok(Value::Null), |raw| self.value(raw, ty))
                };
                Ok(Value::Row(fields.iter().enumerate().map(field).collect::<std::result::Result<_, _>>()?))
            }
            Type::Array(element) if first == b'[' => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                let each = elements.iter().map(|raw| self.value(raw, element));
                Ok(Value::array(each.collect::<std::result::Result<_, _>>()?))
            }
            Type::Map(key, of) if first == b'{' => {
                let members: Members<'_> = serde_json::from_str(text)?;
                let mut entries: Vec<(Value, Value)> = Vec::with_capacity(members.0.len());
                for (name, raw) in &members.0 {
                    let own = field::read(name, key).ok_or_else(|| Problem::Mismatch(name.to_string()))?;
                    if entries.iter().any(|(other, _)| other.same(&own)) {
                        return Err(Problem::Syntax(format!("Duplicate key \"{name}\"")));
                    }
                    entries.push((own, self.value(raw, of)?));
                }
                Ok(Value::Map(entries.into()))
            }
            Type::Row(_) | Type::Array(_) | Type::Map(..) if self.kind == Kind::CloudTrail => Ok(Value::Null),
            Type::Row(_) | Type::Array(_) | Type::Map(..) => Err(mismatch()),
            _ => self.simple(text, first, ty).ok_or_else(mismatch),
        }
    }

    /// A value that has no parts. Objects and arrays are texts as they are written.
    fn simple(&self, text: &str, first: u8, ty: &Type) -> Option<Value> {
        let plain = match first {
            b'"' => Cow::Owned(serde_json::from_str::<String>(text).ok()?),
            _ => Cow::Borrowed(text),
        };
        match ty {
            Type::Timestamp(_) if first.is_ascii_digit() => {
                // UNVERIFIED: OpenX's numbers are milliseconds, or seconds when they have a fraction.
                let micros = match plain.parse::<i64>() {
                    Ok(millis) => millis.checked_mul(1000)?,
                    Err(_) => (plain.parse::<f64>().ok()? * 1e6).round() as i64,
                };
                Some(Value::Timestamp(micros))
            }
            Type::Timestamp(_) => field::timestamp(&plain, ty, &self.formats),
            Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint => field::read(&plain, ty).or_else(|| {
                // A number with a fraction of a wider type is cut.
                let whole = plain.parse::<f64>().ok().filter(|_| first != b'"' && self.kind == Kind::OpenX)?.trunc();
                field::read(&format!("{whole:.0}"), ty)
            }),
            Type::Boolean if first != b'"' && first != b't' && first != b'f' => None,
            _ => field::read(&plain, ty),
        }
    }

    fn object(&self, text: &str, row: &mut Vec<Value>) -> Result<()> {
        let members: Members<'_> = serde_json::from_str(text).map_err(|why| self.malformed(&why.to_string()))?;
        for column in &self.wanted {
            let key = self.keys.get(&column.name).unwrap_or(&column.name);
            let found = self.member(&members, key);
            let value = found.and_then(|raw| raw.map_or(Ok(Value::Null), |raw| self.value(raw, &column.ty)));
            row.push(self.judged(value, column)?);
        }
        Ok(())
    }

    /// OpenX takes the elements of an array for columns.
    fn array(&self, text: &str, row: &mut Vec<Value>) -> Result<()> {
        let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|why| self.malformed(&why.to_string()))?;
        for column in &self.wanted {
            let value = elements.get(column.place).map_or(Ok(Value::Null), |raw| self.value(raw, &column.ty));
            row.push(self.judged(value, column)?);
        }
        Ok(())
    }

    fn judged(&self, value: std::result::Result<Value, Problem>, column: &Wanted) -> Result<Value> {
        match value {
            Ok(value) => Ok(value),
            Err(_) if self.kind == Kind::CloudTrail => Ok(Value::Null),
            Err(Problem::Syntax(why)) => Err(self.malformed(&why)),
            Err(Problem::Mismatch(_)) if self.null_for_invalid => Ok(Value::Null),
            Err(Problem::Mismatch(text)) => Err(bad(&text, column.place)),
        }
    }

    fn malformed(&self, why: &str) -> SqlError {
        // UNVERIFIED: what comes after the documented beginning of each message.
        let message = match self.kind {
            Kind::OpenX => format!("Row is not a valid JSON Object - JSONException: {why}"),
            Kind::Hive | Kind::CloudTrail => format!("JsonParseException: {why}"),
        };
        SqlError::new(Code::HiveCursorError, message)
    }
}

impl Decoder for Json {
    fn decode(&mut self, record: &[u8], row: &mut Vec<Value>) -> Result<()> {
        let text = String::from_utf8_lossy(record);
        let text = text.trim_start_matches('\u{feff}').trim();
        let result = match text.as_bytes().first() {
            // UNVERIFIED: that a blank line is a row of NULLs to OpenX.
            None if self.kind == Kind::OpenX => {
                row.extend(self.wanted.iter().map(|_| Value::Null));
                Ok(())
            }
            Some(b'[') if self.kind == Kind::OpenX => self.array(text, row),
            _ => self.object(text, row),
        };
        match result {
            // UNVERIFIED: that a malformed row that is ignored is one of NULLs.
            Err(error) if self.ignore_malformed && error.code == Code::HiveCursorError => {
                row.clear();
                row.extend(self.wanted.iter().map(|_| Value::Null));
                Ok(())
            }
            other => other,
        }
    }
}
