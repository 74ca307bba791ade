//! Effective policies: what the policies of a type come to at an account.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies-view-effective.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, AccountId, Cx, Operation, Page, Result, TagRule, Timestamp};

use super::merge::{Inherited, Rule};
use super::{PolicyType, find, on_target};
use crate::account::{Account, AccountView, Accounts};
use crate::errors::{EffectivePolicyNotFoundException, TargetNotFoundException, invalid};
use crate::organization::{self, Organization, target};
use crate::page::page;
use crate::policy::Target;
use crate::tree;

/// The effective policy of a type at a target, and the policies that it comes of.
struct Effective {
    policy: Value,
    of: Vec<String>,
    updated: Timestamp,
}

/// Brings the policies of every level together. `None` if there are none, or the type is not enabled.
async fn effective(
    cx: &mut Cx,
    organization: &Organization,
    kind: PolicyType,
    target: &str,
) -> Result<Option<Effective>> {
    if !organization.enabled.contains(&kind) {
        return Ok(None);
    }
    let (mut inherited, mut of, mut updated) = (Inherited::default(), Vec::new(), organization.created);
    for level in tree::line(cx, organization, target).await? {
        let mut attached = on_target(cx, organization, kind, &level).await?;
        attached.sort_by(|a, b| (a.since, &a.policy).cmp(&(b.since, &b.policy)));
        let mut rule = Rule::default();
        for attachment in attached {
            let Some(policy) = find(cx, organization, &attachment.policy).await? else { continue };
            let Ok(content) = serde_json::from_str::<Value>(&policy.content) else { continue };
            let Ok(parsed) = Rule::parse(&content) else { continue };
            rule.beside(parsed);
            updated = updated.max(policy.updated.unwrap_or(updated)).max(attachment.since.unwrap_or(updated));
            of.push(policy.id);
        }
        inherited.apply(&rule);
    }
    Ok(inherited.effective().map(|policy| Effective { policy, of, updated }))
}

/// The tags that are enforced at an account.
pub(crate) async fn tag_rules(cx: &mut Cx, organization: &Organization, account: &str) -> Result<Vec<TagRule>> {
    let found = effective(cx, organization, PolicyType::Tag, account).await?;
    let tags = found.as_ref().and_then(|found| found.policy.get("tags")?.as_object());
    let texts = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let rules = tags.into_iter().flatten().map(|(name, tag)| TagRule {
        key: tag.get("tag_key").and_then(Value::as_str).unwrap_or(name).to_owned(),
        values: texts(tag.get("tag_value")),
        enforced_for: texts(tag.get("enforced_for")),
    });
    Ok(rules.filter(|rule| !rule.enforced_for.is_empty()).collect())
}

/// Whether public access to the S3 of an account is blocked, or not blocked, by the organization.
///
/// Reference: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html>
pub(crate) async fn blocks_public_s3(cx: &mut Cx, organization: &Organization, account: &str) -> Result<Option<bool>> {
    let found = effective(cx, organization, PolicyType::S3, account).await?;
    let blocks = found.as_ref().and_then(|found| {
        found.policy.get("s3_attributes")?.get("public_access_block_configuration").and_then(Value::as_str)
    });
    Ok(blocks.and_then(|blocks| match blocks {
        "all" => Some(true),
        "none" => Some(false),
        _ => None,
    }))
}

/// A type whose policies have an effective one: those of settings.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct SettingsType(PolicyType);

impl TryFrom<String> for SettingsType {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let kind = PolicyType::OF_SETTINGS.into_iter().find(|kind| kind.name() == name);
        kind.map(Self).ok_or_else(|| format!("{name} is no type of policies that have an effective one"))
    }
}

impl From<SettingsType> for String {
    fn from(kind: SettingsType) -> Self {
        kind.0.name().to_owned()
    }
}

