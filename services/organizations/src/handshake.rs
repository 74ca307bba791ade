//! Handshakes: agreements between accounts.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html>
//!
//! A handshake is kept for everyone: its parties are in different accounts. One that changes the features of
//! an organization has children, one for each account that has to agree.

mod answer;
mod features;
mod invite;
mod list;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, Cx, IntoKey, Job, Key, Place, Region, Resource, Result, Schedule, Scope, Timestamp,
};

use crate::account::Account;
use crate::errors::HandshakeNotFoundException;
use crate::organization::{FeatureSet, Organization, random_id};
use crate::tag::Tags;

pub(crate) use answer::{AcceptHandshake, CancelHandshake, DeclineHandshake};
pub(crate) use features::EnableAllFeatures;
pub(crate) use invite::InviteAccountToOrganization;
pub(crate) use list::{DescribeHandshake, ListHandshakesForAccount, ListHandshakesForOrganization};

/// How long a handshake is shown after it came to its end.
const SHOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// A handshake.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Handshake {
    id: String,
    /// Id of the organization that sent it.
    organization: String,
    /// Its management account.
    sender: AccountId,
    recipient: Recipient,
    action: Action,
    state: State,
    requested: Timestamp,
    expires: Timestamp,
    notes: Option<String>,
    /// The handshake that waits for this one.
    parent: Option<String>,
    /// Tags that the account gets when it joins.
    tags: Tags,
}

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Recipient {
    Account(AccountId),
    /// The account with this address, whichever that is by then.
    Email(String),
    /// The organization's own management account.
    Organization,
}

/// What is agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Action {
    #[serde(rename = "INVITE")]
    Invite,
    #[serde(rename = "ENABLE_ALL_FEATURES")]
    EnableAllFeatures,
    #[serde(rename = "APPROVE_ALL_FEATURES")]
    ApproveAllFeatures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    #[serde(rename = "REQUESTED")]
    Requested,
    #[serde(rename = "OPEN")]
    Open,
    #[serde(rename = "CANCELED")]
    Canceled,
    #[serde(rename = "ACCEPTED")]
    Accepted,
    #[serde(rename = "DECLINED")]
    Declined,
    #[serde(rename = "EXPIRED")]
    Expired,
}

impl Resource for Handshake {
    const KIND: &'static str = "organizations/handshake";
    const SCOPE: Scope = Scope::Global;
    const INDEXES: &'static [&'static str] = &["sender", "recipient", "parent"];

    fn key(&self) -> Key {
        (&self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        let mut indexes = vec![("sender", self.sender.into_key())];
        match &self.recipient {
            Recipient::Account(account) => indexes.push(("recipient", account.to_string().into_key())),
            Recipient::Email(address) => indexes.push(("recipient", address.to_lowercase().into_key())),
            Recipient::Organization => {}
        }
        indexes.extend(self.parent.as_ref().map(|parent| ("parent", parent.into_key())));
        indexes
    }
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::EnableAllFeatures => "enable_all_features",
            Self::ApproveAllFeatures => "approve_all_features",
        }
    }
}

impl State {
    fn is_pending(self) -> bool {
        matches!(self, Self::Requested | Self::Open)
    }
}

/// Handshakes are for everyone: any place will do.
fn anywhere(cx: &Cx) -> Place {
    Place::new(cx.account(), Region::US_EAST_1)
}

impl Handshake {
    fn new(cx: &Cx, organization: &Organization, action: Action, recipient: Recipient, lasts: Duration) -> Self {
        Self {
            id: random_id(cx, "h-", 16),
            organization: organization.id.clone(),
            sender: organization.management,
            recipient,
            action,
            state: State::Requested,
            requested: cx.now(),
            expires: cx.after(lasts),
            notes: None,
            parent: None,
            tags: Tags::new(),
        }
    }

