//! The errors that S3 Control answers with.
//!
//! The models name few of them; the others are those that clients know, such as Terraform's provider.

welkin_kernel::errors! {
    /// Rules forbid it.
    AccessDenied(403): "Access Denied";
    /// The grantee has the grant already.
    AccessGrantAlreadyExists(409): "The specified access grant already exists";
    /// The account has an instance in the Region.
    AccessGrantsInstanceAlreadyExists(409): "Access Grants Instance already exists";
    /// The instance has locations.
    AccessGrantsInstanceNotEmptyError(400): "Please clean up locations before deleting the access grants instance";
    /// The account has no instance in the Region.
    AccessGrantsInstanceNotExistsError(404): "Access Grants Instance does not exist";
    /// The instance has no resource policy.
    AccessGrantsInstanceResourcePolicyNotExists(404): "Access Grants Instance Resource Policy does not exist";
    /// There is a location with that scope.
    AccessGrantsLocationAlreadyExistsError(409): "The specified access grants location already exists";
    /// The location has grants.
    AccessGrantsLocationNotEmptyError(400): "Please clean up access grants before deleting access grants location";
    /// The instance has as many locations as it may have.
    AccessGrantsLocationsQuotaExceededError(409): "The access grants location quota has been exceeded. Access Grants Locations Quota: 1000. Please reach out to S3 if an increase is required.";
    /// The instance has as many grants as it may have.
    AccessGrantsQuotaExceededError(409): "The access grants quota has been exceeded. Access Grants Quota: 100000. Please reach out to S3 if an increase is required.";
    /// The account has an access point of that name.
    AccessPointAlreadyOwnedByYou(409): "Your previous request to create the named accesspoint succeeded and you already own it.";
    /// The client's token came with another request before.
    IdempotencyException: "The request was made with this token before, and asked for something else.";
    /// There can be no such grant.
    InvalidAccessGrant(400): "The specified Access Grant is invalid";
    /// There can be no such location.
    InvalidAccessGrantsLocation(400): "The specified Access Grants Location is invalid";
    /// The role is none that the account can hand on.
    InvalidIamRole(400): "The specified IAM Role is invalid";
    /// Multi-Region Access Points have no buckets in the Region.
    InvalidRegion(400): "The Region is not supported.";
    /// The token is none that a listing gave.
    InvalidNextToken(400): "The continuation token provided is incorrect";
    /// The request contradicts itself or the state.
    InvalidRequest(400): "Invalid Request";
    /// The resource policy is none.
    InvalidResourcePolicy(400): "The specified Resource Policy is invalid";
    /// The status of the job does not permit it.
    JobStatusException: "The job is in a status that does not permit the request.";
    /// The policy is not one for this resource.
    MalformedPolicy(400): "Policies must be valid JSON and the first byte must be '{'";
    /// The operation cannot be done to this resource.
    MethodNotAllowed(405): "The specified method is not allowed against this resource.";
    /// The account has a Multi-Region Access Point of that name.
    MultiRegionAccessPointAlreadyOwnedByYou(409): "You already have a Multi-Region Access Point with the same name.";
    /// There is no such grant.
    NoSuchAccessGrantError(404): "The specified access grant does not exist";
    /// There is no such location.
    NoSuchAccessGrantsLocationError(404): "The specified access grants location does not exist";
    /// There is no such access point.
    NoSuchAccessPoint(404): "The specified accesspoint does not exist";
    /// The access point has no policy.
    NoSuchAccessPointPolicy(404): "The specified accesspoint policy does not exist";
    /// There is no such request.
    NoSuchAsyncRequest(404): "The specified request does not exist";
    /// There is no such bucket.
    NoSuchBucket(404): "The specified bucket does not exist";
    /// There is no such job, or it ended long ago.
    NoSuchJobException(404): "The specified job does not exist.";
    /// There is no such Multi-Region Access Point.
    NoSuchMultiRegionAccessPoint(404): "The specified Multi-Region Access Point does not exist";
    /// The account blocks no public access.
    NoSuchPublicAccessBlockConfiguration: "The public access block configuration was not found";
    /// The role of a location cannot be taken on.
    StsNotAuthorizedError(403): "Access Grants is not authorized to perform: sts:AssumeRole";
    /// The scope of the credentials takes more room than a session has.
    StsPackedPolicyTooLargeError(400): "Serialized token too large for session";
    /// STS does not give such credentials.
    StsValidationError(400): "The request was refused by STS";
    /// The account has as many access points in the Region as it may have.
    TooManyAccessPoints(400): "You have attempted to create more access points than allowed for this account.";
    /// A resource of Access Grants is to have more tags than it may have.
    TooManyTags(400): "The number of tags exceeds the limit of 50 tags. Remove some tags and try again.";
    /// The job is to have more tags than it may have.
    TooManyTagsException: "A job can have at most 50 tags.";
    /// A Multi-Region Access Point is to have more Regions than it may have.
    TooManyMultiRegionAccessPointregionsError(400): "You have reached the maximum number of Regions in a Multi-Region Access Point.";
    /// The account has as many Multi-Region Access Points as it may have.
    TooManyMultiRegionAccessPoints(400): "You have reached the maximum number of Multi-Region Access Points for this account.";
}
