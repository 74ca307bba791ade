//! The resources of a simulation, their owner and their policy.

use welkin_kernel::{AccountId, Arn, Result};
use welkin_policy::{Document, DocumentKind, ResourceRule};

use super::caller::Caller;
use super::invalid;
use super::source::{PolicySource, Source};

/// The account that `ResourceOwner` names: as an ARN of its root user, or by its id.
// UNVERIFIED: the wording.
pub(super) fn owner(text: &str) -> Result<AccountId> {
    let unclear = || invalid(format!("Invalid resource owner: {text} is not the ARN of an account."));
    if let Ok(account) = text.parse::<AccountId>() {
        return Ok(account);
    }
    let arn: Arn = text.parse().map_err(|_| unclear())?;
    match arn.account() {
        Some(account) if arn.service() == "iam" && arn.resource() == "root" => Ok(account),
        _ => Err(unclear()),
    }
}

/// The policy that every resource of the simulation is taken to have.
///
/// # Errors
/// `InvalidInput` if it does not parse, if it does not apply to each of the resources, or if it cannot be
/// simulated for the caller.
// UNVERIFIED: the wordings.
pub(super) fn policy(json: &str, caller: &Caller, actions: &[String], resources: &[String]) -> Result<Source> {
    if !caller.takes_resource_policy {
        return Err(invalid("A resource-based policy can be simulated only with the ARN of a user as CallerArn."));
    }
    let trust = actions.iter().all(|action| rule(action) == ResourceRule::Trust);
    let kind = if trust { DocumentKind::Trust } else { DocumentKind::Resource };
    let source = Source::given("ResourcePolicy".to_owned(), json, kind)?;
    if let Some(arn) = resources.iter().find(|arn| *arn != "*" && !applies(&source.document, arn)) {
        return Err(invalid(format!("The resource-based policy does not apply to the resource {arn}.")));
    }
    Ok(Source { kind: PolicySource::Resource, ..source })
}

/// How the resource's policy takes part in a call of this action: as in the call itself.
pub(super) fn rule(action: &str) -> ResourceRule {
    let action = action.to_ascii_lowercase();
    match () {
        () if action.starts_with("kms:") => ResourceRule::KeyPolicy,
        () if action.starts_with("sts:assumerole") => ResourceRule::Trust,
        () => ResourceRule::Standard,
    }
}

/// Whether any statement is about the resource. One with variables may be.
fn applies(policy: &Document, arn: &str) -> bool {
    policy.statements().iter().any(|statement| {
        let mut resources = statement.resources().peekable();
        let all = resources.peek().is_none() || statement.is_not_resource();
        all || resources.any(|pattern| pattern.contains("${") || welkin_policy::matches_arn(pattern, arn))
    })
}

/// What each way of running an instance needs.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>
const HANDLING: &[(&str, &[&str])] = &[
    ("EC2-VPC-InstanceStore", &["instance", "image", "security-group", "network-interface"]),
    ("EC2-VPC-InstanceStore-Subnet", &["instance", "image", "security-group", "network-interface", "subnet"]),
    ("EC2-VPC-EBS", &["instance", "image", "security-group", "network-interface", "volume"]),
    ("EC2-VPC-EBS-Subnet", &["instance", "image", "security-group", "network-interface", "subnet", "volume"]),
];

/// Makes sure that the resources that `ResourceHandlingOption` needs are there.
// UNVERIFIED: the wordings.
pub(super) fn check_handling(option: &str, resources: &[String]) -> Result<()> {
    let Some((_, needed)) = HANDLING.iter().find(|(name, _)| *name == option) else {
        return Err(invalid(format!("Invalid resource handling option: {option}.")));
    };
    let has = |kind: &str| {
        let arns = resources.iter().filter_map(|arn| arn.parse::<Arn>().ok());
        arns.filter(|arn| arn.service() == "ec2").any(|arn| arn.resource().split('/').next() == Some(kind))
    };
    match needed.iter().find(|kind| !has(kind)) {
        None => Ok(()),
        Some(kind) => Err(invalid(format!("The resource handling option {option} needs a resource of type {kind}."))),
    }
}
