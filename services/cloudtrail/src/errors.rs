//! Errors of CloudTrail.
//!
//! Wording as the service answers it, where it was found in documentation or in reports of users.

welkin_kernel::errors! {
    /// There is a channel of that name or source.
    ChannelAlreadyExistsException: "The channel already exists.";
    /// The ARN is not one of a channel.
    ChannelARNInvalidException: "The channel ARN is not valid.";
    /// A channel leads to the event data store.
    ChannelExistsForEDSException: "The event data store cannot be deleted because a channel uses it.";
    /// The account has its channels.
    ChannelMaxLimitExceededException: "The account has as many channels as it can have.";
    /// There is no such channel.
    ChannelNotFoundException: "The channel was not found.";
    /// The account is no member of the organization.
    AccountNotFoundException: "The specified account is not found or not part of an organization.";
    /// The account does not administer CloudTrail.
    AccountNotRegisteredException: "The specified account is not registered as the CloudTrail delegated administrator.";
    /// The account administers CloudTrail already.
    AccountRegisteredException: "The account is already registered as the CloudTrail delegated administrator.";
    /// The management account administers CloudTrail anyway.
    CannotDelegateManagementAccountException:
        "The management account of an organization cannot be registered as the CloudTrail delegated administrator.";
    /// The organization does not trust CloudTrail.
    CloudTrailAccessNotEnabledException: "Trusted access has not been enabled between CloudTrail and Organizations.";
    /// An ARN is malformed, or names no trail.
    CloudTrailARNInvalidException: "The ARN is not valid.";
    /// There is an event data store of that name.
    EventDataStoreAlreadyExistsException: "The event data store already exists.";
    /// The ARN is not one of an event data store.
    EventDataStoreARNInvalidException: "The event data store ARN is not valid.";
    /// The account has its event data stores.
    EventDataStoreMaxLimitExceededException: "Your account has used the maximum number of event data stores.";
    /// There is no such event data store.
    EventDataStoreNotFoundException: "The event data store was not found.";
    /// The event data store is protected.
    EventDataStoreTerminationProtectedException: "The event data store cannot be deleted because termination protection is enabled for it.";
    /// The event data store is being deleted.
    InactiveEventDataStoreException: "The event data store is inactive.";
    /// The query has ended.
    InactiveQueryException: "The specified query cannot be canceled because it is in the FINISHED, FAILED, TIMED_OUT, or CANCELLED state.";
    /// The trail has no Insights.
    InsightNotEnabledException: "Insights are not enabled.";
    /// There are as many delegated administrators as there can be.
    DelegatedAdminAccountLimitExceededException: "The maximum number of CloudTrail delegated administrators is reached.";
    /// The caller lacks a permission in a service on which CloudTrail depends.
    InsufficientDependencyServiceAccessPermissionException:
        "The IAM identity lacks one or more required permissions in a required service.";
    /// The key policy does not permit CloudTrail to use the key.
    InsufficientEncryptionPolicyException: "Insufficient permissions to access the S3 bucket or the KMS key.";
    /// The bucket policy does not permit CloudTrail to write.
    InsufficientS3BucketPolicyException: "Incorrect S3 bucket policy is detected for the bucket.";
    /// The topic does not exist, or its policy does not permit CloudTrail to publish.
    InsufficientSnsTopicPolicyException: "SNS Topic does not exist or the topic policy is incorrect!";
    /// The time range ends before it begins.
    InvalidDateRangeException: "A date range for the query was specified that is not valid. Be sure that the start time is chronologically before the end time.";
    /// The event data store keeps other events.
    InvalidEventDataStoreCategoryException: "The event category of the event data store is not valid.";
    /// The event data store has another status.
    InvalidEventDataStoreStatusException: "The event data store is not in a status that supports the operation.";
    /// An event selector is not valid.
    InvalidEventSelectorsException: "The event selectors are not valid.";
    /// The trail lives in another Region.
    InvalidHomeRegionException: "The trail cannot be changed outside of its home Region.";
    /// Insight selectors are not valid.
    InvalidInsightSelectorsException: "The insight selectors are not valid.";
    /// The ARN of a key is malformed.
    InvalidKmsKeyIdException: "The KMS key is not valid.";
    /// A lookup attribute is not valid.
    InvalidLookupAttributesException: "You can only use one attribute key in a lookup request.";
    /// The token is not one that a listing gave.
    InvalidNextTokenException: "The NextToken is not valid.";
    /// Parameters do not go together.
    InvalidParameterCombinationException: "The parameters do not go together.";
    /// A parameter is not valid.
    InvalidParameterException: "The request includes a parameter that is not valid.";
    /// The statement is no query of event data stores.
    InvalidQueryStatementException: "The query that was submitted has validation errors, or uses incorrect syntax or unsupported keywords.";
    /// The bucket's name cannot be one.
    InvalidS3BucketNameException: "The bucket name is not valid.";
    /// The prefix cannot be one.
    InvalidS3PrefixException: "The S3 prefix is not valid.";
    /// There is no such source of events.
    InvalidSourceException: "The source is not valid.";
    /// The topic's name cannot be one.
    InvalidSnsTopicNameException: "The SNS topic name is not valid.";
    /// A tag is not valid.
    InvalidTagParameterException: "The tag is not valid.";
    /// The time range ends before it begins.
    InvalidTimeRangeException: "The start time occurs after the end time.";
    /// The token is not one that a listing gave.
    InvalidTokenException: "The token is not valid.";
    /// The trail's name cannot be one.
    InvalidTrailNameException: "The trail name is not valid.";
    /// The key cannot be used.
    KmsException: "There is an issue with the specified KMS key.";
    /// There is no such key.
    KmsKeyNotFoundException: "The KMS key does not exist.";
    /// As many queries run as can.
    MaxConcurrentQueriesException: "You are already running the maximum number of concurrent queries. The maximum number of concurrent queries is 10. Wait a minute for some queries to finish, and then run the query again.";
    /// The account has its trails.
    MaximumNumberOfTrailsExceededException: "The account has as many trails as it can have.";
    /// The management account does not have CloudTrail's role.
    NoManagementAccountSLRExistsException: "The management account does not have a service-linked role.";
    /// Only the management account may do that.
    NotOrganizationManagementAccountException: "The account is not the organization's management account.";
    /// Only the management account may change a trail of the organization.
    NotOrganizationMasterAccountException: "The account is not the organization's management account.";
    /// There is no such query.
    QueryIdNotFoundException: "The query ID does not exist or does not map to a query.";
    /// What Welkin does not do yet.
    NotImplemented(501): "Welkin does not implement this yet.";
    /// An ARN is malformed.
    ResourceARNNotValidException: "The resource ARN is not valid.";
    /// The organization only has consolidated billing.
    OrganizationNotInAllFeaturesModeException: "AWS Organizations is not configured to support all features.";
    /// The account is in no organization.
    OrganizationsNotInUseException: "The account is not a member of an organization.";
    /// There is no such resource.
    ResourceNotFoundException: "The resource was not found.";
    /// The resource has no policy.
    ResourcePolicyNotFoundException: "The resource policy was not found.";
    /// The policy is malformed.
    ResourcePolicyNotValidException: "The resource policy is not valid.";
    /// Resources of that type have no policy.
    ResourceTypeNotSupportedException: "The resource type is not supported.";
    /// There is no such bucket.
    S3BucketDoesNotExistException: "The S3 bucket does not exist.";
    /// A trail has at most 50 tags.
    TagsLimitExceededException: "The number of tags per trail has exceeded the permitted amount.";
    /// A trail of that name exists.
    TrailAlreadyExistsException: "The trail already exists.";
    /// There is no such trail.
    TrailNotFoundException: "The trail was not found.";
}
