//! Capacity reservations, as state: queries run on this machine whatever is reserved.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/capacity-management.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Empty, IntoKey, Key, Operation, Page, Resource, Result, Scope, Timestamp};

use crate::errors::argument;
use crate::page;
use crate::tag::{self, Tag};

/// A reservation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reservation {
    name: String,
    target: u32,
    cancelled: bool,
    created: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for Reservation {
    const KIND: &'static str = "athena/capacity-reservation";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// A reservation, as the API shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    name: String,
    status: String,
    target_dpus: u32,
    allocated_dpus: u32,
    creation_time: Timestamp,
}

impl Reservation {
    // UNVERIFIED: the wording.
    async fn find(cx: &mut Cx, name: &str) -> Result<Self> {
        let place = cx.here();
        let found = cx.get::<Self>(place, name).await?;
        found.ok_or_else(|| argument(format!("Capacity reservation {name} does not exist")))
    }

    fn show(&self) -> Shown {
        Shown {
            name: self.name.clone(),
            status: if self.cancelled { "CANCELLED" } else { "ACTIVE" }.into(),
            target_dpus: self.target,
            allocated_dpus: if self.cancelled { 0 } else { self.target },
            creation_time: self.created,
        }
    }
}

async fn access(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
    let (here, partition) = (cx.here(), cx.region().partition());
    let resource = format!("capacity-reservation/{name}");
    let arn = Arn::from_parts(partition, "athena", Some(here.region), Some(here.account), &resource);
    let found = cx.get::<Reservation>(here, name).await?;
    let access = Access::to(action).on(arn);
    Ok(match &found {
        Some(reservation) => access.resource_tags(&reservation.tags),
        None => access,
    })
}

/// Reserves capacity.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateCapacityReservation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateCapacityReservation {
    name: String,
    target_dpus: u32,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateCapacityReservation {
    const NAME: &'static str = "CreateCapacityReservation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access(cx, "athena:CreateCapacityReservation", &self.name).await?;
        Ok(access.request_tags(&tag::map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = cx.here();
        if cx.exists::<Reservation>(place, &self.name).await? {
            // UNVERIFIED: the wording.
            return Err(argument(format!("Capacity reservation {} already exists", self.name)));
        }
        let reservation = Reservation {
            name: self.name.clone(),
            target: self.target_dpus,
            cancelled: false,
            created: cx.now(),
            tags: tag::map(&self.tags)?,
        };
        cx.put(place, &reservation).await?;
        Ok(Empty {})
    }
}

/// Tells of a reservation.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetCapacityReservation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCapacityReservation {
    name: String,
}

/// The reservation.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCapacityReservationOutput {
    capacity_reservation: Shown,
}

impl Operation for GetCapacityReservation {
    const NAME: &'static str = "GetCapacityReservation";
    type Output = GetCapacityReservationOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetCapacityReservation", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCapacityReservationOutput> {
        Ok(GetCapacityReservationOutput { capacity_reservation: Reservation::find(cx, &self.name).await?.show() })
    }
}

/// Lists reservations.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListCapacityReservations.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCapacityReservations {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCapacityReservationsOutput {
    capacity_reservations: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListCapacityReservations {
    const NAME: &'static str = "ListCapacityReservations";
    type Output = ListCapacityReservationsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("athena:ListCapacityReservations"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListCapacityReservationsOutput> {
        let place = cx.here();
        let all = cx.list::<Reservation>(place, (), Page::ALL).await?;
        let (all, next_token) = page::cut(all, self.max_results, self.next_token.as_deref(), |it| &it.name)?;
        Ok(ListCapacityReservationsOutput {
            capacity_reservations: all.iter().map(Reservation::show).collect(),
            next_token,
        })
    }
}

/// Changes how much is reserved.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateCapacityReservation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateCapacityReservation {
    name: String,
    target_dpus: u32,
}

impl Operation for UpdateCapacityReservation {
    const NAME: &'static str = "UpdateCapacityReservation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:UpdateCapacityReservation", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut reservation = Reservation::find(cx, &self.name).await?;
        if reservation.cancelled {
            // UNVERIFIED: the wording.
            return Err(argument(format!("Capacity reservation {} is cancelled", self.name)));
        }
        reservation.target = self.target_dpus;
        let place = cx.here();
        cx.put(place, &reservation).await?;
        Ok(Empty {})
    }
}

/// Gives a reservation up. It stays listed, as cancelled.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_CancelCapacityReservation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelCapacityReservation {
    name: String,
}

impl Operation for CancelCapacityReservation {
    const NAME: &'static str = "CancelCapacityReservation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:CancelCapacityReservation", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut reservation = Reservation::find(cx, &self.name).await?;
        reservation.cancelled = true;
        let place = cx.here();
        cx.put(place, &reservation).await?;
        Ok(Empty {})
    }
}

/// Forgets a reservation that was cancelled.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteCapacityReservation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteCapacityReservation {
    name: String,
}

impl Operation for DeleteCapacityReservation {
    const NAME: &'static str = "DeleteCapacityReservation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:DeleteCapacityReservation", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let reservation = Reservation::find(cx, &self.name).await?;
        if !reservation.cancelled {
            // The reference: "A reservation must be cancelled before it can be deleted." UNVERIFIED: the wording.
            return Err(argument(format!("Capacity reservation {} must be cancelled first", self.name)));
        }
        let place = cx.here();
        cx.delete::<Reservation>(place, &self.name).await?;
        Ok(Empty {})
    }
}
