//! The account's alias: <https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::errors::{EntityAlreadyExistsException, NoSuchEntityException};
use crate::{access, account};

/// An alias: one name space for all accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Alias {
    name: String,
    account: AccountId,
}

impl Resource for Alias {
    const KIND: &'static str = "iam/account-alias";
    const SCOPE: Scope = Scope::Global;
    const INDEXES: &'static [&'static str] = &["account"];

    fn key(&self) -> Key {
        (&self.name).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("account", self.account.into_key())]
    }
}

async fn of_account(cx: &mut Cx) -> Result<Option<Alias>> {
    Ok(cx.find::<Alias>(cx.here(), "account", cx.account(), 1).await?.pop())
}

/// The account's alias, if it has one.
pub(crate) async fn name(cx: &mut Cx) -> Result<Option<String>> {
    Ok(of_account(cx).await?.map(|alias| alias.name))
}

/// Gives the account an alias, in place of the one that it has.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccountAlias {
    account_alias: String,
}

impl Operation for CreateAccountAlias {
    const NAME: &'static str = "CreateAccountAlias";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:CreateAccountAlias")
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let name = self.account_alias.clone();
        if let Some(other) = cx.get::<Alias>(cx.here(), &name).await?
            && other.account != cx.account()
        {
            let message = format!("The account alias {name} already exists.");
            return Err(EntityAlreadyExistsException::because(message));
        }
        if let Some(old) = of_account(cx).await? {
            cx.delete::<Alias>(cx.here(), &old.name).await?;
        }
        cx.put(cx.here(), &Alias { name, account: cx.account() }).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Takes the account's alias away.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccountAlias {
    account_alias: String,
}

impl Operation for DeleteAccountAlias {
    const NAME: &'static str = "DeleteAccountAlias";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:DeleteAccountAlias")
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        match of_account(cx).await? {
            Some(alias) if alias.name == self.account_alias => {
                cx.delete::<Alias>(cx.here(), &alias.name).await?;
                account::changed(cx).await?;
                Ok(Empty {})
            }
            _ => Err(NoSuchEntityException::because(format!(
                "The account alias {} cannot be found.",
                self.account_alias
            ))),
        }
    }
}

/// Lists the account's alias, if it has one.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccountAliases {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccountAliasesResponse {
    account_aliases: Vec<String>,
    is_truncated: bool,
}

impl Operation for ListAccountAliases {
    const NAME: &'static str = "ListAccountAliases";
    type Output = ListAccountAliasesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:ListAccountAliases")
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListAccountAliasesResponse> {
        let account_aliases = name(cx).await?.into_iter().collect();
        Ok(ListAccountAliasesResponse { account_aliases, is_truncated: false })
    }
}