/// Shows the effective policy of a type at an account.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeEffectivePolicy {
    policy_type: SettingsType,
    target_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeEffectivePolicyResponse {
    effective_policy: EffectivePolicy,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EffectivePolicy {
    policy_content: String,
    last_updated_timestamp: Timestamp,
    target_id: String,
    policy_type: SettingsType,
}

impl DescribeEffectivePolicy {
    /// The account that is meant: the caller's own unless another is named.
    fn target(&self, cx: &Cx) -> String {
        self.target_id.clone().unwrap_or_else(|| cx.account().to_string())
    }
}

impl Operation for DescribeEffectivePolicy {
    const NAME: &'static str = "DescribeEffectivePolicy";
    type Output = DescribeEffectivePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:DescribeEffectivePolicy";
        let target = self.target(cx);
        let arn = |org: &Organization| tree::arn(org, &target);
        let access = if target == cx.account().to_string() {
            // Every account may see what binds it.
            organization::demand(cx, ACTION, arn).await?.owned_by(cx.account())
        } else {
            organization::delegable_on(cx, ACTION, arn).await?
        };
        Ok(access.key("organizations:PolicyType", self.policy_type.0.name()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let kind = self.policy_type.0;
        let target_id = self.target(cx);
        let organization = if target_id == cx.account().to_string() {
            organization::joined(cx).await?
        } else {
            organization::readable(cx).await?
        };
        // UNVERIFIED: the reference speaks of accounts; roots and units have no effective policy.
        if target(&target_id) != Some(Target::Account) {
            return Err(invalid("TARGET_NOT_SUPPORTED", "You can't perform the specified operation on that target."));
        }
        if !tree::exists(cx, &organization, &target_id).await? {
            return Err(TargetNotFoundException.into());
        }
        let found = effective(cx, &organization, kind, &target_id).await?;
        let found = found.ok_or(EffectivePolicyNotFoundException)?;
        Ok(DescribeEffectivePolicyResponse {
            effective_policy: EffectivePolicy {
                policy_content: found.policy.to_string(),
                last_updated_timestamp: found.updated,
                target_id,
                policy_type: self.policy_type,
            },
        })
    }
}

/// What is wrong with an effective policy.
struct Fault {
    code: &'static str,
    message: String,
    path: String,
}

/// Elements of a list at most, in an effective policy.
// UNVERIFIED: the API reference names the error, `ELEMENTS_TOO_MANY`; the documentation does not number it.
const ELEMENTS: usize = 500;

/// What an effective backup plan must have.
const OF_PLAN: &[&str] = &["regions", "rules", "selections"];

/// Looks for what policies that are right by themselves have come to together.
fn faults(kind: PolicyType, policy: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    too_many(policy, String::new(), &mut faults);
    let below = kind.settings().and_then(|key| Some((key, policy.get(key)?.as_object()?)));
    for (name, member) in below.into_iter().flat_map(|(_, members)| members) {
        let required: &[&str] = match kind {
            PolicyType::Backup => OF_PLAN,
            PolicyType::Tag => &["tag_key"],
            _ => &[],
        };
        for element in required.iter().filter(|element| member.get(**element).is_none()) {
            faults.push(Fault {
                // UNVERIFIED: the code.
                code: "ELEMENT_MISSING",
                message: format!("The element {element} is missing."),
                path: format!("{}.{name}", kind.settings().unwrap_or_default()),
            });
        }
    }
    faults
}

fn too_many(value: &Value, path: String, faults: &mut Vec<Fault>) {
    match value {
        Value::Array(values) if values.len() > ELEMENTS => faults.push(Fault {
            code: "ELEMENTS_TOO_MANY",
            message: format!("The element has {} values and can have {ELEMENTS}.", values.len()),
            path,
        }),
        Value::Object(members) => {
            for (key, member) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                too_many(member, path, faults);
            }
        }
        _ => {}
    }
}

/// Lists the accounts whose effective policy of a type is not right.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsWithInvalidEffectivePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccountsWithInvalidEffectivePolicy {
    policy_type: SettingsType,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccountsWithInvalidEffectivePolicyResponse {
    accounts: Vec<AccountView>,
    policy_type: SettingsType,
    next_token: Option<String>,
}

impl Operation for ListAccountsWithInvalidEffectivePolicy {
    const NAME: &'static str = "ListAccountsWithInvalidEffectivePolicy";
    type Output = ListAccountsWithInvalidEffectivePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = organization::delegable(cx, "organizations:ListAccountsWithInvalidEffectivePolicy").await?;
        Ok(access.key("organizations:PolicyType", self.policy_type.0.name()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let organization = organization::readable(cx).await?;
        let kind = self.policy_type.0;
        if !organization.enabled.contains(&kind) {
            return Err(EffectivePolicyNotFoundException.into());
        }
        let mut invalid = Vec::new();
        for account in cx.list::<Account>(organization.place(), (), Page::ALL).await? {
            let found = effective(cx, &organization, kind, &account.id.to_string()).await?;
            if found.is_some_and(|found| !faults(kind, &found.policy).is_empty()) {
                invalid.push(account);
            }
        }
        let page = Accounts::of(cx, &organization, invalid, self.next_token.as_ref(), self.max_results).await?;
        let Accounts { accounts, next_token } = page;
        Ok(ListAccountsWithInvalidEffectivePolicyResponse { accounts, policy_type: self.policy_type, next_token })
    }
}

/// Lists what is not right with an account's effective policy.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListEffectivePolicyValidationErrors.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEffectivePolicyValidationErrors {
    account_id: AccountId,
    policy_type: SettingsType,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEffectivePolicyValidationErrorsResponse {
    account_id: AccountId,
    policy_type: SettingsType,
    path: String,
    evaluation_timestamp: Timestamp,
    next_token: Option<String>,
    effective_policy_validation_errors: Vec<ValidationError>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValidationError {
    error_code: String,
    error_message: String,
    path_to_error: String,
    contributing_policies: Vec<String>,
}

impl Operation for ListEffectivePolicyValidationErrors {
    const NAME: &'static str = "ListEffectivePolicyValidationErrors";
    type Output = ListEffectivePolicyValidationErrorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "organizations:ListEffectivePolicyValidationErrors";
        let access = organization::delegable_on(cx, ACTION, |org| org.arn("account", self.account_id)).await?;
        Ok(access.key("organizations:PolicyType", self.policy_type.0.name()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let organization = organization::readable(cx).await?;
        let kind = self.policy_type.0;
        let account = Account::named(cx, &organization, self.account_id).await?.id.to_string();
        let found = effective(cx, &organization, kind, &account).await?;
        let found = found.ok_or(EffectivePolicyNotFoundException)?;
        let name = |fault: &Fault| format!("{} {} {}", fault.path, fault.code, fault.message);
        let faults = faults(kind, &found.policy);
        let (faults, next_token) = page(faults, self.next_token.as_ref(), self.max_results, name)?;
        let line = tree::line(cx, &organization, &account).await?;
        let errors = faults.into_iter().map(|fault| ValidationError {
            error_code: fault.code.to_owned(),
            error_message: fault.message,
            path_to_error: fault.path,
            contributing_policies: found.of.clone(),
        });
        Ok(ListEffectivePolicyValidationErrorsResponse {
            account_id: self.account_id,
            policy_type: self.policy_type,
            path: tree::path(&organization, &line),
            evaluation_timestamp: cx.now(),
            next_token,
            effective_policy_validation_errors: errors.collect(),
        })
    }
}
