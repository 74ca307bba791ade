//! S3 Control: what an account has of S3 beside its buckets.
//!
//! A service of its own in the model, in this crate because every request to a bucket reads its state: see
//! `docs/decisions/0009-s3-control-lives-with-s3.md`.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_AWS_S3_Control.html>

pub(crate) mod access_point;
pub(crate) mod account_block;
mod batch;
mod errors;
mod grants;
pub(crate) mod mrap;
pub(crate) mod reach;
pub(crate) mod tags;
mod token;

use welkin_kernel::{Access, AccountId, Service};

/// The service.
pub(crate) fn service() -> Service {
    let service = Service::new("s3control").errors(errors::ERRORS);
    grants::register(jobs(tags(multi_region(access_points(account(service))))))
}

fn jobs(service: Service) -> Service {
    service
        .operation::<batch::create::CreateJob>()
        .operation::<batch::describe::DescribeJob>()
        .operation::<batch::describe::ListJobs>()
        .operation::<batch::update::UpdateJobPriority>()
        .operation::<batch::update::UpdateJobStatus>()
        .operation::<batch::tagging::PutJobTagging>()
        .operation::<batch::tagging::GetJobTagging>()
        .operation::<batch::tagging::DeleteJobTagging>()
        .job::<batch::turn::Turn>()
        .job::<batch::turn::Step>()
        .job::<batch::expiry::Expire>()
}

fn multi_region(service: Service) -> Service {
    service
        .operation::<mrap::create::CreateMultiRegionAccessPoint>()
        .operation::<mrap::delete::DeleteMultiRegionAccessPoint>()
        .operation::<mrap::request::DescribeMultiRegionAccessPointOperation>()
        .operation::<mrap::list::GetMultiRegionAccessPoint>()
        .operation::<mrap::list::ListMultiRegionAccessPoints>()
        .operation::<mrap::policy::PutMultiRegionAccessPointPolicy>()
        .operation::<mrap::policy::GetMultiRegionAccessPointPolicy>()
        .operation::<mrap::policy::GetMultiRegionAccessPointPolicyStatus>()
        .operation::<mrap::route::GetMultiRegionAccessPointRoutes>()
        .operation::<mrap::route::SubmitMultiRegionAccessPointRoutes>()
        .job::<mrap::request::CarryOut>()
}

fn tags(service: Service) -> Service {
    service.operation::<tags::TagResource>().operation::<tags::UntagResource>().operation::<tags::ListTagsForResource>()
}

fn account(service: Service) -> Service {
    service
        .operation::<account_block::PutPublicAccessBlock>()
        .operation::<account_block::GetPublicAccessBlock>()
        .operation::<account_block::DeletePublicAccessBlock>()
}

fn access_points(service: Service) -> Service {
    service
        .operation::<access_point::create::CreateAccessPoint>()
        .operation::<access_point::list::GetAccessPoint>()
        .operation::<access_point::list::ListAccessPoints>()
        .operation::<access_point::delete::DeleteAccessPoint>()
        .operation::<access_point::policy::PutAccessPointPolicy>()
        .operation::<access_point::policy::GetAccessPointPolicy>()
        .operation::<access_point::policy::DeleteAccessPointPolicy>()
        .operation::<access_point::policy::GetAccessPointPolicyStatus>()
}

/// What it takes to do `action` to something of an account that has no ARN. Nobody else's users may: no policy
/// could let them.
fn of_account(action: &'static str, account: AccountId) -> Access {
    Access::to(action).owned_by(account)
}
