//! Names of parameters, their ARNs, and references to versions.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>

use welkin_kernel::{Arn, Cx, Place, Result};

use crate::errors::{AccessDeniedException, HierarchyLevelLimitExceededException, ParameterNotFound, invalid};
use crate::parameter::Parameter;

/// Longest name with what stands before it in its ARN.
const LONGEST: usize = 1011;

/// Most levels of a name.
const LEVELS: usize = 15;

/// Where a parameter is, whether or not there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
    /// Whether the name was read from an ARN, which does not tell whether a single level begins with a slash.
    vague: bool,
}

/// A version of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    Version(u64),
    Label(String),
}

impl Address {
    pub(crate) fn here(cx: &Cx, name: &str) -> Self {
        Self { place: cx.here(), name: name.to_owned(), vague: false }
    }

    /// The address that a caller wrote, as a name or an ARN.
    ///
    /// # Errors
    /// `ValidationException`
    pub(crate) fn read(cx: &Cx, text: &str) -> Result<Self> {
        if !text.starts_with("arn:") {
            return Ok(Self::here(cx, text));
        }
        let arn: Arn = text.parse().map_err(|_| invalid("Invalid parameter ARN"))?;
        let path = arn.resource().strip_prefix("parameter/").filter(|_| arn.service() == "ssm");
        match (path, arn.account().zip(arn.region())) {
            (Some(path), Some((account, region))) if !path.is_empty() => {
                let vague = !path.contains('/');
                let name = if vague { path.to_owned() } else { format!("/{path}") };
                Ok(Self { place: Place::new(account, region), name, vague })
            }
            _ => Err(invalid("Invalid parameter ARN")),
        }
    }

    pub(crate) fn arn(&self) -> Arn {
        arn(self.place, &self.name)
    }

    /// The parameter, if it exists.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Parameter>> {
        let found = cx.get::<Parameter>(self.place, self.name.as_str()).await?;
        if found.is_none() && self.vague {
            return cx.get::<Parameter>(self.place, format!("/{}", self.name)).await;
        }
        Ok(found)
    }

    /// The parameter.
    ///
    /// # Errors
    /// `ParameterNotFound`
    pub(crate) async fn parameter(&self, cx: &mut Cx) -> Result<Parameter> {
        self.find(cx).await?.ok_or_else(|| ParameterNotFound::because(format!("Parameter {} not found.", self.name)))
    }
}

/// The ARN of the parameter with a name.
pub(crate) fn arn(place: Place, name: &str) -> Arn {
    place.arn("ssm", format_args!("parameter/{}", name.trim_start_matches('/')))
}

/// A name or ARN with the version that may follow it: `name:3`, `name:label`.
pub(crate) fn split(text: &str) -> (&str, Option<Selector>) {
    // The colons of an ARN are not the one that is looked for.
    let from = if text.starts_with("arn:") { text.rfind('/').unwrap_or(0) } else { 0 };
    let colon = text.get(from..).and_then(|rest| rest.find(':')).map(|at| from + at);
    let Some((name, selector)) = colon.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) else {
        return (text, None);
    };
    let selector = selector.parse().map_or_else(|_| Selector::Label(selector.to_owned()), Selector::Version);
    (name, Some(selector))
}

/// Holds the name of a new parameter against the rules.
///
/// # Errors
/// `ValidationException`, `HierarchyLevelLimitExceededException`, `AccessDeniedException`
pub(crate) fn check(name: &str, place: Place) -> Result<()> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    let levels: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    let first = levels.first().copied().unwrap_or_default().to_ascii_lowercase();
    if first.starts_with("aws") && name.starts_with('/') {
        return Err(AccessDeniedException::because(format!("No access to reserved parameter name: {name}.")));
    }
    if first.starts_with("aws")
        || first.starts_with("ssm")
        || !levels.iter().all(|level| !level.is_empty() && plain(level))
    {
        return Err(invalid(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it can \
             consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and \
             the following 3 symbols .-_",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    if levels.len() > LEVELS {
        return Err(HierarchyLevelLimitExceededException.into());
    }
    if arn(place, name).as_str().len() > LONGEST {
        return Err(invalid(format!("Parameter name with its ARN must not be longer than {LONGEST} characters.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use welkin_kernel::{AccountId, Region};

    use super::*;

    #[test]
    fn a_version_or_a_label_may_follow_a_name() {
        assert_eq!(split("a"), ("a", None));
        assert_eq!(split("/a/b:3"), ("/a/b", Some(Selector::Version(3))));
        assert_eq!(split("a:prod"), ("a", Some(Selector::Label("prod".to_owned()))));
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/a/b";
        assert_eq!(split(arn), (arn, None));
        assert_eq!(split(&format!("{arn}:7")), (arn, Some(Selector::Version(7))));
    }

    #[test]
    fn names_are_paths_of_plain_characters() {
        let place = Place::new(AccountId::DEFAULT, Region::US_EAST_1);
        let deep = |levels: usize| "/x".repeat(levels);
        for name in ["a", "/a/B_c.d-1", deep(15).as_str(), "/my/ssm"] {
            assert!(check(name, place).is_ok(), "{name}");
        }
        let longest = "x".repeat(1011);
        for name in [
            "",
            "/",
            "a b",
            "a/b",
            "aws",
            "AWS-x",
            "ssmx",
            "/ssm/x",
            "/aws/x",
            "/a//b",
            "/a/",
            deep(16).as_str(),
            longest.as_str(),
        ] {
            assert!(check(name, place).is_err(), "{name}");
        }
    }
}
