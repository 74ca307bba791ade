//! Amazon S3: buckets, objects, uploads in parts, policies, encryption.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>

#[macro_use]
mod shape;

mod acl;
mod bucket;
mod checksum;
mod condition;
mod content;
mod control;
mod encryption;
mod errors;
mod manner;
mod mfa;
mod object;
mod range;
mod role;
mod select;
mod tags;
mod upload;

use welkin_kernel::Service;

/// The service as a principal.
pub(crate) const PRINCIPAL: &str = "s3.amazonaws.com";

/// S3 Control, the service beside it.
pub fn control() -> Service {
    control::service()
}

/// The service.
pub fn service() -> Service {
    let service = Service::new("s3").errors(errors::ERRORS);
    uploads(objects(reports(configuration(buckets(service)))))
        .pages(bucket::cors::admit::ByRules)
        .sites(bucket::website::site::Sites)
        .job::<bucket::lifecycle::run::Run>()
        .job::<bucket::intelligent_tiering::run::Run>()
        .job::<bucket::inventory::take::Take>()
        .job::<bucket::logging::deliver::Deliver>()
        .job::<bucket::notification::deliver::Deliver>()
        .job::<bucket::replication::replicate::Replicate>()
        .job::<bucket::replication::threshold::Missed>()
        .job::<object::blob::FreeBlob>()
        .job::<object::restore::tell::Tell>()
        .job::<encryption::bucket_key::Expire>()
}

fn buckets(service: Service) -> Service {
    service
        .operation::<bucket::create::CreateBucket>()
        .operation::<bucket::delete::DeleteBucket>()
        .operation::<bucket::list::ListBuckets>()
        .operation::<bucket::location::HeadBucket>()
        .operation::<bucket::location::GetBucketLocation>()
}

fn configuration(service: Service) -> Service {
    service
        .operation::<bucket::abac::PutBucketAbac>()
        .operation::<bucket::abac::GetBucketAbac>()
        .operation::<bucket::accelerate::PutBucketAccelerateConfiguration>()
        .operation::<bucket::accelerate::GetBucketAccelerateConfiguration>()
        .operation::<bucket::acl::GetBucketAcl>()
        .operation::<bucket::acl::PutBucketAcl>()
        .operation::<bucket::cors::PutBucketCors>()
        .operation::<bucket::cors::GetBucketCors>()
        .operation::<bucket::cors::DeleteBucketCors>()
        .operation::<bucket::encryption::PutBucketEncryption>()
        .operation::<bucket::encryption::GetBucketEncryption>()
        .operation::<bucket::encryption::DeleteBucketEncryption>()
        .operation::<bucket::lifecycle::PutBucketLifecycleConfiguration>()
        .operation::<bucket::lifecycle::GetBucketLifecycleConfiguration>()
        .operation::<bucket::lifecycle::DeleteBucketLifecycle>()
        .operation::<bucket::logging::PutBucketLogging>()
        .operation::<bucket::logging::GetBucketLogging>()
        .operation::<bucket::notification::PutBucketNotificationConfiguration>()
        .operation::<bucket::notification::GetBucketNotificationConfiguration>()
        .operation::<bucket::object_lock::PutObjectLockConfiguration>()
        .operation::<bucket::object_lock::GetObjectLockConfiguration>()
        .operation::<bucket::ownership::PutBucketOwnershipControls>()
        .operation::<bucket::ownership::GetBucketOwnershipControls>()
        .operation::<bucket::ownership::DeleteBucketOwnershipControls>()
        .operation::<bucket::policy::PutBucketPolicy>()
        .operation::<bucket::policy::GetBucketPolicy>()
        .operation::<bucket::policy::DeleteBucketPolicy>()
        .operation::<bucket::policy::GetBucketPolicyStatus>()
        .operation::<bucket::public_access_block::PutPublicAccessBlock>()
        .operation::<bucket::public_access_block::GetPublicAccessBlock>()
        .operation::<bucket::public_access_block::DeletePublicAccessBlock>()
        .operation::<bucket::replication::PutBucketReplication>()
        .operation::<bucket::replication::GetBucketReplication>()
        .operation::<bucket::replication::DeleteBucketReplication>()
        .operation::<bucket::request_payment::PutBucketRequestPayment>()
        .operation::<bucket::request_payment::GetBucketRequestPayment>()
        .operation::<bucket::tagging::PutBucketTagging>()
        .operation::<bucket::tagging::GetBucketTagging>()
        .operation::<bucket::tagging::DeleteBucketTagging>()
        .operation::<bucket::versioning::PutBucketVersioning>()
        .operation::<bucket::versioning::GetBucketVersioning>()
        .operation::<bucket::website::PutBucketWebsite>()
        .operation::<bucket::website::GetBucketWebsite>()
        .operation::<bucket::website::DeleteBucketWebsite>()
}

