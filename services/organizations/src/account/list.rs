//! Reading accounts.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Page, Result};

use super::{Account, AccountView};
use crate::errors::ParentNotFoundException;
use crate::organization::{self, Organization};
use crate::page::page;
use crate::tree;

/// Tells of an account of the organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAccount {
    account_id: AccountId,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAccountResponse {
    account: AccountView,
}

impl Operation for DescribeAccount {
    const NAME: &'static str = "DescribeAccount";
    type Output = DescribeAccountResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let account = |org: &Organization| org.arn("account", self.account_id);
        organization::delegable_on(cx, "organizations:DescribeAccount", account).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeAccountResponse> {
        let organization = organization::readable(cx).await?;
        let account = Account::named(cx, &organization, self.account_id).await?;
        Ok(DescribeAccountResponse { account: AccountView::of(cx, &organization, account).await? })
    }
}

/// Accounts in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Accounts {
    pub(crate) accounts: Vec<AccountView>,
    pub(crate) next_token: Option<String>,
}

impl Accounts {
    pub(crate) async fn of(
        cx: &mut Cx,
        organization: &Organization,
        accounts: Vec<Account>,
        token: Option<&String>,
        most: Option<u32>,
    ) -> Result<Self> {
        let (page, next_token) = page(accounts, token, most, |account| account.id.to_string())?;
        let mut accounts = Vec::with_capacity(page.len());
        for account in page {
            accounts.push(AccountView::of(cx, organization, account).await?);
        }
        Ok(Self { accounts, next_token })
    }
}

/// Lists the accounts of the organization.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccounts {
    next_token: Option<String>,
    max_results: Option<u32>,
}

impl Operation for ListAccounts {
    const NAME: &'static str = "ListAccounts";
    type Output = Accounts;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:ListAccounts").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Accounts> {
        let organization = organization::readable(cx).await?;
        let accounts = cx.list::<Account>(organization.place(), (), Page::ALL).await?;
        Accounts::of(cx, &organization, accounts, self.next_token.as_ref(), self.max_results).await
    }
}

/// Lists the accounts directly under a root or OU.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccountsForParent {
    parent_id: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

impl Operation for ListAccountsForParent {
    const NAME: &'static str = "ListAccountsForParent";
    type Output = Accounts;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let parent = |org: &Organization| tree::arn(org, &self.parent_id);
        organization::delegable_on(cx, "organizations:ListAccountsForParent", parent).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Accounts> {
        let organization = organization::readable(cx).await?;
        if !tree::is_parent(cx, &organization, &self.parent_id).await? {
            return Err(ParentNotFoundException.into());
        }
        let accounts = tree::accounts(cx, &organization, &self.parent_id).await?;
        Accounts::of(cx, &organization, accounts, self.next_token.as_ref(), self.max_results).await
    }
}
