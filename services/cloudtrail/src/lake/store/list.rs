//! `ListEventDataStores`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::EventDataStore;
use crate::page;

/// Lists the event data stores of the account in the Region.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEventDataStores {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEventDataStoresResponse {
    event_data_stores: Vec<Listed>,
    next_token: Option<String>,
}

/// A store in a list: the other members of the model are "no longer returned by ListEventDataStores".
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    event_data_store_arn: String,
    name: String,
}

impl Operation for ListEventDataStores {
    const NAME: &'static str = "ListEventDataStores";
    type Output = ListEventDataStoresResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:ListEventDataStores"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListEventDataStoresResponse> {
        let account = cx.account();
        let (stores, next_token) =
            page::cut(EventDataStore::all(cx).await?, self.max_results, self.next_token.as_deref(), |it| &it.id)?;
        let listed =
            |store: EventDataStore| Listed { event_data_store_arn: store.arn(account).into(), name: store.name };
        Ok(ListEventDataStoresResponse { event_data_stores: stores.into_iter().map(listed).collect(), next_token })
    }
}
