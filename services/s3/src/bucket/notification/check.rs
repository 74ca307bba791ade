//! What configurations of notifications must be.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>

use welkin_kernel::{Arn, Error, Result};

use super::{Kind, Wish};
use crate::bucket::Bucket;
use crate::errors::{InvalidArgument, invalid_argument};

/// Types of events.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
const EVENTS: [&str; 29] = [
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
];

/// Longest id.
const LONGEST_ID: usize = 255;

/// Whether a type of events that is wanted covers one that happened, without `s3:`.
pub(super) fn covers(wanted: &str, event: &str) -> bool {
    let wanted = wanted.strip_prefix("s3:").unwrap_or(wanted);
    match wanted.strip_suffix('*') {
        Some(start) => event.starts_with(start),
        None => wanted == event,
    }
}

/// Checks configurations.
///
/// # Errors
/// `InvalidArgument`
pub(super) fn check(wishes: &[Wish<'_>], bucket: &Bucket) -> Result<()> {
    for (at, wish) in wishes.iter().enumerate() {
        wish.check(bucket)?;
        if wishes.iter().take(at).any(|other| other.overlaps(wish)) {
            return Err(InvalidArgument::because(
                "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            ));
        }
    }
    Ok(())
}

impl Wish<'_> {
    fn check(&self, bucket: &Bucket) -> Result<()> {
        let (service, parameter) = match self.kind {
            Kind::Queue => ("sqs", "Queue"),
            Kind::Topic => ("sns", "Topic"),
        };
        if self.id.is_some_and(|id| id.len() > LONGEST_ID) {
            return Err(InvalidArgument::because("The maximum length of the ID is 255 characters"));
        }
        let malformed = || invalid_argument("The ARN is not well formed", parameter, self.arn);
        let arn: Arn = self.arn.parse().map_err(|_| malformed())?;
        if arn.service() != service || arn.account().is_none() || arn.resource().is_empty() {
            return Err(malformed());
        }
        if arn.region() != Some(bucket.region) {
            return Err(invalid_argument(
                "The notification destination service region is not valid for the bucket location constraint",
                parameter,
                self.arn,
            ));
        }
        if arn.resource().ends_with(".fifo") {
            let what = if self.kind == Kind::Queue { "SQS queues" } else { "SNS topics" };
            return Err(invalid_argument(format!("FIFO {what} are not supported"), parameter, self.arn));
        }
        let unknown = self.events.iter().find(|event| !EVENTS.contains(&event.as_str()));
        match unknown {
            Some(event) => Err(invalid_argument("The event is not supported for notifications", "Event", event)),
            None if self.events.is_empty() => Err(crate::errors::MalformedXML.into()),
            None => self.check_filter(),
        }
    }

    fn check_filter(&self) -> Result<()> {
        let rules = self.filter.iter().filter_map(|filter| filter.key.as_ref()).flat_map(|key| &key.filter_rules);
        let (mut prefixes, mut suffixes) = (0, 0);
        for rule in rules {
            match rule.name.as_deref().map(str::to_ascii_lowercase).as_deref() {
                Some("prefix") => prefixes += 1,
                Some("suffix") => suffixes += 1,
                _ => return Err(refuse("filter rule name must be either prefix or suffix")),
            }
            if rule.value.as_ref().is_some_and(|value| value.len() > 1024) {
                return Err(refuse("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation"));
            }
        }
        match (prefixes, suffixes) {
            (2.., _) => Err(refuse("Cannot specify more than one prefix rule in a filter.")),
            (_, 2..) => Err(refuse("Cannot specify more than one suffix rule in a filter.")),
            _ => Ok(()),
        }
    }

    /// Whether something could happen that both would be told of.
    fn overlaps(&self, other: &Self) -> bool {
        let starts = |name| {
            let (own, others) = (self.part(name), other.part(name));
            own.starts_with(others) || others.starts_with(own)
        };
        let ends = |name| {
            let (own, others) = (self.part(name), other.part(name));
            own.ends_with(others) || others.ends_with(own)
        };
        let same = |own: &String| {
            other.events.iter().any(|others| {
                let bare = |event: &str| event.strip_prefix("s3:").unwrap_or(event).to_owned();
                covers(own, &bare(others)) || covers(others, &bare(own))
            })
        };
        starts("prefix") && ends("suffix") && self.events.iter().any(same)
    }
}

fn refuse(message: &str) -> Error {
    InvalidArgument::because(message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::ToQueue;
    use super::*;

    fn to(events: &[&str], prefix: &str, suffix: &str) -> ToQueue {
        serde_json::from_value(serde_json::json!({
            "QueueArn": "arn:aws:sqs:us-east-1:111122223333:q",
            "Events": events,
            "Filter": { "Key": { "FilterRules": [
                { "Name": "Prefix", "Value": prefix }, { "Name": "suffix", "Value": suffix },
            ] } },
        }))
        .unwrap()
    }

    #[test]
    fn types_of_events_have_wildcards() {
        assert!(covers("s3:ObjectCreated:*", "ObjectCreated:Put"));
        assert!(covers("s3:ObjectCreated:Put", "ObjectCreated:Put"));
        assert!(!covers("s3:ObjectCreated:Put", "ObjectCreated:Post"));
        assert!(!covers("s3:ObjectRemoved:*", "ObjectCreated:Put"));
    }

    #[test]
    fn configurations_overlap_where_keys_and_events_do() {
        let all = to(&["s3:ObjectCreated:*"], "", "");
        assert!(all.wish().overlaps(&to(&["s3:ObjectCreated:Put"], "a", ".jpg").wish()));
        assert!(!all.wish().overlaps(&to(&["s3:ObjectRemoved:*"], "", "").wish()));
        let images = to(&["s3:ObjectCreated:*"], "images/", "");
        assert!(!images.wish().overlaps(&to(&["s3:ObjectCreated:*"], "logs/", "").wish()));
        assert!(images.wish().overlaps(&to(&["s3:ObjectCreated:*"], "images/2", ".jpg").wish()));
        assert!(
            !to(&["s3:ObjectCreated:*"], "", ".jpg").wish().overlaps(&to(&["s3:ObjectCreated:*"], "", ".png").wish())
        );
        assert!(to(&["s3:ObjectCreated:*"], "a/", ".jpg").wish().wants("ObjectCreated:Copy", "a/b.jpg"));
        assert!(!to(&["s3:ObjectCreated:*"], "a/", ".jpg").wish().wants("ObjectCreated:Copy", "b/b.jpg"));
    }
}
