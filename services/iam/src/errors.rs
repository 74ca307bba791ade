//! The errors of IAM: <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html> and those
//! of each operation.

welkin_kernel::errors! {
    /// What is to be deleted still has something attached.
    DeleteConflictException: "Cannot delete entity, it has subordinate entities.";
    /// The name is taken.
    EntityAlreadyExistsException: "The entity already exists.";
    /// There is no certificate in the text, or its chain does not vouch for it.
    MalformedCertificateException: "The certificate is malformed.";
    /// The certificate is one, but not to be had.
    InvalidCertificateException: "The certificate is invalid.";
    /// The user has the certificate already.
    DuplicateCertificateException: "The certificate is a duplicate.";
    /// The private key is not that of the certificate.
    KeyPairMismatchException: "The public key certificate and the private key do not match.";
    /// There is no public key in the text.
    InvalidPublicKeyException: "The public key is malformed or otherwise invalid.";
    /// The user has the public key already.
    DuplicateSSHPublicKeyException: "The SSH public key is already associated with the specified IAM user.";
    /// The public key is in neither encoding.
    UnrecognizedPublicKeyEncodingException: "The public key encoding format is unsupported or unrecognized.";
    /// The service has no credentials of its own.
    ServiceNotSupportedException: "The specified service does not support service-specific credentials.";
    /// No report was asked for.
    CredentialReportNotPresentException: "No report is present. Use GenerateCredentialReport to generate one.";
    /// The report is older than four hours.
    CredentialReportExpiredException: "The report has expired. Use GenerateCredentialReport to generate another one.";
    /// The report is being made.
    CredentialReportNotReadyException: "The report is still being generated.";
    /// The codes are not those that the device shows.
    InvalidAuthenticationCodeException: "Authentication code for device is not valid.";
    /// The input is of the right form, but not acceptable.
    InvalidInputException: "The input is not valid.";
    /// A quota of the account.
    LimitExceededException: "The account's limit is reached.";
    /// The policy breaks the grammar.
    MalformedPolicyDocumentException: "Syntax errors in policy.";
    /// There is no such entity.
    NoSuchEntityException: "The entity cannot be found.";
    /// Only the service that a service-linked role belongs to may change it.
    UnmodifiableEntityException: "The entity cannot be modified.";
    /// AWS keeps the policy for roles linked to services.
    PolicyNotAttachableException: "The policy cannot be attached.";
    /// The password is not one that the account permits.
    PasswordPolicyViolationException: "Password does not conform to the account password policy.";
    /// Only users have what is asked for.
    InvalidUserTypeException: "The request was rejected because the type of user for the transaction was incorrect.";
    /// The caller's account is in no organization.
    OrganizationNotFoundException: "No organization is associated with your account.";
    /// The organization has consolidated billing only.
    OrganizationNotInAllFeaturesModeException: "Your organization does not have All features enabled.";
    /// The organization does not trust IAM.
    ServiceAccessNotEnabledException: "Trusted access is not enabled for IAM in Organizations.";
    /// Another account administers root access.
    AccountNotManagementOrDelegatedAdministratorException: "The account making the request is not the management account or delegated administrator account for centralized root access.";
    /// It is for the management account alone.
    CallerIsNotManagementAccountException: "The account making the request is not the management account for the organization.";
    /// The caller may not, whatever policies say.
    AccessDenied(403): "User is not authorized to perform this operation.";
    /// The input breaks a rule that the model does not state.
    ValidationError(400): "The input fails to satisfy the constraints.";
    /// The caller's temporary credentials are not accepted by IAM.
    InvalidClientTokenId(403): "The security token included in the request is invalid";
}
