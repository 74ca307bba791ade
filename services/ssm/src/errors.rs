//! Errors of Systems Manager.
//!
//! Reference: the errors of each operation in
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations.html>. Wordings that no
//! documentation shows are as AWS's clients report them in public.

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// A name has too many levels.
    HierarchyLevelLimitExceededException: "A hierarchy can have a maximum of 15 levels.";
    /// A parameter cannot become one of another type.
    HierarchyTypeMismatchException: "Parameter Store does not support changing the type of a parameter.";
    /// The policies of a parameter contradict one another.
    IncompatiblePolicyException: "There is a conflict in the policies specified for this parameter.";
    /// A pattern for values is no regular expression.
    InvalidAllowedPatternException: "The request does not meet the regular expression requirement.";
    /// A filter is by something that cannot be filtered by here.
    InvalidFilterKey: "The specified key is not valid.";
    /// A filter compares in a way that it cannot.
    InvalidFilterOption: "The specified filter option is not valid.";
    /// A filter has a value that it cannot have.
    InvalidFilterValue: "The filter value is not valid.";
    /// The KMS key is not there, or cannot be used.
    InvalidKeyId: "The query key ID is not valid.";
    /// A token is not one that was given.
    InvalidNextToken: "The specified token is not valid.";
    /// An attribute of a policy is missing, or has a value that it cannot have.
    InvalidPolicyAttributeException: "A policy attribute or its value is invalid.";
    /// There is no such type of policies.
    InvalidPolicyTypeException: "The policy type is not supported.";
    /// There is no such resource to have tags.
    InvalidResourceId: "The resource ID is not valid. Verify that you entered the correct ID and try again.";
    /// The document is no policy.
    MalformedResourcePolicyDocumentException: "The specified policy document is malformed or invalid.";
    /// There is a parameter of this name.
    ParameterAlreadyExists: "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
    /// The oldest version cannot go, as it has a label.
    ParameterMaxVersionLimitExceeded: "The oldest version of the parameter has a label; move it to a newer version first.";
    /// There is no such parameter.
    ParameterNotFound: "Parameter not found.";
    /// A value does not fit the pattern of the parameter.
    ParameterPatternMismatchException: "The parameter value does not fit its pattern.";
    /// A version has too many labels.
    ParameterVersionLabelLimitExceeded: "A parameter version can have a maximum of ten labels. Move one or more labels to another version and try again.";
    /// The parameter has no such version.
    ParameterVersionNotFound: "The specified parameter version was not found.";
    /// A parameter has too many policies.
    PoliciesLimitExceededException: "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10.";
    /// There is no such parameter to be shared.
    ResourceNotFoundException: "The specified parameter to be shared could not be found.";
    /// The policy is not as the caller believes.
    ResourcePolicyConflictException: "The hash provided in the call does not match the stored hash.";
    /// A parameter cannot be shared so.
    ResourcePolicyInvalidParameterException: "One or more parameters specified for the call are not valid.";
    /// There is no such policy.
    ResourcePolicyNotFoundException: "No policies with the specified policy ID and hash could be found.";
    /// There is no such setting.
    ServiceSettingNotFound: "The specified service setting was not found.";
    /// A resource would have too many tags.
    TooManyTagsError: "The resource would have more than 50 tags.";
    /// A parameter of the request has a value that it cannot have.
    ValidationException(400): "The request is not valid.";
    /// The caller may not do that.
    AccessDeniedException(400): "Access denied.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
}

/// A value that a parameter of the request cannot have.
pub(crate) fn invalid(what: impl Into<String>) -> Error {
    ValidationException::because(what)
}

/// What Welkin does not do yet, by name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin does not implement {what} of Systems Manager yet."))
}