fn reports(service: Service) -> Service {
    service
        .operation::<bucket::analytics::PutBucketAnalyticsConfiguration>()
        .operation::<bucket::analytics::GetBucketAnalyticsConfiguration>()
        .operation::<bucket::analytics::ListBucketAnalyticsConfigurations>()
        .operation::<bucket::analytics::DeleteBucketAnalyticsConfiguration>()
        .operation::<bucket::intelligent_tiering::PutBucketIntelligentTieringConfiguration>()
        .operation::<bucket::intelligent_tiering::GetBucketIntelligentTieringConfiguration>()
        .operation::<bucket::intelligent_tiering::ListBucketIntelligentTieringConfigurations>()
        .operation::<bucket::intelligent_tiering::DeleteBucketIntelligentTieringConfiguration>()
        .operation::<bucket::inventory::PutBucketInventoryConfiguration>()
        .operation::<bucket::inventory::GetBucketInventoryConfiguration>()
        .operation::<bucket::inventory::ListBucketInventoryConfigurations>()
        .operation::<bucket::inventory::DeleteBucketInventoryConfiguration>()
        .operation::<bucket::metrics::PutBucketMetricsConfiguration>()
        .operation::<bucket::metrics::GetBucketMetricsConfiguration>()
        .operation::<bucket::metrics::ListBucketMetricsConfigurations>()
        .operation::<bucket::metrics::DeleteBucketMetricsConfiguration>()
}

fn objects(service: Service) -> Service {
    service
        .operation::<select::SelectObjectContent>()
        .operation::<object::put::PutObject>()
        .operation::<object::get::GetObject>()
        .operation::<object::get::HeadObject>()
        .operation::<object::delete::DeleteObject>()
        .operation::<object::delete::DeleteObjects>()
        .operation::<object::copy::CopyObject>()
        .operation::<object::attributes::GetObjectAttributes>()
        .operation::<object::list::ListObjects>()
        .operation::<object::list::ListObjectsV2>()
        .operation::<object::list::versions::ListObjectVersions>()
        .operation::<object::lock::retention::PutObjectRetention>()
        .operation::<object::lock::retention::GetObjectRetention>()
        .operation::<object::lock::hold::PutObjectLegalHold>()
        .operation::<object::lock::hold::GetObjectLegalHold>()
        .operation::<object::restore::RestoreObject>()
        .operation::<object::tagging::PutObjectTagging>()
        .operation::<object::tagging::GetObjectTagging>()
        .operation::<object::tagging::DeleteObjectTagging>()
        .operation::<object::acl::GetObjectAcl>()
        .operation::<object::acl::PutObjectAcl>()
        .operation::<object::encryption::UpdateObjectEncryption>()
}

fn uploads(service: Service) -> Service {
    service
        .operation::<upload::create::CreateMultipartUpload>()
        .operation::<upload::part::UploadPart>()
        .operation::<upload::part_copy::UploadPartCopy>()
        .operation::<upload::complete::CompleteMultipartUpload>()
        .operation::<upload::abort::AbortMultipartUpload>()
        .operation::<upload::list_parts::ListParts>()
        .operation::<upload::list::ListMultipartUploads>()
}

#[cfg(test)]
mod tests {
    use welkin_kernel::Registry;

    #[test]
    fn every_operation_and_error_is_the_models() {
        assert_eq!(Registry::new([super::service(), super::control()]).faults(), Vec::<String>::new());
    }
}
