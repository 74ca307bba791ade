//! What lifecycle rules must be.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>
// UNVERIFIED: the wordings, of which AWS documents only some.

use std::collections::HashSet;

use welkin_kernel::{Result, Timestamp};

use super::rule::{CLASSES, DAY, Expiration, Rule};
use crate::errors::{InvalidArgument, InvalidRequest, MalformedXML};
use crate::tags;

/// Rules that a bucket may have.
const MOST: usize = 1000;

/// Characters that an id may have.
const LONGEST_ID: usize = 255;

/// Noncurrent versions that a rule may keep.
const MOST_NEWER: i64 = 100;

/// Days before objects may move to a class of infrequent access.
const LEAST_DAYS: i64 = 30;

/// Checks the rules of a bucket.
pub(super) fn check(rules: &[Rule]) -> Result<()> {
    if rules.is_empty() || rules.len() > MOST {
        return Err(MalformedXML.into());
    }
    let mut ids = HashSet::new();
    for rule in rules {
        if rule.id.as_ref().is_some_and(|id| id.chars().count() > LONGEST_ID) {
            return Err(InvalidArgument::because("ID length should not exceed allowed limit of 255"));
        }
        if let Some(id) = &rule.id
            && !ids.insert(id)
        {
            let message = "Rule ID must be unique. Found same ID for more than one rule";
            return Err(InvalidArgument::because(message));
        }
        rule.check()?;
    }
    Ok(())
}

