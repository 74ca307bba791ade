//! A lifecycle rule: what it is about, and when it is due.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::Timestamp;

use super::{BY_CLASS, Lifecycle};
use crate::object::Object;
use crate::tags::{Tag, Tags};

/// When something is due.
pub(crate) type Due = Timestamp;

/// Objects that are smaller are not moved by default.
const SMALL: u64 = 128 * 1024;

/// Storage classes in the order in which objects may move.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
pub(super) const CLASSES: [&str; 7] =
    ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

/// A rule, as the API has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Rule {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expiration: Option<Expiration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) transitions: Option<Vec<Transition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) noncurrent_version_transitions: Option<Vec<NoncurrentTransition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) noncurrent_version_expiration: Option<NoncurrentExpiration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) abort_incomplete_multipart_upload: Option<Abort>,
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
    pub(super) object_size_greater_than: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) object_size_less_than: Option<i64>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) object_size_greater_than: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) object_size_less_than: Option<i64>,
}

/// When current versions expire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Expiration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expired_object_delete_marker: Option<bool>,
}

/// When current versions move.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Transition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) days: Option<i64>,
    pub(super) storage_class: Option<String>,
}

/// When noncurrent versions move.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NoncurrentTransition {
    pub(super) noncurrent_days: Option<i64>,
    pub(super) storage_class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newer_noncurrent_versions: Option<i64>,
}

/// When noncurrent versions expire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NoncurrentExpiration {
    pub(super) noncurrent_days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newer_noncurrent_versions: Option<i64>,
}

/// When uploads that are not completed end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Abort {
    pub(super) days_after_initiation: Option<i64>,
}

/// A noncurrent version as rules see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noncurrent {
    /// Since when it is noncurrent.
    pub(super) since: Timestamp,
    /// How many noncurrent versions are newer.
    pub(super) newer: i64,
}

/// The conditions of a rule, wherever it says them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conditions<'a> {
    pub(super) prefix: &'a str,
    pub(super) tags: Vec<&'a Tag>,
    pub(super) larger: Option<i64>,
    pub(super) smaller: Option<i64>,
}

impl Conditions<'_> {
    fn meets(&self, key: &str, size: u64, tags: &Tags) -> bool {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        key.starts_with(self.prefix)
            && self.larger.is_none_or(|least| size > least)
            && self.smaller.is_none_or(|most| size < most)
            && self.tags.iter().all(|tag| tags.get(&tag.key) == Some(&tag.value))
    }

    fn is_of_sizes(&self) -> bool {
        self.larger.is_some() || self.smaller.is_some()
    }
}

