//! Errors of KMS.
//!
//! Wording as the service answers it, where it was found in documentation or in reports of users.

welkin_kernel::errors! {
    /// A call on a key of another account, for an operation that is for the owner's account only; or a
    /// ciphertext whose key the caller cannot reach.
    AccessDeniedException(400): "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
    /// An alias of that name exists.
    AlreadyExistsException: "An alias with that name already exists";
    /// The key is disabled.
    DisabledException: "The KMS key is disabled.";
    /// An automatic rotation is at hand.
    ConflictException: "An automatic rotation of this key is in progress, or scheduled to begin within the next 20 minutes.";
    /// `DryRun`, and the call would have succeeded.
    DryRunOperationException: "The request would have succeeded, but the DryRun option is set.";
    /// The import token is one, but not valid any more.
    ExpiredImportTokenException: "The import token has expired. Get new import parameters.";
    /// The ciphertext is of another key than the one named.
    IncorrectKeyException: "The key ID in the request does not identify a CMK that can perform this operation.";
    /// The material is not what the key has to have.
    IncorrectKeyMaterialException: "The key material in the request is not the key material that is associated with the KMS key.";
    /// The alias name is reserved or malformed.
    InvalidAliasNameException: "The alias name is not valid.";
    /// An ARN is malformed.
    InvalidArnException: "The ARN is not valid.";
    /// The ciphertext is not authentic, or its encryption context is another one. AWS gives no message.
    InvalidCiphertextException: "";
    /// The grant's id is not valid.
    InvalidGrantIdException: "The grant ID is not valid.";
    /// The grant token is not valid.
    InvalidGrantTokenException: "The grant token is not valid.";
    /// The import token is none, or another key's.
    InvalidImportTokenException: "The import token is not valid, or is associated with a different KMS key.";
    /// The key is not for this operation.
    InvalidKeyUsageException: "The key usage is not valid for this operation.";
    /// The marker is not one that a listing gave.
    InvalidMarkerException: "The marker is not valid.";
    /// The MAC is another one. AWS gives no message.
    KMSInvalidMacException: "";
    /// The signature is another one. AWS gives no message.
    KMSInvalidSignatureException: "";
    /// The key is in a state in which this cannot be done.
    KMSInvalidStateException: "The KMS key is not in a valid state for this request.";
    /// A resource quota is used up.
    LimitExceededException: "A quota was exceeded.";
    /// The key policy is not a policy, or locks everyone out.
    MalformedPolicyDocumentException: "The policy document is not valid.";
    /// There is no such key, alias or grant.
    NotFoundException: "The specified entity or resource could not be found.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
    /// A tag is not valid.
    TagException: "A tag is not valid.";
    /// The combination is not supported.
    UnsupportedOperationException: "The operation is not supported.";
    /// The input is not valid beyond what the model can say.
    ValidationException(400): "The request is not valid.";
}
