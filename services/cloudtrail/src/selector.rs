//! Event selectors: which events a trail delivers.
//!
//! Basic selectors choose by read or write and by prefixes of ARNs; advanced ones, in their place, by fields of the event.

pub(crate) mod advanced;
pub(crate) mod basic;
pub(crate) mod set;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Error, Result};

use crate::errors::InvalidEventSelectorsException;
use advanced::{AdvancedEventSelector, Of};
use basic::EventSelector;

/// The selectors of a trail: an event that fits one of them is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Selectors {
    /// Advanced ones, told from basic ones by the member that they must have.
    Advanced(Vec<AdvancedEventSelector>),
    /// Basic ones.
    Basic(Vec<EventSelector>),
}

impl Default for Selectors {
    /// All management events.
    fn default() -> Self {
        Self::Basic(vec![EventSelector::default()])
    }
}

impl Selectors {
    /// Whether one of them selects the record.
    pub(crate) fn select(&self, record: &CallRecord) -> bool {
        match self {
            Self::Basic(selectors) => selectors.iter().any(|selector| selector.selects(record)),
            Self::Advanced(selectors) => selectors.iter().any(|selector| selector.selects(record)),
        }
    }

    /// Whether they select management events that read, and ones that write.
    pub(crate) fn management(&self) -> (bool, bool) {
        let any = |read_only| match self {
            Self::Basic(selectors) => selectors.iter().any(|selector| selector.selects_management(read_only)),
            Self::Advanced(selectors) => selectors.iter().any(|selector| selector.selects_management(read_only)),
        };
        (any(true), any(false))
    }

    /// Types of resources of which data events are wanted.
    pub(crate) fn data_types(&self) -> BTreeSet<String> {
        match self {
            Self::Basic(selectors) => selectors.iter().flat_map(EventSelector::data_types).map(str::to_owned).collect(),
            Self::Advanced(selectors) => {
                selectors.iter().filter_map(AdvancedEventSelector::data_type).map(str::to_owned).collect()
            }
        }
    }

    /// The selectors of a request, if they are such as a trail can have.
    ///
    /// # Errors
    /// `InvalidEventSelectorsException`.
    pub(crate) fn of(basic: &[EventSelector], advanced: &[AdvancedEventSelector]) -> Result<Self> {
        match (basic, advanced) {
            ([], []) => Err(refused("Specify event selectors or advanced event selectors.")),
            (basic, []) => basic::check(basic).map(|()| Self::Basic(basic.to_vec())),
            ([], advanced) => advanced::check(advanced, Of::Trail).map(|()| Self::Advanced(advanced.to_vec())),
            _ => Err(refused("A trail cannot have both event selectors and advanced event selectors.")),
        }
    }
}

/// The refusal of a selector.
// UNVERIFIED: the wordings, here and where it is used.
pub(crate) fn refused(why: impl Into<String>) -> Error {
    InvalidEventSelectorsException::because(why)
}
