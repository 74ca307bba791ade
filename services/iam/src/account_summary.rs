//! What an account has and may have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use crate::access_key::AccessKey;
use crate::instance_profile::InstanceProfile;
use crate::mfa::MfaDevice;
use crate::server_certificate::ServerCertificate;
use crate::user::ROOT;
use crate::{
    access, account, login_profile, oidc_provider, policy, quota, saml_provider, signing_certificate, token_preference,
};

/// Counts the entities of the account and tells its quotas.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GetAccountSummary {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccountSummaryResponse {
    summary_map: BTreeMap<String, u32>,
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Operation for GetAccountSummary {
    const NAME: &'static str = "GetAccountSummary";
    type Output = GetAccountSummaryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GetAccountSummary")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccountSummaryResponse> {
        let account = account::read(cx).await?;
        let root_keys = cx.find::<AccessKey>(cx.here(), "holder", ROOT, 1).await?.len();
        let devices = cx.list::<MfaDevice>(cx.here(), (), Page::ALL).await?;
        let in_use: Vec<_> = devices.iter().filter_map(|device| device.assigned.as_ref()).collect();
        let root_mfa = in_use.iter().any(|assigned| assigned.holder == ROOT);
        let root_certificate = !signing_certificate::of(cx, cx.here(), ROOT).await?.is_empty();
        let root_password = login_profile::find(cx, cx.here(), ROOT).await?.is_some();
        let providers = oidc_provider::count(cx).await? + saml_provider::count(cx).await?;
        let facts = [
            ("Users", account.users),
            ("UsersQuota", quota::USERS),
            ("Groups", account.groups),
            ("GroupsQuota", quota::GROUPS),
            ("Roles", account.roles),
            ("RolesQuota", quota::ROLES),
            ("Policies", account.policies),
            ("PoliciesQuota", quota::POLICIES),
            ("PolicySizeQuota", quota::POLICY_SIZE),
            ("PolicyVersionsInUse", number(policy::count_versions(cx).await?)),
            ("PolicyVersionsInUseQuota", quota::VERSIONS_IN_USE),
            ("GlobalEndpointTokenVersion", token_preference::version(cx).await?),
            ("VersionsPerPolicyQuota", quota::VERSIONS_PER_POLICY),
            ("AssumeRolePolicySizeQuota", quota::TRUST_POLICY_SIZE),
            ("UserPolicySizeQuota", quota::USER_INLINE_SIZE),
            ("GroupPolicySizeQuota", quota::GROUP_INLINE_SIZE),
            ("RolePolicySizeQuota", quota::ROLE_INLINE_SIZE),
            ("AttachedPoliciesPerUserQuota", quota::ATTACHED_POLICIES),
            ("AttachedPoliciesPerGroupQuota", quota::ATTACHED_POLICIES),
            ("AttachedPoliciesPerRoleQuota", quota::ATTACHED_POLICIES),
            ("GroupsPerUserQuota", quota::GROUPS_PER_USER),
            ("AccessKeysPerUserQuota", quota::ACCESS_KEYS_PER_USER),
            ("InstanceProfiles", number(cx.list::<InstanceProfile>(cx.here(), (), Page::ALL).await?.len())),
            ("InstanceProfilesQuota", quota::INSTANCE_PROFILES),
            ("MFADevices", number(devices.len())),
            ("MFADevicesInUse", number(in_use.len())),
            ("AccountMFAEnabled", u32::from(root_mfa)),
            ("Providers", number(providers)),
            ("ServerCertificates", number(cx.list::<ServerCertificate>(cx.here(), (), Page::ALL).await?.len())),
            ("ServerCertificatesQuota", quota::SERVER_CERTIFICATES),
            ("SigningCertificatesPerUserQuota", quota::SIGNING_CERTIFICATES_PER_USER),
            ("AccountSigningCertificatesPresent", u32::from(root_certificate)),
            ("AccountPasswordPresent", u32::from(root_password)),
            ("AccountAccessKeysPresent", number(root_keys)),
        ];
        let summary_map = facts.into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
        Ok(GetAccountSummaryResponse { summary_map })
    }
}
