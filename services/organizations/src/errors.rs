//! The errors of Organizations: <https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html>
//! and those of each operation.

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// The caller's account is in no organization.
    AWSOrganizationsNotInUseException: "Your account is not a member of an organization.";
    /// Only the management account may.
    AccessDeniedException: "You don't have permissions to access this resource.";
    /// There is no such account in the organization.
    AccountNotFoundException: "You specified an account that doesn't exist.";
    /// The account is in an organization already.
    AlreadyInOrganizationException: "The AWS account is already a member of an organization.";
    /// There is no such OU or account.
    ChildNotFoundException: "You specified a child that doesn't exist.";
    /// A quota or a rule of the organization; `Reason` says which.
    ConstraintViolationException: "The request violates a constraint.";
    /// There is no such request.
    CreateAccountStatusNotFoundException: "You specified a create account request that doesn't exist.";
    /// There is no such root or OU.
    DestinationParentNotFoundException: "You specified a destination parent that doesn't exist.";
    /// The account is there already.
    DuplicateAccountException: "That account is already present in the specified destination.";
    /// The name is taken under that parent.
    DuplicateOrganizationalUnitException: "An OU with the same name already exists.";
    /// The policy is attached there already.
    DuplicatePolicyAttachmentException: "The selected policy is already attached to the specified target.";
    /// The name is taken.
    DuplicatePolicyException: "A policy with the same name already exists.";
    /// The input is not acceptable; `Reason` says why.
    InvalidInputException: "You provided invalid values for one or more of the request parameters.";
    /// The policy breaks the grammar of its type.
    MalformedPolicyDocumentException: "The provided policy document does not meet the requirements of the specified policy type.";
    /// The organization still has members.
    OrganizationNotEmptyException: "To delete the organization you must first remove all member accounts (except the management account).";
    /// The OU still has children.
    OrganizationalUnitNotEmptyException: "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.";
    /// There is no such OU.
    OrganizationalUnitNotFoundException: "You specified an organizational unit that doesn't exist.";
    /// There is no such root or OU.
    ParentNotFoundException: "You specified a parent that doesn't exist.";
    /// The policy is still attached.
    PolicyInUseException: "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.";
    /// The policy is not attached there.
    PolicyNotAttachedException: "The policy isn't attached to the specified target in the specified root.";
    /// There is no such policy.
    PolicyNotFoundException: "You specified a policy that doesn't exist.";
    /// The policy type is enabled already.
    PolicyTypeAlreadyEnabledException: "The specified policy type is already enabled.";
    /// An organization for billing only has no policies.
    PolicyTypeNotAvailableForOrganizationException: "You can't use the specified policy type with the feature set currently enabled for this organization.";
    /// The policy type is not enabled.
    PolicyTypeNotEnabledException: "This operation can be performed only for enabled policy types.";
    /// There is no such root.
    RootNotFoundException: "You specified a root that doesn't exist.";
    /// There is no such root or OU.
    SourceParentNotFoundException: "You specified a source parent that doesn't exist.";
    /// There is no such root, OU or account.
    TargetNotFoundException: "You specified a target that doesn't exist.";
}

/// A constraint by its reason, as the API reference lists them.
pub(crate) fn constraint(reason: &'static str, message: &str) -> Error {
    ConstraintViolationException::because(message).with("Reason", reason)
}

/// Input that is not acceptable, by its reason, as the API reference lists them.
pub(crate) fn invalid(reason: &'static str, message: &str) -> Error {
    InvalidInputException::because(message).with("Reason", reason)
}
