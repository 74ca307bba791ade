//! Which services know resource control policies.

/// Prefixes of their actions.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services>
// UNVERIFIED: DynamoDB, which was announced after the pages that this was read from.
const SERVICES: &[&str] = &[
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
];

/// What resource control policies cannot restrict, though its service knows them.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-entities-not-restricted>
const EXEMPT: &str = "kms:RetireGrant";

/// Whether an action, or a pattern of actions of one service, is of a service whose resources resource control
/// policies bind.
pub fn has_resource_control(action: &str) -> bool {
    if action.eq_ignore_ascii_case(EXEMPT) {
        return false;
    }
    let prefix = action.split_once(':').map_or(action, |(prefix, _)| prefix);
    SERVICES.iter().any(|known| known.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::has_resource_control;

    #[test]
    fn some_services_know_them() {
        assert!(["s3:GetObject", "SQS:*", "kms:Decrypt", "sts:AssumeRole"].into_iter().all(has_resource_control));
        assert!(
            !["iam:*", "*", "s3*:GetObject", "organizations:ListRoots", "kms:RetireGrant"]
                .into_iter()
                .any(has_resource_control)
        );
    }
}
