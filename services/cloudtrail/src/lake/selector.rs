//! Selectors of event data stores.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Result};

use crate::errors::{InvalidEventSelectorsException, NotImplemented};

/// The selectors of a store, all of one kind of store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Selectors(Vec<Selector>);

/// A selector: events of which every field fits are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Selector {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    field_selectors: Vec<FieldSelector>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FieldSelector {
    field: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    equals: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    starts_with: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ends_with: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_equals: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_starts_with: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_ends_with: Vec<String>,
}

/// What a store keeps: `eventCategory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    Management,
    /// Events of sources outside of AWS, which come through channels.
    ActivityAuditLog,
}

/// Selectors of a store at most: "up to five advanced event selectors for each event data store".
const MOST: usize = 5;

/// Sources of management events that may be excluded: the reference of AdvancedFieldSelector.
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];

fn refused(message: impl Into<String>) -> welkin_kernel::Error {
    // UNVERIFIED: the wordings.
    InvalidEventSelectorsException::because(message.into())
}

impl FieldSelector {
    /// Whether it has no operator but `Equals`, or none but `NotEquals`.
    fn is_only(&self, values: &[String]) -> bool {
        let all = [
            &self.equals,
            &self.starts_with,
            &self.ends_with,
            &self.not_equals,
            &self.not_starts_with,
            &self.not_ends_with,
        ];
        !values.is_empty() && all.iter().map(|values| values.len()).sum::<usize>() == values.len()
    }

    fn only(&self) -> Option<&str> {
        match self.equals.as_slice() {
            [only] if self.is_only(&self.equals) => Some(only),
            _ => None,
        }
    }

    fn check(&self) -> Result<()> {
        let valid = match self.field.as_str() {
            "eventCategory" => self.only().is_some(),
            "readOnly" => matches!(self.only(), Some("true" | "false")),
            "eventSource" => {
                self.is_only(&self.not_equals) && self.not_equals.iter().all(|it| EXCLUDABLE.contains(&it.as_str()))
            }
            field => {
                let message =
                    format!("Welkin does not implement the field {field} of CloudTrail event data stores yet.");
                return Err(NotImplemented::because(message));
            }
        };
        if valid { Ok(()) } else { Err(refused(format!("The operator or value of {} is not valid.", self.field))) }
    }

    fn fits(&self, record: &CallRecord) -> bool {
        match self.field.as_str() {
            "readOnly" => self.only() == Some(if record.read_only { "true" } else { "false" }),
            "eventSource" => !self.not_equals.contains(&record.source),
            _ => true,
        }
    }
}

impl Selector {
    fn category(&self) -> Result<Category> {
        let field = self.field_selectors.iter().find(|selector| selector.field == "eventCategory");
        match field.and_then(FieldSelector::only) {
            Some("Management") => Ok(Category::Management),
            Some("ActivityAuditLog") => Ok(Category::ActivityAuditLog),
            Some(other @ ("Data" | "NetworkActivity" | "Insight" | "ConfigurationItem" | "Evidence")) => {
                let message = format!("Welkin does not implement {other} events in CloudTrail event data stores yet.");
                Err(NotImplemented::because(message))
            }
            _ => Err(refused("The field eventCategory is required, and must equal one category of events.")),
        }
    }
}

impl Selectors {
    /// All management events, which is what a store keeps unless the caller says.
    pub(crate) fn management() -> Self {
        let category = FieldSelector {
            field: "eventCategory".to_owned(),
            equals: vec!["Management".to_owned()],
            ..FieldSelector::default()
        };
        Self(vec![Selector { name: Some("Default management events".to_owned()), field_selectors: vec![category] }])
    }

    /// The selectors of a request.
    ///
    /// # Errors
    /// `InvalidEventSelectorsException`; `NotImplemented` for events that Welkin's stores do not keep.
    pub(crate) fn of(selectors: &[Selector]) -> Result<Self> {
        if selectors.is_empty() || selectors.len() > MOST {
            return Err(refused(format!("An event data store has between 1 and {MOST} event selectors.")));
        }
        let mut categories = Vec::new();
        for selector in selectors {
            categories.push(selector.category()?);
            selector.field_selectors.iter().try_for_each(FieldSelector::check)?;
        }
        if categories.iter().any(|category| Some(category) != categories.first()) {
            return Err(refused("An event data store keeps events of one category."));
        }
        Ok(Self(selectors.to_vec()))
    }

    /// What the store keeps.
    pub(crate) fn category(&self) -> Category {
        // INVARIANT: `of` lets in no selectors without a category.
        self.0.first().and_then(|selector| selector.category().ok()).unwrap_or(Category::Management)
    }

    /// Whether they select a record.
    pub(crate) fn select(&self, record: &CallRecord) -> bool {
        let fits = |selector: &Selector| selector.field_selectors.iter().all(|field| field.fits(record));
        self.category() == Category::Management && self.0.iter().any(fits)
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
    fn management_events_are_selected_by_reading_and_source() {
        let management = json!({ "Field": "eventCategory", "Equals": ["Management"] });
        for (more, expected) in [
            (json!({ "Field": "readOnly", "Equals": ["true"] }), true),
            (json!({ "Field": "readOnly", "Equals": ["false"] }), false),
            (json!({ "Field": "eventSource", "NotEquals": ["kms.amazonaws.com"] }), false),
            (json!({ "Field": "eventSource", "NotEquals": ["rdsdata.amazonaws.com"] }), true),
        ] {
            assert_eq!(selectors(json!([management, more])).unwrap().select(&record()), expected, "{more}");
        }
        assert!(Selectors::management().select(&record()));
    }

    #[test]
    fn what_is_not_kept_is_refused_by_name() {
        let data = selectors(json!([{ "Field": "eventCategory", "Equals": ["Data"] }])).unwrap_err();
        assert!(data.is("NotImplemented") && data.to_string().contains("Data"));
        let none = selectors(json!([{ "Field": "readOnly", "Equals": ["true"] }])).unwrap_err();
        assert!(none.is("InvalidEventSelectorsException"));
    }
}