impl Rule {
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.status.as_deref() == Some("Enabled")
    }

    pub(super) fn conditions(&self) -> Conditions<'_> {
        let Some(filter) = &self.filter else {
            return Conditions { prefix: self.prefix.as_deref().unwrap_or_default(), ..Conditions::default() };
        };
        match &filter.and {
            Some(and) => Conditions {
                prefix: and.prefix.as_deref().unwrap_or_default(),
                tags: and.tags.iter().flatten().collect(),
                larger: and.object_size_greater_than,
                smaller: and.object_size_less_than,
            },
            None => Conditions {
                prefix: filter.prefix.as_deref().unwrap_or_default(),
                tags: filter.tag.iter().collect(),
                larger: filter.object_size_greater_than,
                smaller: filter.object_size_less_than,
            },
        }
    }

    fn is_about(&self, object: &Object) -> bool {
        self.conditions().meets(&object.key, object.size, &object.settings.tags)
    }

    /// When a current version expires by this rule.
    pub(super) fn expires(&self, object: &Object) -> Option<Due> {
        let expiration = self.expiration.as_ref()?;
        let due = expiration.date.or_else(|| Some(after(object.modified, expiration.days?)))?;
        self.is_about(object).then_some(due)
    }

    /// When a delete marker goes that is all that is left of its key.
    pub(super) fn expires_lone_marker(&self, key: &str, modified: Timestamp) -> Option<Due> {
        let expiration = self.expiration.as_ref()?;
        let conditions = self.conditions();
        if !key.starts_with(conditions.prefix) || !conditions.tags.is_empty() || conditions.is_of_sizes() {
            return None;
        }
        match expiration.expired_object_delete_marker {
            Some(true) => Some(modified),
            _ => expiration.date.or_else(|| Some(after(modified, expiration.days?))),
        }
    }

    /// When a noncurrent version expires; a delete marker has neither size nor tags.
    pub(super) fn expires_noncurrent(&self, key: &str, object: Option<&Object>, noncurrent: Noncurrent) -> Option<Due> {
        let expiration = self.noncurrent_version_expiration.as_ref()?;
        if noncurrent.newer < expiration.newer_noncurrent_versions.unwrap_or(0) {
            return None;
        }
        let conditions = self.conditions();
        let is_about = match object {
            Some(object) => self.is_about(object),
            None => key.starts_with(conditions.prefix) && conditions.tags.is_empty() && !conditions.is_of_sizes(),
        };
        is_about.then(|| after(noncurrent.since, expiration.noncurrent_days.unwrap_or(0)))
    }

    /// The class that a current version is to have by `now`, if it is a colder one than it has.
    pub(super) fn moves(&self, lifecycle: &Lifecycle, object: &Object, now: Timestamp) -> Option<&str> {
        let due = self.transitions.iter().flatten().filter(|transition| {
            let due = transition.date.or_else(|| Some(after(object.modified, transition.days?)));
            due.is_some_and(|due| due <= now)
        });
        self.colder(lifecycle, object, due.filter_map(|transition| transition.storage_class.as_deref()))
    }

    /// The class that a noncurrent version is to have by `now`, if it is a colder one than it has.
    pub(super) fn moves_noncurrent(
        &self,
        lifecycle: &Lifecycle,
        object: &Object,
        noncurrent: Noncurrent,
        now: Timestamp,
    ) -> Option<&str> {
        let due = self.noncurrent_version_transitions.iter().flatten().filter(|transition| {
            noncurrent.newer >= transition.newer_noncurrent_versions.unwrap_or(0)
                && after(noncurrent.since, transition.noncurrent_days.unwrap_or(0)) <= now
        });
        self.colder(lifecycle, object, due.filter_map(|transition| transition.storage_class.as_deref()))
    }

    fn colder<'a>(
        &self,
        lifecycle: &Lifecycle,
        object: &Object,
        classes: impl Iterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if !self.is_about(object) {
            return None;
        }
        let has = rank(&object.settings.storage_class)?;
        let may = |class: &str| {
            object.size >= SMALL
                || self.conditions().is_of_sizes()
                || (lifecycle.minimum == BY_CLASS && matches!(class, "GLACIER" | "DEEP_ARCHIVE"))
        };
        let coldest = classes.filter(|class| may(class)).max_by_key(|class| rank(class))?;
        (rank(coldest)? > has).then_some(coldest)
    }

    /// When an upload ends that began at `initiated`.
    pub(super) fn aborts(&self, key: &str, initiated: Timestamp) -> Option<Due> {
        let days = self.abort_incomplete_multipart_upload.as_ref()?.days_after_initiation?;
        key.starts_with(self.conditions().prefix).then(|| after(initiated, days))
    }
}

fn rank(class: &str) -> Option<usize> {
    CLASSES.iter().position(|known| *known == class)
}

/// The midnight after a number of days.
pub(crate) fn after(time: Timestamp, days: i64) -> Due {
    let days = Duration::from_secs(u64::try_from(days).unwrap_or(0).saturating_mul(DAY));
    midnight_after(time.plus(days))
}

/// Seconds of a day.
pub(super) const DAY: u64 = 24 * 60 * 60;

/// The first midnight, UTC, after a time.
pub(crate) fn midnight_after(time: Timestamp) -> Timestamp {
    let day = DAY.cast_signed();
    Timestamp::from_secs((time.secs().div_euclid(day) + 1).saturating_mul(day))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_end_at_the_next_midnight() {
        // The guide's example: created on 15 January at 10:30, three days, due on 19 January at midnight.
        let created: Timestamp = Timestamp::from_secs(1_389_781_800);
        assert_eq!(after(created, 3).to_http_date(), "Sun, 19 Jan 2014 00:00:00 GMT");
        assert_eq!(midnight_after(Timestamp::from_secs(0)), Timestamp::from_secs(86_400));
    }

    #[test]
    fn all_conditions_must_hold() {
        let rule: Rule = serde_json::from_value(serde_json::json!({
            "Filter": { "And": {
                "Prefix": "a/", "Tags": [{ "Key": "k", "Value": "v" }],
                "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 20,
            }},
        }))
        .unwrap();
        let tags: Tags = [("k".to_owned(), "v".to_owned())].into();
        let conditions = rule.conditions();
        assert!(conditions.meets("a/b", 11, &tags) && conditions.meets("a/b", 19, &tags));
        assert!(!conditions.meets("b", 11, &tags) && !conditions.meets("a/b", 11, &Tags::new()));
        assert!(!conditions.meets("a/b", 10, &tags) && !conditions.meets("a/b", 20, &tags));
    }
}
