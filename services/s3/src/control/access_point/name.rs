//! What access points may be called, and their aliases.

use welkin_kernel::Chance;

/// What an alias ends with.
pub(crate) const ALIAS: &str = "-s3alias";

/// Characters of an alias between its prefix and its ending.
const DRAWN: usize = 34;

/// Characters of the access point's name in its alias, at most: an alias is no longer than a bucket's name may be.
const PREFIX: usize = 63 - 1 - DRAWN - ALIAS.len();

/// Whether `name` keeps the rules.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html>
pub(crate) fn is_valid(name: &str) -> bool {
    (3..=50).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !["-s3alias", "--ol-s3", "--xa-s3", "-ext-s3alias"].iter().any(|reserved| name.ends_with(reserved))
}

/// A fresh alias of an access point.
pub(crate) fn draw_alias(chance: &Chance, name: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let prefix = name.get(..PREFIX).unwrap_or(name).trim_end_matches('-');
    let drawn: [u8; DRAWN] = chance.bytes();
    let drawn: String = drawn.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    format!("{prefix}-{drawn}{ALIAS}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_published_rules() {
        for name in ["abc", "my-access-point", "1point", &"a".repeat(50)] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["", "ab", &"a".repeat(51), "-abc", "abc-", "Abc", "a_b", "a.b", "abc-s3alias", "äbc"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn an_alias_is_a_name_that_a_bucket_could_have_but_for_its_ending() {
        let chance = Chance::from_seed(1);
        for name in ["abc", "my-access-point", &"a".repeat(50), "nineteen-characters-and-more"] {
            let alias = draw_alias(&chance, name);
            assert!(alias.len() <= 63 && alias.ends_with(ALIAS), "{alias}");
            let rest = alias.trim_end_matches(ALIAS);
            assert!(crate::bucket::name::is_valid(rest) && !rest.contains("--"), "{alias}");
        }
        assert_ne!(draw_alias(&chance, "abc"), draw_alias(&chance, "abc"));
    }
}
