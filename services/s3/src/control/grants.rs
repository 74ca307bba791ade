//! Access Grants: who may do what with which of an account's data, in exchange for temporary credentials.
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | `s3/access-grants-instance` | one, in the account and Region | the instance, its resource policy and tags |
//! | `s3/access-grants-location` | id, there | a part of S3, and the role that reaches it |
//! | `s3/access-grant` | id, there | a grantee, a part of a location, and a permission |
//!
//! Credentials are those of a session of the location's role, narrowed to the scope and the permission.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants.html>

pub(crate) mod caller;
pub(crate) mod data_access;
pub(crate) mod grant;
mod grantee;
pub(crate) mod instance;
pub(crate) mod list;
pub(crate) mod location;
mod permission;
pub(crate) mod policy;
pub(crate) mod prefix;
mod scope;
mod tagged;

use welkin_kernel::{Access, AccountId, Cx, Place, Result, Service};

use instance::Instance;
pub(super) use tagged::Tagged;

/// The service as a principal: roles of locations must trust it.
const PRINCIPAL: &str = "access-grants.s3.amazonaws.com";

/// Rows in an answer, at most.
const MOST: usize = 1000;

/// Registers the operations.
pub(super) fn register(service: Service) -> Service {
    service
        .operation::<instance::CreateAccessGrantsInstance>()
        .operation::<instance::GetAccessGrantsInstance>()
        .operation::<instance::ListAccessGrantsInstances>()
        .operation::<instance::DeleteAccessGrantsInstance>()
        .operation::<policy::PutAccessGrantsInstanceResourcePolicy>()
        .operation::<policy::GetAccessGrantsInstanceResourcePolicy>()
        .operation::<policy::DeleteAccessGrantsInstanceResourcePolicy>()
        .operation::<prefix::GetAccessGrantsInstanceForPrefix>()
        .operation::<location::CreateAccessGrantsLocation>()
        .operation::<location::GetAccessGrantsLocation>()
        .operation::<location::UpdateAccessGrantsLocation>()
        .operation::<location::DeleteAccessGrantsLocation>()
        .operation::<list::ListAccessGrantsLocations>()
        .operation::<grant::CreateAccessGrant>()
        .operation::<grant::GetAccessGrant>()
        .operation::<grant::DeleteAccessGrant>()
        .operation::<list::ListAccessGrants>()
        .operation::<data_access::GetDataAccess>()
        .operation::<caller::ListCallerAccessGrants>()
}

/// Where the rows of an account are, in the Region of the call.
fn home(cx: &Cx, account: AccountId) -> Place {
    Place::new(account, cx.region())
}

/// What it takes to do `action` to an instance, which need not be there; its owner alone may, if it is not `shared`
/// by the resource policy.
async fn access(cx: &mut Cx, action: &'static str, account: AccountId, shared: bool) -> Result<Access> {
    let place = home(cx, account);
    let access = Access::to(action).on(instance::arn(place)).owned_by(account);
    Ok(match cx.get::<Instance>(place, ()).await? {
        Some(instance) => {
            let policy = instance.policy.as_ref().filter(|_| shared).map(|policy| policy.json.as_str());
            access.policy(policy).resource_tags(&instance.tags)
        }
        None => access,
    })
}
