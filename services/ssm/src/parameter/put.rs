//! Making a parameter, or a new version of one.

use std::collections::BTreeMap;

use fancy_regex::Regex;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::value::{MANAGED_KEY, Value};
use super::{Kind, Parameter, Past, Tier, Version, access, event, policy};
use crate::errors::{
    HierarchyTypeMismatchException, InvalidAllowedPatternException, ParameterAlreadyExists,
    ParameterMaxVersionLimitExceeded, ParameterPatternMismatchException, invalid, not_implemented,
};
use crate::name::{self, Address};
use crate::setting;
use crate::tags::{self, Tag};

/// Longest values, in bytes.
///
/// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
const LONGEST_STANDARD: usize = 4096;
const LONGEST_ADVANCED: usize = 8192;

/// Versions of a parameter that are kept.
///
/// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html>
const VERSIONS: u64 = 100;

/// How much a pattern may try before it does not match.
const MOST_STEPS: usize = 100_000;

/// Makes a parameter; or a new version, if that is asked for.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutParameter {
    name: String,
    value: String,
    #[serde(rename = "Type")]
    kind: Option<Kind>,
    description: Option<String>,
    key_id: Option<String>,
    #[serde(default)]
    overwrite: bool,
    allowed_pattern: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    tier: Option<Tier>,
    policies: Option<String>,
    data_type: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutParameterResult {
    version: u64,
    tier: String,
}

impl Operation for PutParameter {
    const NAME: &'static str = "PutParameter";
    type Output = PutParameterResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        let access = access(cx, &address, "ssm:PutParameter").await?;
        let access = access.key("ssm:Overwrite", self.overwrite.to_string());
        let access = access.key("ssm:Policies", self.policies.is_some().to_string());
        if self.tags.is_empty() {
            return Ok(access);
        }
        let tags = tags::map(&self.tags);
        let tagging = Access::to("ssm:AddTagsToResource").on(address.arn()).request_tags(&tags);
        Ok(access.request_tags(&tags).and(tagging))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutParameterResult> {
        let address = self.address(cx)?;
        name::check(&address.name, address.place)?;
        self.check()?;
        let existing = address.find(cx).await?;
        if existing.is_some() && !self.overwrite {
            return Err(ParameterAlreadyExists.into());
        }
        let version = self.version(cx, &address, existing.as_ref()).await?;
        let answer = PutParameterResult { version: version.number, tier: version.tier.as_str().to_owned() };
        policy::schedule(cx, address.place, &address.name, &version).await?;
        let operation = if existing.is_some() { "Update" } else { "Create" };
        event::changed(cx, address.place, &address.name, &version, operation).await?;
        let parameter = match existing {
            Some(parameter) => replace(cx, &address, parameter, version).await?,
            None => Parameter {
                name: address.name,
                latest: version,
                first: 1,
                labels: BTreeMap::new(),
                tags: tags::map(&self.tags),
                sharing: None,
            },
        };
        cx.put(address.place, &parameter).await?;
        Ok(answer)
    }
}

impl PutParameter {
    fn address(&self, cx: &Cx) -> Result<Address> {
        let address = Address::read(cx, &self.name)?;
        if address.place == cx.here() { Ok(address) } else { Err(invalid("Invalid parameter ARN")) }
    }

    /// Holds it against what needs no look at what is there.
    fn check(&self) -> Result<()> {
        if self.value.is_empty() {
            return Err(invalid(
                "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
                 greater than or equal to 1.",
            ));
        }
        if self.overwrite && !self.tags.is_empty() {
            return Err(invalid(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
                 remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
                 RemoveTagsFromResource.",
            ));
        }
        if self.kind.is_some_and(|kind| kind != Kind::SecureString) && self.key_id.is_some() {
            return Err(invalid("KeyId is required for SecureString type parameter only."));
        }
        tags::check(&tags::map(&self.tags))?;
        match self.data_type.as_deref() {
            None | Some("" | "text") => Ok(()),
            Some(kind @ ("aws:ec2:image" | "aws:ssm:integration")) => {
                Err(not_implemented(&format!("the data type {kind} (whose values another service validates)")))
            }
            Some(other) => Err(invalid(format!(
                "The following data type is not supported: {other} (Data type names are all lowercase.)"
            ))),
        }
    }

