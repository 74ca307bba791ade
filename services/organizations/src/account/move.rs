//! Moving an account in the tree.

use serde::Deserialize;
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result};

use super::Account;
use crate::errors::{DestinationParentNotFoundException, DuplicateAccountException, SourceParentNotFoundException};
use crate::organization::{self, Organization};
use crate::{membership, tree};

/// Moves an account from one root or OU to another; other policies then bind it.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MoveAccount {
    account_id: AccountId,
    source_parent_id: String,
    destination_parent_id: String,
}

impl Operation for MoveAccount {
    const NAME: &'static str = "MoveAccount";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:MoveAccount";
        let account = |org: &Organization| org.arn("account", self.account_id);
        let source = |org: &Organization| tree::arn(org, &self.source_parent_id);
        let destination = |org: &Organization| tree::arn(org, &self.destination_parent_id);
        Ok(organization::demand(cx, ACTION, account)
            .await?
            .and(organization::demand(cx, ACTION, source).await?)
            .and(organization::demand(cx, ACTION, destination).await?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let organization = organization::managed(cx).await?;
        let mut account = Account::named(cx, &organization, self.account_id).await?;
        if !tree::is_parent(cx, &organization, &self.source_parent_id).await? {
            return Err(SourceParentNotFoundException.into());
        }
        if !tree::is_parent(cx, &organization, &self.destination_parent_id).await? {
            return Err(DestinationParentNotFoundException.into());
        }
        if account.parent == self.destination_parent_id {
            return Err(DuplicateAccountException.into());
        }
        if account.parent != self.source_parent_id {
            return Err(SourceParentNotFoundException.into());
        }
        account.parent.clone_from(&self.destination_parent_id);
        cx.put(organization.place(), &account).await?;
        membership::changed_for(cx, &organization, account.id).await?;
        Ok(Empty {})
    }
}
