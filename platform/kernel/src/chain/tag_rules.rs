//! Part of step 4: tags that an organization's tag policies enforce.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies-enforcement.html>

use crate::access::Demand;
use crate::{Error, Membership, Result, TagRule};

/// Refuses tags in a request that the rules of the resource's account do not allow. Resources without tags are
/// never refused.
pub(super) fn hold(membership: &Membership, demand: &Demand) -> Result<()> {
    if membership.tag_rules.is_empty() {
        return Ok(());
    }
    for (name, values) in &demand.keys {
        let (Some(key), Some(value)) = (name.strip_prefix("aws:RequestTag/"), values.first()) else { continue };
        let concerned = |rule: &&TagRule| rule.key.eq_ignore_ascii_case(key) && binds(rule, demand);
        if let Some(rule) = membership.tag_rules.iter().find(concerned)
            && !(rule.key == key && allows(rule, value))
        {
            // UNVERIFIED: EC2 answers this; of other services the documentation does not say it.
            let message =
                format!("The tag policy does not allow the specified value for the following tag key: '{key}'.");
            return Err(Error::new("TagPolicyViolation", message).status(400));
        }
    }
    Ok(())
}

/// Whether a rule is enforced for what is tagged: `service:type`, or `service:*`.
fn binds(rule: &TagRule, demand: &Demand) -> bool {
    let service = demand.action.split_once(':').map_or("", |(service, _)| service);
    let recorded = demand.recorded_as.and_then(|kind| kind.rsplit("::").next());
    let named = || demand.resource.splitn(6, ':').nth(5)?.split_once(['/', ':']).map(|(kind, _)| kind);
    let kind = recorded.or_else(named);
    rule.enforced_for.iter().filter_map(|entry| entry.split_once(':')).any(|(of, wanted)| {
        let any = matches!(wanted, "*" | "ALL_SUPPORTED") || kind.is_none();
        of == service && (any || kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted)))
    })
}

/// Whether a rule allows a value; one without values allows all, and `*` stands for anything.
fn allows(rule: &TagRule, value: &str) -> bool {
    rule.values.is_empty()
        || rule.values.iter().any(|allowed| match allowed.split_once('*') {
            None => allowed == value,
            Some((before, after)) => {
                value.len() >= before.len() + after.len() && value.starts_with(before) && value.ends_with(after)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Access;

    fn rule(values: &[&str], enforced_for: &[&str]) -> TagRule {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        TagRule { key: "Team".to_owned(), values: own(values), enforced_for: own(enforced_for) }
    }

    #[test]
    fn values_may_have_a_star() {
        let rule = rule(&["a", "b-*", "*-c"], &[]);
        for (value, expected) in [("a", true), ("b-", true), ("b-1", true), ("x-c", true), ("A", false), ("b", false)] {
            assert_eq!(allows(&rule, value), expected, "{value}");
        }
    }

    #[test]
    fn rules_bind_the_types_that_they_name() {
        let queue =
            Access::to("sqs:TagQueue").on("arn:aws:sqs:us-east-1:111111111111:q").recorded_as("AWS::SQS::Queue");
        let policy = Access::to("iam:TagPolicy").on("arn:aws:iam::111111111111:policy/p");
        let key = Access::to("kms:CreateKey");
        for (access, entry, expected) in [
            (&queue, "sqs:queue", true),
            (&queue, "sqs:*", true),
            (&queue, "sqs:topic", false),
            (&queue, "kms:key", false),
            (&policy, "iam:policy", true),
            (&policy, "iam:role", false),
            (&key, "kms:key", true),
        ] {
            assert_eq!(binds(&rule(&[], &[entry]), &access.demands[0]), expected, "{entry}");
        }
    }
}
