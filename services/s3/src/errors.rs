//! The errors that S3 answers with.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use welkin_kernel::Error;

welkin_kernel::errors! {
    /// The bucket's or Welkin's own rules forbid it.
    AccessDenied: "Access Denied";
    /// The bucket's rules do not admit the web page.
    AccessForbidden(403): "CORSResponse: CORS is not enabled for this bucket.";
    /// The bucket does not take access control lists.
    AccessControlListNotSupported(400): "The bucket does not allow ACLs";
    /// The request was signed for another Region than the bucket's.
    AuthorizationHeaderMalformed(400): "The authorization header is malformed";
    /// A URL was signed for another Region than the bucket's.
    AuthorizationQueryParametersError(400): "Error parsing the X-Amz-Credential parameter";
    /// The request cannot be understood.
    BadRequest(400): "Bad Request";
    /// The body is not what its digest says.
    BadDigest(400): "The Content-MD5 you specified did not match what we received.";
    /// The name is taken by another account.
    BucketAlreadyExists: "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    /// The caller has the bucket already.
    BucketAlreadyOwnedByYou: "Your previous request to create the named bucket succeeded and you already own it.";
    /// The bucket has access points.
    BucketHasAccessPointsAttached(400): "The bucket you are attempting to delete has access points attached. Delete your access points before attempting to delete your bucket.";
    /// The log would go to another Region.
    CrossLocationLoggingProhibitted(403): "Cross S3 location logging not allowed.";
    /// There are objects in the bucket.
    BucketNotEmpty(409): "The bucket you tried to delete is not empty";
    /// The body is longer than one request may be.
    EntityTooLarge(400): "Your proposed upload exceeds the maximum allowed size";
    /// A part other than the last is too short.
    EntityTooSmall(400): "Your proposed upload is smaller than the minimum allowed size";
    /// The versioning that is to be set is not said.
    IllegalVersioningConfigurationException(400): "The Versioning element must be specified";
    /// The bucket's list is public, and those are blocked.
    InvalidBucketAclWithBlockPublicAccessError(400): "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
    /// The bucket's list grants something to others, and there may be no lists.
    InvalidBucketAclWithObjectOwnership(400): "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    /// The Region of the request and that of the new bucket differ.
    IllegalLocationConstraintException(400): "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.";
    /// The body ended before its announced length.
    IncompleteBody(400): "You did not provide the number of bytes specified by the Content-Length HTTP header";
    /// A parameter is wrong.
    InvalidArgument(400): "Invalid Argument";
    /// The bucket is in a state that forbids it.
    InvalidBucketState(409): "The request is not valid with the current state of the bucket.";
    /// The name breaks the rules for buckets.
    InvalidBucketName(400): "The specified bucket is not valid.";
    /// `Content-MD5` is not a digest.
    InvalidDigest(400): "The Content-MD5 you specified was invalid.";
    /// The encryption asked for does not exist.
    InvalidEncryptionAlgorithmError(400): "The Encryption request you specified is not valid. Supported value: AES256.";
    /// There is no such Region.
    InvalidLocationConstraint(400): "The specified location-constraint is not valid";
    /// The object is archived.
    InvalidObjectState: "The operation is not valid for the object's storage class";
    /// A part is not there, or is another one.
    InvalidPart(400): "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    /// The parts are not in order.
    InvalidPartOrder(400): "The list of parts was not in ascending order. Parts must be ordered by part number.";
    /// The object has no such part.
    InvalidPartNumber(416): "The requested partnumber is not satisfiable";
    /// Nothing of the object lies in the range.
    InvalidRange(416): "The requested range is not satisfiable";
    /// The request contradicts itself or the bucket.
    InvalidRequest: "Invalid Request";
    /// There is no such storage class.
    InvalidStorageClass(400): "The storage class you specified is not valid";
    /// A tag breaks the rules.
    InvalidTag(400): "The tag provided was not a valid tag. This error can occur if the tag did not pass input validation.";
    /// The key is longer than 1,024 bytes.
    KeyTooLongError(400): "Your key is too long";
    /// The access control list is none.
    MalformedACLError(400): "The XML you provided was not well-formed or did not validate against our published schema";
    /// The policy is not one for this bucket.
    MalformedPolicy(400): "Policies must be valid JSON and the first byte must be '{'";
    /// The XML is not what the operation takes.
    MalformedXML(400): "The XML you provided was not well-formed or did not validate against our published schema";
    /// User metadata is longer than 2 KB.
    MetadataTooLarge(400): "Your metadata headers exceed the maximum allowed metadata size";
    /// The operation cannot be done to this resource.
    MethodNotAllowed(405): "The specified method is not allowed against this resource.";
    /// The length of the body is not given.
    MissingContentLength(411): "You must provide the Content-Length HTTP header.";
    /// A header is missing.
    MissingSecurityHeader(400): "Your request was missing a required header";
    /// The access log cannot go there.
    InvalidTargetBucketForLogging(400): "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.";
    /// There is no such bucket.
    NoSuchBucket: "The specified bucket does not exist";
    /// The bucket has no such configuration.
    NoSuchConfiguration(404): "The specified configuration does not exist.";
    /// The bucket has no cross-origin rules.
    NoSuchCORSConfiguration(404): "The CORS configuration does not exist";
    /// The bucket has no policy.
    NoSuchBucketPolicy(404): "The bucket policy does not exist";
    /// There is no such object.
    NoSuchKey: "The specified key does not exist.";
    /// The bucket has no lifecycle rules.
    NoSuchLifecycleConfiguration(404): "The lifecycle configuration does not exist";
    /// The bucket blocks no public access.
    NoSuchPublicAccessBlockConfiguration(404): "The public access block configuration was not found";
    /// The object has no retention, or no legal hold.
    NoSuchObjectLockConfiguration(404): "The specified object does not have a ObjectLock configuration";
    /// The bucket has no tags.
    NoSuchTagSet(404): "The TagSet does not exist";
    /// There is no such upload.
    NoSuchUpload: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    /// The bucket is no web site.
    NoSuchWebsiteConfiguration(404): "The specified bucket does not have a website configuration";
    /// There is no such version of the object.
    NoSuchVersion(404): "The specified version does not exist.";
    /// The code is that of somebody else's device.
    NotDeviceOwnerError(400): "The device that generated the token is not owned by the authenticated user.";
    /// Welkin cannot do it.
    NotImplemented(501): "A header you provided implies functionality that is not implemented";
    /// The bucket locks nothing.
    ObjectLockConfigurationNotFoundError(404): "Object Lock configuration does not exist for this bucket";
    /// The bucket has no ownership controls.
    OwnershipControlsNotFoundError(404): "The bucket ownership controls were not found";
    /// The bucket lies in another Region.
    PermanentRedirect(301): "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    /// The bucket replicates nothing.
    ReplicationConfigurationNotFoundError(404): "The replication configuration was not found";
    /// The object is being restored.
    RestoreAlreadyInProgress(409): "Object restore is already in progress";
    /// The bucket has a thousand of them.
    TooManyConfigurations(400): "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
    /// The request has a body and headers that say the same.
    UnexpectedContent(400): "This request does not support content";
    /// A condition of the request does not hold.
    PreconditionFailed(412): "At least one of the pre-conditions you specified did not hold";
}

/// A parameter is wrong, with its name and value beside the message.
pub(crate) fn invalid_argument(message: impl Into<String>, name: &str, value: impl Into<String>) -> Error {
    InvalidArgument::because(message).with("ArgumentName", name).with("ArgumentValue", value.into())
}

/// A condition of the request does not hold.
pub(crate) fn precondition_failed(condition: &'static str) -> Error {
    Error::from(PreconditionFailed).with("Condition", condition)
}

/// The request asks for something that Welkin refuses by name.
pub(crate) fn not_implemented(what: &str) -> Error {
    NotImplemented::because(format!("Welkin's S3 does not implement {what} yet."))
}

/// There is no such object.
pub(crate) fn no_such_key(key: &str) -> Error {
    Error::from(NoSuchKey).status(404).with("Key", key)
}

/// There is no such upload.
pub(crate) fn no_such_upload(id: &str) -> Error {
    Error::from(NoSuchUpload).with("UploadId", id)
}
