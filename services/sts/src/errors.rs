//! The errors of STS: <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and those
//! of each operation.

welkin_kernel::errors! {
    /// The session policy breaks the grammar.
    MalformedPolicyDocumentException: "Syntax errors in policy.";
    /// Session policies and tags together are too large.
    PackedPolicyTooLargeException: "The total packed size of the session policies and session tags combined was too large.";
    /// The message is none that was encoded here.
    InvalidAuthorizationMessageException: "Message is not valid";
    /// The token or assertion is not one that its provider has signed for AWS.
    InvalidIdentityTokenException: "The web identity token that was passed could not be validated by AWS.";
    /// The token or assertion is not valid any more.
    ExpiredTokenException: "The web identity token that was passed is expired or is not valid.";
    /// The provider says that its user is not authenticated.
    IDPRejectedClaimException: "The identity provider (IdP) reported that authentication failed.";
    /// The provider does not answer.
    IDPCommunicationErrorException: "The identity provider did not respond to the request.";
    /// The caller may not, whatever policies say.
    AccessDenied(403): "User is not authorized to perform this operation.";
    /// The input breaks a rule that the model does not state.
    ValidationError(400): "The input fails to satisfy the constraints.";
    /// Members of the input do not go together.
    InvalidParameterValue(400): "The value of a parameter is not valid.";
}
