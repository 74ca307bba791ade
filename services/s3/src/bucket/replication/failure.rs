//! Why an object is not replicated.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html>

use welkin_kernel::{Error, Result, Value};

use crate::errors::AccessDenied;

/// The member of an error that names the reason.
const MEMBER: &str = "ReplicationFailureReason";

/// Declares the reasons, which the API has by the same names.
macro_rules! reasons {
    ($($name:ident),* $(,)?) => {
        /// A reason, as notifications name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Reason { $($name),* }

        impl Reason {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

reasons!(
    AssumeRoleNotPermitted,
    DstBucketNotFound,
    DstBucketObjectLockConfigMissing,
    DstBucketUnversioned,
    DstDelObjNotPermitted,
    DstKmsKeyInvalidState,
    DstKmsKeyNotFound,
    DstPutAclNotPermitted,
    DstPutLegalHoldNotPermitted,
    DstPutObjectNotPermitted,
    DstPutRetentionNotPermitted,
    DstPutTaggingNotPermitted,
    DstVersionNotFound,
    SrcBucketReplicationConfigMissing,
    SrcGetAclNotPermitted,
    SrcGetLegalHoldNotPermitted,
    SrcGetObjectNotPermitted,
    SrcGetRetentionNotPermitted,
    SrcGetTaggingNotPermitted,
    SrcHeadObjectNotPermitted,
    SrcKmsKeyInvalidState,
    SrcVersionNotFound,
);

impl Reason {
    /// The reason that an error carries; none is a fault, or something that passes.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let Value::String(name) = error.answer()?.members.get(MEMBER)? else { return None };
        Self::ALL.iter().copied().find(|reason| reason.name() == name.as_str())
    }

    /// The error with this reason.
    pub(super) fn error(self, message: impl Into<String>) -> Error {
        AccessDenied::because(message).with(MEMBER, self.name())
    }

    /// Gives this reason to a refusal; anything else stays what it is.
    pub(super) fn of_refusal<T>(self, result: Result<T>) -> Result<T> {
        result.map_err(|error| if error.is("AccessDenied") { error.with(MEMBER, self.name()) } else { error })
    }
}

/// An error of KMS that will not pass, with what it means: another reason for a key that is not there, or not usable.
pub(super) fn of_kms(error: Error, refused: Reason, missing: Reason, unusable: Reason) -> Error {
    let Some(answer) = error.answer() else { return error };
    let reason = match answer.code.as_ref() {
        "AccessDenied" => refused,
        "KMS.NotFoundException" | "KMS.InvalidArnException" => missing,
        "KMS.DisabledException" | "KMS.KMSInvalidStateException" | "KMS.InvalidKeyUsageException" => unusable,
        _ => return error,
    };
    error.with(MEMBER, reason.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_carries_its_reason() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of(&reason.error("no")), Some(*reason));
        }
        assert_eq!(Reason::of(&AccessDenied.into()), None);
        let refused = Reason::SrcGetObjectNotPermitted.of_refusal::<()>(Err(AccessDenied.into()));
        assert_eq!(refused.err().as_ref().and_then(Reason::of), Some(Reason::SrcGetObjectNotPermitted));
        let other = Reason::SrcGetObjectNotPermitted.of_refusal::<()>(Err(Error::internal("a fault")));
        assert_eq!(other.err().as_ref().and_then(Reason::of), None);
    }
}
