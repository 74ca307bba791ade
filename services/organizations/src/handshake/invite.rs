//! Inviting an account.

use std::time::Duration;

use serde::Deserialize;
use welkin_kernel::{Access, AccountId, Cx, Operation, Page, Result};

use super::{Action, Handshake, HandshakeResponse, Party, PartyType, Recipient, invitations, respond, sent};
use crate::account::{Account, MOST};
use crate::errors::{DuplicateHandshakeException, handshake_constraint, invalid};
use crate::handshake::features;
use crate::organization::{self, Organization};
use crate::tag::{self, Tag};

/// How long an account has to answer.
const LASTS: Duration = Duration::from_secs(15 * 24 * 3600);

/// Asks an account to join the organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteAccountToOrganization.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InviteAccountToOrganization {
    target: Party,
    notes: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl InviteAccountToOrganization {
    fn recipient(&self) -> Result<Recipient> {
        match self.target.kind {
            PartyType::Account => self.target.id.parse().map(Recipient::Account).map_err(|_| {
                invalid("INVALID_PATTERN_TARGET_ID", "You specified a target ID that doesn't match the pattern.")
            }),
            PartyType::Email if is_address(&self.target.id) => Ok(Recipient::Email(self.target.id.clone())),
            PartyType::Email => {
                Err(invalid("INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the target."))
            }
            PartyType::Organization => {
                Err(invalid("INVALID_PARTY_TYPE_TARGET", "You specified the wrong type of entity as a target."))
            }
        }
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace))
}

/// The account that is meant, as far as that is known.
async fn target(cx: &mut Cx, recipient: &Recipient) -> Result<Option<AccountId>> {
    match recipient {
        Recipient::Account(account) => Ok(Some(*account)),
        Recipient::Email(address) => cx.account_of_address(address).await,
        Recipient::Organization => Ok(None),
    }
}

async fn hold(cx: &mut Cx, organization: &Organization, recipient: &Recipient) -> Result<()> {
    if features::pending(cx, organization).await?.is_some() {
        let message = "You can't invite accounts while the organization is enabling all features.";
        return Err(handshake_constraint("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", message));
    }
    if let Some(account) = target(cx, recipient).await?
        && cx.exists::<Account>(organization.place(), account).await?
    {
        let message = "The invited account is already a member of the organization.";
        return Err(handshake_constraint("ALREADY_IN_AN_ORGANIZATION", message));
    }
    let open = |one: &Handshake| one.action == Action::Invite && one.state.is_pending() && one.recipient == *recipient;
    if sent(cx, organization).await?.iter().any(open) {
        return Err(DuplicateHandshakeException.into());
    }
    let members = cx.list::<Account>(organization.place(), (), Page::of(MOST, None)).await?.len();
    if members + invitations(cx, organization).await? >= MOST {
        let message = "You attempted to exceed the limit on the number of accounts in an organization.";
        return Err(handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", message));
    }
    Ok(())
}

/// Writes to the owner of the account that is invited.
async fn write(cx: &mut Cx, organization: &Organization, handshake: &Handshake) -> Result<()> {
    let to = match &handshake.recipient {
        Recipient::Account(account) => cx.account_profile(*account).await?.email,
        Recipient::Email(address) => address.clone(),
        Recipient::Organization => return Ok(()),
    };
    let sender = cx.account_profile(organization.management).await?;
    let notes = handshake.notes.as_deref().unwrap_or_default();
    let text = format!(
        "{} ({}) invites your AWS account to join the organization {}. Handshake: {}. {notes}",
        sender.name, sender.email, organization.id, handshake.id
    );
    cx.send_message(to, "Your AWS account is invited to join an organization", text).await
}

impl Operation for InviteAccountToOrganization {
    const NAME: &'static str = "InviteAccountToOrganization";
    type Output = HandshakeResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:InviteAccountToOrganization";
        let tags = tag::read(self.tags.as_ref())?;
        let access = match self.recipient()? {
            Recipient::Account(account) => organization::demand(cx, ACTION, |org| org.arn("account", account)).await?,
            Recipient::Email(_) | Recipient::Organization => Access::to(ACTION),
        };
        Ok(access.request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<HandshakeResponse> {
        let organization = organization::managed(cx).await?;
        let recipient = self.recipient()?;
        hold(cx, &organization, &recipient).await?;
        let mut handshake = Handshake::new(cx, &organization, Action::Invite, recipient, LASTS);
        handshake.notes = self.notes.clone().filter(|notes| !notes.is_empty());
        handshake.tags = tag::read(self.tags.as_ref())?;
        handshake.keep(cx).await?;
        write(cx, &organization, &handshake).await?;
        respond(cx, &handshake).await
    }
}
