//! `GrokSerDe`: patterns that have names, over the reader of `RegexSerDe`'s kind. Columns are fields by name.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/grok-serde.html>,
//! <https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#classifier-builtin-patterns>

mod patterns;

use std::collections::HashMap;

use super::Serde;
use super::field;
use super::text::{Decoder, Wanted};
use crate::error::{Code, Result, SqlError};
use crate::value::Value;

/// A pattern is at most this long when its names are replaced, and they are within each other at most so deep.
const LONGEST: usize = 1 << 18;
const DEPTH: usize = 50;

/// Decodes lines.
pub(super) struct Grok {
    wanted: Vec<Wanted>,
    /// Of each column that is wanted, the groups that are it.
    groups: Vec<Vec<String>>,
    pattern: GrokPattern,
}

fn invalid(message: String) -> SqlError {
    SqlError::new(Code::HiveInvalidMetadata, message)
}

/// A pattern of Grok, in which patterns are called by their names.
#[derive(Debug)]
pub struct GrokPattern {
    regex: fancy_regex::Regex,
    fields: Vec<GrokField>,
    /// Fields in lower case, and the groups that they are.
    groups: Vec<(String, String)>,
}

/// A field of a pattern: `%{PATTERN:name}` or `%{PATTERN:name:type}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrokField {
    /// Its name, in lower case.
    pub name: String,
    /// The type that it is to become, such as `int`, if the pattern says so.
    pub ty: Option<String>,
}

impl GrokPattern {
    /// Reads a pattern, and those that it may call beside the built-in ones: a line each, with the name first.
    ///
    /// # Errors
    /// `HIVE_INVALID_METADATA` for what is no pattern, or calls one that there is not.
    pub fn new(pattern: &str, custom: &str) -> Result<Self> {
        let mut expansion =
            Expansion { patterns: patterns::BUILT_IN.iter().copied().collect(), ..Expansion::default() };
        for line in custom.split('\n').map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, pattern) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            expansion.patterns.insert(name, pattern.trim());
        }
        expansion.expand(pattern, 0)?;
        let regex = fancy_regex::Regex::new(&expansion.text)
            .map_err(|why| invalid(format!("Invalid pattern in serde property \"input.format\": {why}")))?;
        // Groups that a pattern names by itself are fields, too.
        let own = regex.capture_names().flatten().map(|name| (name.to_lowercase(), name.to_owned()));
        let own: Vec<(String, String)> = own.filter(|(name, _)| !is_group(name)).collect();
        let named = own.iter().map(|(name, _)| GrokField { name: name.clone(), ty: None });
        let mut fields: Vec<GrokField> = Vec::new();
        for field in expansion.told.into_iter().chain(named) {
            // What the built-in patterns call so is of no interest to anybody.
            if field.name != "unwanted" && fields.iter().all(|other| other.name != field.name) {
                fields.push(field);
            }
        }
        let groups = expansion.fields.into_iter().chain(own).chain(expansion.implied).collect();
        Ok(Self { regex, fields, groups })
    }

    /// The fields that the pattern names, in the order of their places.
    pub fn fields(&self) -> &[GrokField] {
        &self.fields
    }

    /// Whether a line begins with what the pattern says.
    pub fn begins(&self, line: &str) -> bool {
        self.regex.find(line).is_ok_and(|found| found.is_some_and(|found| found.start() == 0))
    }
}

/// Whether a name is one that [`Expansion`] gives groups.
fn is_group(name: &str) -> bool {
    name.strip_prefix('g').is_some_and(|number| number.parse::<usize>().is_ok())
}

impl Grok {
    pub(super) fn new(serde: &Serde, wanted: &[Wanted]) -> Result<Self> {
        let format = serde.property("input.format");
        let format =
            format.ok_or_else(|| invalid("This table does not have serde property \"input.format\"!".into()))?;
        let pattern = GrokPattern::new(format, serde.property("input.grokCustomPatterns").unwrap_or_default())?;
        let groups = |column: &Wanted| {
            let same = pattern.groups.iter().filter(|(field, _)| *field == column.name);
            same.map(|(_, group)| group.clone()).collect::<Vec<String>>()
        };
        let groups = wanted.iter().map(groups).collect();
        Ok(Self { wanted: wanted.to_vec(), groups, pattern })
    }
}

impl Decoder for Grok {
    // UNVERIFIED: that a line in which the pattern is not found is a row of NULLs.
    fn decode(&mut self, record: &[u8], row: &mut Vec<Value>) -> Result<()> {
        let text = String::from_utf8_lossy(record);
        let found = self.pattern.regex.captures(&text).map_err(|why| {
            SqlError::new(Code::HiveCursorError, format!("The pattern of the table cannot be matched: {why}"))
        })?;
        for (column, groups) in self.wanted.iter().zip(&self.groups) {
            let group = found.as_ref().and_then(|found| groups.iter().find_map(|group| found.name(group)));
            row.push(group.and_then(|group| field::read(group.as_str(), &column.ty)).unwrap_or(Value::Null));
        }
        Ok(())
    }
}

/// A pattern in which names are replaced by what they stand for.
#[derive(Default)]
struct Expansion<'a> {
    patterns: HashMap<&'a str, &'a str>,
    text: String,
    /// Fields in lower case, and the groups that they are.
    fields: Vec<(String, String)>,
    told: Vec<GrokField>,
    /// Those that are only called as their pattern.
    implied: Vec<(String, String)>,
}

impl<'a> Expansion<'a> {
    fn expand(&mut self, mut pattern: &'a str, depth: usize) -> Result<()> {
        if depth > DEPTH || self.text.len() > LONGEST {
            return Err(invalid("The grok pattern is too long, or is within itself".to_owned()));
        }
        while let Some(start) = pattern.find("%{") {
            let (before, rest) = pattern.split_at(start);
            self.text.push_str(before);
            let (inside, after) =
                rest[2..].split_once('}').ok_or_else(|| invalid(format!("Invalid grok pattern: {rest}")))?;
            // `%{NAME}`, `%{NAME:field}` or `%{NAME:field:type}`: the type of the column says what it becomes.
            let mut parts = inside.split(':');
            let name = parts.next().unwrap_or_default();
            let field = parts.next();
            let of = *self
                .patterns
                .get(name)
                .ok_or_else(|| invalid(format!("No definition for key '{name}' found, aborting")))?;
            let group = format!("g{}", self.fields.len() + self.implied.len());
            match field {
                Some(field) => {
                    self.fields.push((field.to_lowercase(), group.clone()));
                    self.told.push(GrokField { name: field.to_lowercase(), ty: parts.next().map(str::to_owned) });
                }
                None => self.implied.push((name.to_lowercase(), group.clone())),
            }
            self.text.push_str(&format!("(?<{group}>"));
            self.expand(of, depth + 1)?;
            self.text.push(')');
            pattern = after;
        }
        self.text.push_str(pattern);
        Ok(())
    }
}