    fn arn(&self) -> Arn {
        let place = Place::new(self.sender, Region::US_EAST_1);
        let resource = format_args!("handshake/{}/{}/{}", self.organization, self.action.name(), self.id);
        place.global_arn("organizations", resource)
    }

    /// Stores it, with the job of its next end: its expiry, then its removal.
    async fn keep(&self, cx: &mut Cx) -> Result<()> {
        let place = anywhere(cx);
        cx.put(place, self).await?;
        let at = if self.state.is_pending() { self.expires } else { cx.after(SHOWN) };
        let schedule = Schedule::at(at).id(format!("organizations/handshake/{}", self.id));
        let home = Place::new(self.sender, Region::US_EAST_1);
        cx.enqueue_at(home, &HandshakeJob { handshake: self.id.clone() }, schedule).await.map(|_| ())
    }

    /// Brings it to its end.
    async fn end(&mut self, cx: &mut Cx, state: State) -> Result<()> {
        self.state = state;
        self.keep(cx).await
    }

    /// Whether the caller's account is the one that is asked.
    async fn is_for(&self, cx: &mut Cx, account: AccountId) -> Result<bool> {
        Ok(match &self.recipient {
            Recipient::Account(recipient) => *recipient == account,
            Recipient::Organization => self.sender == account,
            Recipient::Email(address) => {
                cx.account_profile(account).await?.email.to_lowercase() == address.to_lowercase()
            }
        })
    }
}

/// The handshake with this id, of which the caller's account must be a party.
async fn of_party(cx: &mut Cx, id: &str) -> Result<Handshake> {
    let place = anywhere(cx);
    let handshake = cx.get::<Handshake>(place, id).await?.ok_or(HandshakeNotFoundException)?;
    let caller = cx.account();
    // UNVERIFIED: strangers are told that there is no such handshake.
    if handshake.sender == caller || handshake.is_for(cx, caller).await? {
        return Ok(handshake);
    }
    Err(HandshakeNotFoundException.into())
}

/// Demands an action on a handshake. Each party decides by itself who acts for it.
async fn demand(cx: &mut Cx, action: &'static str, id: &str) -> Result<Access> {
    let place = anywhere(cx);
    let access = Access::to(action);
    Ok(match cx.get::<Handshake>(place, id).await? {
        Some(handshake) => access.on(handshake.arn()).owned_by(cx.account()),
        None => access,
    })
}

/// Handshakes that an organization has sent.
async fn sent(cx: &mut Cx, organization: &Organization) -> Result<Vec<Handshake>> {
    let place = anywhere(cx);
    let mut handshakes = cx.find::<Handshake>(place, "sender", organization.management, 0).await?;
    handshakes.retain(|handshake| handshake.organization == organization.id);
    Ok(handshakes)
}

/// Invitations of an organization that nobody has answered.
pub(crate) async fn invitations(cx: &mut Cx, organization: &Organization) -> Result<usize> {
    let sent = sent(cx, organization).await?;
    Ok(sent.iter().filter(|one| one.action == Action::Invite && one.state.is_pending()).count())
}

/// Ends what an account that has left was asked.
pub(crate) async fn member_left(cx: &mut Cx, organization: &Organization, account: AccountId) -> Result<()> {
    for mut handshake in sent(cx, organization).await? {
        let asked = handshake.recipient == Recipient::Account(account);
        if asked && handshake.action == Action::ApproveAllFeatures && handshake.state.is_pending() {
            handshake.end(cx, State::Canceled).await?;
            features::answered(cx, organization, &handshake).await?;
        }
    }
    Ok(())
}

/// Ends all that an organization that ends has asked.
pub(crate) async fn organization_ends(cx: &mut Cx, organization: &Organization) -> Result<()> {
    for mut handshake in sent(cx, organization).await? {
        if handshake.state.is_pending() {
            handshake.end(cx, State::Canceled).await?;
        }
    }
    Ok(())
}

/// Lets a handshake expire that nobody has answered, and removes one that has come to its end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandshakeJob {
    handshake: String,
}

