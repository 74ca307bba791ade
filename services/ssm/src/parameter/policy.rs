//! Policies of advanced parameters: when one expires, and when somebody is to be told.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use welkin_kernel::{Cx, Job, Place, Result, Schedule, Timestamp};

use super::{Parameter, Version, delete, event};
use crate::errors::{
    IncompatiblePolicyException, InvalidPolicyAttributeException, InvalidPolicyTypeException,
    PoliciesLimitExceededException, invalid,
};

/// Most policies of a parameter.
const MOST: usize = 10;

/// A policy, as it was written and as it is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) text: String,
    rule: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Rule {
    /// The parameter goes.
    Expiration(Timestamp),
    /// Somebody is told so long before it goes.
    ExpirationNotification(Duration),
    /// Somebody is told when it has not been changed for so long.
    NoChangeNotification(Duration),
}

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::Expiration(_) => "Expiration",
            Self::ExpirationNotification(_) => "ExpirationNotification",
            Self::NoChangeNotification(_) => "NoChangeNotification",
        }
    }
}

/// Reads policies; `[{}]` and `[]` are none.
///
/// # Errors
/// `ValidationException`, `InvalidPolicyTypeException`, `InvalidPolicyAttributeException`,
/// `IncompatiblePolicyException`, `PoliciesLimitExceededException`
pub(crate) fn parse(text: &str, now: Timestamp) -> Result<Vec<Policy>> {
    let written: Vec<Json> =
        serde_json::from_str(text).map_err(|_| invalid("Invalid policies input: it must be a list in JSON."))?;
    let written: Vec<Json> =
        written.into_iter().filter(|one| one.as_object().is_none_or(|members| !members.is_empty())).collect();
    if written.len() > MOST {
        return Err(PoliciesLimitExceededException.into());
    }
    let policies = written.iter().map(read).collect::<Result<Vec<_>>>()?;
    let expirations: Vec<Timestamp> =
        policies.iter().filter_map(|one| if let Rule::Expiration(at) = one.rule { Some(at) } else { None }).collect();
    let tells = |one: &Policy| matches!(one.rule, Rule::ExpirationNotification(_));
    match expirations.as_slice() {
        [at] if *at <= now => Err(InvalidPolicyAttributeException::because("The expiration must not be in the past.")),
        [_, _, ..] => Err(IncompatiblePolicyException::because("A parameter can have one Expiration policy only.")),
        [] if policies.iter().any(tells) => Err(IncompatiblePolicyException::because(
            "An ExpirationNotification policy needs an Expiration policy beside it.",
        )),
        _ => Ok(policies),
    }
}

fn read(written: &Json) -> Result<Policy> {
    let attribute = |name: &str| {
        let found = written["Attributes"][name].as_str();
        found.ok_or_else(|| InvalidPolicyAttributeException::because(format!("The attribute {name} is missing.")))
    };
    if written["Version"] != "1.0" {
        return Err(InvalidPolicyAttributeException::because("The version of a policy must be 1.0."));
    }
    let rule = match written["Type"].as_str() {
        Some("Expiration") => {
            let at = Timestamp::parse_iso8601(attribute("Timestamp")?);
            Rule::Expiration(at.ok_or_else(|| InvalidPolicyAttributeException::because("Timestamp is not a time."))?)
        }
        Some("ExpirationNotification") => Rule::ExpirationNotification(span(attribute("Before")?, attribute("Unit")?)?),
        Some("NoChangeNotification") => Rule::NoChangeNotification(span(attribute("After")?, attribute("Unit")?)?),
        other => {
            let other = other.unwrap_or_default();
            return Err(InvalidPolicyTypeException::because(format!("The policy type {other} is not supported.")));
        }
    };
    Ok(Policy { text: written.to_string(), rule })
}

