//! Advanced event selectors.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, RecordKind, Result};

use super::refused;
use crate::event::{error_code, event_category, event_type};

/// One selector: events of which every field fits are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AdvancedEventSelector {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    field_selectors: Vec<FieldSelector>,
}

/// What a field must be: one of the first three, if any of them is given, and none of the others.
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

/// What has selectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Trail,
    EventDataStore,
}

/// Values in all conditions of a trail, at most: the reference of InvalidEventSelectorsException.
const MOST_VALUES: usize = 500;

/// Sources of management events that may be excluded, as with basic selectors.
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// The fields of each category of events.
///
/// Sources: the reference above, and
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html>.
fn fields(of: Of, category: &str) -> Option<&'static [&'static str]> {
    match (of, category) {
        (Of::Trail, "Management") => Some(&["eventCategory", "eventSource", "readOnly"]),
        (Of::EventDataStore, "Management") => Some(&[
            "eventCategory",
            "eventName",
            "eventSource",
            "eventType",
            "readOnly",
            "sessionCredentialFromConsole",
            "userIdentity.arn",
        ]),
        (Of::EventDataStore, "ActivityAuditLog") => Some(&["eventCategory"]),
        (Of::Trail, "Data") => Some(&[
            "eventCategory",
            "eventName",
            "eventSource",
            "eventType",
            "readOnly",
            "resources.ARN",
            "resources.type",
            "sessionCredentialFromConsole",
            "userIdentity.arn",
        ]),
        (Of::Trail, "NetworkActivity") => {
            Some(&["eventCategory", "eventName", "eventSource", "errorCode", "vpcEndpointId"])
        }
        _ => None,
    }
}

impl FieldSelector {
    fn fits(&self, record: &CallRecord) -> bool {
        let values = values(&self.field, record);
        let any = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
        let is_wanted = any(&|value| {
            self.equals.iter().any(|text| text == value)
                || self.starts_with.iter().any(|text| value.starts_with(text.as_str()))
                || self.ends_with.iter().any(|text| value.ends_with(text.as_str()))
        });
        let is_unwanted = any(&|value| {
            self.not_equals.iter().any(|text| text == value)
                || self.not_starts_with.iter().any(|text| value.starts_with(text.as_str()))
                || self.not_ends_with.iter().any(|text| value.ends_with(text.as_str()))
        });
        let asks = !(self.equals.is_empty() && self.starts_with.is_empty() && self.ends_with.is_empty());
        (is_wanted || !asks) && !is_unwanted
    }

    fn operators(&self) -> [&Vec<String>; 6] {
        [&self.equals, &self.starts_with, &self.ends_with, &self.not_equals, &self.not_starts_with, &self.not_ends_with]
    }

    fn values(&self) -> usize {
        self.operators().iter().map(|values| values.len()).sum()
    }

    /// The one value that the field must equal.
    fn only(&self) -> Option<&str> {
        match self.equals.as_slice() {
            [only] if self.values() == 1 => Some(only),
            _ => None,
        }
    }

    fn check(&self, of: Of, category: &str) -> Result<()> {
        let field = self.field.as_str();
        if self.values() == 0 {
            return Err(refused(format!("The field {field} has no operator.")));
        }
        let excludes = || self.not_equals.len() == self.values();
        let valid = match (category, field) {
            (_, "eventCategory" | "resources.type") => self.only().is_some(),
            (_, "readOnly") => matches!(self.only(), Some("true" | "false")),
            ("Management", "eventSource") if of == Of::Trail => {
                excludes() && self.not_equals.iter().all(|source| EXCLUDABLE.contains(&source.as_str()))
            }
            ("NetworkActivity", "eventSource") => self.only().is_some_and(|source| source.ends_with(".amazonaws.com")),
            (_, "errorCode") => self.only() == Some("VpceAccessDenied"),
            (_, "sessionCredentialFromConsole") => {
                self.only() == Some("true") || (excludes() && self.not_equals == ["true"])
            }
            _ => true,
        };
        if valid {
            Ok(())
        } else {
            Err(refused(format!("The operator or the values of the field {field} are not valid.")))
        }
    }
}

