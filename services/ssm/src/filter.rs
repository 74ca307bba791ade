//! Filters of listings.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>

use serde::Deserialize;
use welkin_kernel::Result;

use crate::errors::{InvalidFilterKey, InvalidFilterOption, InvalidFilterValue};
use crate::parameter::Parameter;

/// A filter as callers write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter {
    key: String,
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equals,
    BeginsWith,
    Contains,
    Recursive,
    OneLevel,
}

/// Where filters are used, which decides by what can be filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Describe,
    ByPath,
}

impl Filter {
    /// The older form, whose values are beginnings.
    pub(crate) fn older(key: String, values: Vec<String>) -> Self {
        let option = if key == "Type" { "Equals" } else { "BeginsWith" };
        Self { key, option: Some(option.to_owned()), values }
    }

    /// Holds it against the rules.
    ///
    /// # Errors
    /// `InvalidFilterKey`, `InvalidFilterOption`, `InvalidFilterValue`
    pub(crate) fn check(&self, used: Use) -> Result<()> {
        let known = match used {
            Use::Describe => {
                matches!(self.key.as_str(), "Name" | "Type" | "KeyId" | "Path" | "Tier" | "DataType")
                    || self.key.starts_with("tag:")
            }
            Use::ByPath => matches!(self.key.as_str(), "Type" | "KeyId" | "Label"),
        };
        if !known {
            return Err(InvalidFilterKey::because(format!("The following filter key is not valid: {}.", self.key)));
        }
        self.comparison()?;
        if self.values.is_empty() && !self.key.starts_with("tag:") {
            return Err(InvalidFilterValue::because(format!(
                "The following filter values are missing : null for filter key {}",
                self.key
            )));
        }
        let bad = |value: &&String| match self.key.as_str() {
            "Type" => !matches!(value.as_str(), "String" | "StringList" | "SecureString"),
            "Tier" => !matches!(value.as_str(), "Standard" | "Advanced" | "Intelligent-Tiering"),
            "Path" => !value.starts_with('/'),
            _ => false,
        };
        match self.values.iter().find(bad) {
            Some(value) => Err(InvalidFilterValue::because(format!(
                "The following filter value is not valid: {value} for filter key {}.",
                self.key
            ))),
            None => Ok(()),
        }
    }

    fn comparison(&self) -> Result<Comparison> {
        let path = self.key == "Path";
        let comparison = match self.option.as_deref() {
            None if path => Comparison::OneLevel,
            None | Some("Equals") if !path => Comparison::Equals,
            Some("BeginsWith") if matches!(self.key.as_str(), "Name" | "KeyId") => Comparison::BeginsWith,
            Some("Contains") if self.key == "Name" => Comparison::Contains,
            Some("Recursive") if path => Comparison::Recursive,
            Some("OneLevel") if path => Comparison::OneLevel,
            other => {
                let option = other.unwrap_or_default();
                return Err(InvalidFilterOption::because(format!(
                    "The following filter option is not valid: {option}. Valid options include: [BeginsWith, Equals]."
                )));
            }
        };
        Ok(comparison)
    }

    /// Whether a parameter passes. Labels are for [`labels`](Self::labels).
    ///
    /// # Errors
    /// `InvalidFilterOption`
    pub(crate) fn passes(&self, parameter: &Parameter) -> Result<bool> {
        let comparison = self.comparison()?;
        let latest = &parameter.latest;
        let any = |text: &str| self.values.iter().any(|value| comparison.holds(text, value));
        Ok(match self.key.as_str() {
            // A name is found with or without the slash at its beginning.
            "Name" => any(&parameter.name) || any(parameter.name.trim_start_matches('/')),
            "Path" => any(&parameter.name),
            "Type" => any(latest.kind.as_str()),
            "KeyId" => latest.key_id.as_deref().is_some_and(any),
            "Tier" => any(latest.tier.as_str()),
            "DataType" => any(&latest.data_type),
            "Label" => true,
            key => {
                let tag = key.strip_prefix("tag:").and_then(|key| parameter.tags.get(key));
                tag.is_some_and(|tag| self.values.is_empty() || any(tag))
            }
        })
    }

    /// The labels of which a version must have one, if that is what it filters by.
    pub(crate) fn labels(&self) -> Option<&[String]> {
        (self.key == "Label").then_some(self.values.as_slice())
    }
}

impl Comparison {
    fn holds(self, text: &str, value: &str) -> bool {
        match self {
            Self::Equals => text == value,
            Self::BeginsWith => text.starts_with(value),
            Self::Contains => text.contains(value),
            Self::Recursive => below(text, value).is_some(),
            Self::OneLevel => below(text, value).is_some_and(|rest| !rest.contains('/')),
        }
    }
}

/// What a name has below a path.
pub(crate) fn below<'a>(name: &'a str, path: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(path.trim_end_matches('/'))?;
    rest.strip_prefix('/').filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_below_paths_as_wholes_of_levels() {
        assert_eq!(below("/a/b/c", "/a"), Some("b/c"));
        assert_eq!(below("/a/b/c", "/a/"), Some("b/c"));
        assert_eq!(below("/a", "/"), Some("a"));
        assert_eq!((below("/ab/c", "/a"), below("/a", "/a")), (None, None));
        assert!(Comparison::OneLevel.holds("/a/b", "/a") && !Comparison::OneLevel.holds("/a/b/c", "/a"));
    }

    #[test]
    fn filters_are_held_against_their_use() {
        let filter = |key: &str, option: Option<&str>, value: &str| Filter {
            key: key.to_owned(),
            option: option.map(str::to_owned),
            values: vec![value.to_owned()],
        };
        assert!(filter("Name", Some("Contains"), "x").check(Use::Describe).is_ok());
        assert!(filter("Label", None, "prod").check(Use::ByPath).is_ok());
        for (bad, used, code) in [
            (filter("Name", None, "x"), Use::ByPath, "InvalidFilterKey"),
            (filter("Label", None, "x"), Use::Describe, "InvalidFilterKey"),
            (filter("Type", Some("BeginsWith"), "String"), Use::Describe, "InvalidFilterOption"),
            (filter("Path", Some("Equals"), "/x"), Use::Describe, "InvalidFilterOption"),
            (filter("Type", None, "Number"), Use::Describe, "InvalidFilterValue"),
            (filter("Path", None, "x"), Use::Describe, "InvalidFilterValue"),
        ] {
            assert!(bad.check(used).is_err_and(|error| error.is(code)), "{bad:?}");
        }
    }
}
