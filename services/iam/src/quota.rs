//! The quotas of IAM: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

use welkin_kernel::Result;

use crate::errors::LimitExceededException;

pub(crate) const USERS: u32 = 5_000;
pub(crate) const GROUPS: u32 = 300;
pub(crate) const ROLES: u32 = 1_000;
pub(crate) const POLICIES: u32 = 1_500;
pub(crate) const ATTACHED_POLICIES: u32 = 10;
pub(crate) const GROUPS_PER_USER: u32 = 10;
pub(crate) const ACCESS_KEYS_PER_USER: u32 = 2;
pub(crate) const MFA_DEVICES_PER_USER: u32 = 8;
pub(crate) const SERVER_CERTIFICATES: u32 = 20;
pub(crate) const SIGNING_CERTIFICATES_PER_USER: u32 = 2;
pub(crate) const SSH_PUBLIC_KEYS_PER_USER: u32 = 5;
pub(crate) const SERVICE_CREDENTIALS_PER_USER: u32 = 2;
pub(crate) const INSTANCE_PROFILES: u32 = 1_000;
pub(crate) const ROLES_PER_INSTANCE_PROFILE: u32 = 1;
pub(crate) const SAML_PROVIDERS: u32 = 100;
pub(crate) const KEYS_PER_SAML_PROVIDER: u32 = 2;
pub(crate) const OIDC_PROVIDERS: u32 = 100;
pub(crate) const CLIENT_IDS_PER_OIDC_PROVIDER: u32 = 100;
pub(crate) const THUMBPRINTS_PER_OIDC_PROVIDER: u32 = 5;
pub(crate) const VERSIONS_IN_USE: u32 = 10_000;
pub(crate) const VERSIONS_PER_POLICY: u32 = 5;
pub(crate) const TAGS: u32 = 50;
/// Characters without white space, as all sizes of policies.
pub(crate) const POLICY_SIZE: u32 = 6_144;
pub(crate) const TRUST_POLICY_SIZE: u32 = 2_048;
pub(crate) const USER_INLINE_SIZE: u32 = 2_048;
pub(crate) const GROUP_INLINE_SIZE: u32 = 5_120;
pub(crate) const ROLE_INLINE_SIZE: u32 = 10_240;

/// Refuses the one that is too many. `name` is the quota's name as AWS puts it, e.g. `UsersPerAccount`.
pub(crate) fn hold(name: &str, used: usize, quota: u32) -> Result<()> {
    if used < quota as usize {
        return Ok(());
    }
    Err(LimitExceededException::because(format!("Cannot exceed quota for {name}: {quota}")))
}
