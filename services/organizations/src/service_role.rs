//! The service-linked role by which Organizations works in an account:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html>.

use serde_json::json;
use welkin_kernel::{AccountId, Call, Cx, Place, Region, Result};

use crate::errors::AccessDeniedForDependencyException;

/// Makes the role in an account that does not have it, with the caller's permission.
pub(crate) async fn make(cx: &mut Cx, account: AccountId) -> Result<()> {
    let input = json!({ "AWSServiceName": "organizations.amazonaws.com" });
    let call = Call::to("iam", "CreateServiceLinkedRole").input(&input).at(Place::new(account, Region::US_EAST_1));
    match cx.call(call).await {
        Ok(_) => Ok(()),
        // It has it already, or this Welkin's IAM knows no such roles.
        Err(error) if error.is("InvalidInput") || error.is("NotImplemented") => Ok(()),
        Err(error) if error.is("AccessDenied") => {
            let reason = "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE";
            Err(welkin_kernel::Error::from(AccessDeniedForDependencyException).with("Reason", reason))
        }
        Err(error) => Err(error),
    }
}
