//! The accounts of an organization.

mod create;
mod list;
mod r#move;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Arn, Cx, IntoKey, Key, Resource, Result, Scope, Timestamp};

use crate::organization::Organization;
use crate::tree;

pub(crate) use create::{CreateAccount, CreateAccountJob, DescribeCreateAccountStatus, ListCreateAccountStatus};
pub(crate) use list::{DescribeAccount, ListAccounts, ListAccountsForParent};
pub(crate) use r#move::MoveAccount;

/// An account of an organization, kept in the management account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) joined: Joined,
    pub(crate) joined_at: Timestamp,
    /// Id of the root or OU it is directly under.
    pub(crate) parent: String,
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

/// An address that an account has: no two accounts of anybody have the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Email {
    address: String,
    account: AccountId,
}

impl Resource for Email {
    const KIND: &'static str = "organizations/email";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        Self::key_of(&self.address)
    }
}

impl Email {
    pub(crate) fn of(account: &Account) -> Self {
        Self { address: account.email.clone(), account: account.id }
    }

    /// Addresses are told apart without regard to case.
    pub(crate) fn key_of(address: &str) -> Key {
        address.to_lowercase().into_key()
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum State {
    #[serde(rename = "ACTIVE")]
    Active,
}

/// An account in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountView {
    id: AccountId,
    arn: Arn,
    email: String,
    name: String,
    status: State,
    state: State,
    paths: Vec<String>,
    joined_method: Joined,
    joined_timestamp: Timestamp,
}

impl AccountView {
    async fn of(cx: &mut Cx, organization: &Organization, account: Account) -> Result<Self> {
        let line = tree::line(cx, organization, &account.id.to_string()).await?;
        Ok(Self {
            id: account.id,
            arn: organization.arn("account", account.id),
            email: account.email,
            name: account.name,
            status: State::Active,
            state: State::Active,
            paths: vec![tree::path(organization, &line)],
            joined_method: account.joined,
            joined_timestamp: account.joined_at,
        })
    }
}
