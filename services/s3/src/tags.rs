//! Tags of buckets and objects.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result};

use crate::errors::{InvalidArgument, InvalidTag};

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// Tags that an object may have.
pub(crate) const MOST_OF_OBJECT: usize = 10;

/// Tags that a bucket may have.
pub(crate) const MOST_OF_BUCKET: usize = 50;

/// A tag as the API has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    /// Key.
    pub(crate) key: String,
    /// Value.
    pub(crate) value: String,
}

/// Tags as the API has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tagging {
    /// The tags.
    #[serde(default)]
    pub(crate) tag_set: Vec<Tag>,
}

/// Reads the tags of a request, of which there may be `most`.
pub(crate) fn from_list(list: &[Tag], most: usize) -> Result<Tags> {
    let mut tags = Tags::new();
    for tag in list {
        add(&mut tags, &tag.key, &tag.value)?;
    }
    limit(tags, most)
}

/// Reads `x-amz-tagging`: tags in the form of a query string.
pub(crate) fn from_header(header: &str) -> Result<Tags> {
    let mut tags = Tags::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(&mut tags, &decode(key)?, &decode(value)?)?;
    }
    limit(tags, MOST_OF_OBJECT)
}

/// Tags as the API has them, in the order of their keys.
pub(crate) fn to_list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

fn decode(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(InvalidArgument::because(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        )),
    }
}

fn add(tags: &mut Tags, key: &str, value: &str) -> Result<()> {
    let invalid = |message: &str, field: &str| -> Result<()> {
        Err(InvalidTag::because(message)
            .with(if field.is_empty() { "TagKey" } else { "TagValue" }, if field.is_empty() { key } else { field }))
    };
    if key.is_empty() || key.chars().count() > 128 || !key.chars().all(is_permitted) {
        return invalid("The TagKey you have provided is invalid", "");
    }
    if key.starts_with("aws:") {
        return invalid("System tags cannot be added/updated by requester", "");
    }
    if value.chars().count() > 256 || !value.chars().all(is_permitted) {
        return invalid("The TagValue you have provided is invalid", value);
    }
    if tags.insert(key.to_owned(), value.to_owned()).is_some() {
        return invalid("Cannot provide multiple Tags with the same key", "");
    }
    Ok(())
}

/// Letters, spaces and numbers of any script, and `+ - = . _ : / @`.
fn is_permitted(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || matches!(c, '+' | '-' | '=' | '.' | '_' | ':' | '/' | '@')
}

fn limit(tags: Tags, most: usize) -> Result<Tags> {
    if tags.len() <= most {
        return Ok(tags);
    }
    if most == MOST_OF_OBJECT {
        return Err(Error::new("BadRequest", "Object tags cannot be greater than 10").status(400));
    }
    Err(Error::new("BadRequest", format!("Bucket tag count cannot be greater than {most}")).status(400))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_header_is_a_query_string() {
        let tags = from_header("a=1&b%20c=x%2Fy+z&empty=&bare").unwrap();
        let expected = [("a", "1"), ("b c", "x/y z"), ("bare", ""), ("empty", "")];
        assert_eq!(tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rules_of_tags_are_kept() {
        assert!(from_header("a=1&a=2").unwrap_err().is("InvalidTag"));
        assert!(from_header("=1").unwrap_err().is("InvalidTag"));
        assert!(from_header("aws:x=1").unwrap_err().is("InvalidTag"));
        assert!(from_header("a=%3C").unwrap_err().is("InvalidTag"));
        assert!(from_header(&format!("{}=1", "k".repeat(129))).unwrap_err().is("InvalidTag"));
        assert!(from_header("%ff=1").unwrap_err().is("InvalidArgument"));
        let eleven: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert!(from_header(&eleven.join("&")).unwrap_err().is("BadRequest"));
        assert!(from_header(&eleven[..10].join("&")).is_ok());
    }
}
