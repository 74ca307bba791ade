//! How the access log calls operations: `REST.GET.OBJECT`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>, the examples there and elsewhere in
//! the guide.
// UNVERIFIED: the names of what no example shows, which follow the subresource.

/// What an operation is about, in the access log; `None` for those that no bucket's log has.
pub(super) fn subject(operation: &str) -> Option<&'static str> {
    of_object(operation).or_else(|| of_bucket(operation)).or_else(|| of_many(operation))
}

/// Configurations of which a bucket may have many.
fn of_many(operation: &str) -> Option<&'static str> {
    let kinds = [
        ("BucketAnalyticsConfiguration", "ANALYTICS"),
        ("BucketIntelligentTieringConfiguration", "INTELLIGENT_TIERING"),
        ("BucketInventoryConfiguration", "INVENTORY"),
        ("BucketMetricsConfiguration", "METRICS"),
    ];
    kinds.into_iter().find(|(name, _)| operation.contains(name)).map(|(_, subject)| subject)
}

fn of_object(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "GetObject" | "HeadObject" | "PutObject" | "CopyObject" | "DeleteObject" => "OBJECT",
        "DeleteObjects" => "MULTI_OBJECT_DELETE",
        "GetObjectAcl" | "PutObjectAcl" | "GetBucketAcl" | "PutBucketAcl" => "ACL",
        "GetObjectAttributes" => "OBJECT_ATTRIBUTES",
        "GetObjectTagging" | "PutObjectTagging" | "DeleteObjectTagging" => "OBJECT_TAGGING",
        "GetObjectRetention" | "PutObjectRetention" => "OBJECT_LOCK_RETENTION",
        "GetObjectLegalHold" | "PutObjectLegalHold" => "OBJECT_LOCK_LEGALHOLD",
        "RestoreObject" => "RESTORE",
        "UpdateObjectEncryption" => "OBJECT_ENCRYPTION",
        "CreateMultipartUpload" | "ListMultipartUploads" => "UPLOADS",
        "UploadPart" | "UploadPartCopy" => "PART",
        "CompleteMultipartUpload" | "AbortMultipartUpload" | "ListParts" => "UPLOAD",
        _ => return None,
    })
}

fn of_bucket(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "ListObjects" | "ListObjectsV2" | "HeadBucket" | "DeleteBucket" => "BUCKET",
        "ListObjectVersions" => "BUCKETVERSIONS",
        "GetBucketLocation" => "LOCATION",
        "GetBucketLogging" | "PutBucketLogging" => "LOGGING_STATUS",
        "GetBucketVersioning" | "PutBucketVersioning" => "VERSIONING",
        "GetBucketPolicy" | "PutBucketPolicy" | "DeleteBucketPolicy" => "BUCKETPOLICY",
        "GetBucketPolicyStatus" => "POLICY_STATUS",
        "GetBucketTagging" | "PutBucketTagging" | "DeleteBucketTagging" => "TAGGING",
        "GetBucketCors" | "PutBucketCors" | "DeleteBucketCors" => "CORS",
        "GetBucketWebsite" | "PutBucketWebsite" | "DeleteBucketWebsite" => "WEBSITE",
        "GetBucketEncryption" | "PutBucketEncryption" | "DeleteBucketEncryption" => "ENCRYPTION",
        "GetBucketNotificationConfiguration" | "PutBucketNotificationConfiguration" => "NOTIFICATION",
        "GetBucketRequestPayment" | "PutBucketRequestPayment" => "REQUEST_PAYMENT",
        "GetBucketAccelerateConfiguration" | "PutBucketAccelerateConfiguration" => "ACCELERATE",
        "GetBucketReplication" | "PutBucketReplication" | "DeleteBucketReplication" => "REPLICATION",
        "GetBucketLifecycleConfiguration" | "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "LIFECYCLE",
        "GetObjectLockConfiguration" | "PutObjectLockConfiguration" => "OBJECT_LOCK_CONFIGURATION",
        "GetPublicAccessBlock" | "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "PUBLIC_ACCESS_BLOCK",
        "GetBucketOwnershipControls" | "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => {
            "OWNERSHIP_CONTROLS"
        }
        "GetBucketAbac" | "PutBucketAbac" => "ABAC",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn operations_by_their_subjects() {
        assert_eq!(subject("GetObject"), Some("OBJECT"));
        assert_eq!(subject("GetBucketAcl"), Some("ACL"));
        assert_eq!(subject("ListBucketInventoryConfigurations"), Some("INVENTORY"));
        assert_eq!(subject("ListBuckets"), None);
    }
}
