//! `DryRun`: the answer to a call that would have succeeded.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html>

use welkin_kernel::Result;

use crate::errors::{DryRunOperationException, ValidationException};
use crate::names::names;

names! {
    /// What a dry run leaves out.
    pub(crate) enum DryRunModifier {
        IgnoreCiphertext = "IGNORE_CIPHERTEXT",
    }
}

/// Ends a dry run of a call that would have succeeded.
pub(crate) fn dry_run(requested: Option<bool>) -> Result<()> {
    if requested == Some(true) { Err(DryRunOperationException.into()) } else { Ok(()) }
}

/// Whether a dry run is about permissions alone, and needs no ciphertext.
///
/// # Errors
/// `ValidationException`: it is no dry run, or the key is not named.
// UNVERIFIED: the wording.
pub(crate) fn ignores_ciphertext(
    dry: Option<bool>,
    modifiers: &[DryRunModifier],
    key_id: Option<&str>,
) -> Result<bool> {
    if !modifiers.contains(&DryRunModifier::IgnoreCiphertext) {
        return Ok(false);
    }
    if dry != Some(true) {
        return Err(ValidationException::because("DryRunModifiers can be specified only when DryRun is true."));
    }
    if key_id.is_none() {
        return Err(ValidationException::because("The KMS key must be specified when the ciphertext is ignored."));
    }
    Ok(true)
}
