//! The accounts of an organization.

mod close;
mod create;
mod leave;
mod list;
mod r#move;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, AccountProfile, Arn, Cx, IntoKey, Key, Resource, Result, Scope, Timestamp};

use crate::errors::AccountNotFoundException;
use crate::organization::Organization;
use crate::tree;

pub(crate) use close::{CloseAccount, CloseAccountJob};
pub(crate) use create::{CreateAccount, CreateAccountJob, DescribeCreateAccountStatus, ListCreateAccountStatus};
pub(crate) use leave::{LeaveOrganization, RemoveAccountFromOrganization, hold_may_leave, leave};
pub(crate) use list::{Accounts, DescribeAccount, ListAccounts, ListAccountsForParent};
pub(crate) use r#move::MoveAccount;

/// Accounts of an organization at most.
///
/// AWS begins with 10 and raises that on request:
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.
pub(crate) const MOST: usize = 10_000;

/// An account of an organization, kept in the management account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    /// Of rows written before accounts had profiles.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    pub(crate) joined: Joined,
    pub(crate) joined_at: Timestamp,
    /// Id of the root or OU it is directly under.
    pub(crate) parent: String,
    /// When closing it was asked for, and how far that is.
    #[serde(default)]
    pub(crate) closing: Option<Closing>,
}

/// How far the closing of an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Closing {
    pub(crate) asked: Timestamp,
    pub(crate) closed: Option<Timestamp>,
}

/// How an account came into the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Joined {
    #[serde(rename = "INVITED")]
    Invited,
    #[serde(rename = "CREATED")]
    Created,
}

impl Resource for Account {
    const KIND: &'static str = "organizations/account";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["parent"];

    fn key(&self) -> Key {
        self.id.into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("parent", (&self.parent).into_key())]
    }
}

impl Account {
    /// An account that joins the root of an organization.
    pub(crate) fn new(organization: &Organization, id: AccountId, joined: Joined, at: Timestamp) -> Self {
        let parent = organization.root.clone();
        Self { id, name: None, email: None, joined, joined_at: at, parent, closing: None }
    }

    /// The member with this id, which must be one.
    pub(crate) async fn named(cx: &mut Cx, organization: &Organization, id: AccountId) -> Result<Self> {
        cx.get::<Self>(organization.place(), id).await?.ok_or_else(|| AccountNotFoundException.into())
    }

    /// Its name and address.
    pub(crate) async fn profile(&self, cx: &mut Cx) -> Result<AccountProfile> {
        let mut profile = cx.account_profile(self.id).await?;
        if let (None, Some(name), Some(email)) = (profile.created, &self.name, &self.email) {
            profile.name.clone_from(name);
            profile.email.clone_from(email);
        }
        Ok(profile)
    }

    pub(crate) fn status(&self) -> Status {
        match self.closing {
            None => Status::Active,
            Some(Closing { closed: None, .. }) => Status::PendingClosure,
            Some(Closing { closed: Some(_), .. }) => Status::Suspended,
        }
    }

    pub(crate) fn state(&self) -> State {
        match self.status() {
            Status::Active => State::Active,
            Status::PendingClosure => State::PendingClosure,
            Status::Suspended => State::Closed,
        }
    }
}

/// What AWS calls the status of an account: of one that is closed, that it is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    #[serde(rename = "ACTIVE")]
    Active,
    #[serde(rename = "SUSPENDED")]
    Suspended,
    #[serde(rename = "PENDING_CLOSURE")]
    PendingClosure,
}

/// What AWS calls the state of an account, which is to replace its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    #[serde(rename = "ACTIVE")]
    Active,
    #[serde(rename = "PENDING_CLOSURE")]
    PendingClosure,
    #[serde(rename = "CLOSED")]
    Closed,
}

/// An account in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountView {
    id: AccountId,
    arn: Arn,
    email: String,
    name: String,
    status: Status,
    state: State,
    paths: Vec<String>,
    joined_method: Joined,
    joined_timestamp: Timestamp,
}

impl AccountView {
    async fn of(cx: &mut Cx, organization: &Organization, account: Account) -> Result<Self> {
        let line = tree::line(cx, organization, &account.id.to_string()).await?;
        let profile = account.profile(cx).await?;
        Ok(Self {
            id: account.id,
            arn: organization.arn("account", account.id),
            email: profile.email,
            name: profile.name,
            status: account.status(),
            state: account.state(),
            paths: vec![tree::path(organization, &line)],
            joined_method: account.joined,
            joined_timestamp: account.joined_at,
        })
    }
}
