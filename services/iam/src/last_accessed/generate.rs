//! Making a report.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::model::actions;
use welkin_kernel::{Access as Demand, Cx, Operation, Result};

use super::{Access, Accessor, Granularity, Report, Service};
use crate::entity::{Entity, Kind, by_id};
use crate::granted::{self, Named};
use crate::group::{Group, Membership};
use crate::role::Role;
use crate::user::User;
use crate::{access, attachment, policy, usage};

/// How far back reports tell: 400 days.
const TRACKED: Duration = Duration::from_secs(400 * 86_400);

/// Makes a report on the services that an entity or policy lets be used.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateServiceLastAccessedDetails {
    arn: String,
    granularity: Option<Granularity>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateServiceLastAccessedDetailsResponse {
    job_id: String,
}

impl Operation for GenerateServiceLastAccessedDetails {
    const NAME: &'static str = "GenerateServiceLastAccessedDetails";
    type Output = GenerateServiceLastAccessedDetailsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Demand> {
        Ok(access::to(cx, "iam:GenerateServiceLastAccessedDetails")?.on(&self.arn).owned_by(cx.account()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateServiceLastAccessedDetailsResponse> {
        let (documents, accessors) = match granted::by_arn(cx, &self.arn).await? {
            Some(entity) => {
                let policies = granted::policies(cx, &entity).await?;
                (policies.into_iter().map(|policy| policy.document).collect(), accessors(cx, entity).await?)
            }
            None => (vec![policy::known_compiled(cx, &self.arn).await?], of_policy(cx, &self.arn).await?),
        };
        let mut services: Vec<Service> = actions::prefixes()
            .filter(|namespace| documents.iter().any(|document| granted::grants(document, namespace)))
            .map(|namespace| Service { namespace: namespace.to_owned(), uses: Vec::new() })
            .collect();
        let (place, now) = (cx.here(), cx.now());
        for (by, accessor) in accessors.iter().enumerate() {
            for used in usage::of(cx, place, &accessor.id).await? {
                let service = services.iter_mut().find(|service| service.namespace == used.service);
                if let Some(service) = service
                    && now.since(used.at) <= TRACKED
                {
                    let region = used.region.name().to_owned();
                    service.uses.push(Access { by, action: used.action, region, at: used.at });
                }
            }
        }
        let report = Report {
            id: cx.chance().uuid(),
            granularity: self.granularity.unwrap_or(Granularity::ServiceLevel),
            made: now,
            services,
            users: accessors,
        };
        cx.put(place, &report).await?;
        Ok(GenerateServiceLastAccessedDetailsResponse { job_id: report.id })
    }
}

/// Those who act with the rights of an entity: itself, or the users of a group.
async fn accessors(cx: &mut Cx, entity: Named) -> Result<Vec<Accessor>> {
    if entity.kind != Kind::Group {
        return Ok(vec![accessor(cx, entity)]);
    }
    let place = cx.here();
    let mut users = Vec::new();
    for membership in cx.find::<Membership>(place, "group", &entity.head.id, 0).await? {
        users.extend(named::<User>(cx, &membership.user).await?);
    }
    Ok(users)
}

/// Those who act with the rights of a policy.
async fn of_policy(cx: &mut Cx, arn: &str) -> Result<Vec<Accessor>> {
    let mut all: Vec<Accessor> = Vec::new();
    for attachment in attachment::of_policy(cx, arn).await? {
        let found = match attachment.kind {
            Kind::User => named::<User>(cx, &attachment.entity).await?.into_iter().collect(),
            Kind::Role => named::<Role>(cx, &attachment.entity).await?.into_iter().collect(),
            Kind::Group => match by_id::<Group>(cx, cx.here(), &attachment.entity).await? {
                Some(group) => accessors(cx, Named { kind: Kind::Group, head: group.head }).await?,
                None => Vec::new(),
            },
        };
        for accessor in found {
            if !all.iter().any(|other| other.id == accessor.id) {
                all.push(accessor);
            }
        }
    }
    Ok(all)
}

async fn named<E: Entity>(cx: &mut Cx, id: &str) -> Result<Option<Accessor>> {
    let found = by_id::<E>(cx, cx.here(), id).await?;
    Ok(found.map(|entity| accessor(cx, Named { kind: E::WHAT, head: entity.head().clone() })))
}

fn accessor(cx: &Cx, named: Named) -> Accessor {
    Accessor {
        arn: named.arn(cx.here()),
        kind: named.kind,
        id: named.head.id,
        name: named.head.name,
        path: named.head.path,
    }
}
