//! Reading handshakes.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Action, Handshake, HandshakeResponse, HandshakeView, anywhere, demand, of_party, respond, sent};
use crate::organization;
use crate::page::page;

/// Shows a handshake to its parties.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeHandshake.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeHandshake {
    handshake_id: String,
}

impl Operation for DescribeHandshake {
    const NAME: &'static str = "DescribeHandshake";
    type Output = HandshakeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:DescribeHandshake", &self.handshake_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<HandshakeResponse> {
        let handshake = of_party(cx, &self.handshake_id).await?;
        respond(cx, &handshake).await
    }
}

/// Which handshakes are wanted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    action_type: Option<String>,
    parent_handshake_id: Option<String>,
}

impl Filter {
    /// The children of a handshake are found by their parent's type, with its id.
    fn takes(&self, handshake: &Handshake) -> bool {
        let of_type = |kind: &str| {
            let child = self.parent_handshake_id.is_some() && handshake.action == Action::ApproveAllFeatures;
            kind.eq_ignore_ascii_case(handshake.action.name()) || (child && kind == "ENABLE_ALL_FEATURES")
        };
        self.action_type.as_deref().is_none_or(of_type)
            && (self.parent_handshake_id.is_none() || self.parent_handshake_id == handshake.parent)
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Handshakes {
    handshakes: Vec<HandshakeView>,
    next_token: Option<String>,
}

impl Handshakes {
    async fn of(
        cx: &mut Cx,
        mut handshakes: Vec<Handshake>,
        filter: Option<&Filter>,
        token: Option<&String>,
        most: Option<u32>,
    ) -> Result<Self> {
        handshakes.retain(|handshake| filter.is_none_or(|filter| filter.takes(handshake)));
        let order = |one: &Handshake| format!("{:020} {}", one.requested.micros(), one.id);
        let (page, next_token) = page(handshakes, token, most, order)?;
        let mut handshakes = Vec::with_capacity(page.len());
        for handshake in &page {
            handshakes.push(HandshakeView::of(cx, handshake).await?);
        }
        Ok(Self { handshakes, next_token })
    }
}

/// Lists the handshakes that ask the caller's account.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForAccount.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListHandshakesForAccount {
    filter: Option<Filter>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

impl Operation for ListHandshakesForAccount {
    const NAME: &'static str = "ListHandshakesForAccount";
    type Output = Handshakes;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:ListHandshakesForAccount"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Handshakes> {
        let (place, account) = (anywhere(cx), cx.account());
        let address = cx.account_profile(account).await?.email.to_lowercase();
        let mut handshakes = cx.find::<Handshake>(place, "recipient", account.to_string(), 0).await?;
        handshakes.extend(cx.find::<Handshake>(place, "recipient", address, 0).await?);
        Handshakes::of(cx, handshakes, self.filter.as_ref(), self.next_token.as_ref(), self.max_results).await
    }
}

/// Lists the handshakes that the organization has sent.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForOrganization.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListHandshakesForOrganization {
    filter: Option<Filter>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

impl Operation for ListHandshakesForOrganization {
    const NAME: &'static str = "ListHandshakesForOrganization";
    type Output = Handshakes;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:ListHandshakesForOrganization").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Handshakes> {
        let organization = organization::readable(cx).await?;
        let handshakes = sent(cx, &organization).await?;
        Handshakes::of(cx, handshakes, self.filter.as_ref(), self.next_token.as_ref(), self.max_results).await
    }
}
