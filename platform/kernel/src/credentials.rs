//! Access key ids and session tokens.
//!
//! An access key id holds the account it belongs to, as AWS's do. A session token holds the whole
//! session, sealed by the root key, so temporary credentials need no look-up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::{AccountId, Chance, Error, Result, Sealer, Session};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A fresh access key id: `prefix` (`AKIA` or `ASIA`) and 16 characters of base 32 that begin with the account.
///
/// The account takes the 40 bits after the first one, as in AWS's own ids.
pub fn access_key_id(chance: &Chance, prefix: &str, account: AccountId) -> String {
    let random: [u8; 10] = chance.bytes();
    let mut bits = u128::from(account.number()) << 39;
    bits |= u128::from(u64::from_be_bytes([0, 0, 0, random[5], random[6], random[7], random[8], random[9]]))
        & 0x7f_ffff_ffff;
    // 80 bits: a set bit, 40 of the account, 39 of chance.
    bits |= 1 << 79;
    let text: String =
        (0..16).map(|at| char::from(BASE32[usize::try_from(bits >> (75 - 5 * at) & 31).unwrap_or(0)])).collect();
    format!("{prefix}{text}")
}

/// The account that an access key id holds.
pub fn account_of(access_key_id: &str) -> Option<AccountId> {
    let text = access_key_id.strip_prefix("AKIA").or_else(|| access_key_id.strip_prefix("ASIA"))?;
    if text.len() != 16 {
        return None;
    }
    let mut bits: u128 = 0;
    for byte in text.bytes() {
        let digit = BASE32.iter().position(|b| *b == byte)?;
        bits = bits << 5 | digit as u128;
    }
    AccountId::new(u64::try_from(bits >> 39 & 0xff_ffff_ffff).ok()?)
}

/// A fresh secret access key: 40 characters of base 64.
pub fn secret_access_key(chance: &Chance) -> String {
    BASE64.encode(chance.bytes::<30>())
}

const TOKEN: &str = "session token v1";

/// Temporary credentials for `session`: its secret key and its token.
///
/// # Errors
/// When the session cannot be sealed: a fault of Welkin's.
pub fn issue(sealer: &Sealer, chance: &Chance, session: &Session) -> Result<(String, String)> {
    let plain = rmp_serde::to_vec_named(session).map_err(Error::internal)?;
    let token = BASE64.encode(sealer.seal(chance, TOKEN, &plain)?);
    Ok((secret_of(sealer, &session.access_key_id), token))
}

/// The session that a token holds; `None` if Welkin did not issue it.
pub fn open_token(sealer: &Sealer, token: &str) -> Option<Session> {
    let sealed = BASE64.decode(token).ok()?;
    rmp_serde::from_slice(&sealer.open(TOKEN, &sealed)?).ok()
}

/// The secret of a temporary access key: derived, so that it need not be kept.
pub fn secret_of(sealer: &Sealer, access_key_id: &str) -> String {
    BASE64.encode(&sealer.derive(&format!("session secret {access_key_id}"))[..30])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_id_holds_its_account() {
        let chance = Chance::from_seed(3);
        for number in [0, 1, 111_122_223_333, 581_039_954_779, 999_999_999_999] {
            let account = AccountId::new(number).expect("12 digits");
            let id = access_key_id(&chance, "AKIA", account);
            assert_eq!((id.len(), account_of(&id)), (20, Some(account)), "{id}");
        }
        // A published example of AWS's own ids.
        assert_eq!(account_of("ASIAQNZGKIQY56JQ7WML").map(|a| a.to_string()).as_deref(), Some("029608264753"));
        assert_eq!(account_of("AKIA"), None);
        assert_eq!(account_of("AKIA1111111111111111"), None);
    }
}