impl Rule {
    fn check(&self) -> Result<()> {
        if !matches!(self.status.as_deref(), Some("Enabled" | "Disabled")) {
            return Err(MalformedXML.into());
        }
        self.check_filter()?;
        self.check_actions()?;
        if let Some(expiration) = &self.expiration {
            self.check_expiration(expiration)?;
        }
        self.check_transitions()?;
        self.check_noncurrent()?;
        let abort = self.abort_incomplete_multipart_upload.as_ref();
        if let Some(abort) = abort {
            positive(abort.days_after_initiation, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action")?;
            if !self.conditions().tags.is_empty() {
                let message = "AbortIncompleteMultipartUpload cannot be specified with Tags";
                return Err(InvalidRequest::because(message));
            }
        }
        Ok(())
    }

    fn check_filter(&self) -> Result<()> {
        let Some(filter) = &self.filter else {
            return if self.prefix.is_some() { Ok(()) } else { Err(MalformedXML.into()) };
        };
        let said = [
            filter.prefix.is_some(),
            filter.tag.is_some(),
            filter.object_size_greater_than.is_some(),
            filter.object_size_less_than.is_some(),
            filter.and.is_some(),
        ];
        if self.prefix.is_some() || said.iter().filter(|said| **said).count() > 1 {
            return Err(MalformedXML.into());
        }
        let conditions = self.conditions();
        let list: Vec<_> = conditions.tags.iter().map(|tag| (*tag).clone()).collect();
        tags::from_list(&list, tags::MOST_OF_OBJECT)?;
        let sizes = [conditions.larger, conditions.smaller];
        let bounded = match (conditions.larger, conditions.smaller) {
            (Some(larger), Some(smaller)) => larger < smaller,
            _ => true,
        };
        if sizes.iter().flatten().any(|size| *size < 0) || !bounded {
            let message = "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'";
            return Err(InvalidRequest::because(message));
        }
        Ok(())
    }

    fn check_actions(&self) -> Result<()> {
        let acts = self.expiration.is_some()
            || self.transitions.as_ref().is_some_and(|list| !list.is_empty())
            || self.noncurrent_version_transitions.as_ref().is_some_and(|list| !list.is_empty())
            || self.noncurrent_version_expiration.is_some()
            || self.abort_incomplete_multipart_upload.is_some();
        if acts { Ok(()) } else { Err(InvalidRequest::because("At least one action needs to be specified in a rule")) }
    }

    fn check_expiration(&self, expiration: &Expiration) -> Result<()> {
        match (expiration.days, expiration.date, expiration.expired_object_delete_marker) {
            (Some(_), None, None) => positive(expiration.days, "'Days' for Expiration action"),
            (None, Some(date), None) => midnight(date),
            (None, None, Some(_)) if !self.conditions().tags.is_empty() => {
                Err(InvalidRequest::because("ExpiredObjectDeleteMarker cannot be specified with Tags"))
            }
            (None, None, Some(_)) => Ok(()),
            _ => Err(MalformedXML.into()),
        }
    }

    fn check_transitions(&self) -> Result<()> {
        let expires = self.expiration.as_ref().and_then(|expiration| expiration.days);
        for transition in self.transitions.iter().flatten() {
            let class = class(transition.storage_class.as_deref())?;
            match (transition.days, transition.date) {
                (Some(days), None) => {
                    warm(days, class)?;
                    if expires.is_some_and(|expires| expires <= days) {
                        return Err(InvalidArgument::because(format!(
                            "'Days' in the Expiration action for filter '(prefix={})' must be greater than 'Days' in \
                             the Transition action",
                            self.conditions().prefix
                        )));
                    }
                }
                (None, Some(date)) => midnight(date)?,
                _ => return Err(MalformedXML.into()),
            }
        }
        Ok(())
    }

    fn check_noncurrent(&self) -> Result<()> {
        let newer = |kept: Option<i64>, action: &str| match kept {
            Some(_) if self.filter.is_none() => {
                Err(InvalidRequest::because("NewerNoncurrentVersions element can only be used in Lifecycle V2."))
            }
            Some(kept) if !(1..=MOST_NEWER).contains(&kept) => Err(InvalidArgument::because(format!(
                "'NewerNoncurrentVersions' for {action} action must be a positive integer not greater than {MOST_NEWER}"
            ))),
            _ => Ok(()),
        };
        for transition in self.noncurrent_version_transitions.iter().flatten() {
            let class = class(transition.storage_class.as_deref())?;
            warm(transition.noncurrent_days.ok_or(MalformedXML)?, class)?;
            newer(transition.newer_noncurrent_versions, "NoncurrentVersionTransition")?;
        }
        match &self.noncurrent_version_expiration {
            Some(expiration) => {
                positive(expiration.noncurrent_days, "'NoncurrentDays' for NoncurrentVersionExpiration action")?;
                newer(expiration.newer_noncurrent_versions, "NoncurrentVersionExpiration")
            }
            None => Ok(()),
        }
    }
}

fn positive(days: Option<i64>, what: &str) -> Result<()> {
    match days {
        Some(days) if (1..=i64::from(i32::MAX)).contains(&days) => Ok(()),
        Some(_) => Err(InvalidArgument::because(format!("{what} must be a positive integer"))),
        None => Err(MalformedXML.into()),
    }
}

fn midnight(date: Timestamp) -> Result<()> {
    if date.micros().rem_euclid(DAY.cast_signed() * 1_000_000) == 0 {
        return Ok(());
    }
    Err(InvalidArgument::because("'Date' must be at midnight GMT"))
}

/// A class that objects may move to.
fn class(class: Option<&str>) -> Result<&str> {
    match class {
        Some(class) if CLASSES.get(1..).is_some_and(|classes| classes.contains(&class)) => Ok(class),
        _ => Err(MalformedXML.into()),
    }
}

/// Classes of infrequent access take objects of a certain age only.
fn warm(days: i64, class: &str) -> Result<()> {
    if !(0..=i64::from(i32::MAX)).contains(&days) {
        return Err(InvalidArgument::because("'Days' in Transition action must be nonnegative"));
    }
    if days < LEAST_DAYS && matches!(class, "STANDARD_IA" | "ONEZONE_IA") {
        return Err(InvalidArgument::because(format!(
            "'Days' in Transition action must be greater than or equal to {LEAST_DAYS} for storageClass '{class}'"
        )));
    }
    Ok(())
}