    /// The new version.
    async fn version(&self, cx: &mut Cx, address: &Address, existing: Option<&Parameter>) -> Result<Version> {
        let before = existing.map(|parameter| &parameter.latest);
        let kind = match (self.kind, before) {
            (Some(kind), Some(before)) if kind != before.kind => return Err(HierarchyTypeMismatchException.into()),
            (Some(kind), _) => kind,
            (None, Some(before)) => before.kind,
            (None, None) => return Err(invalid("A parameter type is required when you create a parameter.")),
        };
        let kept = before.map(|before| before.policies.clone()).unwrap_or_default();
        let policies = self.policies.as_deref().map_or(Ok(kept), |text| policy::parse(text, cx.now()))?;
        let tier = self.tier(cx, before, !policies.is_empty()).await?;
        let allowed_pattern = self.allowed_pattern.clone().or_else(|| before?.allowed_pattern.clone());
        self.check_pattern(allowed_pattern.as_deref())?;
        let key_id = (kind == Kind::SecureString).then(|| self.key_id.clone().unwrap_or(MANAGED_KEY.to_owned()));
        let key = key_id.as_deref().unwrap_or_default();
        let value = Value::seal(cx, &address.arn(), kind, tier, key, &self.value).await?;
        let modified_by = cx.principal().arn(cx.region().partition()).map_or_else(String::new, String::from);
        Ok(Version {
            number: before.map_or(1, |before| before.number.saturating_add(1)),
            kind,
            value,
            key_id,
            description: self.description.clone().or_else(|| before?.description.clone()),
            allowed_pattern: allowed_pattern.filter(|pattern| !pattern.is_empty()),
            tier,
            policies,
            data_type: "text".to_owned(),
            modified: cx.now(),
            modified_by,
        })
    }

    /// The tier of the new version: as asked for, as it was, or as the account has it by default.
    async fn tier(&self, cx: &mut Cx, before: Option<&Version>, has_policies: bool) -> Result<Tier> {
        let default = setting::default_tier(cx).await?;
        let was_advanced = before.is_some_and(|before| before.tier == Tier::Advanced);
        let wanted = match self.tier {
            None if was_advanced => Tier::Advanced,
            Some(Tier::Standard) if was_advanced => {
                return Err(invalid(
                    "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                     advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
                     parameter and recreate it as a standard parameter.",
                ));
            }
            wanted => wanted.unwrap_or(default),
        };
        let needs_advanced = self.value.len() > LONGEST_STANDARD || has_policies || was_advanced;
        let tier = match wanted {
            Tier::Intelligent if needs_advanced => Tier::Advanced,
            Tier::Intelligent => Tier::Standard,
            settled => settled,
        };
        match tier {
            Tier::Standard if self.value.len() > LONGEST_STANDARD => Err(invalid(
                "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger \
                 parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
                 https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
            )),
            Tier::Standard if has_policies => Err(invalid(
                "Parameter policies are supported by the advanced-parameter tier only. To use them, upgrade the \
                 parameter to the advanced-parameter tier.",
            )),
            Tier::Advanced if self.value.len() > LONGEST_ADVANCED => {
                Err(invalid("Advanced tier parameters support a maximum parameter value of 8192 characters."))
            }
            tier => Ok(tier),
        }
    }

    fn check_pattern(&self, pattern: Option<&str>) -> Result<()> {
        let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else { return Ok(()) };
        // The value as a whole has to match.
        let whole = fancy_regex::RegexBuilder::new(&format!("^(?:{pattern})$")).backtrack_limit(MOST_STEPS).build();
        let whole: Regex = whole.map_err(|error| {
            InvalidAllowedPatternException::because(format!("Invalid allowed pattern {pattern}: {error}"))
        })?;
        if whole.is_match(&self.value).unwrap_or(false) {
            return Ok(());
        }
        Err(ParameterPatternMismatchException::because(format!(
            "Parameter value, cannot be validated against allowedPattern: {pattern}"
        )))
    }
}

/// Puts a new version in the place of the latest, which becomes a past one; the oldest goes if there are too many.
async fn replace(cx: &mut Cx, address: &Address, mut parameter: Parameter, version: Version) -> Result<Parameter> {
    if version.number.saturating_sub(parameter.first) >= VERSIONS {
        let labels = parameter.labels_of(parameter.first);
        if let Some(label) = labels.first() {
            return Err(ParameterMaxVersionLimitExceeded::because(format!(
                "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. \
                 Version {}, the oldest version, can't be deleted because it has a label associated with it: {label}. \
                 Move the label to another version of the parameter, and try again.",
                parameter.name, parameter.first
            )));
        }
        cx.discard::<Past>(address.place, (&parameter.name, parameter.first))?;
        parameter.first = parameter.first.saturating_add(1);
    }
    let past = Past { name: parameter.name.clone(), version: std::mem::replace(&mut parameter.latest, version) };
    cx.insert(address.place, &past)?;
    Ok(parameter)
}
