//! Aliases: names of keys in an account and Region.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Place, Resource, Result, Scope, Timestamp};

use crate::access::{Demand, caller_keys};
use crate::errors::InvalidAliasNameException;
use crate::key_id::Target;

/// A name of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// `alias/…`.
    pub(crate) name: String,
    /// Id of the key.
    pub(crate) target: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Resource for Alias {
    const KIND: &'static str = "kms/alias";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.name.as_str().into_key()
    }
}

/// How aliases of AWS managed keys begin.
pub(crate) const RESERVED: &str = "alias/aws/";

/// Aliases of one key at most.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MOST: usize = 50;

/// Points an alias to a key. The key's own list of aliases is the caller's to keep.
pub(crate) async fn put(cx: &mut Cx, place: Place, name: &str, target: &str, created: Option<Timestamp>) -> Result<()> {
    let now = cx.now();
    let alias =
        Alias { name: name.to_owned(), target: target.to_owned(), created: created.unwrap_or(now), updated: now };
    cx.put(place, &alias).await
}

/// Refuses a name that customers cannot give or change.
// UNVERIFIED: the wording.
fn check_name(name: &str) -> Result<()> {
    match name.strip_prefix("alias/") {
        None => Err(InvalidAliasNameException::because("Alias must start with the prefix \"alias/\".")),
        Some("") => Err(InvalidAliasNameException::because("Alias must have a name after the prefix \"alias/\".")),
        Some(_) if name.starts_with(RESERVED) => {
            Err(InvalidAliasNameException::because("The prefix \"alias/aws/\" is reserved for AWS managed keys."))
        }
        Some(rest) if rest.contains(':') => {
            Err(InvalidAliasNameException::because(format!("{name} contains invalid characters for an alias")))
        }
        Some(_) => Ok(()),
    }
}

/// The demand on the alias itself; an alias has no policy.
fn on_alias(cx: &Cx, action: &'static str, name: &str) -> Access {
    let access = Access::to(action).on(cx.here().arn("kms", name)).recorded_as("AWS::KMS::Alias");
    caller_keys(cx, access)
}

/// The demands on the alias and on a key that it points to, or will.
async fn on_both(
    cx: &mut Cx,
    operation: &'static str,
    action: &'static str,
    name: &str,
    key: &Target,
) -> Result<Access> {
    Ok(on_alias(cx, action, name).and(Demand::of(operation, key).by_the_owner().access(cx).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_and_malformed_names_are_refused() {
        assert!(check_name("alias/a/b-c_d").is_ok());
        assert!(check_name("alias/awsome").is_ok());
        for name in ["a", "alias/", "alias/aws/s3", "alias/a:b"] {
            assert!(check_name(name).is_err_and(|e| e.is("InvalidAliasNameException")), "{name}");
        }
    }
}
