//! The service-linked role by which Organizations works in an account:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html>.

use serde_json::json;
use welkin_kernel::{AccountId, Call, Cx, Error, Place, Principal, Region, Result};

use crate::errors::AccessDeniedForDependencyException;

/// Its name.
const NAME: &str = "AWSServiceRoleForOrganizations";

/// Makes the role in an account that does not have it, with the caller's permission.
pub(crate) async fn make(cx: &mut Cx, account: AccountId) -> Result<()> {
    make_as(cx, account, None).await
}

/// Makes the role in an account that has nobody else yet.
pub(crate) async fn make_as_root(cx: &mut Cx, account: AccountId) -> Result<()> {
    make_as(cx, account, Some(Principal::Root { account })).await
}

async fn make_as(cx: &mut Cx, account: AccountId, principal: Option<Principal>) -> Result<()> {
    if cx.assumable_role(account, NAME).await?.is_some() {
        return Ok(());
    }
    let input = json!({ "AWSServiceName": "organizations.amazonaws.com" });
    let call = Call::to("iam", "CreateServiceLinkedRole").input(&input).at(Place::new(account, Region::US_EAST_1));
    let call = match principal {
        Some(principal) => call.as_principal(principal),
        None => call,
    };
    match cx.call(call).await {
        Err(error) if error.is("AccessDenied") => {
            let reason = "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE";
            Err(Error::from(AccessDeniedForDependencyException).with("Reason", reason))
        }
        made => made.map(|_| ()),
    }
}
