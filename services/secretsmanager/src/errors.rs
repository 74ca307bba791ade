//! Errors of Secrets Manager.
//!
//! Reference: the errors of each operation in
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html>. Wordings that no documentation
//! shows are as AWS's clients report them in public.

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// KMS does not let the caller use the key.
    AccessDeniedException(400): "Access to KMS is not allowed";
    /// A value cannot be decrypted.
    DecryptionFailure: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.";
    /// A value cannot be encrypted.
    EncryptionFailure: "Secrets Manager can't encrypt the protected secret text using the provided KMS key.";
    /// A token of a listing is none that was given.
    InvalidNextTokenException: "The NextToken value is invalid.";
    /// A parameter has a value that it cannot have.
    InvalidParameterException: "The parameter name or value is invalid.";
    /// The secret is in a state in which that cannot be done.
    InvalidRequestException: "A parameter value is not valid for the current state of the resource.";
    /// Too much of something.
    LimitExceededException: "The request failed because it would exceed one of the Secrets Manager quotas.";
    /// A policy is none.
    MalformedPolicyDocumentException: "The resource policy has syntax errors.";
    /// A policy would let anybody in.
    PublicPolicyException: "This resource policy allows broad access to the secret. To attach this resource policy to the secret, set BlockPublicPolicy to false.";
    /// There is a secret of this name, or a version of this token.
    ResourceExistsException: "A resource with the ID you requested already exists.";
    /// There is no such secret, or no such version.
    ResourceNotFoundException: "Secrets Manager can't find the specified secret.";
}

/// A value that a parameter cannot have.
pub(crate) fn invalid(reason: impl Into<String>) -> Error {
    InvalidParameterException::because(reason)
}

/// What cannot be done now.
pub(crate) fn not_now(reason: impl Into<String>) -> Error {
    InvalidRequestException::because(reason)
}

/// The secret waits for its deletion.
pub(crate) fn marked() -> Error {
    not_now("You can't perform this operation on the secret because it was marked for deletion.")
}

/// What Welkin does not do yet.
pub(crate) fn not_implemented(what: &str) -> Error {
    Error::new("NotImplemented", format!("Welkin does not know {what} of Secrets Manager yet.")).status(501)
}
