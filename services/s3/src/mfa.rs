//! MFA delete: versions go, and versioning changes, only with a code of the requester's second factor.
//!
//! AWS takes the code over HTTPS alone; Welkin, which listens on loopback, takes it over either.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html>

use welkin_kernel::{Cx, MfaFailure, Result};

use crate::errors::{AccessDenied, NotDeviceOwnerError};

/// Verifies `x-amz-mfa`: the serial number of the requester's device, a space, and the code that it shows.
///
/// # Errors
/// `AccessDenied`, `NotDeviceOwnerError`
pub(crate) async fn demand(cx: &mut Cx, header: Option<&str>) -> Result<()> {
    let Some(header) = header else {
        return Err(AccessDenied::because("Mfa Authentication must be used for this request"));
    };
    // UNVERIFIED: the messages for a header of another form and for a wrong code.
    let Some((serial, code)) = header.trim().rsplit_once(' ') else {
        return Err(AccessDenied::because("The serial number and/or token code you provided is not valid."));
    };
    match cx.verify_mfa(serial.trim(), code).await? {
        Ok(()) => Ok(()),
        Err(MfaFailure::NotTheirs) => Err(NotDeviceOwnerError.into()),
        Err(MfaFailure::WrongCode) => {
            Err(AccessDenied::because("The serial number and/or token code you provided is not valid."))
        }
    }
}
