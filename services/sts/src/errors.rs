//! The errors of STS: <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and those
//! of each operation.

welkin_kernel::errors! {
    /// The session policy breaks the grammar.
    MalformedPolicyDocumentException: "Syntax errors in policy.";
    /// Session policies and tags together are too large.
    PackedPolicyTooLargeException: "The total packed size of the session policies and session tags combined was too large.";
    /// The message is none that was encoded here.
    InvalidAuthorizationMessageException: "Message is not valid";
    /// The caller may not, whatever policies say.
    AccessDenied(403): "User is not authorized to perform this operation.";
    /// The input breaks a rule that the model does not state.
    ValidationError(400): "The input fails to satisfy the constraints.";
    /// Members of the input do not go together.
    InvalidParameterValue(400): "The value of a parameter is not valid.";
}
