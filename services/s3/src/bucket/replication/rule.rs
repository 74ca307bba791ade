//! A replication rule: what it is about, and where it leads.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Result};

use crate::errors::{InvalidArgument, MalformedXML};
use crate::object::Object;
use crate::tags::{Tag, Tags};

/// A rule, as the API has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rule {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<Filter>,
    pub(super) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source_selection_criteria: Option<Criteria>,
    /// No longer supported by S3, which keeps it all the same; batch jobs replicate what is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) existing_object_replication: Option<Switch>,
    pub(super) destination: Destination,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) delete_marker_replication: Option<Switch>,
}

/// Something that is enabled or not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Switch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
}

/// What a rule is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<Tag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) and: Option<And>,
}

/// Several conditions that all must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct And {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tags: Option<Vec<Tag>>,
}

/// What is replicated only if the rule says so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Criteria {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sse_kms_encrypted_objects: Option<Switch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replica_modifications: Option<Switch>,
}

/// Where replicas go, and what they are like there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Destination {
    pub(super) bucket: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) storage_class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_control_translation: Option<Translation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encryption_configuration: Option<Encryption>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replication_time: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) metrics: Option<Metrics>,
}

/// Whose replicas are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Translation {
    pub(super) owner: Option<String>,
}

/// With which key replicas are encrypted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encryption {
    #[serde(rename = "ReplicaKmsKeyID", default, skip_serializing_if = "Option::is_none")]
    pub(super) replica_kms_key_id: Option<String>,
}

/// S3 Replication Time Control.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Time {
    pub(super) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<Minutes>,
}

/// Replication metrics; with them come notifications of failures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metrics {
    pub(super) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event_threshold: Option<Minutes>,
}

/// A length of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Minutes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) minutes: Option<i64>,
}

/// Within which time a rule with time control replicates; AWS takes no other.
pub(super) const THRESHOLD: Duration = Duration::from_secs(15 * 60);

/// Whether a status is the one that switches something on.
fn is_on(status: Option<&String>) -> bool {
    status.is_some_and(|status| status == "Enabled")
}

impl Switch {
    pub(super) fn is_on(&self) -> bool {
        is_on(self.status.as_ref())
    }
}

impl Destination {
    /// The name of the bucket.
    ///
    /// # Errors
    /// `InvalidArgument` if the ARN is none of a bucket.
    pub(super) fn bucket_name(&self) -> Result<&str> {
        let is_bucket = |arn: &Arn| {
            arn.service() == "s3" && arn.account().is_none() && arn.region().is_none() && !arn.resource().contains('/')
        };
        let name = self.bucket.rsplit(':').next().unwrap_or_default();
        match self.bucket.parse::<Arn>() {
            Ok(arn) if is_bucket(&arn) && !name.is_empty() => Ok(name),
            // UNVERIFIED: the wording.
            _ => Err(InvalidArgument::because("Invalid bucket ARN.").with("ArgumentValue", self.bucket.as_str())),
        }
    }

    /// Whether replicas belong to the owner of the destination.
    pub(super) fn translates_owner(&self) -> bool {
        self.access_control_translation.is_some()
    }

    /// Whether there is time control.
    pub(super) fn is_timed(&self) -> bool {
        self.replication_time.as_ref().is_some_and(|time| is_on(time.status.as_ref()))
    }

    /// Whether failures are told.
    pub(super) fn is_measured(&self) -> bool {
        self.metrics.as_ref().is_some_and(|metrics| is_on(metrics.status.as_ref())) || self.is_timed()
    }
}

impl Rule {
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    pub(super) fn is_enabled(&self) -> bool {
        is_on(self.status.as_ref())
    }

    /// Whether the rule says something that only the second version of the configuration knows.
    pub(super) fn is_v2(&self) -> bool {
        self.filter.is_some()
            || self.priority.is_some()
            || self.delete_marker_replication.is_some()
            || self.destination.replication_time.is_some()
    }

    /// The prefix that keys must have.
    pub(super) fn key_prefix(&self) -> &str {
        let of_filter = self.filter.as_ref().and_then(|filter| match &filter.and {
            Some(and) => and.prefix.as_deref(),
            None => filter.prefix.as_deref(),
        });
        of_filter.or(self.prefix.as_deref()).unwrap_or_default()
    }

    /// The tags that objects must have.
    pub(super) fn tags(&self) -> impl Iterator<Item = &Tag> {
        let filter = self.filter.as_ref();
        let several = filter.and_then(|filter| filter.and.as_ref()).and_then(|and| and.tags.as_ref());
        filter.and_then(|filter| filter.tag.as_ref()).into_iter().chain(several.into_iter().flatten())
    }

    fn is_about(&self, key: &str, tags: &Tags) -> bool {
        key.starts_with(self.key_prefix()) && self.tags().all(|tag| tags.get(&tag.key) == Some(&tag.value))
    }

