//! The errors of Organizations: <https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html>
//! and those of each operation.

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// The caller's account is in no organization.
    AWSOrganizationsNotInUseException: "Your account is not a member of an organization.";
    /// Only the management account may.
    AccessDeniedException: "You don't have permissions to access this resource.";
    /// An IAM permission that Organizations needs is missing; `Reason` says which.
    AccessDeniedForDependencyException: "The operation that you attempted requires you to have the iam:CreateServiceLinkedRole for organizations.amazonaws.com permission so that AWS Organizations can create the required service-linked role. You don't have that permission.";
    /// The account is closed already.
    AccountAlreadyClosedException: "You attempted to close an account that is already closed.";
    /// The account is a delegated administrator for the service already.
    AccountAlreadyRegisteredException: "The specified account is already a delegated administrator for this AWS service.";
    /// There is no such account in the organization.
    AccountNotFoundException: "You specified an account that doesn't exist.";
    /// The account is no delegated administrator for the service.
    AccountNotRegisteredException: "The specified account is not a delegated administrator for this AWS service.";
    /// The account is in an organization already.
    AlreadyInOrganizationException: "The AWS account is already a member of an organization.";
    /// There is no such OU or account.
    ChildNotFoundException: "You specified a child that doesn't exist.";
    /// What is asked for contradicts what is under way.
    ConflictException: "The request failed because it conflicts with the current state of the specified resource.";
    /// A quota or a rule of the organization; `Reason` says which.
    ConstraintViolationException: "The request violates a constraint.";
    /// There is no such request.
    CreateAccountStatusNotFoundException: "You specified a create account request that doesn't exist.";
    /// There is no such root or OU.
    DestinationParentNotFoundException: "You specified a destination parent that doesn't exist.";
    /// The account is there already.
    DuplicateAccountException: "That account is already present in the specified destination.";
    /// There is an open handshake between the same parties for the same thing.
    DuplicateHandshakeException: "A handshake with the same action and target already exists.";
    /// The name is taken under that parent.
    DuplicateOrganizationalUnitException: "An OU with the same name already exists.";
    /// The policy is attached there already.
    DuplicatePolicyAttachmentException: "The selected policy is already attached to the specified target.";
    /// The name is taken.
    DuplicatePolicyException: "A policy with the same name already exists.";
    /// No policy of the type bears on the target.
    EffectivePolicyNotFoundException: "If you ran this action on the management account, this policy type is not enabled. If you ran the action on a member account, the account doesn't have an effective policy of this type.";
    /// The handshake is in that state already.
    HandshakeAlreadyInStateException: "The specified handshake is already in the requested state.";
    /// The handshake breaks a rule; `Reason` says which.
    HandshakeConstraintViolationException: "The requested operation would violate a constraint.";
    /// There is no such handshake.
    HandshakeNotFoundException: "We can't find a handshake with the HandshakeId that you specified.";
    /// The handshake cannot go from its state to the one asked for.
    InvalidHandshakeTransitionException: "You can't perform the operation on the handshake in its current state.";
    /// The input is not acceptable; `Reason` says why.
    InvalidInputException: "You provided invalid values for one or more of the request parameters.";
    /// The policy breaks the grammar of its type.
    MalformedPolicyDocumentException: "The provided policy document does not meet the requirements of the specified policy type.";
    /// The management account cannot leave.
    MasterCannotLeaveOrganizationException: "You can't remove a management account from an organization.";
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
    /// The organization has no resource policy.
    ResourcePolicyNotFoundException: "We can't find a resource policy request with the parameter that you specified.";
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

/// A constraint of handshakes by its reason, as the API reference lists them.
pub(crate) fn handshake_constraint(reason: &'static str, message: &str) -> Error {
    HandshakeConstraintViolationException::because(message).with("Reason", reason)
}

/// Input that is not acceptable, by its reason, as the API reference lists them.
pub(crate) fn invalid(reason: &'static str, message: &str) -> Error {
    InvalidInputException::because(message).with("Reason", reason)
}
