//! Batches: their rules, and what becomes of each entry.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result};

use crate::errors::{BatchEntryIdsNotDistinct, EmptyBatchRequest, InvalidBatchEntryId, TooManyEntriesInBatchRequest};

/// Most entries of a batch.
const MOST: usize = 10;

/// Longest id of an entry, in characters.
const LONGEST_ID: usize = 80;

/// An entry that failed; the others are not concerned.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Failed {
    id: String,
    sender_fault: bool,
    code: String,
    message: Option<String>,
}

impl Failed {
    /// The entry `id` failed with this answer.
    ///
    /// # Errors
    /// What is not an answer to the caller concerns the whole call.
    pub(crate) fn of(id: &str, error: Error) -> Result<Self> {
        match error.answer() {
            Some(answer) => Ok(Self {
                id: id.to_owned(),
                sender_fault: answer.status.is_none_or(|status| status < 500),
                code: answer.code.clone().into_owned(),
                message: Some(answer.message.clone()),
            }),
            None => Err(error),
        }
    }
}

/// Holds the number of entries and their ids against the rules. `entry` names their type.
///
/// # Errors
/// `EmptyBatchRequest`, `TooManyEntriesInBatchRequest`, `InvalidBatchEntryId`, `BatchEntryIdsNotDistinct`
pub(crate) fn check<'a>(entry: &str, ids: impl ExactSizeIterator<Item = &'a str>) -> Result<()> {
    match ids.len() {
        0 => return Err(EmptyBatchRequest::because(format!("There should be at least one {entry} in the request."))),
        1..=MOST => {}
        many => {
            return Err(TooManyEntriesInBatchRequest::because(format!(
                "Maximum number of entries per request are {MOST}. You have sent {many}."
            )));
        }
    }
    let mut seen = HashSet::with_capacity(MOST);
    for id in ids {
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if id.is_empty() || id.len() > LONGEST_ID || !plain {
            return Err(InvalidBatchEntryId.into());
        }
        if !seen.insert(id) {
            return Err(BatchEntryIdsNotDistinct::because(format!("Id {id} repeated.")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn batches_have_one_to_ten_entries_with_ids_of_their_own() {
        let code = |ids: &[&str]| {
            check("Entry", ids.iter().copied()).err().map(|e| e.answer().unwrap().code.clone().into_owned())
        };
        assert_eq!(code(&["a", "b-_9"]), None);
        assert_eq!(code(&[]).as_deref(), Some("EmptyBatchRequest"));
        assert_eq!(code(&["a"; 11]).as_deref(), Some("TooManyEntriesInBatchRequest"));
        assert_eq!(code(&["a", "a"]).as_deref(), Some("BatchEntryIdsNotDistinct"));
        let long = "a".repeat(81);
        for id in ["", "a b", "é", long.as_str()] {
            assert_eq!(code(&[id]).as_deref(), Some("InvalidBatchEntryId"), "{id}");
        }
    }
}
