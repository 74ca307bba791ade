//! Name, age and state of an account.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result, Timestamp};

use crate::subject::Subject;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum AccountState {
    #[serde(rename = "ACTIVE")]
    Active,
    #[serde(rename = "CLOSED")]
    Closed,
}

/// Shows name, age and state of an account.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetAccountInformation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccountInformation {
    account_id: Option<Subject>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccountInformationResponse {
    account_id: AccountId,
    account_name: String,
    /// Left out for an account that nobody made, which Welkin has had all along.
    account_created_date: Option<Timestamp>,
    account_state: AccountState,
}

impl Operation for GetAccountInformation {
    const NAME: &'static str = "GetAccountInformation";
    type Output = GetAccountInformationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:GetAccountInformation").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccountInformationResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let account_id = subject.account(cx);
        let profile = cx.account_profile(account_id).await?;
        let closed = cx.membership(account_id).await?.is_some_and(|membership| membership.closed);
        Ok(GetAccountInformationResponse {
            account_id,
            account_name: profile.name,
            account_created_date: profile.created,
            account_state: if closed { AccountState::Closed } else { AccountState::Active },
        })
    }
}

/// Gives an account another name.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_PutAccountName.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutAccountName {
    account_name: String,
    account_id: Option<Subject>,
}

impl Operation for PutAccountName {
    const NAME: &'static str = "PutAccountName";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:PutAccountName").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let account = subject.account(cx);
        let mut profile = cx.account_profile(account).await?;
        profile.name.clone_from(&self.account_name);
        cx.set_account_profile(&profile).await?;
        Ok(Empty {})
    }
}