fn span(number: &str, unit: &str) -> Result<Duration> {
    let hours = match unit {
        "Days" => 24,
        "Hours" => 1,
        _ => return Err(InvalidPolicyAttributeException::because("Unit must be Days or Hours.")),
    };
    let number: Option<u64> = number.parse().ok().filter(|number| (1..=100_000).contains(number));
    let number = number.ok_or_else(|| InvalidPolicyAttributeException::because("A span must be a number above 0."))?;
    Ok(Duration::from_secs(number * hours * 60 * 60))
}

impl Policy {
    /// When it acts on a version.
    fn due(&self, version: &Version) -> Timestamp {
        match self.rule {
            Rule::Expiration(at) => at,
            Rule::NoChangeNotification(span) => version.modified.plus(span),
            Rule::ExpirationNotification(span) => {
                let expiration = version.policies.iter().find_map(|one| match one.rule {
                    Rule::Expiration(at) => Some(at),
                    _ => None,
                });
                expiration.unwrap_or(version.modified).minus(span)
            }
        }
    }

    /// Its type and status as callers see them.
    pub(crate) fn shown(&self, version: &Version, now: Timestamp) -> (&'static str, &'static str) {
        (self.rule.name(), if self.due(version) <= now { "Finished" } else { "Pending" })
    }
}

/// Sees to it that the policies of a new version act in their time.
///
/// # Errors
/// When the store fails.
pub(super) async fn schedule(cx: &mut Cx, place: Place, name: &str, version: &Version) -> Result<()> {
    for policy in &version.policies {
        let job = Act { name: name.to_owned(), version: version.number, policy: policy.clone() };
        cx.enqueue_at(place, &job, Schedule::at(policy.due(version))).await?;
    }
    Ok(())
}

/// Does what a policy of a version says, if the version is still the latest.
#[derive(Serialize, Deserialize)]
pub(crate) struct Act {
    name: String,
    version: u64,
    policy: Policy,
}

impl Job for Act {
    const NAME: &'static str = "ssm/policy";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(parameter) = cx.get::<Parameter>(place, self.name.as_str()).await? else { return Ok(()) };
        let version = &parameter.latest;
        // One of the same name that was made since may have the same number, but not the same policies at that time.
        let is_it = version.number == self.version && version.policies.contains(&self.policy);
        if !is_it || self.policy.due(version) > cx.now() {
            return Ok(());
        }
        let content = serde_json::from_str(&self.policy.text).unwrap_or_default();
        event::acted(cx, place, &self.name, version, self.policy.rule.name(), content).await?;
        if let Rule::Expiration(_) = self.policy.rule {
            delete::remove(cx, place, &parameter).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[test]
    fn policies_are_held_against_the_rules() {
        let expiration =
            r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2030-01-01T00:00:00.000Z"}}"#;
        let notice = r#"{"Type":"ExpirationNotification","Version":"1.0","Attributes":{"Before":"2","Unit":"Days"}}"#;
        let idle = r#"{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Hours"}}"#;
        let code = |text: &str| parse(text, NOW).err().and_then(|e| e.answer().map(|a| a.code.to_string()));
        assert_eq!(parse(&format!("[{expiration},{notice},{idle}]"), NOW).map(|all| all.len()).ok(), Some(3));
        assert_eq!(parse("[{}]", NOW).ok(), Some(Vec::new()));
        for (text, error) in [
            ("x".to_owned(), "ValidationException"),
            (r#"[{"Type":"Sleep","Version":"1.0"}]"#.to_owned(), "InvalidPolicyTypeException"),
            (format!("[{notice}]"), "IncompatiblePolicyException"),
            (format!("[{expiration},{expiration}]"), "IncompatiblePolicyException"),
            (format!("[{}]", notice.replace("Days", "Years")), "InvalidPolicyAttributeException"),
            (format!("[{}]", expiration.replace("2030", "2001")), "InvalidPolicyAttributeException"),
            (format!("[{}]", [idle; 11].join(",")), "PoliciesLimitExceededException"),
        ] {
            assert_eq!(code(&text).as_deref(), Some(error), "{text}");
        }
    }
}