/// The values of a field of an event; none if the event does not have it.
fn values<'a>(field: &str, record: &'a CallRecord) -> Vec<Cow<'a, str>> {
    let one = |value: &'a str| vec![Cow::Borrowed(value)];
    match field {
        "eventCategory" => one(event_category(record)),
        "eventName" => one(&record.name),
        "eventSource" => one(&record.source),
        "eventType" => one(event_type(record)),
        "readOnly" => one(if record.read_only { "true" } else { "false" }),
        "errorCode" => record.error_code.as_deref().map(error_code).map(one).unwrap_or_default(),
        "userIdentity.arn" if record.principal.account() == Some(record.recipient) => {
            let arn = record.principal.arn(record.place.region.partition());
            arn.map(|arn| vec![Cow::Owned(String::from(arn))]).unwrap_or_default()
        }
        "resources.type" => match &record.kind {
            RecordKind::Data(kind) => one(kind),
            RecordKind::Call | RecordKind::Service => Vec::new(),
        },
        "resources.ARN" => match &record.kind {
            RecordKind::Data(kind) => {
                let of_kind = record.resources.iter().filter(|resource| resource.kind == *kind);
                of_kind.map(|resource| Cow::Borrowed(resource.arn.as_str())).collect()
            }
            RecordKind::Call | RecordKind::Service => Vec::new(),
        },
        // There are no calls from the console, and none through end points of a VPC.
        _ => Vec::new(),
    }
}

impl AdvancedEventSelector {
    /// One of all events of a category.
    pub(crate) fn of_category(name: &str, category: &str) -> Self {
        let equals = vec![category.to_owned()];
        let category = FieldSelector { field: "eventCategory".to_owned(), equals, ..FieldSelector::default() };
        Self { name: Some(name.to_owned()), field_selectors: vec![category] }
    }

    /// The category of the events that it selects.
    pub(crate) fn category(&self) -> Option<&str> {
        self.only("eventCategory")
    }

    /// Whether it selects the record.
    pub(crate) fn selects(&self, record: &CallRecord) -> bool {
        self.field_selectors.iter().all(|field| field.fits(record))
    }

    /// Whether it selects management events that read, or that write.
    pub(super) fn selects_management(&self, read_only: bool) -> bool {
        let asked = self.only("readOnly").is_none_or(|asked| (asked == "true") == read_only);
        self.category() == Some("Management") && asked
    }

    /// The type of resources of which it selects data events.
    pub(super) fn data_type(&self) -> Option<&str> {
        if self.category()? == "Data" { self.only("resources.type") } else { None }
    }

    fn only(&self, field: &str) -> Option<&str> {
        self.field_selectors.iter().find(|selector| selector.field == field)?.only()
    }

    fn check(&self, of: Of) -> Result<()> {
        let category = self.category().unwrap_or_default();
        let Some(fields) = fields(of, category) else {
            let wanted = "Management, Data or NetworkActivity";
            return Err(refused(format!("The field eventCategory is required, and must equal {wanted}.")));
        };
        let required = match category {
            "Data" => "resources.type",
            "NetworkActivity" => "eventSource",
            _ => "eventCategory",
        };
        if !self.field_selectors.iter().any(|selector| selector.field == required) {
            return Err(refused(format!("The field {required} is required for {category} events.")));
        }
        let mut seen = HashSet::new();
        for selector in &self.field_selectors {
            let field = selector.field.as_str();
            if !fields.contains(&field) {
                return Err(refused(format!("The field {field} is not valid for {category} events.")));
            }
            if !seen.insert(field) {
                return Err(refused(format!("The field {field} is there more than once.")));
            }
            selector.check(of, category)?;
        }
        let is_type = |kind: &str| kind.starts_with("AWS::") && kind.split("::").count() == 3;
        match self.only("resources.type").filter(|kind| !is_type(kind)) {
            Some(kind) => Err(refused(format!("Value {kind} for resources.type is invalid."))),
            None => Ok(()),
        }
    }
}

