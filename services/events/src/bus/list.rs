//! Finding buses.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{Bus, BusAddress, DEFAULT};
use crate::page::Wanted;

/// Lists the buses of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEventBuses {
    #[serde(default)]
    name_prefix: String,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEventBusesResponse {
    event_buses: Vec<ListedBus>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedBus {
    name: String,
    arn: String,
    description: Option<String>,
    policy: Option<String>,
    creation_time: Option<Timestamp>,
    last_modified_time: Option<Timestamp>,
}

impl Operation for ListEventBuses {
    const NAME: &'static str = "ListEventBuses";
    type Output = ListEventBusesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:ListEventBuses"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListEventBusesResponse> {
        let here = cx.here();
        let mut buses = cx.list::<Bus>(here, (), Page::ALL).await?;
        if !buses.iter().any(|bus| bus.name == DEFAULT) {
            buses.push(Bus { name: DEFAULT.to_owned(), ..Bus::default() });
            buses.sort_by(|a, b| a.name.cmp(&b.name));
        }
        buses.retain(|bus| bus.name.starts_with(&self.name_prefix));
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (page, next_token) = wanted.cut(buses, |bus| &bus.name);
        let event_buses = page.into_iter().map(|bus| ListedBus {
            arn: BusAddress { place: here, name: bus.name.clone() }.arn().into(),
            name: bus.name,
            description: bus.description,
            policy: bus.policy,
            creation_time: bus.created,
            last_modified_time: bus.modified,
        });
        Ok(ListEventBusesResponse { event_buses: event_buses.collect(), next_token })
    }
}
