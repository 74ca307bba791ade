//! Showing a report.

use serde::{Deserialize, Serialize};
use welkin_kernel::model::actions;
use welkin_kernel::{Access as Demand, Cx, Operation, Result, Timestamp};

use super::{Accessor, Granularity, Report, Service, report};
use crate::access;
use crate::errors::InvalidInputException;
use crate::granting_policies::kind_name;
use crate::page::Wanted;

/// How far a report is. It is made at once.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum JobStatus {
    Completed,
}

/// Shows the services that may be used, and when they were used last.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceLastAccessedDetails {
    job_id: String,
    max_items: Option<u32>,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceLastAccessedDetailsResponse {
    job_status: JobStatus,
    job_type: Granularity,
    job_creation_date: Timestamp,
    job_completion_date: Timestamp,
    services_last_accessed: Vec<ServiceView>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceView {
    service_name: String,
    service_namespace: String,
    last_authenticated: Option<Timestamp>,
    last_authenticated_entity: Option<String>,
    last_authenticated_region: Option<String>,
    total_authenticated_entities: usize,
    tracked_actions_last_accessed: Option<Vec<ActionView>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActionView {
    action_name: String,
    last_accessed_entity: Option<String>,
    last_accessed_time: Timestamp,
    last_accessed_region: String,
}

impl ServiceView {
    fn of(service: Service, report: &Report) -> Self {
        let arn = |by: usize| report.users.get(by).map(|user| user.arn.clone());
        let mut entities: Vec<usize> = service.uses.iter().map(|used| used.by).collect();
        entities.sort_unstable();
        entities.dedup();
        let last = service.last();
        let mut actions: Vec<ActionView> = Vec::new();
        let mut uses: Vec<_> = service.uses.iter().collect();
        uses.sort_by_key(|used| (&used.action, std::cmp::Reverse(used.at)));
        uses.dedup_by_key(|used| &used.action);
        actions.extend(uses.into_iter().map(|used| ActionView {
            action_name: used.action.clone(),
            last_accessed_entity: arn(used.by),
            last_accessed_time: used.at,
            last_accessed_region: used.region.clone(),
        }));
        let tracked = report.granularity == Granularity::ActionLevel && !actions.is_empty();
        Self {
            service_name: actions::service(&service.namespace).map_or("", |service| service.name).to_owned(),
            last_authenticated: last.map(|used| used.at),
            last_authenticated_entity: last.and_then(|used| arn(used.by)),
            last_authenticated_region: last.map(|used| used.region.clone()),
            total_authenticated_entities: entities.len(),
            tracked_actions_last_accessed: tracked.then_some(actions),
            service_namespace: service.namespace,
        }
    }
}

impl Operation for GetServiceLastAccessedDetails {
    const NAME: &'static str = "GetServiceLastAccessedDetails";
    type Output = GetServiceLastAccessedDetailsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Demand> {
        access::to(cx, "iam:GetServiceLastAccessedDetails")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetServiceLastAccessedDetailsResponse> {
        let mut report = report(cx, &self.job_id).await?;
        let services = std::mem::take(&mut report.services);
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(services, |service| service.namespace.clone())?;
        let page = page.map(|service| ServiceView::of(service, &report));
        Ok(GetServiceLastAccessedDetailsResponse {
            job_status: JobStatus::Completed,
            job_type: report.granularity,
            job_creation_date: report.made,
            job_completion_date: report.made,
            is_truncated: page.is_truncated(),
            services_last_accessed: page.items,
            marker: page.marker,
        })
    }
}

/// Shows who may use a service, and when they used it last.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetailsWithEntities.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceLastAccessedDetailsWithEntities {
    job_id: String,
    service_namespace: String,
    max_items: Option<u32>,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceLastAccessedDetailsWithEntitiesResponse {
    job_status: JobStatus,
    job_creation_date: Timestamp,
    job_completion_date: Timestamp,
    entity_details_list: Vec<EntityDetails>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntityDetails {
    entity_info: EntityInfo,
    last_authenticated: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntityInfo {
    arn: String,
    name: String,
    #[serde(rename = "Type")]
    kind: String,
    id: String,
    path: String,
}

impl EntityDetails {
    fn of(accessor: &Accessor, last_authenticated: Option<Timestamp>) -> Self {
        Self {
            entity_info: EntityInfo {
                arn: accessor.arn.clone(),
                name: accessor.name.clone(),
                kind: kind_name(accessor.kind).to_owned(),
                id: accessor.id.clone(),
                path: accessor.path.clone(),
            },
            last_authenticated,
        }
    }
}

impl Operation for GetServiceLastAccessedDetailsWithEntities {
    const NAME: &'static str = "GetServiceLastAccessedDetailsWithEntities";
    type Output = GetServiceLastAccessedDetailsWithEntitiesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Demand> {
        access::to(cx, "iam:GetServiceLastAccessedDetailsWithEntities")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetServiceLastAccessedDetailsWithEntitiesResponse> {
        let report = report(cx, &self.job_id).await?;
        let named = |service: &&Service| service.namespace == self.service_namespace;
        let Some(service) = report.services.iter().find(named) else {
            // UNVERIFIED: AWS's wording.
            let message = format!("The report does not tell of the service namespace {}.", self.service_namespace);
            return Err(InvalidInputException::because(message));
        };
        let details = report.users.iter().enumerate().map(|(at, user)| {
            let last = service.uses.iter().filter(|used| used.by == at).map(|used| used.at).max();
            EntityDetails::of(user, last)
        });
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(details.collect(), |details| details.entity_info.arn.clone())?;
        Ok(GetServiceLastAccessedDetailsWithEntitiesResponse {
            job_status: JobStatus::Completed,
            job_creation_date: report.made,
            job_completion_date: report.made,
            is_truncated: page.is_truncated(),
            entity_details_list: page.items,
            marker: page.marker,
        })
    }
}
