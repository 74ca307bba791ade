//! What an account's IAM is at: a stamp that every change renews, and how many entities there are.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Resource, Result, Scope};

/// The row that every change of IAM in an account rewrites.
///
/// Every call reads it, through the directory: so what the directory has compiled is known to be current,
/// and a call conflicts with a change of rights that commits before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Drawn anew for each change, so that one stamp never stands for two states, not even over a reset.
    pub(crate) stamp: u64,
    pub(crate) users: u32,
    pub(crate) groups: u32,
    pub(crate) roles: u32,
    pub(crate) policies: u32,
}

impl Resource for Account {
    const KIND: &'static str = "iam/account";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The account as it is.
pub(crate) async fn read(cx: &mut Cx) -> Result<Account> {
    Ok(cx.get::<Account>(cx.here(), ()).await?.unwrap_or_default())
}

/// Notes a change of the account's IAM. Every operation that writes calls it.
pub(crate) async fn changed(cx: &mut Cx) -> Result<()> {
    changed_with(cx, |_| {}).await
}

/// Notes a change that also alters how many entities there are.
pub(crate) async fn changed_with(cx: &mut Cx, count: impl FnOnce(&mut Account)) -> Result<()> {
    let mut account = read(cx).await?;
    count(&mut account);
    account.stamp = u64::from_le_bytes(cx.chance().bytes());
    cx.put(cx.here(), &account).await
}
