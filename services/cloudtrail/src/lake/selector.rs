//! Selectors of event data stores.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Result};

use crate::errors::NotImplemented;
use crate::selector::advanced::{AdvancedEventSelector, Of};
use crate::selector::{advanced, refused};

/// The selectors of a store, all of one kind of store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Selectors(Vec<AdvancedEventSelector>);

/// What a store keeps: `eventCategory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    Management,
    /// Events of sources outside of AWS, which come through channels.
    ActivityAuditLog,
}

/// Selectors of a store at most: "up to five advanced event selectors for each event data store".
const MOST: usize = 5;

/// The category of the events that a selector selects.
fn category(selector: &AdvancedEventSelector) -> Result<Category> {
    match selector.category() {
        Some("Management") => Ok(Category::Management),
        Some("ActivityAuditLog") => Ok(Category::ActivityAuditLog),
        Some(other @ ("Data" | "NetworkActivity" | "Insight" | "ConfigurationItem" | "Evidence")) => {
            let message = format!("Welkin does not implement {other} events in CloudTrail event data stores yet.");
            Err(NotImplemented::because(message))
        }
        _ => Err(refused("The field eventCategory is required, and must equal one category of events.")),
    }
}

impl Selectors {
    /// All management events, which is what a store keeps unless the caller says.
    pub(crate) fn management() -> Self {
        Self(vec![AdvancedEventSelector::of_category("Default management events", "Management")])
    }

    /// The selectors of a request.
    ///
    /// # Errors
    /// `InvalidEventSelectorsException`; `NotImplemented` for events that Welkin's stores do not keep.
    pub(crate) fn of(selectors: &[AdvancedEventSelector]) -> Result<Self> {
        if selectors.is_empty() || selectors.len() > MOST {
            return Err(refused(format!("An event data store has between 1 and {MOST} event selectors.")));
        }
        let categories = selectors.iter().map(category).collect::<Result<Vec<_>>>()?;
        advanced::check(selectors, Of::EventDataStore)?;
        if categories.iter().any(|category| Some(category) != categories.first()) {
            return Err(refused("An event data store keeps events of one category."));
        }
        Ok(Self(selectors.to_vec()))
    }

    /// What the store keeps.
    pub(crate) fn category(&self) -> Category {
        // INVARIANT: `of` lets in no selectors without a category.
        self.0.first().and_then(|selector| category(selector).ok()).unwrap_or(Category::Management)
    }

    /// Whether they select a record.
    pub(crate) fn select(&self, record: &CallRecord) -> bool {
        self.0.iter().any(|selector| selector.selects(record))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::tests::record;

    fn selectors(fields: serde_json::Value) -> Result<Selectors> {
        Selectors::of(&[serde_json::from_value(json!({ "FieldSelectors": fields })).unwrap()])
    }

    #[test]
    fn management_events_are_selected_by_more_than_in_trails() {
        let management = json!({ "Field": "eventCategory", "Equals": ["Management"] });
        for (more, expected) in [
            (json!({ "Field": "readOnly", "Equals": ["true"] }), true),
            (json!({ "Field": "readOnly", "Equals": ["false"] }), false),
            (json!({ "Field": "eventSource", "NotEquals": ["kms.amazonaws.com"] }), false),
            (json!({ "Field": "eventSource", "NotEquals": ["rdsdata.amazonaws.com"] }), true),
            (json!({ "Field": "eventSource", "Equals": ["kms.amazonaws.com"] }), true),
            (json!({ "Field": "eventSource", "StartsWith": ["iam."] }), false),
            (json!({ "Field": "eventName", "EndsWith": ["rypt"] }), true),
            (json!({ "Field": "eventName", "NotStartsWith": ["De"] }), false),
            (json!({ "Field": "eventType", "Equals": ["AwsApiCall"] }), true),
        ] {
            assert_eq!(selectors(json!([management, more])).unwrap().select(&record()), expected, "{more}");
        }
        assert!(Selectors::management().select(&record()));
        let other = selectors(json!([management, { "Field": "resources.ARN", "Equals": ["x"] }])).unwrap_err();
        assert!(other.is("InvalidEventSelectorsException"));
    }

    #[test]
    fn a_store_of_other_sources_selects_no_record() {
        let audit = selectors(json!([{ "Field": "eventCategory", "Equals": ["ActivityAuditLog"] }])).unwrap();
        assert!(audit.category() == Category::ActivityAuditLog && !audit.select(&record()));
    }

    #[test]
    fn what_is_not_kept_is_refused_by_name() {
        let data = selectors(json!([{ "Field": "eventCategory", "Equals": ["Data"] }])).unwrap_err();
        assert!(data.is("NotImplemented") && data.to_string().contains("Data"));
        let none = selectors(json!([{ "Field": "readOnly", "Equals": ["true"] }])).unwrap_err();
        assert!(none.is("InvalidEventSelectorsException"));
    }
}
