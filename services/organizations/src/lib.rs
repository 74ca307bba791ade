//! AWS Organizations: accounts in a tree, and the policies that bound what they can do.
//!
//! The management account keeps all state; [`membership`] tells the chain of every call which policies
//! bind its account.
//! Reference: <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>

mod account;
mod errors;
mod membership;
mod organization;
mod page;
mod policy;
mod root;
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
        .operation::<tag::TagResource>()
        .operation::<tag::UntagResource>()
        .operation::<tag::ListTagsForResource>()
        .job::<account::CreateAccountJob>()
}

#[cfg(test)]
mod tests {
    use welkin_kernel::Registry;

    #[test]
    fn operations_and_errors_fit_the_model() {
        assert_eq!(Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
