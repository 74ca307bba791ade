//! Canonical user ids, by which S3 knows accounts: 64 hexadecimal digits.
//!
//! They tell nobody the account's number at first sight, and are no secret: Welkin reads them back.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use aws_lc_rs::digest::{SHA256, digest};

use crate::AccountId;

/// Who comes without a signature.
pub const ANONYMOUS: &str = "65a011a29cdf8ec533ec3d1ccaae921c";

/// The canonical user id of an account.
pub fn of(account: AccountId) -> String {
    hex::encode(bytes(account))
}

/// The account with this canonical user id.
pub fn account(id: &str) -> Option<AccountId> {
    let given: [u8; 32] = hex::decode(id).ok()?.try_into().ok()?;
    let (number, seal) = given.split_first_chunk::<8>()?;
    let mask = seal.first_chunk::<8>()?;
    let account = AccountId::new(u64::from_be_bytes(*number) ^ u64::from_be_bytes(*mask))?;
    (bytes(account) == given).then_some(account)
}

/// The number, masked by the beginning of a digest of it; and the digest.
fn bytes(account: AccountId) -> [u8; 32] {
    let digest = digest(&SHA256, format!("canonical user of account {account}").as_bytes());
    let mut bytes = [0; 32];
    for (byte, digested) in bytes.iter_mut().skip(8).zip(digest.as_ref()) {
        *byte = *digested;
    }
    let mask = u64::from_be_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default());
    for (byte, masked) in bytes.iter_mut().zip((account.number() ^ mask).to_be_bytes()) {
        *byte = masked;
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_is_read_back_and_nothing_else_is_an_id() {
        for number in [0, 1, 111_122_223_333, 999_999_999_999] {
            let id = of(AccountId::new(number).unwrap());
            assert_eq!((id.len(), account(&id)), (64, AccountId::new(number)), "{id}");
            assert_eq!(account(&id.replacen(|digit: char| digit != '0', "0", 1)), None, "{id}");
        }
        for wrong in ["", "x", ANONYMOUS, &"f".repeat(64), &"0".repeat(64)] {
            assert_eq!(account(wrong), None, "{wrong}");
        }
    }
}
