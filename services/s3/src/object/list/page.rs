//! A page of a listing: rows in the order of their keys, those below a delimiter rolled up.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result};

use super::order;
use crate::errors::invalid_argument;

/// Entries on a page, at most.
pub(crate) const MOST: usize = 1000;

/// Rows that are read at first where keys may be rolled up; more when none were.
const FEW: usize = 32;

/// What a listing is to hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    /// Entries at most.
    pub(crate) most: usize,
}

/// An entry of a listing.
#[derive(Debug)]
pub(crate) enum Entry<R> {
    /// A row.
    Row(R),
    /// What several keys have in common, up to and with the delimiter.
    Prefix(String),
}

/// A page.
#[derive(Debug)]
pub(crate) struct Listing<R> {
    pub(crate) entries: Vec<Entry<R>>,
    /// Whether there are more.
    pub(crate) truncated: bool,
}

/// A row of a bucket that can be listed by its key: its own key begins with the bucket's name and the bytes of the key.
pub(crate) trait Keyed: Resource {
    /// The key.
    fn text(&self) -> &str;
}

impl Keyed for crate::object::Object {
    fn text(&self) -> &str {
        &self.key
    }
}

impl<R: Keyed> Listing<R> {
    /// The first place after the page, in bytes of keys, if there are more.
    pub(crate) fn next(&self) -> Option<Vec<u8>> {
        let last = self.entries.last().filter(|_| self.truncated)?;
        Some(match last {
            Entry::Row(row) => order::after(row.text()),
            Entry::Prefix(prefix) => order::end_of(prefix.as_bytes()),
        })
    }
}

impl Wanted<'_> {
    /// The common prefix that `key` is rolled up in.
    pub(super) fn rolled<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let rest = key.get(self.prefix.len()..)?;
        let end = rest.find(delimiter)? + delimiter.len();
        key.get(..self.prefix.len() + end)
    }

    /// The place after a marker: after all that it stands for, if it is a common prefix of the listing.
    pub(crate) fn after(&self, marker: &str) -> Vec<u8> {
        match self.rolled(marker).filter(|_| marker.starts_with(self.prefix)) {
            Some(rolled) if rolled == marker => order::end_of(marker.as_bytes()),
            _ => order::after(marker),
        }
    }
}

/// Where a listing of objects begins that goes on from a place, in bytes of keys.
pub(crate) fn start(bucket: &str, wanted: &Wanted<'_>, from: &[u8]) -> Key {
    (bucket, from.max(wanted.prefix.as_bytes())).into_key()
}

/// Lists rows of a bucket from a place on. Rows that are rolled up are not read one by one: the search
/// goes on after their common prefix.
pub(crate) async fn list<R: Keyed>(
    cx: &mut Cx,
    place: Place,
    bucket: &str,
    wanted: Wanted<'_>,
    mut from: Key,
) -> Result<Listing<R>> {
    let end = (bucket, &order::end_of(wanted.prefix.as_bytes())[..]).into_key();
    let mut entries = Vec::new();
    // What the last common prefix covers: keys before this place.
    let mut covered = Vec::new();
    let mut batch = if wanted.delimiter.is_some() { FEW } else { MOST + 1 };
    while wanted.most > 0 && from < end {
        let limit = batch.min(wanted.most + 1);
        let rows = cx.between::<R>(place, &from, &end, limit, false).await?;
        let exhausted = rows.len() < limit;
        batch = (batch * 2).min(MOST + 1);
        for row in rows {
            if row.text().as_bytes() < covered.as_slice() {
                continue;
            }
            if entries.len() == wanted.most {
                return Ok(Listing { entries, truncated: true });
            }
            match wanted.rolled(row.text()) {
                Some(prefix) => {
                    covered = order::end_of(prefix.as_bytes());
                    from = (bucket, &covered[..]).into_key();
                    entries.push(Entry::Prefix(prefix.to_owned()));
                    batch = FEW;
                }
                None => {
                    // One part more sorts right after the row's own key.
                    from = (row.key(), false).into_key();
                    entries.push(Entry::Row(row));
                }
            }
        }
        if exhausted {
            break;
        }
    }
    Ok(Listing { entries, truncated: false })
}

/// How keys are written in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Url,
}

/// What `encoding-type=url` leaves as it is. A slash stays too, as in S3's answers.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

impl Encoding {
    pub(crate) fn read(requested: Option<&str>) -> Result<Self> {
        match requested {
            None => Ok(Self::Plain),
            Some(kind) if kind.eq_ignore_ascii_case("url") => Ok(Self::Url),
            Some(kind) => Err(invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", kind)),
        }
    }

    pub(crate) fn of(self, key: &str) -> String {
        match self {
            Self::Plain => key.to_owned(),
            Self::Url => utf8_percent_encode(key, KEPT).to_string().replace("%20", "+"),
        }
    }
}

/// A common prefix as the API has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CommonPrefix {
    prefix: String,
}

/// Common prefixes as the API has them.
pub(crate) fn common_prefixes(prefixes: Vec<String>, encoding: Encoding) -> Vec<CommonPrefix> {
    prefixes.into_iter().map(|prefix| CommonPrefix { prefix: encoding.of(&prefix) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_rolled_up_at_the_first_delimiter_after_the_prefix() {
        let wanted = |prefix, delimiter| Wanted { prefix, delimiter, most: 1 };
        assert_eq!(wanted("", Some("/")).rolled("a/b/c"), Some("a/"));
        assert_eq!(wanted("a/", Some("/")).rolled("a/b/c"), Some("a/b/"));
        assert_eq!(wanted("a/b", Some("/")).rolled("a/b/c"), Some("a/b/"));
        assert_eq!(wanted("a/b/", Some("/")).rolled("a/b/c"), None);
        assert_eq!(wanted("", None).rolled("a/b/c"), None);
        assert_eq!(wanted("", Some("--")).rolled("a--b"), Some("a--"));
        assert_eq!(wanted("", Some("/")).after("a/"), b"a0");
        assert_eq!(wanted("", Some("/")).after("a/b"), b"a/b\0");
        assert_eq!(wanted("", None).after("a/"), b"a/\0");
    }

    #[test]
    fn keys_are_written_as_urls_have_them() {
        assert_eq!(Encoding::Url.of("a b/c+d&é~*"), "a+b/c%2Bd%26%C3%A9%7E*");
        assert_eq!(Encoding::Plain.of("a b"), "a b");
    }
}
