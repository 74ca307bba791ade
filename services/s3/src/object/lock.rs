//! Object Lock of versions: retention and legal holds.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

pub(crate) mod hold;
pub(crate) mod retention;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Fraction, Result, Timestamp};

use super::Object;
use crate::bucket::Bucket;
use crate::errors::{AccessDenied, InvalidArgument, InvalidRequest, not_implemented};

/// How strictly a version is retained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Mode {
    /// Who has a permission of its own may remove it all the same.
    Governance,
    /// Nobody may remove it.
    Compliance,
}

impl Mode {
    fn read(text: &str) -> Option<Self> {
        match text {
            "GOVERNANCE" => Some(Self::Governance),
            "COMPLIANCE" => Some(Self::Compliance),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

/// Until when a version is retained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retention {
    pub(crate) mode: Mode,
    pub(crate) until: Timestamp,
}

/// What keeps a version from being removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<Retention>,
    /// Whether it is held; `None` if nobody ever said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held: Option<bool>,
}

/// What a writer says of the lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LockIn<'a> {
    pub(crate) mode: Option<&'a str>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) hold: Option<&'a str>,
    pub(crate) event_hold: Option<&'a str>,
}

impl LockIn<'_> {
    fn is_empty(&self) -> bool {
        self.mode.is_none() && self.until.is_none() && self.hold.is_none() && self.event_hold.is_none()
    }

    /// Checks it.
    ///
    /// # Errors
    /// `InvalidRequest` where the bucket locks nothing; `InvalidArgument`
    pub(crate) fn read(&self, bucket: &Bucket, now: Timestamp) -> Result<Lock> {
        if self.is_empty() {
            return Ok(Lock::default());
        }
        check_bucket(bucket)?;
        if self.event_hold.is_some() {
            return Err(not_implemented("event holds"));
        }
        let retention = match (self.mode, self.until) {
            (None, None) => None,
            (Some(mode), Some(until)) => {
                let mode = Mode::read(mode).ok_or_else(|| InvalidArgument::because("Unknown wormMode directive."))?;
                Some(Retention { mode, until }.in_the_future(now)?)
            }
            _ => {
                return Err(InvalidArgument::because(
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                ));
            }
        };
        let held = match self.hold {
            None => None,
            Some("ON") => Some(true),
            Some("OFF") => Some(false),
            Some(_) => return Err(InvalidArgument::because("Legal Hold must be either of 'ON' or 'OFF'")),
        };
        Ok(Lock { retention, held })
    }

    /// What it takes to say it, beside writing the object.
    pub(crate) fn access(&self, cx: &Cx, bucket: &Bucket, key: &str, access: Access) -> Access {
        let mut access = access;
        if self.mode.is_some() || self.until.is_some() {
            let demand = bucket.object_access(cx, "s3:PutObjectRetention", key);
            access = access.and(retaining(demand, self.mode, self.until, cx.now()));
        }
        if let Some(hold) = self.hold {
            let demand = bucket.object_access(cx, "s3:PutObjectLegalHold", key);
            access = access.and(demand.key("s3:object-lock-legal-hold", hold));
        }
        access
    }
}

impl Retention {
    fn in_the_future(self, now: Timestamp) -> Result<Self> {
        if self.until > now {
            return Ok(self);
        }
        Err(InvalidArgument::because("The retain until date must be in the future!"))
    }
}

impl Lock {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The retention that binds now.
    fn binding(&self, now: Timestamp) -> Option<Retention> {
        self.retention.filter(|retention| retention.until > now)
    }

    /// Whether only those may remove the version who may bypass its retention.
    pub(crate) fn is_governed(&self, now: Timestamp) -> bool {
        self.binding(now).is_some_and(|retention| retention.mode == Mode::Governance)
    }

    /// Refuses the removal of a version that is locked.
    ///
    /// # Errors
    /// `AccessDenied`
    pub(crate) fn check_removal(&self, now: Timestamp, bypass: bool) -> Result<()> {
        let retained = self.binding(now).is_some_and(|retention| retention.mode == Mode::Compliance || !bypass);
        if retained || self.held == Some(true) {
            return Err(AccessDenied::because("Access Denied because object protected by object lock."));
        }
        Ok(())
    }

    /// Whether nobody may remove the version now, as nobody asks S3 to bypass anything when rules are carried out.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.check_removal(now, false).is_err()
    }
}

/// Adds the condition keys of a retention that is set.
fn retaining(access: Access, mode: Option<&str>, until: Option<Timestamp>, now: Timestamp) -> Access {
    let access = mode.into_iter().fold(access, |access, mode| access.key("s3:object-lock-mode", mode));
    until.into_iter().fold(access, |access, until| {
        let days = until.since(now).as_secs().div_ceil(24 * 60 * 60);
        access
            .key("s3:object-lock-retain-until-date", until.whole_secs().to_iso8601(Fraction::AsNeeded))
            .key("s3:object-lock-remaining-retention-days", days.to_string())
    })
}

/// What it takes to bypass the retention of a version that is governed.
pub(crate) fn bypassing(cx: &Cx, bucket: &Bucket, object: &Object, bypass: bool, access: Access) -> Access {
    if bypass && object.settings.lock.is_governed(cx.now()) {
        return access.and(bucket.object_access(cx, "s3:BypassGovernanceRetention", &object.key));
    }
    access
}

/// Refuses locks in buckets that lock nothing.
fn check_bucket(bucket: &Bucket) -> Result<()> {
    match bucket.object_lock {
        Some(_) => Ok(()),
        None => Err(InvalidRequest::because("Bucket is missing Object Lock Configuration")),
    }
}

/// What of an object's lock the caller may be told.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
pub(crate) async fn told(cx: &mut Cx, bucket: &Bucket, object: &Object) -> Result<Lock> {
    let mut lock = object.settings.lock;
    if lock.retention.is_some() && !may(cx, bucket, object, "s3:GetObjectRetention").await? {
        lock.retention = None;
    }
    if lock.held.is_some() && !may(cx, bucket, object, "s3:GetObjectLegalHold").await? {
        lock.held = None;
    }
    Ok(lock)
}

async fn may(cx: &mut Cx, bucket: &Bucket, object: &Object, action: &'static str) -> Result<bool> {
    let access = bucket.object_access(cx, action, &object.key);
    match cx.authorise(&access).await {
        Ok(()) => Ok(true),
        Err(error) if error.is("AccessDenied") => Ok(false),
        Err(error) => Err(error),
    }
}

/// A hold as the API has it.
pub(crate) fn hold_name(held: bool) -> String {
    if held { "ON" } else { "OFF" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_binds_until_its_time() {
        let (now, later) = (Timestamp::from_secs(100), Timestamp::from_secs(200));
        let lock = |mode, held| Lock { retention: Some(Retention { mode, until: later }), held };
        assert!(lock(Mode::Governance, None).check_removal(now, false).is_err());
        assert!(lock(Mode::Governance, None).check_removal(now, true).is_ok());
        assert!(lock(Mode::Governance, Some(true)).check_removal(now, true).is_err());
        assert!(lock(Mode::Compliance, None).check_removal(now, true).is_err());
        assert!(lock(Mode::Compliance, Some(false)).check_removal(later, false).is_ok());
        assert!(lock(Mode::Compliance, Some(true)).check_removal(later, true).is_err());
    }
}
