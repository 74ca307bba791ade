//! The types of policies:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html>.

use serde::{Deserialize, Serialize};
use welkin_policy::DocumentKind;

/// A type of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum PolicyType {
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
    #[serde(rename = "TAG_POLICY")]
    Tag,
    #[serde(rename = "BACKUP_POLICY")]
    Backup,
    #[serde(rename = "AISERVICES_OPT_OUT_POLICY")]
    AiServicesOptOut,
    #[serde(rename = "CHATBOT_POLICY")]
    Chatbot,
    #[serde(rename = "DECLARATIVE_POLICY_EC2")]
    DeclarativeEc2,
    #[serde(rename = "SECURITYHUB_POLICY")]
    SecurityHub,
    #[serde(rename = "SECURITYHUB_CSPM_POLICY")]
    SecurityHubCspm,
    #[serde(rename = "INSPECTOR_POLICY")]
    Inspector,
    #[serde(rename = "UPGRADE_ROLLOUT_POLICY")]
    UpgradeRollout,
    #[serde(rename = "BEDROCK_POLICY")]
    Bedrock,
    #[serde(rename = "S3_POLICY")]
    S3,
    #[serde(rename = "NETWORK_SECURITY_DIRECTOR_POLICY")]
    NetworkSecurityDirector,
    #[serde(rename = "GUARDDUTY_POLICY")]
    GuardDuty,
}

/// What is known of a type.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Its name in the API.
    pub(crate) name: &'static str,
    /// What the content is.
    pub(crate) content: Content,
    /// Characters of a policy at most.
    pub(crate) size: usize,
    /// Policies of an organization at most.
    pub(crate) number: usize,
    /// Policies on one target at most.
    pub(crate) attached: usize,
    /// The service that must be trusted first.
    pub(crate) needs_access: Option<&'static str>,
}

/// What the content of a type of policies is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Statements, that bind calls.
    Statements(DocumentKind),
    /// Settings under this key, that are inherited and merged.
    Settings(&'static str),
}

const fn statements(name: &'static str, kind: DocumentKind, size: usize, number: usize, attached: usize) -> Facts {
    Facts { name, content: Content::Statements(kind), size, number, attached, needs_access: None }
}

const fn settings(name: &'static str, key: &'static str, size: usize, attached: usize) -> Facts {
    Facts { name, content: Content::Settings(key), size, number: 1_000, attached, needs_access: None }
}

const fn of_service(name: &'static str, key: &'static str, service: &'static str) -> Facts {
    Facts { needs_access: Some(service), ..settings(name, key, 10_000, 10) }
}

// Numbers: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>. Service control
// policies have had the double of what that page said before since May 2026.
// UNVERIFIED: the limits of the types from `SECURITYHUB_CSPM_POLICY` on, and which services must be trusted first.
static SERVICE_CONTROL: Facts = statements("SERVICE_CONTROL_POLICY", DocumentKind::Scp, 10_240, 10_000, 10);
static RESOURCE_CONTROL: Facts = statements("RESOURCE_CONTROL_POLICY", DocumentKind::Rcp, 5_120, 1_000, 5);
static TAG: Facts = settings("TAG_POLICY", "tags", 10_000, 10);
static BACKUP: Facts = settings("BACKUP_POLICY", "plans", 10_000, 10);
static AI: Facts = settings("AISERVICES_OPT_OUT_POLICY", "services", 2_500, 5);
static CHATBOT: Facts = settings("CHATBOT_POLICY", "chatbot", 10_000, 5);
static DECLARATIVE_EC2: Facts = settings("DECLARATIVE_POLICY_EC2", "ec2_attributes", 10_000, 10);
static SECURITY_HUB: Facts = of_service("SECURITYHUB_POLICY", "securityhub", "securityhub.amazonaws.com");
static SECURITY_HUB_CSPM: Facts =
    of_service("SECURITYHUB_CSPM_POLICY", "securityhub_cspm", "securityhub.amazonaws.com");
static INSPECTOR: Facts = of_service("INSPECTOR_POLICY", "inspector", "inspector2.amazonaws.com");
static UPGRADE_ROLLOUT: Facts = settings("UPGRADE_ROLLOUT_POLICY", "upgrade_rollout", 10_000, 10);
static BEDROCK: Facts = settings("BEDROCK_POLICY", "bedrock", 10_000, 10);
static S3: Facts = settings("S3_POLICY", "s3_attributes", 10_000, 10);
static NETWORK_SECURITY: Facts = of_service(
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "network_security_director",
    "network-security-director.amazonaws.com",
);
static GUARD_DUTY: Facts = of_service("GUARDDUTY_POLICY", "guardduty", "guardduty.amazonaws.com");

impl PolicyType {
    /// Those that bind calls.
    pub(crate) const OF_STATEMENTS: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// Those that are inherited and merged.
    pub(crate) const OF_SETTINGS: [Self; 13] = [
        Self::Tag,
        Self::Backup,
        Self::AiServicesOptOut,
        Self::Chatbot,
        Self::DeclarativeEc2,
        Self::SecurityHub,
        Self::SecurityHubCspm,
        Self::Inspector,
        Self::UpgradeRollout,
        Self::Bedrock,
        Self::S3,
        Self::NetworkSecurityDirector,
        Self::GuardDuty,
    ];

    pub(crate) fn facts(self) -> &'static Facts {
        match self {
            Self::ServiceControl => &SERVICE_CONTROL,
            Self::ResourceControl => &RESOURCE_CONTROL,
            Self::Tag => &TAG,
            Self::Backup => &BACKUP,
            Self::AiServicesOptOut => &AI,
            Self::Chatbot => &CHATBOT,
            Self::DeclarativeEc2 => &DECLARATIVE_EC2,
            Self::SecurityHub => &SECURITY_HUB,
            Self::SecurityHubCspm => &SECURITY_HUB_CSPM,
            Self::Inspector => &INSPECTOR,
            Self::UpgradeRollout => &UPGRADE_ROLLOUT,
            Self::Bedrock => &BEDROCK,
            Self::S3 => &S3,
            Self::NetworkSecurityDirector => &NETWORK_SECURITY,
            Self::GuardDuty => &GUARD_DUTY,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.facts().name
    }

    /// The key of its settings; `None` for a type of statements.
    pub(crate) fn settings(self) -> Option<&'static str> {
        match self.facts().content {
            Content::Settings(key) => Some(key),
            Content::Statements(_) => None,
        }
    }
}
