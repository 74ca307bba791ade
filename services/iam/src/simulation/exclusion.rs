//! Policies that a simulation leaves out, to see what their removal would change.

use serde::Deserialize;
use welkin_kernel::Result;

use super::invalid;
use super::source::{PolicySource, Source};

/// One policy, or many alike.
#[derive(Clone, Debug, Deserialize)]
pub(super) enum PolicyIdentifier {
    PolicyType(PolicyType),
    PolicyArn(String),
    InlinePolicyIdentifier(InlinePolicyIdentifier),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PolicyType {
    Inline,
    AwsManaged,
    UserManaged,
    PermissionBoundary,
    Scp,
    /// RCPs are not simulated.
    Rcp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InlinePolicyIdentifier {
    policy_name: String,
    attachment_type: AttachmentType,
    attachment_name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AttachmentType {
    User,
    Group,
    Role,
}

/// What is left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Exclusions(Vec<PolicyIdentifier>);

impl Exclusions {
    /// # Errors
    /// `InvalidInput` for an ARN that is none of a policy, or with wildcards where none may be.
    // UNVERIFIED: the wording.
    pub(super) fn read(list: Option<&Vec<PolicyIdentifier>>) -> Result<Self> {
        for identifier in list.into_iter().flatten() {
            let (name, fault) = match identifier {
                PolicyIdentifier::PolicyType(_) => continue,
                PolicyIdentifier::PolicyArn(arn) => match arn.rsplit_once('/') {
                    Some((path, name)) if path.contains(":policy") && !path.contains(['*', '?']) => (name, arn),
                    _ => return Err(invalid(format!("The policy identifier {arn} is not valid."))),
                },
                PolicyIdentifier::InlinePolicyIdentifier(inline) => (&*inline.attachment_name, &inline.attachment_name),
            };
            if name.matches('*').count() > 1 {
                return Err(invalid(format!("The policy identifier {fault} has more than one wildcard *.")));
            }
        }
        Ok(Self(list.cloned().unwrap_or_default()))
    }

    pub(super) fn exclude(&self, source: &Source) -> bool {
        self.0.iter().any(|identifier| match identifier {
            PolicyIdentifier::PolicyType(kind) => match source.kind {
                PolicySource::User | PolicySource::Group | PolicySource::Role => *kind == PolicyType::Inline,
                PolicySource::AwsManaged => *kind == PolicyType::AwsManaged,
                PolicySource::UserManaged => *kind == PolicyType::UserManaged,
                PolicySource::Resource | PolicySource::None => false,
            },
            PolicyIdentifier::PolicyArn(arn) => {
                let managed = matches!(source.kind, PolicySource::AwsManaged | PolicySource::UserManaged);
                managed && welkin_policy::matches_arn(arn, &source.of)
            }
            PolicyIdentifier::InlinePolicyIdentifier(inline) => {
                let kind = match inline.attachment_type {
                    AttachmentType::User => PolicySource::User,
                    AttachmentType::Group => PolicySource::Group,
                    AttachmentType::Role => PolicySource::Role,
                };
                let of = welkin_policy::matches_arn_like(&whole(&inline.attachment_name), &whole(&source.of));
                kind == source.kind && inline.policy_name == source.id && of
            }
        })
    }

    pub(super) fn exclude_boundary(&self) -> bool {
        self.has(PolicyType::PermissionBoundary)
    }

    pub(super) fn exclude_service_control(&self) -> bool {
        self.has(PolicyType::Scp)
    }

    fn has(&self, wanted: PolicyType) -> bool {
        self.0.iter().any(|identifier| matches!(identifier, PolicyIdentifier::PolicyType(kind) if *kind == wanted))
    }
}

/// A name as the last field of an ARN, so that it is matched as one.
fn whole(name: &str) -> String {
    format!("arn:aws:iam:::{name}")
}
