//! What replication configurations must be.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html>

use welkin_kernel::{Error, Result};

use super::rule::{Rule, are_v2, check_status};
use crate::errors::{InvalidArgument, InvalidRequest, MalformedXML, not_implemented};
use crate::object::settings;

/// Rules that a configuration may have.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationConfiguration.html>
const MOST: usize = 1000;

/// Characters that an id may have.
const LONGEST_ID: usize = 255;

/// Minutes that a threshold may have.
const MINUTES: i64 = 15;

/// Checks all rules.
///
/// # Errors
/// `MalformedXML`, `InvalidRequest`, `InvalidArgument`
pub(super) fn check(rules: &[Rule]) -> Result<()> {
    if rules.is_empty() || rules.len() > MOST {
        return Err(MalformedXML.into());
    }
    let v2 = are_v2(rules);
    for (at, rule) in rules.iter().enumerate() {
        rule.check(v2)?;
        let others = rules.iter().take(at);
        for other in others {
            check_pair(rule, other, v2)?;
        }
    }
    Ok(())
}

/// What two rules may not have in common.
///
/// UNVERIFIED: the wordings, but for the number of destinations.
fn check_pair(rule: &Rule, other: &Rule, v2: bool) -> Result<()> {
    if rule.id.is_some() && rule.id == other.id {
        return Err(InvalidRequest::because("Rule Id must be unique. Found same Id for more than one rule."));
    }
    if v2 {
        return match (rule.priority, other.priority) {
            (Some(own), Some(others)) if own == others => Err(InvalidRequest::because(format!(
                "Priority must be unique. Found same priority {own} for more than one rule."
            ))),
            _ => Ok(()),
        };
    }
    if rule.destination.bucket != other.destination.bucket {
        return Err(InvalidRequest::because("Number of distinct destination bucket ARNs cannot exceed 1"));
    }
    let (own, others) = (rule.key_prefix(), other.key_prefix());
    if own.starts_with(others) || others.starts_with(own) {
        return Err(InvalidRequest::because(format!("Found overlapping prefixes '{others}' and '{own}'")));
    }
    Ok(())
}

fn lacks(what: &str) -> Error {
    InvalidRequest::because(format!(
        "{what} must be specified for this version of Cross Region Replication configuration schema. Please refer to \
         S3 Developer Guide for more information."
    ))
}

impl Rule {
    fn check(&self, v2: bool) -> Result<()> {
        if self.id.as_ref().is_some_and(|id| id.chars().count() > LONGEST_ID) {
            return Err(InvalidArgument::because("ID length should not exceed allowed limit of 255"));
        }
        check_status(self.status.as_ref())?;
        self.check_filter()?;
        if v2 {
            self.check_v2()?;
        }
        let switches = [&self.existing_object_replication, &self.delete_marker_replication];
        for switch in switches.into_iter().flatten() {
            check_status(switch.status.as_ref())?;
        }
        self.check_destination()?;
        self.check_encryption()?;
        self.check_time()
    }

    fn check_filter(&self) -> Result<()> {
        let Some(filter) = &self.filter else { return Ok(()) };
        let one = [filter.prefix.is_some(), filter.tag.is_some(), filter.and.is_some()];
        if self.prefix.is_some() || one.into_iter().filter(|given| *given).count() > 1 {
            return Err(MalformedXML.into());
        }
        let Some(and) = &filter.and else { return Ok(()) };
        let tags = and.tags.as_deref().unwrap_or_default();
        // One condition alone needs no `And`.
        if tags.len() + usize::from(and.prefix.is_some()) < 2 {
            return Err(MalformedXML.into());
        }
        let twice = tags.iter().enumerate().any(|(at, tag)| tags.iter().take(at).any(|other| other.key == tag.key));
        if twice { Err(InvalidRequest::because("Duplicate Tag Keys are not allowed.")) } else { Ok(()) }
    }

    fn check_v2(&self) -> Result<()> {
        if self.priority.is_none() {
            return Err(lacks("Priority"));
        }
        let Some(markers) = &self.delete_marker_replication else { return Err(lacks("DeleteMarkerReplication")) };
        if self.priority.is_some_and(|priority| priority < 0) {
            return Err(MalformedXML.into());
        }
        if markers.is_on() && self.tags().next().is_some() {
            return Err(InvalidRequest::because(
                "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 \
                 Developer Guide for more information.",
            ));
        }
        Ok(())
    }

    fn check_destination(&self) -> Result<()> {
        let to = &self.destination;
        to.bucket_name()?;
        match to.storage_class.as_deref() {
            None => {}
            Some("OUTPOSTS") => return Err(not_implemented("replication to S3 on Outposts")),
            Some(class) if settings::is_class(class) => {}
            Some(_) => return Err(MalformedXML.into()),
        }
        let account = to.account.as_deref();
        if account.is_some_and(|account| account.parse::<welkin_kernel::AccountId>().is_err()) {
            // UNVERIFIED: the wording.
            return Err(InvalidArgument::because("Invalid account id"));
        }
        match &to.access_control_translation {
            None => Ok(()),
            Some(translation) if translation.owner.as_deref() != Some("Destination") => Err(MalformedXML.into()),
            // UNVERIFIED: the wording.
            Some(_) if account.is_none() => {
                Err(InvalidRequest::because("Account must be specified if AccessControlTranslation is present."))
            }
            Some(_) => Ok(()),
        }
    }

