//! Which objects a configuration is about: by prefix and tags.

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use crate::errors::MalformedXML;
use crate::tags::Tags;

/// A filter as the API has it: one criterion, or several of which all must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Selection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    and: Option<All>,
}

/// Several criteria.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct All {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

impl Tag {
    /// # Errors
    /// `MalformedXML` for a tag without key or value
    pub(crate) fn check(&self) -> Result<()> {
        match (&self.key, &self.value) {
            (Some(key), Some(_)) if !key.is_empty() => Ok(()),
            _ => Err(MalformedXML.into()),
        }
    }

    fn is_among(&self, tags: &Tags) -> bool {
        self.key.as_ref().is_some_and(|key| tags.get(key) == self.value.as_ref())
    }
}

impl Selection {
    /// Whether an object with this key and these tags is meant.
    pub(crate) fn takes(&self, key: &str, tags: &Tags) -> bool {
        let (prefix, wanted) = match &self.and {
            Some(all) => (&all.prefix, all.tags.as_slice()),
            None => (&self.prefix, self.tag.as_slice()),
        };
        prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str())) && wanted.iter().all(|t| t.is_among(tags))
    }

    /// # Errors
    /// `MalformedXML` for a filter without, or with more than, one criterion; or where several are meant, with one
    pub(crate) fn check(&self) -> Result<()> {
        match (&self.prefix, &self.tag, &self.and) {
            (Some(_), None, None) => Ok(()),
            (None, Some(tag), None) => tag.check(),
            (None, None, Some(all)) if all.tags.len() + usize::from(all.prefix.is_some()) > 1 => {
                all.tags.iter().try_for_each(Tag::check)
            }
            _ => Err(MalformedXML.into()),
        }
    }
}
