//! Amazon CloudWatch: metrics, alarms, dashboards.
//!
//! What services measure comes through the kernel's port [`Meters`](welkin_kernel::Meters), see [`fresh`]. API reference:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html>. Anomaly detectors, insight rules,
//! metric streams and images of widgets are refused by name.

mod alarm;
mod block;
mod dashboard;
mod errors;
mod fresh;
mod get_metric_data;
mod get_metric_statistics;
mod label;
mod list_metrics;
mod math;
mod metric;
mod put_metric_data;
mod query;
mod read;
mod search;
mod series;
mod statistic;
mod summary;
mod tags;
mod unit;

use welkin_kernel::Service;

/// As whom the service calls others.
const PRINCIPAL: &str = "cloudwatch.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    alarms(Service::new("cloudwatch"))
        .errors(errors::ERRORS)
        .meters(fresh::ServiceMeters)
        .operation::<put_metric_data::PutMetricData>()
        .operation::<list_metrics::ListMetrics>()
        .operation::<get_metric_statistics::GetMetricStatistics>()
        .operation::<get_metric_data::GetMetricData>()
        .operation::<dashboard::PutDashboard>()
        .operation::<dashboard::GetDashboard>()
        .operation::<dashboard::ListDashboards>()
        .operation::<dashboard::DeleteDashboards>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::ListTagsForResource>()
        .job::<fresh::Fold>()
        .job::<block::Expire>()
}

fn alarms(service: Service) -> Service {
    service
        .operation::<alarm::put_metric::PutMetricAlarm>()
        .operation::<alarm::put_composite::PutCompositeAlarm>()
        .operation::<alarm::describe::DescribeAlarms>()
        .operation::<alarm::describe::DescribeAlarmsForMetric>()
        .operation::<alarm::history::DescribeAlarmHistory>()
        .operation::<alarm::set_state::SetAlarmState>()
        .operation::<alarm::switch::EnableAlarmActions>()
        .operation::<alarm::switch::DisableAlarmActions>()
        .operation::<alarm::delete::DeleteAlarms>()
        .job::<alarm::wake::Evaluate>()
        .job::<alarm::composite::Evaluate>()
        .job::<alarm::composite::Release>()
        .job::<alarm::act::Act>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
