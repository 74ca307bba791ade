//! Block Public Access of an account: it holds for all its buckets and access points, beside their own.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Empty, IntoKey, Key, Operation, Place, Region, Resource, Result, Scope};

use super::errors::{AccessDenied, InvalidRequest, NoSuchPublicAccessBlockConfiguration};
use super::of_account;
use crate::bucket::public_access_block::{ALL, PublicAccessBlock};

/// What an account blocks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct AccountBlock {
    block: PublicAccessBlock,
}

impl Resource for AccountBlock {
    const KIND: &'static str = "s3/account-block";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

fn home(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

/// What is blocked of all that an account has: by its organization, which goes before the account, or by itself.
///
/// Reference: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html>
pub(crate) async fn blocked(cx: &mut Cx, account: AccountId) -> Result<PublicAccessBlock> {
    match organizations(cx, account).await? {
        Some(true) => Ok(ALL),
        Some(false) => Ok(PublicAccessBlock::default()),
        None => Ok(cx.get::<AccountBlock>(home(account), ()).await?.map(|row| row.block).unwrap_or_default()),
    }
}

/// Whether the account's organization blocks public access; `None` if it leaves it to the account.
async fn organizations(cx: &mut Cx, account: AccountId) -> Result<Option<bool>> {
    Ok(cx.membership(account).await?.and_then(|membership| membership.blocks_public_s3))
}

/// What the account itself cannot change while its organization decides.
// UNVERIFIED: the wording; the documentation says that AccessDenied is answered.
async fn hold_own(cx: &mut Cx, account: AccountId) -> Result<()> {
    match organizations(cx, account).await? {
        None => Ok(()),
        Some(_) => Err(AccessDenied::because(
            "The Block Public Access settings of this account are managed by an organization-level policy.",
        )),
    }
}

/// Sets what an account blocks.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutPublicAccessBlock {
    account_id: AccountId,
    public_access_block_configuration: Requested,
}

/// What is to be blocked; what is not said is not blocked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Requested {
    block_public_acls: Option<bool>,
    ignore_public_acls: Option<bool>,
    block_public_policy: Option<bool>,
    restrict_public_buckets: Option<bool>,
}

impl Requested {
    fn read(&self) -> Result<PublicAccessBlock> {
        let all =
            [self.block_public_acls, self.ignore_public_acls, self.block_public_policy, self.restrict_public_buckets];
        if all.iter().all(Option::is_none) {
            // UNVERIFIED: the code; AWS's console and clients never send it.
            return Err(InvalidRequest::because("Must specify at least one configuration."));
        }
        let [acls, ignored, policy, restricted] = all.map(Option::unwrap_or_default);
        Ok(PublicAccessBlock {
            block_public_acls: acls,
            ignore_public_acls: ignored,
            block_public_policy: policy,
            restrict_public_buckets: restricted,
        })
    }
}

impl Operation for PutPublicAccessBlock {
    const NAME: &str = "PutPublicAccessBlock";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:PutAccountPublicAccessBlock", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        hold_own(cx, self.account_id).await?;
        let block = self.public_access_block_configuration.read()?;
        cx.put(home(self.account_id), &AccountBlock { block }).await?;
        Ok(Empty {})
    }
}

/// Tells what an account blocks.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPublicAccessBlock {
    account_id: AccountId,
}

/// Answer of [`GetPublicAccessBlock`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPublicAccessBlockOutput {
    public_access_block_configuration: PublicAccessBlock,
}

impl Operation for GetPublicAccessBlock {
    const NAME: &str = "GetPublicAccessBlock";
    type Output = GetPublicAccessBlockOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:GetAccountPublicAccessBlock", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPublicAccessBlockOutput> {
        // UNVERIFIED: that what the organization decides is shown as the account's.
        let managed = organizations(cx, self.account_id).await?.is_some();
        let kept = cx.exists::<AccountBlock>(home(self.account_id), ()).await?;
        if !managed && !kept {
            return Err(NoSuchPublicAccessBlockConfiguration.into());
        }
        Ok(GetPublicAccessBlockOutput { public_access_block_configuration: blocked(cx, self.account_id).await? })
    }
}

/// Has an account block nothing any more.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeletePublicAccessBlock.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePublicAccessBlock {
    account_id: AccountId,
}

impl Operation for DeletePublicAccessBlock {
    const NAME: &str = "DeletePublicAccessBlock";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:PutAccountPublicAccessBlock", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        hold_own(cx, self.account_id).await?;
        cx.discard::<AccountBlock>(home(self.account_id), ())?;
        Ok(Empty {})
    }
}