/// Refuses selectors that a trail, or an event data store, cannot have.
pub(crate) fn check(selectors: &[AdvancedEventSelector], of: Of) -> Result<()> {
    selectors.iter().try_for_each(|selector| selector.check(of))?;
    let values: usize = selectors.iter().flat_map(|s| &s.field_selectors).map(FieldSelector::values).sum();
    if values > MOST_VALUES {
        return Err(refused(format!(
            "A maximum of {MOST_VALUES} values for all conditions is allowed; there are {values}."
        )));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};
    use welkin_kernel::RecordedResource;

    use super::*;
    use crate::event::tests::{account, record};

    fn selector(fields: Value) -> AdvancedEventSelector {
        serde_json::from_value(json!({ "FieldSelectors": fields })).unwrap()
    }

    fn put_object(key: &str) -> CallRecord {
        CallRecord {
            source: "s3.amazonaws.com".to_owned(),
            name: "PutObject".to_owned(),
            kind: RecordKind::Data("AWS::S3::Object".to_owned()),
            read_only: false,
            resources: vec![RecordedResource {
                arn: format!("arn:aws:s3:::b/{key}"),
                account: account(111_122_223_333),
                kind: "AWS::S3::Object".to_owned(),
                is_prefix: false,
            }],
            ..record()
        }
    }

    #[test]
    fn fields_choose_by_every_operator() {
        let of_data = |more: Value| {
            let mut fields = vec![
                json!({ "Field": "eventCategory", "Equals": ["Data"] }),
                json!({ "Field": "resources.type", "Equals": ["AWS::S3::Object"] }),
            ];
            fields.extend(more.as_array().unwrap().iter().cloned());
            selector(Value::from(fields))
        };
        for (more, expected) in [
            (json!([]), true),
            (json!([{ "Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::b/im"] }]), true),
            (json!([{ "Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::c/"], "EndsWith": [".png"] }]), true),
            (json!([{ "Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::b/"] }]), false),
            (json!([{ "Field": "resources.ARN", "NotEndsWith": [".jpg"] }]), true),
            (json!([{ "Field": "eventName", "Equals": ["GetObject", "PutObject"] }]), true),
            (json!([{ "Field": "eventName", "NotEquals": ["PutObject"] }]), false),
            (json!([{ "Field": "readOnly", "Equals": ["true"] }]), false),
            (json!([{ "Field": "eventType", "Equals": ["AwsApiCall"] }]), true),
            (json!([{ "Field": "sessionCredentialFromConsole", "NotEquals": ["true"] }]), true),
            (json!([{ "Field": "sessionCredentialFromConsole", "Equals": ["true"] }]), false),
            (json!([{ "Field": "userIdentity.arn", "Equals": ["arn:aws:iam::444455556666:user/alice"] }]), false),
        ] {
            let selector = of_data(more.clone());
            assert!(check(std::slice::from_ref(&selector), Of::Trail).is_ok(), "{more}");
            assert_eq!(selector.selects(&put_object("images/1.png")), expected, "{more}");
            assert!(!selector.selects(&record()), "management events are others");
        }
        let own = CallRecord { recipient: account(444_455_556_666), ..put_object("k") };
        let by_alice = json!([{ "Field": "userIdentity.arn", "Equals": ["arn:aws:iam::444455556666:user/alice"] }]);
        assert!(of_data(by_alice).selects(&own));
    }

    #[test]
    fn what_no_trail_can_have_is_refused() {
        let category = |name: &str| json!({ "Field": "eventCategory", "Equals": [name] });
        let object = json!({ "Field": "resources.type", "Equals": ["AWS::S3::Object"] });
        for fields in [
            json!([object]),
            json!([category("Insight")]),
            json!([category("Data")]),
            json!([category("NetworkActivity")]),
            json!([{ "Field": "eventCategory", "NotEquals": ["Data"] }]),
            json!([category("Management"), { "Field": "eventName", "Equals": ["PutObject"] }]),
            json!([category("Management"), { "Field": "eventSource", "Equals": ["kms.amazonaws.com"] }]),
            json!([category("Management"), { "Field": "eventSource", "NotEquals": ["iam.amazonaws.com"] }]),
            json!([category("Management"), { "Field": "readOnly", "Equals": ["yes"] }]),
            json!([category("Management"), category("Management")]),
            json!([category("Data"), object, { "Field": "resources.ARN" }]),
            json!([category("Data"), { "Field": "resources.type", "StartsWith": ["AWS::S3"] }]),
            json!([category("Data"), { "Field": "resources.type", "Equals": ["S3"] }]),
        ] {
            let refused = check(&[selector(fields.clone())], Of::Trail);
            assert!(refused.is_err_and(|e| e.is("InvalidEventSelectorsException")), "{fields}");
        }
        let names: Vec<String> = (0..499).map(|n| n.to_string()).collect();
        let many = selector(json!([category("Data"), object, { "Field": "eventName", "Equals": names }]));
        assert!(check(&[many], Of::Trail).is_err());
        let network = json!([category("NetworkActivity"), { "Field": "eventSource", "Equals": ["kms.amazonaws.com"] }]);
        assert!(check(&[selector(network)], Of::Trail).is_ok());
    }
}