    fn check_encryption(&self) -> Result<()> {
        let criteria = self.source_selection_criteria.as_ref();
        let encrypted = criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects.as_ref());
        let modified = criteria.and_then(|criteria| criteria.replica_modifications.as_ref());
        for switch in encrypted.into_iter().chain(modified) {
            check_status(switch.status.as_ref())?;
        }
        let key = self.destination.encryption_configuration.as_ref();
        match (encrypted.is_some_and(|switch| switch.is_on()), key) {
            (false, Some(_)) => Err(InvalidRequest::because(
                "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
            )),
            (true, key) if key.and_then(|key| key.replica_kms_key_id.as_ref()).is_none() => Err(
                InvalidRequest::because("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."),
            ),
            _ => Ok(()),
        }
    }

    /// UNVERIFIED: the wordings; that fifteen minutes are the only value, and that time control comes with metrics,
    /// is documented.
    fn check_time(&self) -> Result<()> {
        let (time, metrics) = (&self.destination.replication_time, &self.destination.metrics);
        let is_fifteen = |minutes: Option<i64>| match minutes {
            Some(MINUTES) => Ok(()),
            _ => Err(InvalidArgument::because("The only valid value for Minutes is 15.")),
        };
        if let Some(time) = time {
            check_status(time.status.as_ref())?;
            is_fifteen(time.time.as_ref().and_then(|time| time.minutes))?;
            if metrics.is_none() && self.destination.is_timed() {
                return Err(InvalidRequest::because("Metrics must be specified if ReplicationTime is present."));
            }
        }
        let Some(metrics) = metrics else { return Ok(()) };
        check_status(metrics.status.as_ref())?;
        match &metrics.event_threshold {
            Some(threshold) => is_fifteen(threshold.minutes),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    fn rule(changes: Value) -> Value {
        let mut rule = json!({
            "Status": "Enabled", "Priority": 1, "Filter": { "Prefix": "" },
            "DeleteMarkerReplication": { "Status": "Disabled" }, "Destination": { "Bucket": "arn:aws:s3:::b" },
        });
        for (name, value) in changes.as_object().unwrap() {
            rule[name] = value.clone();
        }
        rule
    }

    fn error(rules: &[Value]) -> Option<String> {
        let rules: Vec<Rule> = serde_json::from_value(json!(rules)).unwrap();
        check(&rules).err().map(|error| error.answer().unwrap().code.clone().into_owned())
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let to = |more: Value| {
            let mut to = json!({ "Bucket": "arn:aws:s3:::b" });
            for (name, value) in more.as_object().unwrap() {
                to[name] = value.clone();
            }
            json!({ "Destination": to })
        };
        let tag = json!({ "Key": "k", "Value": "v" });
        let kms = json!({ "SseKmsEncryptedObjects": { "Status": "Enabled" } });
        for (changes, code) in [
            (json!({ "Status": "On" }), "MalformedXML"),
            (json!({ "Priority": null }), "InvalidRequest"),
            (json!({ "DeleteMarkerReplication": null }), "InvalidRequest"),
            (json!({ "Prefix": "a" }), "MalformedXML"),
            (json!({ "Filter": { "Prefix": "a", "Tag": tag } }), "MalformedXML"),
            (json!({ "Filter": { "And": { "Prefix": "a" } } }), "MalformedXML"),
            (json!({ "Filter": { "Tag": tag }, "DeleteMarkerReplication": { "Status": "Enabled" } }), "InvalidRequest"),
            (json!({ "SourceSelectionCriteria": kms }), "InvalidRequest"),
            (to(json!({ "EncryptionConfiguration": { "ReplicaKmsKeyID": "k" } })), "InvalidRequest"),
            (to(json!({ "StorageClass": "COLD" })), "MalformedXML"),
            (to(json!({ "StorageClass": "OUTPOSTS" })), "NotImplemented"),
            (to(json!({ "AccessControlTranslation": { "Owner": "Destination" } })), "InvalidRequest"),
            (to(json!({ "Metrics": { "Status": "Enabled", "EventThreshold": { "Minutes": 5 } } })), "InvalidArgument"),
            (to(json!({ "ReplicationTime": { "Status": "Enabled", "Time": { "Minutes": 15 } } })), "InvalidRequest"),
            (json!({ "ID": "i".repeat(256) }), "InvalidArgument"),
        ] {
            assert_eq!(error(&[rule(changes.clone())]).as_deref(), Some(code), "{changes}");
        }
        assert_eq!(error(&[rule(json!({}))]), None);
        assert_eq!(error(&[]).as_deref(), Some("MalformedXML"));
    }

    #[test]
    fn rules_do_not_get_into_one_anothers_way() {
        let two = |a: Value, b: Value| error(&[rule(a), rule(b)]);
        assert_eq!(two(json!({ "ID": "a" }), json!({ "ID": "b", "Priority": 2 })), None);
        assert_eq!(two(json!({ "ID": "a" }), json!({ "ID": "a", "Priority": 2 })).as_deref(), Some("InvalidRequest"));
        assert_eq!(two(json!({}), json!({})).as_deref(), Some("InvalidRequest"));
        let old = |prefix: &str, bucket: &str| json!({ "Status": "Enabled", "Prefix": prefix, "Destination": { "Bucket": format!("arn:aws:s3:::{bucket}") } });
        assert_eq!(error(&[old("a", "b"), old("c", "b")]), None);
        assert_eq!(error(&[old("a", "b"), old("ab", "b")]).as_deref(), Some("InvalidRequest"));
        assert_eq!(error(&[old("a", "b"), old("c", "d")]).as_deref(), Some("InvalidRequest"));
    }
}