    /// Whether the rule replicates an object.
    pub(super) fn takes(&self, object: &Object) -> bool {
        let encrypted = object.protection.is_under_kms();
        self.is_enabled()
            && self.is_about(&object.key, &object.settings.tags)
            && !object.is_archived()
            && (!encrypted || self.takes_encrypted())
    }

    fn takes_encrypted(&self) -> bool {
        let criteria = self.source_selection_criteria.as_ref();
        criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects.as_ref()).is_some_and(Switch::is_on)
    }

    /// Whether the rule replicates changes that were made to the settings of replicas.
    pub(super) fn takes_modifications(&self) -> bool {
        let criteria = self.source_selection_criteria.as_ref();
        criteria.and_then(|criteria| criteria.replica_modifications.as_ref()).is_some_and(Switch::is_on)
    }

    /// Whether the rule replicates a delete marker; what it says of tags keeps it from doing so.
    pub(super) fn takes_marker(&self, key: &str, v2: bool, same_owner: bool) -> bool {
        let wanted = match v2 {
            true => self.delete_marker_replication.as_ref().is_some_and(Switch::is_on),
            false => same_owner,
        };
        self.is_enabled() && wanted && self.tags().next().is_none() && key.starts_with(self.key_prefix())
    }
}

/// Whether a configuration is of the second version.
pub(super) fn are_v2(rules: &[Rule]) -> bool {
    rules.iter().any(Rule::is_v2)
}

/// Of rules with the same destination, the one that comes first.
pub(super) fn foremost<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<&'a Rule> {
    let mut chosen: Vec<&Rule> = Vec::new();
    for rule in rules {
        match chosen.iter_mut().find(|other| other.destination.bucket == rule.destination.bucket) {
            Some(other) if rule.priority > other.priority => *other = rule,
            Some(_) => {}
            None => chosen.push(rule),
        }
    }
    chosen
}

/// Refuses a status that is neither on nor off.
pub(super) fn check_status(status: Option<&String>) -> Result<()> {
    match status.map(String::as_str) {
        Some("Enabled" | "Disabled") => Ok(()),
        _ => Err(MalformedXML.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rule(json: serde_json::Value) -> Rule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn all_conditions_of_a_filter_must_hold() {
        let rule = rule(serde_json::json!({
            "Status": "Enabled", "Destination": { "Bucket": "arn:aws:s3:::b" },
            "Filter": { "And": { "Prefix": "a/", "Tags": [{ "Key": "k", "Value": "v" }] } },
        }));
        let tags: Tags = [("k".to_owned(), "v".to_owned()), ("l".to_owned(), String::new())].into();
        assert!(rule.is_about("a/b", &tags));
        assert!(!rule.is_about("b", &tags) && !rule.is_about("a/b", &Tags::new()));
        assert!(!rule.takes_marker("a/b", true, true), "delete markers have no tags");
    }

    #[test]
    fn the_rule_of_the_highest_priority_speaks_for_a_destination() {
        let of = |id: &str, bucket: &str, priority: i64| {
            rule(serde_json::json!({
                "ID": id, "Priority": priority, "Destination": { "Bucket": format!("arn:aws:s3:::{bucket}") },
            }))
        };
        let rules = [of("low", "a", 1), of("other", "b", 2), of("high", "a", 3), of("middle", "a", 2)];
        let ids: Vec<&str> = foremost(rules.iter()).into_iter().map(Rule::id).collect();
        assert_eq!(ids, ["high", "other"]);
    }

    #[test]
    fn delete_markers_follow_the_version_of_the_configuration() {
        let old = rule(serde_json::json!({ "Status": "Enabled", "Prefix": "a", "Destination": { "Bucket": "b" } }));
        assert!(old.takes_marker("a", false, true) && !old.takes_marker("b", false, true));
        assert!(!old.takes_marker("a", false, false), "not from another account");
        let new = rule(serde_json::json!({
            "Status": "Enabled", "Filter": {}, "Destination": { "Bucket": "b" },
            "DeleteMarkerReplication": { "Status": "Enabled" },
        }));
        assert!(new.takes_marker("a", true, false));
        let off = Rule { delete_marker_replication: None, ..new };
        assert!(!off.takes_marker("a", true, true));
    }

    #[test]
    fn a_destination_is_named_by_an_arn() {
        let named = |bucket: &str| {
            Destination { bucket: bucket.to_owned(), ..Destination::default() }.bucket_name().map(str::to_owned)
        };
        assert_eq!(named("arn:aws:s3:::b").unwrap(), "b");
        for wrong in ["b", "", "arn:aws:s3:::", "arn:aws:s3:::b/k", "arn:aws:sqs:::b", "arn:aws:s3:us-east-1:1:b"] {
            assert!(named(wrong).unwrap_err().is("InvalidArgument"), "{wrong}");
        }
    }
}
