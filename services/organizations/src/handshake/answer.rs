//! What parties say to a handshake.

use serde::Deserialize;
use welkin_kernel::{Access, AccountId, Cx, Operation, Page, Place, Region, Result};

use super::{Action, Handshake, HandshakeResponse, State, demand, features, of_party, respond};
use crate::account::{self, Account, Joined, MOST, Status};
use crate::errors::{
    AccessDeniedException, HandshakeAlreadyInStateException, HandshakeNotFoundException,
    InvalidHandshakeTransitionException, handshake_constraint,
};
use crate::event::{self, Departure};
use crate::organization::{self, Organization};
use crate::{membership, service_role, tag};

/// Holds that a handshake can go to `to`.
fn hold_pending(handshake: &Handshake, to: State) -> Result<()> {
    match handshake.state {
        state if state.is_pending() => Ok(()),
        state if state == to => Err(HandshakeAlreadyInStateException.into()),
        _ => Err(InvalidHandshakeTransitionException.into()),
    }
}

/// The organization that sent a handshake.
async fn organization_of(cx: &mut Cx, handshake: &Handshake) -> Result<Organization> {
    let place = Place::new(handshake.sender, Region::US_EAST_1);
    let organization = cx.get::<Organization>(place, ()).await?;
    organization.filter(|one| one.id == handshake.organization).ok_or_else(|| HandshakeNotFoundException.into())
}

async fn hold_for(cx: &mut Cx, handshake: &Handshake) -> Result<AccountId> {
    let account = cx.account();
    if handshake.is_for(cx, account).await? { Ok(account) } else { Err(AccessDeniedException.into()) }
}

/// Agrees.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_AcceptHandshake.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AcceptHandshake {
    handshake_id: String,
}

impl Operation for AcceptHandshake {
    const NAME: &'static str = "AcceptHandshake";
    type Output = HandshakeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:AcceptHandshake", &self.handshake_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<HandshakeResponse> {
        let mut handshake = of_party(cx, &self.handshake_id).await?;
        let account = hold_for(cx, &handshake).await?;
        hold_pending(&handshake, State::Accepted)?;
        let mut organization = organization_of(cx, &handshake).await?;
        match handshake.action {
            Action::Invite => join(cx, &organization, account, &handshake).await?,
            Action::ApproveAllFeatures => service_role::make(cx, account).await?,
            // Not before all accounts have agreed.
            Action::EnableAllFeatures if handshake.state != State::Open => {
                return Err(InvalidHandshakeTransitionException.into());
            }
            Action::EnableAllFeatures => features::finish(cx, &mut organization).await?,
        }
        handshake.end(cx, State::Accepted).await?;
        features::answered(cx, &organization, &handshake).await?;
        respond(cx, &handshake).await
    }
}

/// Makes an account that was invited a member; it leaves the organization that it is in.
async fn join(cx: &mut Cx, organization: &Organization, account: AccountId, handshake: &Handshake) -> Result<()> {
    let members = cx.list::<Account>(organization.place(), (), Page::of(MOST, None)).await?.len();
    if members >= MOST {
        let message = "The organization has as many accounts as it can have.";
        return Err(handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", message));
    }
    if let Some(before) = organization::of(cx, account).await? {
        if before.id == organization.id {
            let message = "The invited account is already a member of an organization.";
            return Err(handshake_constraint("ALREADY_IN_AN_ORGANIZATION", message));
        }
        let row = Account::named(cx, &before, account).await?;
        account::hold_may_leave(cx, &before, &row).await?;
        debug_assert_eq!(row.status(), Status::Active, "only such accounts may leave");
        account::leave(cx, &before, &row).await?;
        event::departed(cx, &before, account, Departure::Left).await?;
    }
    if organization.features == organization::FeatureSet::All {
        service_role::make(cx, account).await?;
    }
    let row = Account::new(organization, account, Joined::Invited, cx.now());
    membership::join(cx, organization, &row).await?;
    tag::put(cx, organization, &account.to_string(), handshake.tags.clone()).await?;
    if !handshake.tags.is_empty() {
        membership::changed_for(cx, organization, account).await?;
    }
    event::joined(cx, organization, account, Joined::Invited).await
}

/// Refuses.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeclineHandshake.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeclineHandshake {
    handshake_id: String,
}

impl Operation for DeclineHandshake {
    const NAME: &'static str = "DeclineHandshake";
    type Output = HandshakeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:DeclineHandshake", &self.handshake_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<HandshakeResponse> {
        let mut handshake = of_party(cx, &self.handshake_id).await?;
        hold_for(cx, &handshake).await?;
        hold_pending(&handshake, State::Declined)?;
        handshake.end(cx, State::Declined).await?;
        respond(cx, &handshake).await
    }
}

/// Takes back what was asked.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CancelHandshake.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelHandshake {
    handshake_id: String,
}

impl Operation for CancelHandshake {
    const NAME: &'static str = "CancelHandshake";
    type Output = HandshakeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "organizations:CancelHandshake", &self.handshake_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<HandshakeResponse> {
        let mut handshake = of_party(cx, &self.handshake_id).await?;
        if handshake.sender != cx.account() {
            return Err(AccessDeniedException.into());
        }
        hold_pending(&handshake, State::Canceled)?;
        handshake.end(cx, State::Canceled).await?;
        if handshake.action == Action::EnableAllFeatures {
            features::cancel_children(cx, &handshake).await?;
        }
        respond(cx, &handshake).await
    }
}
