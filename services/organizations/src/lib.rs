//! AWS Organizations: accounts in a tree, and the policies that bound what they can do.
//!
//! The management account keeps all state; [`membership`] tells the chain of every call which policies
//! bind its account.
//! Reference: <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>

mod account;
mod delegation;
mod errors;
mod event;
mod handshake;
mod membership;
mod organization;
mod page;
mod policy;
mod resource_policy;
mod root;
mod service_access;
mod service_role;
mod tag;
mod tree;
mod unit;

use welkin_kernel::Service;

/// The service.
pub fn service() -> Service {
    Service::new("organizations")
        .errors(errors::ERRORS)
        .guardrails(membership::Members::new())
        .operation::<organization::CreateOrganization>()
        .operation::<organization::DescribeOrganization>()
        .operation::<organization::DeleteOrganization>()
        .operation::<account::CreateAccount>()
        .operation::<account::DescribeCreateAccountStatus>()
        .operation::<account::ListCreateAccountStatus>()
        .operation::<account::DescribeAccount>()
        .operation::<account::ListAccounts>()
        .operation::<account::ListAccountsForParent>()
        .operation::<account::MoveAccount>()
        .operation::<account::CloseAccount>()
        .operation::<account::RemoveAccountFromOrganization>()
        .operation::<account::LeaveOrganization>()
        .operation::<handshake::InviteAccountToOrganization>()
        .operation::<handshake::EnableAllFeatures>()
        .operation::<handshake::AcceptHandshake>()
        .operation::<handshake::DeclineHandshake>()
        .operation::<handshake::CancelHandshake>()
        .operation::<handshake::DescribeHandshake>()
        .operation::<handshake::ListHandshakesForAccount>()
        .operation::<handshake::ListHandshakesForOrganization>()
        .operation::<service_access::EnableAWSServiceAccess>()
        .operation::<service_access::DisableAWSServiceAccess>()
        .operation::<service_access::ListAWSServiceAccessForOrganization>()
        .operation::<delegation::RegisterDelegatedAdministrator>()
        .operation::<delegation::DeregisterDelegatedAdministrator>()
        .operation::<delegation::ListDelegatedAdministrators>()
        .operation::<delegation::ListDelegatedServicesForAccount>()
        .operation::<resource_policy::PutResourcePolicy>()
        .operation::<resource_policy::DescribeResourcePolicy>()
        .operation::<resource_policy::DeleteResourcePolicy>()
        .operation::<root::ListRoots>()
        .operation::<root::EnablePolicyType>()
        .operation::<root::DisablePolicyType>()
        .operation::<unit::CreateOrganizationalUnit>()
        .operation::<unit::DescribeOrganizationalUnit>()
        .operation::<unit::UpdateOrganizationalUnit>()
        .operation::<unit::DeleteOrganizationalUnit>()
        .operation::<unit::ListOrganizationalUnitsForParent>()
        .operation::<tree::ListChildren>()
        .operation::<tree::ListParents>()
        .operation::<policy::CreatePolicy>()
        .operation::<policy::DescribePolicy>()
        .operation::<policy::UpdatePolicy>()
        .operation::<policy::DeletePolicy>()
        .operation::<policy::ListPolicies>()
        .operation::<policy::AttachPolicy>()
        .operation::<policy::DetachPolicy>()
        .operation::<policy::ListPoliciesForTarget>()
        .operation::<policy::ListTargetsForPolicy>()
        .operation::<policy::DescribeEffectivePolicy>()
        .operation::<policy::ListAccountsWithInvalidEffectivePolicy>()
        .operation::<policy::ListEffectivePolicyValidationErrors>()
        .operation::<tag::TagResource>()
        .operation::<tag::UntagResource>()
        .operation::<tag::ListTagsForResource>()
        .job::<account::CreateAccountJob>()
        .job::<account::CloseAccountJob>()
        .job::<handshake::HandshakeJob>()
}

#[cfg(test)]
mod tests {
    use welkin_kernel::Registry;

    #[test]
    fn operations_and_errors_fit_the_model() {
        assert_eq!(Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
