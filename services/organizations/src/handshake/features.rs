//! From an organization for consolidated billing to one with all features:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html>.

use std::time::Duration;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::{Action, Handshake, HandshakeResponse, Recipient, State, anywhere, respond, sent};
use crate::account::{Account, Joined, Status};
use crate::errors::handshake_constraint;
use crate::organization::{self, FeatureSet, Organization};
use crate::{membership, service_role};

/// How long the accounts have to agree.
const LASTS: Duration = Duration::from_secs(90 * 24 * 3600);

/// The change of features that is under way.
pub(super) async fn pending(cx: &mut Cx, organization: &Organization) -> Result<Option<Handshake>> {
    let sent = sent(cx, organization).await?;
    Ok(sent.into_iter().find(|one| one.action == Action::EnableAllFeatures && one.state.is_pending()))
}

/// An account has answered, or needs to answer no more: when all have agreed, the management account can finish.
pub(super) async fn answered(cx: &mut Cx, organization: &Organization, child: &Handshake) -> Result<()> {
    let (Some(parent), place) = (&child.parent, anywhere(cx)) else { return Ok(()) };
    let children = cx.find::<Handshake>(place, "parent", parent, 0).await?;
    let agreed = |one: &Handshake| matches!(one.state, State::Accepted | State::Canceled);
    let Some(mut parent) = pending(cx, organization).await? else { return Ok(()) };
    if children.iter().all(agreed) {
        parent.state = State::Open;
        parent.keep(cx).await?;
    }
    Ok(())
}

/// Nobody needs to answer any more.
pub(super) async fn cancel_children(cx: &mut Cx, parent: &Handshake) -> Result<()> {
    let place = anywhere(cx);
    for mut child in cx.find::<Handshake>(place, "parent", &parent.id, 0).await? {
        if child.state.is_pending() {
            child.end(cx, State::Canceled).await?;
        }
    }
    Ok(())
}

/// The management account finishes the change. Accounts that were invited got the role when they agreed.
pub(super) async fn finish(cx: &mut Cx, organization: &mut Organization) -> Result<()> {
    service_role::make(cx, organization.management).await?;
    for account in cx.list::<Account>(organization.place(), (), Page::ALL).await? {
        if account.joined == Joined::Created && account.status() == Status::Active {
            service_role::make_as_root(cx, account.id).await?;
        }
    }
    organization.features = FeatureSet::All;
    cx.put(organization.place(), organization).await?;
    membership::changed(cx, organization).await
}

/// Asks all invited accounts to agree that the organization gets all features.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAllFeatures.html>
#[derive(Debug, Deserialize)]
pub(crate) struct EnableAllFeatures {}

impl Operation for EnableAllFeatures {
    const NAME: &'static str = "EnableAllFeatures";
    type Output = HandshakeResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:EnableAllFeatures"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<HandshakeResponse> {
        let organization = organization::managed(cx).await?;
        if organization.features == FeatureSet::All {
            let message = "The organization has already enabled all features.";
            return Err(handshake_constraint("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", message));
        }
        if pending(cx, &organization).await?.is_some() {
            let message = "The organization has already started the process to enable all features.";
            return Err(handshake_constraint("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", message));
        }
        let mut parent = Handshake::new(cx, &organization, Action::EnableAllFeatures, Recipient::Organization, LASTS);
        // Accounts that the organization itself made agree by that.
        let mut accounts = cx.list::<Account>(organization.place(), (), Page::ALL).await?;
        accounts.retain(|account| account.joined == Joined::Invited && account.id != organization.management);
        accounts.retain(|account| account.status() == Status::Active);
        for account in &accounts {
            let recipient = Recipient::Account(account.id);
            let mut child = Handshake::new(cx, &organization, Action::ApproveAllFeatures, recipient, LASTS);
            child.parent = Some(parent.id.clone());
            child.keep(cx).await?;
        }
        if accounts.is_empty() {
            parent.state = State::Open;
        }
        parent.keep(cx).await?;
        respond(cx, &parent).await
    }
}