impl Job for HandshakeJob {
    const NAME: &'static str = "organizations/handshake";
    const PRINCIPAL: &'static str = "organizations.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = anywhere(cx);
        let Some(mut handshake) = cx.get::<Handshake>(place, &self.handshake).await? else { return Ok(()) };
        if handshake.state.is_pending() {
            return handshake.end(cx, State::Expired).await;
        }
        cx.delete::<Handshake>(place, &self.handshake).await.map(|_| ())
    }
}

/// A handshake in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HandshakeResponse {
    handshake: HandshakeView,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HandshakeView {
    id: String,
    arn: Arn,
    parties: Vec<Party>,
    state: State,
    requested_timestamp: Timestamp,
    expiration_timestamp: Timestamp,
    action: Action,
    resources: Vec<Detail>,
}

/// Who takes part, on the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Party {
    id: String,
    #[serde(rename = "Type")]
    kind: PartyType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum PartyType {
    #[serde(rename = "ACCOUNT")]
    Account,
    #[serde(rename = "ORGANIZATION")]
    Organization,
    #[serde(rename = "EMAIL")]
    Email,
}

/// What a handshake is about, on the wire.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    value: String,
    #[serde(rename = "Type")]
    kind: String,
    resources: Option<Vec<Detail>>,
}

impl Detail {
    fn new(kind: &str, value: impl Into<String>) -> Self {
        Self { value: value.into(), kind: kind.to_owned(), resources: None }
    }
}

impl HandshakeView {
    async fn of(cx: &mut Cx, handshake: &Handshake) -> Result<Self> {
        let sender = Party { id: handshake.organization.clone(), kind: PartyType::Organization };
        let mut parties = vec![sender];
        let mut resources = vec![organization_detail(cx, handshake).await?];
        match &handshake.recipient {
            Recipient::Account(account) => {
                parties.push(Party { id: account.to_string(), kind: PartyType::Account });
                resources.push(Detail::new("ACCOUNT", account.to_string()));
            }
            Recipient::Email(address) => {
                parties.push(Party { id: address.clone(), kind: PartyType::Email });
                resources.push(Detail::new("EMAIL", address));
            }
            Recipient::Organization => {}
        }
        resources.extend(handshake.notes.as_ref().map(|notes| Detail::new("NOTES", notes)));
        resources.extend(handshake.parent.as_ref().map(|parent| Detail::new("PARENT_HANDSHAKE", parent)));
        Ok(Self {
            id: handshake.id.clone(),
            arn: handshake.arn(),
            parties,
            state: handshake.state,
            requested_timestamp: handshake.requested,
            expiration_timestamp: handshake.expires,
            action: handshake.action,
            resources,
        })
    }
}

/// The organization that sends, with its management account.
async fn organization_detail(cx: &mut Cx, handshake: &Handshake) -> Result<Detail> {
    let mut detail = Detail::new("ORGANIZATION", &handshake.organization);
    let place = Place::new(handshake.sender, Region::US_EAST_1);
    let mut more = Vec::new();
    if let Some(account) = cx.get::<Account>(place, handshake.sender).await? {
        let profile = account.profile(cx).await?;
        more.push(Detail::new("MASTER_EMAIL", profile.email));
        more.push(Detail::new("MASTER_NAME", profile.name));
    }
    if let Some(organization) = cx.get::<Organization>(place, ()).await? {
        let features = match organization.features {
            FeatureSet::All => "ALL",
            FeatureSet::ConsolidatedBilling => "CONSOLIDATED_BILLING",
        };
        more.push(Detail::new("ORGANIZATION_FEATURE_SET", features));
    }
    detail.resources = Some(more);
    Ok(detail)
}

async fn respond(cx: &mut Cx, handshake: &Handshake) -> Result<HandshakeResponse> {
    Ok(HandshakeResponse { handshake: HandshakeView::of(cx, handshake).await? })
}
