//! Showing a report.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use welkin_kernel::model::actions;
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Report, Service};
use crate::access;
use crate::errors::NoSuchEntityException;
use crate::page::Wanted;

/// Shows the services of a report.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOrganizationsAccessReport.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetOrganizationsAccessReport {
    job_id: String,
    max_items: Option<u32>,
    marker: Option<String>,
    sort_key: Option<SortKey>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SortKey {
    ServiceNamespaceAscending,
    ServiceNamespaceDescending,
    LastAuthenticatedTimeAscending,
    LastAuthenticatedTimeDescending,
}

/// How far a report is. It is made at once.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum JobStatus {
    Completed,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetOrganizationsAccessReportResponse {
    job_status: JobStatus,
    job_creation_date: Timestamp,
    job_completion_date: Timestamp,
    number_of_services_accessible: usize,
    number_of_services_not_accessed: usize,
    access_details: Vec<AccessDetail>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessDetail {
    service_name: String,
    service_namespace: String,
    region: Option<String>,
    entity_path: Option<String>,
    last_authenticated_time: Option<Timestamp>,
    total_authenticated_entities: usize,
}

impl From<Service> for AccessDetail {
    fn from(service: Service) -> Self {
        let (region, path, at) = match service.last {
            Some(last) => (Some(last.region), Some(last.path), Some(last.at)),
            None => (None, None, None),
        };
        Self {
            service_name: actions::service(&service.namespace).map_or("", |service| service.name).to_owned(),
            service_namespace: service.namespace,
            region,
            entity_path: path,
            last_authenticated_time: at,
            total_authenticated_entities: service.accounts,
        }
    }
}

impl GetOrganizationsAccessReport {
    /// In the order that is asked for. A service that was never used comes before all that were.
    fn sort(&self, services: &mut [Service]) {
        let at = |service: &Service| service.last.as_ref().map(|last| last.at);
        services.sort_by(|a, b| a.namespace.cmp(&b.namespace));
        match self.sort_key.unwrap_or(SortKey::ServiceNamespaceAscending) {
            SortKey::ServiceNamespaceAscending => {}
            SortKey::ServiceNamespaceDescending => services.reverse(),
            SortKey::LastAuthenticatedTimeAscending => services.sort_by_key(at),
            SortKey::LastAuthenticatedTimeDescending => services.sort_by_key(|service| Reverse(at(service))),
        }
    }
}

impl Operation for GetOrganizationsAccessReport {
    const NAME: &'static str = "GetOrganizationsAccessReport";
    type Output = GetOrganizationsAccessReportResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GetOrganizationsAccessReport")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetOrganizationsAccessReportResponse> {
        let missing = || NoSuchEntityException::because(format!("Job {} cannot be found.", self.job_id));
        let mut report = cx.get::<Report>(cx.here(), &self.job_id).await?.ok_or_else(missing)?;
        self.sort(&mut report.services);
        let unused = report.services.iter().filter(|service| service.last.is_none()).count();
        let number_of_services_accessible = report.services.len();
        let ranked: Vec<(usize, Service)> = report.services.into_iter().enumerate().collect();
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(ranked, |(rank, _)| format!("{rank:06}"))?;
        let page = page.map(|(_, service)| AccessDetail::from(service));
        Ok(GetOrganizationsAccessReportResponse {
            job_status: JobStatus::Completed,
            job_creation_date: report.made,
            job_completion_date: report.made,
            number_of_services_accessible,
            number_of_services_not_accessed: unused,
            is_truncated: page.is_truncated(),
            access_details: page.items,
            marker: page.marker,
        })
    }
}
