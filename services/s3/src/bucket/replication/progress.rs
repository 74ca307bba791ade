//! How far an object is on its way to its destinations: what `x-amz-replication-status` tells.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html>

use serde::{Deserialize, Serialize};

/// What is known of an object's replication, in the object's row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Whether the object is a replica itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    replica: bool,
    /// Whether the object is a replica that belongs to the owner of its bucket and not to that of the source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) own: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    targets: Vec<Target>,
}

/// The way to one destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Target {
    /// Name of the bucket.
    bucket: String,
    /// Jobs that are still to run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pending: u32,
    /// Whether the last one that ran failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    failed: bool,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The status, as the API has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Completed,
    Failed,
    Replica,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Replica => "REPLICA",
        }
    }
}

impl Progress {
    /// That of a replica that has just been made; `own` if it belongs to the owner of its bucket.
    pub(super) fn replica(own: bool) -> Self {
        Self { replica: true, own, targets: Vec::new() }
    }

    pub(super) fn is_replica(&self) -> bool {
        self.replica
    }

    /// Whether the object was, or is to be, brought to a bucket.
    pub(super) fn leads_to(&self, bucket: &str) -> bool {
        self.targets.iter().any(|target| target.bucket == bucket)
    }

    /// A job more is to bring it to a bucket.
    pub(super) fn expect(&mut self, bucket: &str) {
        match self.targets.iter_mut().find(|target| target.bucket == bucket) {
            Some(target) => target.pending = target.pending.saturating_add(1),
            None => self.targets.push(Target { bucket: bucket.to_owned(), pending: 1, failed: false }),
        }
    }

    /// A job has come to its end.
    pub(super) fn end(&mut self, bucket: &str, succeeded: bool) {
        if let Some(target) = self.targets.iter_mut().find(|target| target.bucket == bucket) {
            target.pending = target.pending.saturating_sub(1);
            target.failed = !succeeded;
        }
    }

    /// With several destinations it is the worst of all; a replica tells of its own changes while they are under way.
    pub(crate) fn status(&self) -> Status {
        let pending = self.targets.iter().any(|target| target.pending > 0);
        let failed = self.targets.iter().any(|target| target.failed && target.pending == 0);
        match (failed, pending, self.replica) {
            (true, ..) => Status::Failed,
            (_, true, _) => Status::Pending,
            (.., true) => Status::Replica,
            _ => Status::Completed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_completed_when_it_is_everywhere() {
        let mut progress = Progress::default();
        progress.expect("a");
        progress.expect("b");
        assert_eq!(progress.status(), Status::Pending);
        progress.end("a", true);
        assert_eq!(progress.status(), Status::Pending);
        progress.end("b", true);
        assert_eq!(progress.status(), Status::Completed);
        progress.expect("a");
        assert_eq!(progress.status(), Status::Pending);
        progress.end("a", false);
        assert_eq!(progress.status(), Status::Failed);
        progress.expect("a");
        progress.end("a", true);
        assert_eq!(progress.status(), Status::Completed);
    }

    #[test]
    fn a_replica_tells_of_its_changes_while_they_are_under_way() {
        let mut progress = Progress::replica(false);
        assert_eq!(progress.status(), Status::Replica);
        progress.expect("source");
        assert_eq!(progress.status(), Status::Pending);
        progress.end("source", true);
        assert_eq!(progress.status(), Status::Replica);
        progress.expect("source");
        progress.end("source", false);
        assert_eq!(progress.status(), Status::Failed);
    }
}
