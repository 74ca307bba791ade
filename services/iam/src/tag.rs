//! Tags of users, roles, policies and all else that can be tagged.
//!
//! Rules: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use crate::errors::InvalidInputException;
use crate::page::Wanted;
use crate::quota;

/// A tag on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// The tags of a request, in which no key may come twice, whatever its case.
pub(crate) fn read(list: Option<&Vec<Tag>>) -> Result<Tags> {
    let mut tags = Tags::new();
    for tag in list.into_iter().flatten() {
        if tag.key.len() >= 4 && tag.key.as_bytes()[..4].eq_ignore_ascii_case(b"aws:") {
            return Err(InvalidInputException::because("System tags cannot be added/updated/deleted."));
        }
        if same(&tags, &tag.key).is_some() {
            return Err(InvalidInputException::because(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.insert(tag.key.clone(), tag.value.clone());
    }
    Ok(tags)
}

/// Adds `new` to `tags`; a key that is there in another case is replaced.
pub(crate) fn add(tags: &mut Tags, new: Tags) -> Result<()> {
    for (key, value) in new {
        if let Some(old) = same(tags, &key) {
            tags.remove(&old);
        }
        tags.insert(key, value);
    }
    quota::hold("TagsPerResource", tags.len().saturating_sub(1), quota::TAGS)
}

/// Removes the tags of these keys.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) {
    for key in keys {
        if let Some(old) = same(tags, key) {
            tags.remove(&old);
        }
    }
}

/// The tags as answers show them.
pub(crate) fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// As [`list`], where AWS leaves an empty list out.
pub(crate) fn some(tags: &Tags) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| list(tags))
}

/// A page of tags, as listings answer it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagPage {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

impl TagPage {
    /// The page that is wanted, by key.
    pub(crate) fn of(tags: &Tags, wanted: Wanted<'_>) -> Result<Self> {
        let page = wanted.of(list(tags), |tag| tag.key.clone())?;
        Ok(Self { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
    }
}

fn same(tags: &Tags, key: &str) -> Option<String> {
    tags.keys().find(|old| old.to_lowercase() == key.to_lowercase()).cloned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn keys_differ_by_more_than_their_case() {
        assert!(read(Some(&vec![tag("Team", "a"), tag("team", "b")])).unwrap_err().is("InvalidInputException"));
        assert!(read(Some(&vec![tag("AWS:x", "a")])).unwrap_err().is("InvalidInputException"));
        let mut tags = read(Some(&vec![tag("Team", "a")])).unwrap();
        add(&mut tags, read(Some(&vec![tag("team", "b")])).unwrap()).unwrap();
        assert_eq!(list(&tags), [tag("team", "b")]);
        remove(&mut tags, &["TEAM".into()]);
        assert!(tags.is_empty());
    }

    #[test]
    fn fifty_tags_are_the_most() {
        let many = |n: usize| read(Some(&(0..n).map(|i| tag(&format!("k{i}"), "")).collect())).unwrap();
        let mut tags = many(50);
        assert!(add(&mut tags, many(50)).is_ok());
        assert!(
            add(&mut tags, Tags::from([("one-more".into(), String::new())])).unwrap_err().is("LimitExceededException")
        );
    }
}
