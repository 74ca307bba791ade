//! Who may call what, whatever policies say:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>.

use welkin_kernel::{Cx, Principal, Result, SessionOf, User};

use crate::errors::AccessDenied;

/// A caller with long-term credentials.
pub(crate) enum LongTerm {
    Root,
    User(User),
}

/// The caller, who must use long-term credentials.
pub(crate) fn long_term(cx: &Cx, operation: &str) -> Result<LongTerm> {
    match cx.principal() {
        Principal::Root { .. } => Ok(LongTerm::Root),
        Principal::User(user) => Ok(LongTerm::User(user.clone())),
        Principal::Session(_) | Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => {
            Err(AccessDenied::because(format!("Cannot call {operation} with session credentials")))
        }
    }
}

/// Refuses those who may never assume a role.
pub(crate) fn hold_may_assume(cx: &Cx) -> Result<()> {
    if cx.principal().is_root() {
        return Err(AccessDenied::because("Roles may not be assumed by root accounts."));
    }
    let federated = cx.principal().session().is_some_and(|s| matches!(s.of, SessionOf::Federated { .. }));
    if federated {
        // UNVERIFIED: the wording; the documentation says that no call but GetCallerIdentity is possible.
        return Err(AccessDenied::because("Cannot call AssumeRole with federated user credentials"));
    }
    Ok(())
}

/// Refuses temporary credentials of users, which may call AssumeRole and GetCallerIdentity only.
pub(crate) fn hold_not_user_session(cx: &Cx, operation: &str) -> Result<()> {
    match cx.principal().session().map(|session| &session.of) {
        Some(SessionOf::User(_) | SessionOf::Root | SessionOf::Federated { .. }) => {
            Err(AccessDenied::because(format!("Cannot call {operation} with session credentials")))
        }
        Some(SessionOf::Role { .. }) | None => Ok(()),
    }
}
