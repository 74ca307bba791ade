//! What every account has: a name and an address.
//!
//! Organizations and Account Management both show and change it; neither knows the other.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Cx, IntoKey, Key, Place, Region, Resource, Result, Scope, Timestamp};

/// Name and address of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountProfile {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// The address of its root user. No two accounts have the same.
    pub email: String,
    /// When it was made; `None` for an account that was simply used.
    pub created: Option<Timestamp>,
}

impl Resource for AccountProfile {
    const KIND: &'static str = "kernel/account-profile";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// An address that an account has.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Address {
    address: String,
    account: AccountId,
}

impl Resource for Address {
    // Its name from when Organizations kept it alone.
    const KIND: &'static str = "organizations/email";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        address(&self.address)
    }
}

/// Addresses are told apart without regard to case.
fn address(text: &str) -> Key {
    text.to_lowercase().into_key()
}

fn place(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

impl Cx {
    /// The profile of an account. One that nobody made has a name and an address all the same; the address
    /// is of a domain that RFC 2606 reserves.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn account_profile(&mut self, account: AccountId) -> Result<AccountProfile> {
        Ok(self.get::<AccountProfile>(place(account), ()).await?.unwrap_or_else(|| AccountProfile {
            account,
            name: format!("Account {account}"),
            email: format!("root@{account}.invalid"),
            created: None,
        }))
    }

    /// The account that has an address.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn account_of_address(&mut self, text: &str) -> Result<Option<AccountId>> {
        let here = self.here();
        if let Some(found) = self.get::<Address>(here, address(text)).await? {
            return Ok(Some(found.account));
        }
        // The address that an account has before it is given one.
        let lower = text.to_lowercase();
        let account = lower.strip_prefix("root@").and_then(|rest| rest.strip_suffix(".invalid"));
        let Some(account) = account.and_then(|id| id.parse::<AccountId>().ok()) else { return Ok(None) };
        let profile = self.account_profile(account).await?;
        Ok((profile.email == lower).then_some(account))
    }

    /// Gives an account this profile. `false`, and nothing changes, if another account has the address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_account_profile(&mut self, profile: &AccountProfile) -> Result<bool> {
        if self.account_of_address(&profile.email).await?.is_some_and(|holder| holder != profile.account) {
            return Ok(false);
        }
        let here = self.here();
        let before = self.account_profile(profile.account).await?;
        self.delete::<Address>(here, address(&before.email)).await?;
        self.put(here, &Address { address: profile.email.clone(), account: profile.account }).await?;
        self.put(place(profile.account), profile).await?;
        Ok(true)
    }
}
