//! The parameter `KeyId`: a key's id or ARN, or the name or ARN of an alias.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>

use welkin_kernel::{Arn, Cx, Place, Result};

use crate::alias::Alias;
use crate::errors::{InvalidArnException, NotFoundException};
use crate::key::Key;
use crate::key::managed;

/// A parsed `KeyId`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyId {
    /// A key by id or ARN.
    Key {
        /// Owner and Region.
        place: Place,
        /// The id.
        id: String,
    },
    /// An alias by name or ARN.
    Alias {
        /// Owner and Region.
        place: Place,
        /// The name, `alias/…`.
        name: String,
    },
}

impl KeyId {
    /// Reads a `KeyId` as a caller at `here` means it.
    pub(crate) fn parse(text: &str, here: Place) -> Result<Self> {
        if text.starts_with("arn:") {
            return Self::parse_arn(text, here);
        }
        if text.starts_with("alias/") {
            return Ok(Self::Alias { place: here, name: text.to_owned() });
        }
        if is_key_id(text) {
            return Ok(Self::Key { place: here, id: text.to_owned() });
        }
        Err(NotFoundException::because(format!("Invalid keyId '{text}'")))
    }

    fn parse_arn(text: &str, here: Place) -> Result<Self> {
        let malformed = || InvalidArnException::because(format!("Invalid arn {text}"));
        let arn: Arn = text.parse().map_err(|_| malformed())?;
        let (Some(region), Some(account)) = (arn.region(), arn.account()) else { return Err(malformed()) };
        if arn.service() != "kms" || arn.partition() != here.region.partition().name() {
            return Err(malformed());
        }
        if region != here.region {
            return Err(NotFoundException::because(format!("Invalid arn {region}")));
        }
        let place = Place::new(account, region);
        match arn.resource().split_once('/') {
            Some(("key", id)) if is_key_id(id) => Ok(Self::Key { place, id: id.to_owned() }),
            Some(("alias", _)) => Ok(Self::Alias { place, name: arn.resource().to_owned() }),
            _ => Err(malformed()),
        }
    }
}

/// A version 4 UUID, or `mrk-` and 32 hexadecimal digits.
fn is_key_id(text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(digits) = text.strip_prefix("mrk-") {
        return digits.len() == 32 && hex(digits);
    }
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.split('-').all(hex)
}

/// What a `KeyId` leads to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// ARN of the key; of the alias, where that leads nowhere.
    pub(crate) arn: Arn,
    /// Owner and Region.
    pub(crate) place: Place,
    /// The key; `None` only in another account, where its absence must not show: access is then denied.
    pub(crate) found: Option<Key>,
    /// The alias that was used: `kms:RequestAlias`.
    pub(crate) alias: Option<String>,
}

impl Target {
    /// The key, after access was granted.
    pub(crate) fn key(self) -> Result<Key> {
        let arn = self.arn;
        self.found.ok_or_else(|| NotFoundException::because(format!("Key '{arn}' does not exist")))
    }
}

/// Finds the key that `text` names.
pub(crate) async fn find(cx: &mut Cx, text: &str) -> Result<Target> {
    match KeyId::parse(text, cx.here())? {
        KeyId::Key { place, id } => find_key(cx, place, &id, None).await,
        KeyId::Alias { place, name } => find_alias(cx, place, name).await,
    }
}

/// Finds a key by id or ARN, for operations that take no alias.
pub(crate) async fn find_without_alias(cx: &mut Cx, text: &str) -> Result<Target> {
    match KeyId::parse(text, cx.here())? {
        KeyId::Key { place, id } => find_key(cx, place, &id, None).await,
        // UNVERIFIED: the wording for an alias where none is taken.
        KeyId::Alias { .. } => Err(NotFoundException::because(format!("Invalid keyId '{text}'"))),
    }
}

/// Finds a key by its place and id.
pub(crate) async fn find_key(cx: &mut Cx, place: Place, id: &str, alias: Option<String>) -> Result<Target> {
    let found = cx.get::<Key>(place, id).await?;
    let arn = place.arn("kms", format_args!("key/{id}"));
    if found.is_none() && place.account == cx.account() {
        return Err(NotFoundException::because(format!("Key '{arn}' does not exist")));
    }
    Ok(Target { arn, place, found, alias })
}

async fn find_alias(cx: &mut Cx, place: Place, name: String) -> Result<Target> {
    let target = match cx.get::<Alias>(place, &name).await? {
        Some(alias) => Some(alias.target),
        None => managed::on_first_use(cx, place, &name).await?,
    };
    match target {
        Some(id) => find_key(cx, place, &id, Some(name)).await,
        None => {
            let arn = place.arn("kms", &name);
            if place.account == cx.account() {
                return Err(NotFoundException::because(format!("Alias {arn} is not found.")));
            }
            Ok(Target { arn, place, found: None, alias: Some(name) })
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use welkin_kernel::{AccountId, Region};

    use super::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn here() -> Place {
        Place::new(AccountId::new(111_122_223_333).unwrap(), Region::US_EAST_1)
    }

    #[test]
    fn all_four_forms_are_read() {
        let there = Place::new(AccountId::new(444_455_556_666).unwrap(), Region::US_EAST_1);
        let key = |place| KeyId::Key { place, id: ID.to_owned() };
        let alias = |place| KeyId::Alias { place, name: "alias/a/b".to_owned() };
        for (text, expected) in [
            (ID.to_owned(), key(here())),
            (format!("arn:aws:kms:us-east-1:444455556666:key/{ID}"), key(there)),
            ("alias/a/b".to_owned(), alias(here())),
            ("arn:aws:kms:us-east-1:444455556666:alias/a/b".to_owned(), alias(there)),
        ] {
            assert_eq!(KeyId::parse(&text, here()).unwrap(), expected, "{text}");
        }
        let multi = "mrk-1234abcd12ab34cd56ef1234567890ab";
        assert!(KeyId::parse(multi, here()).is_ok());
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        for (text, code) in [
            ("nothing", "NotFoundException"),
            ("aliases/a", "NotFoundException"),
            ("mrk-12", "NotFoundException"),
            ("1234abcd-12ab-34cd-56ef-1234567890ag", "NotFoundException"),
            ("arn:aws:kms:us-west-2:111122223333:alias/a", "NotFoundException"),
            ("arn:aws:s3:::bucket", "InvalidArnException"),
            ("arn:aws:kms:us-east-1:111122223333:key/x", "InvalidArnException"),
            ("arn:aws-cn:kms:us-east-1:111122223333:alias/a", "InvalidArnException"),
        ] {
            assert!(KeyId::parse(text, here()).is_err_and(|e| e.is(code)), "{text}");
        }
    }
}
