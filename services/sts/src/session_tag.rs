//! Session tags: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>.

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::{Result, Session};

use crate::errors::InvalidParameterValue;

/// Tags of a session at most.
const MOST: usize = 50;

/// A tag in the input.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// The tags of the input, in which no key may come twice, whatever its case.
pub(crate) fn read(list: Option<&Vec<Tag>>) -> Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::<String, String>::new();
    for Tag { key, value } in list.into_iter().flatten() {
        if tags.keys().any(|other| same(other, key)) {
            return Err(InvalidParameterValue::because(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.insert(key.clone(), value.clone());
    }
    hold_unreserved(&tags)?;
    Ok(tags)
}

/// Gives a session its tags: those of the input, and the transitive ones of the session it is made with.
pub(crate) fn give(
    session: &mut Session,
    tags: BTreeMap<String, String>,
    transitive: &[String],
    made_with: Option<&Session>,
) -> Result<()> {
    hold_unreserved(&tags)?;
    // UNVERIFIED: the wordings of the errors; the rules are documented.
    if transitive.iter().any(|key| !tags.keys().any(|tag| same(tag, key))) {
        return Err(InvalidParameterValue::because(
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    session.tags = tags;
    session.transitive_tags = transitive.to_vec();
    if let Some(parent) = made_with {
        for key in &parent.transitive_tags {
            let Some((key, value)) = parent.tags.iter().find(|(tag, _)| same(tag, key)) else { continue };
            if session.tags.keys().any(|tag| same(tag, key)) {
                return Err(InvalidParameterValue::because(
                    "One of the specified transitive tag keys can't be set because it conflicts with a transitive \
                     tag key from the calling session.",
                ));
            }
            session.tags.insert(key.clone(), value.clone());
            session.transitive_tags.push(key.clone());
        }
    }
    if session.tags.len() > MOST {
        return Err(InvalidParameterValue::because(format!("A session can have up to {MOST} tags.")));
    }
    Ok(())
}

/// Refuses keys that AWS keeps for itself.
fn hold_unreserved(tags: &BTreeMap<String, String>) -> Result<()> {
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        // UNVERIFIED: the wording.
        Some(key) => {
            Err(InvalidParameterValue::because(format!("The tag key {key} is reserved: it begins with aws:.")))
        }
        None => Ok(()),
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
