//! Errors of CloudTrail.
//!
//! Wording as the service answers it, where it was found in documentation or in reports of users.

welkin_kernel::errors! {
    /// An ARN is malformed, or names no trail.
    CloudTrailARNInvalidException: "The ARN is not valid.";
    /// The trail has no Insights.
    InsightNotEnabledException: "Insights are not enabled.";
    /// The key policy does not permit CloudTrail to use the key.
    InsufficientEncryptionPolicyException: "Insufficient permissions to access the S3 bucket or the KMS key.";
    /// The bucket policy does not permit CloudTrail to write.
    InsufficientS3BucketPolicyException: "Incorrect S3 bucket policy is detected for the bucket.";
    /// An event selector is not valid.
    InvalidEventSelectorsException: "The event selectors are not valid.";
    /// The trail lives in another Region.
    InvalidHomeRegionException: "The trail cannot be changed outside of its home Region.";
    /// Insight selectors are not valid.
    InvalidInsightSelectorsException: "The insight selectors are not valid.";
    /// A lookup attribute is not valid.
    InvalidLookupAttributesException: "You can only use one attribute key in a lookup request.";
    /// The token is not one that a listing gave.
    InvalidNextTokenException: "The NextToken is not valid.";
    /// Parameters do not go together.
    InvalidParameterCombinationException: "The parameters do not go together.";
    /// A parameter is not valid.
    InvalidParameterException: "A parameter is not valid.";
    /// The bucket's name cannot be one.
    InvalidS3BucketNameException: "The bucket name is not valid.";
    /// The prefix cannot be one.
    InvalidS3PrefixException: "The S3 prefix is not valid.";
    /// A tag is not valid.
    InvalidTagParameterException: "The tag is not valid.";
    /// The time range ends before it begins.
    InvalidTimeRangeException: "The start time occurs after the end time.";
    /// The token is not one that a listing gave.
    InvalidTokenException: "The token is not valid.";
    /// The trail's name cannot be one.
    InvalidTrailNameException: "The trail name is not valid.";
    /// The key is disabled.
    KmsKeyDisabledException: "The KMS key is disabled.";
    /// There is no such key.
    KmsKeyNotFoundException: "The KMS key does not exist.";
    /// The account has its trails.
    MaximumNumberOfTrailsExceededException: "The account has as many trails as it can have.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
    /// There is no such resource.
    ResourceNotFoundException: "The resource was not found.";
    /// There is no such bucket.
    S3BucketDoesNotExistException: "The S3 bucket does not exist.";
    /// A trail has at most 50 tags.
    TagsLimitExceededException: "The number of tags per trail has exceeded the permitted amount.";
    /// A trail of that name exists.
    TrailAlreadyExistsException: "The trail already exists.";
    /// There is no such trail.
    TrailNotFoundException: "The trail was not found.";
}
