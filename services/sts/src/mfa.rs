//! Second factors: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html>.

use welkin_kernel::{Cx, MfaFailure, Result};

use crate::errors::AccessDenied;

/// Verifies the code of the caller's device; `false` if the caller gave none.
pub(crate) async fn verify(cx: &mut Cx, serial: Option<&str>, code: Option<&str>) -> Result<bool> {
    let (serial, code) = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            return Err(AccessDenied::because(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            ));
        }
    };
    cx.verify_mfa(serial, code).await?.map(|()| true).map_err(|failure| {
        AccessDenied::because(match failure {
            MfaFailure::NotTheirs => {
                "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number \
                 is valid and associated with this user."
            }
            MfaFailure::WrongCode => "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        })
    })
}
