//! AWS Systems Manager: Parameter Store.
//!
//! API reference: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/Welcome.html>. The other
//! capabilities of Systems Manager are refused by name.

mod errors;
mod filter;
mod name;
mod page;
mod parameter;
mod public;
mod setting;
mod sharing;
mod tags;

use welkin_kernel::Service;

/// As whom the service acts by itself.
const PRINCIPAL: &str = "ssm.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("ssm")
        .errors(errors::ERRORS)
        .operation::<parameter::put::PutParameter>()
        .operation::<parameter::get::GetParameter>()
        .operation::<parameter::get::GetParameters>()
        .operation::<parameter::path::GetParametersByPath>()
        .operation::<parameter::history::GetParameterHistory>()
        .operation::<parameter::describe::DescribeParameters>()
        .operation::<parameter::delete::DeleteParameter>()
        .operation::<parameter::delete::DeleteParameters>()
        .operation::<parameter::label::LabelParameterVersion>()
        .operation::<parameter::label::UnlabelParameterVersion>()
        .operation::<tags::AddTagsToResource>()
        .operation::<tags::RemoveTagsFromResource>()
        .operation::<tags::ListTagsForResource>()
        .operation::<sharing::PutResourcePolicy>()
        .operation::<sharing::GetResourcePolicies>()
        .operation::<sharing::DeleteResourcePolicy>()
        .operation::<setting::GetServiceSetting>()
        .operation::<setting::UpdateServiceSetting>()
        .operation::<setting::ResetServiceSetting>()
        .job::<parameter::policy::Act>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
