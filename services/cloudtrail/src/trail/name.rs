//! Names of trails.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html>

use welkin_kernel::Result;

use crate::errors::InvalidTrailNameException;

/// Refuses what cannot be a trail's name.
// UNVERIFIED: the wording.
pub(crate) fn check(name: &str) -> Result<()> {
    let refuse = |message: String| Err(InvalidTrailNameException::because(message));
    let length = name.chars().count();
    if length < 3 {
        return refuse(format!(
            "Trail name too short. Minimum allowed length: 3 characters. Specified name length: {length} characters."
        ));
    }
    if length > 128 {
        return refuse(format!(
            "Trail name too long. Maximum allowed length: 128 characters. Specified name length: {length} characters."
        ));
    }
    let alphanumeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !alphanumeric(name.chars().next()) {
        return refuse("Trail name must starts with a letter or number.".to_owned());
    }
    if !alphanumeric(name.chars().last()) {
        return refuse("Trail name must ends with a letter or number.".to_owned());
    }
    let special = |c: char| matches!(c, '.' | '_' | '-');
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || special(c)) {
        return refuse(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens \
             (-), and underscores (_)."
                .to_owned(),
        );
    }
    if name.as_bytes().windows(2).any(|pair| pair.iter().all(|b| special(char::from(*b)))) {
        return refuse("Trail name cannot have adjacent periods (.), hyphens (-), or underscores (_).".to_owned());
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return refuse("Trail name cannot be in IP address format.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_requirements() {
        for name in ["abc", "my-trail_1.x", &"a".repeat(128)] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in ["", "ab", &"a".repeat(129), "-abc", "abc-", "a b", "a..b", "a-_b", "192.168.5.4", "é12"] {
            assert!(check(name).is_err_and(|e| e.is("InvalidTrailNameException")), "{name}");
        }
    }
}
