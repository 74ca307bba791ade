//! AWS Identity and Access Management: who there is in an account, and what they may do.
//!
//! The operations change users, groups, roles and policies; [`directory`] tells the chain of every call
//! who holds a key and which policies apply.
//! Reference: <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>

mod access;
mod access_key;
mod account;
mod account_alias;
mod account_summary;
mod attachment;
mod authorization_details;
mod base32;
mod boundary;
mod certificate;
mod credential_report;
mod directory;
mod document;
mod entity;
mod errors;
mod granted;
mod granting_policies;
mod group;
mod inline_policy;
mod instance_profile;
mod last_accessed;
mod login_profile;
mod mfa;
mod named;
mod oidc_provider;
mod organization_report;
mod page;
mod password;
mod password_policy;
mod pem;
mod policy;
mod private_key;
mod qr_code;
mod quota;
mod role;
mod root_access;
mod saml_provider;
mod server_certificate;
mod service_credential;
mod service_linked_role;
mod signing_certificate;
mod simulation;
mod ssh_public_key;
mod status;
mod tag;
mod token_preference;
mod totp;
mod usage;
mod user;

use welkin_kernel::Service;

/// The service.
pub fn service() -> Service {
    let service = Service::new("iam").errors(errors::ERRORS).directory(directory::Identities::new());
    reports(certificates(providers(devices(policies(groups(roles(users(service))))))))
        .operation::<account_alias::CreateAccountAlias>()
        .operation::<account_alias::DeleteAccountAlias>()
        .operation::<account_alias::ListAccountAliases>()
        .operation::<account_summary::GetAccountSummary>()
        .operation::<simulation::SimulateCustomPolicy>()
        .operation::<simulation::SimulatePrincipalPolicy>()
        .operation::<simulation::GetContextKeysForCustomPolicy>()
        .operation::<simulation::GetContextKeysForPrincipalPolicy>()
        .operation::<password_policy::UpdateAccountPasswordPolicy>()
        .operation::<password_policy::GetAccountPasswordPolicy>()
        .operation::<password_policy::DeleteAccountPasswordPolicy>()
}

fn users(service: Service) -> Service {
    service
        .operation::<user::CreateUser>()
        .operation::<user::GetUser>()
        .operation::<user::UpdateUser>()
        .operation::<user::DeleteUser>()
        .operation::<user::ListUsers>()
        .operation::<user::TagUser>()
        .operation::<user::UntagUser>()
        .operation::<user::ListUserTags>()
        .operation::<access_key::CreateAccessKey>()
        .operation::<access_key::UpdateAccessKey>()
        .operation::<access_key::DeleteAccessKey>()
        .operation::<access_key::ListAccessKeys>()
        .operation::<access_key::GetAccessKeyLastUsed>()
        .operation::<login_profile::CreateLoginProfile>()
        .operation::<login_profile::GetLoginProfile>()
        .operation::<login_profile::UpdateLoginProfile>()
        .operation::<login_profile::DeleteLoginProfile>()
        .operation::<login_profile::ChangePassword>()
        .operation::<inline_policy::PutUserPolicy>()
        .operation::<inline_policy::GetUserPolicy>()
        .operation::<inline_policy::DeleteUserPolicy>()
        .operation::<inline_policy::ListUserPolicies>()
        .operation::<attachment::AttachUserPolicy>()
        .operation::<attachment::DetachUserPolicy>()
        .operation::<attachment::ListAttachedUserPolicies>()
        .operation::<boundary::PutUserPermissionsBoundary>()
        .operation::<boundary::DeleteUserPermissionsBoundary>()
}

fn roles(service: Service) -> Service {
    service
        .operation::<role::CreateRole>()
        .operation::<role::GetRole>()
        .operation::<role::UpdateRole>()
        .operation::<role::UpdateRoleDescription>()
        .operation::<role::UpdateAssumeRolePolicy>()
        .operation::<role::DeleteRole>()
        .operation::<role::ListRoles>()
        .operation::<role::TagRole>()
        .operation::<role::UntagRole>()
        .operation::<role::ListRoleTags>()
        .operation::<inline_policy::PutRolePolicy>()
        .operation::<inline_policy::GetRolePolicy>()
        .operation::<inline_policy::DeleteRolePolicy>()
        .operation::<inline_policy::ListRolePolicies>()
        .operation::<attachment::AttachRolePolicy>()
        .operation::<attachment::DetachRolePolicy>()
        .operation::<attachment::ListAttachedRolePolicies>()
        .operation::<boundary::PutRolePermissionsBoundary>()
        .operation::<boundary::DeleteRolePermissionsBoundary>()
        .operation::<service_linked_role::CreateServiceLinkedRole>()
        .operation::<service_linked_role::DeleteServiceLinkedRole>()
        .operation::<service_linked_role::GetServiceLinkedRoleDeletionStatus>()
        .job::<service_linked_role::Deletion>()
        .operation::<instance_profile::CreateInstanceProfile>()
        .operation::<instance_profile::DeleteInstanceProfile>()
        .operation::<instance_profile::GetInstanceProfile>()
        .operation::<instance_profile::ListInstanceProfiles>()
        .operation::<instance_profile::ListInstanceProfilesForRole>()
        .operation::<instance_profile::AddRoleToInstanceProfile>()
        .operation::<instance_profile::RemoveRoleFromInstanceProfile>()
        .operation::<instance_profile::TagInstanceProfile>()
        .operation::<instance_profile::UntagInstanceProfile>()
        .operation::<instance_profile::ListInstanceProfileTags>()
}

fn devices(service: Service) -> Service {
    service
        .operation::<mfa::CreateVirtualMFADevice>()
        .operation::<mfa::DeleteVirtualMFADevice>()
        .operation::<mfa::EnableMFADevice>()
        .operation::<mfa::ResyncMFADevice>()
        .operation::<mfa::DeactivateMFADevice>()
        .operation::<mfa::GetMFADevice>()
        .operation::<mfa::ListMFADevices>()
        .operation::<mfa::ListVirtualMFADevices>()
        .operation::<mfa::TagMFADevice>()
        .operation::<mfa::UntagMFADevice>()
        .operation::<mfa::ListMFADeviceTags>()
}

fn reports(service: Service) -> Service {
    service
        .operation::<authorization_details::GetAccountAuthorizationDetails>()
        .operation::<credential_report::GenerateCredentialReport>()
        .operation::<credential_report::GetCredentialReport>()
        .job::<credential_report::Generation>()
        .operation::<granting_policies::ListPoliciesGrantingServiceAccess>()
        .operation::<last_accessed::GenerateServiceLastAccessedDetails>()
        .operation::<last_accessed::GetServiceLastAccessedDetails>()
        .operation::<last_accessed::GetServiceLastAccessedDetailsWithEntities>()
        .operation::<organization_report::GenerateOrganizationsAccessReport>()
        .operation::<organization_report::GetOrganizationsAccessReport>()
        .operation::<token_preference::SetSecurityTokenServicePreferences>()
}

fn certificates(service: Service) -> Service {
    service
        .operation::<server_certificate::UploadServerCertificate>()
        .operation::<server_certificate::GetServerCertificate>()
        .operation::<server_certificate::ListServerCertificates>()
        .operation::<server_certificate::UpdateServerCertificate>()
        .operation::<server_certificate::DeleteServerCertificate>()
        .operation::<server_certificate::TagServerCertificate>()
        .operation::<server_certificate::UntagServerCertificate>()
        .operation::<server_certificate::ListServerCertificateTags>()
        .operation::<signing_certificate::UploadSigningCertificate>()
        .operation::<signing_certificate::UpdateSigningCertificate>()
        .operation::<signing_certificate::DeleteSigningCertificate>()
        .operation::<signing_certificate::ListSigningCertificates>()
        .operation::<ssh_public_key::UploadSSHPublicKey>()
        .operation::<ssh_public_key::GetSSHPublicKey>()
        .operation::<ssh_public_key::UpdateSSHPublicKey>()
        .operation::<ssh_public_key::DeleteSSHPublicKey>()
        .operation::<ssh_public_key::ListSSHPublicKeys>()
        .operation::<service_credential::CreateServiceSpecificCredential>()
        .operation::<service_credential::ResetServiceSpecificCredential>()
        .operation::<service_credential::UpdateServiceSpecificCredential>()
        .operation::<service_credential::DeleteServiceSpecificCredential>()
        .operation::<service_credential::ListServiceSpecificCredentials>()
}

fn providers(service: Service) -> Service {
    service
        .operation::<oidc_provider::CreateOpenIDConnectProvider>()
        .operation::<oidc_provider::DeleteOpenIDConnectProvider>()
        .operation::<oidc_provider::GetOpenIDConnectProvider>()
        .operation::<oidc_provider::ListOpenIDConnectProviders>()
        .operation::<oidc_provider::AddClientIDToOpenIDConnectProvider>()
        .operation::<oidc_provider::RemoveClientIDFromOpenIDConnectProvider>()
        .operation::<oidc_provider::UpdateOpenIDConnectProviderThumbprint>()
        .operation::<oidc_provider::TagOpenIDConnectProvider>()
        .operation::<oidc_provider::UntagOpenIDConnectProvider>()
        .operation::<oidc_provider::ListOpenIDConnectProviderTags>()
        .operation::<saml_provider::CreateSAMLProvider>()
        .operation::<saml_provider::DeleteSAMLProvider>()
        .operation::<saml_provider::GetSAMLProvider>()
        .operation::<saml_provider::ListSAMLProviders>()
        .operation::<saml_provider::UpdateSAMLProvider>()
        .operation::<saml_provider::TagSAMLProvider>()
        .operation::<saml_provider::UntagSAMLProvider>()
        .operation::<saml_provider::ListSAMLProviderTags>()
}

fn groups(service: Service) -> Service {
    service
        .operation::<group::CreateGroup>()
        .operation::<group::GetGroup>()
        .operation::<group::UpdateGroup>()
        .operation::<group::DeleteGroup>()
        .operation::<group::ListGroups>()
        .operation::<group::ListGroupsForUser>()
        .operation::<group::AddUserToGroup>()
        .operation::<group::RemoveUserFromGroup>()
        .operation::<inline_policy::PutGroupPolicy>()
        .operation::<inline_policy::GetGroupPolicy>()
        .operation::<inline_policy::DeleteGroupPolicy>()
        .operation::<inline_policy::ListGroupPolicies>()
        .operation::<attachment::AttachGroupPolicy>()
        .operation::<attachment::DetachGroupPolicy>()
        .operation::<attachment::ListAttachedGroupPolicies>()
}

fn policies(service: Service) -> Service {
    service
        .operation::<policy::CreatePolicy>()
        .operation::<policy::GetPolicy>()
        .operation::<policy::DeletePolicy>()
        .operation::<policy::ListPolicies>()
        .operation::<policy::ListEntitiesForPolicy>()
        .operation::<policy::CreatePolicyVersion>()
        .operation::<policy::GetPolicyVersion>()
        .operation::<policy::DeletePolicyVersion>()
        .operation::<policy::ListPolicyVersions>()
        .operation::<policy::SetDefaultPolicyVersion>()
        .operation::<policy::TagPolicy>()
        .operation::<policy::UntagPolicy>()
        .operation::<policy::ListPolicyTags>()
        .operation::<root_access::ListOrganizationsFeatures>()
        .operation::<root_access::EnableOrganizationsRootSessions>()
        .operation::<root_access::DisableOrganizationsRootSessions>()
        .operation::<root_access::EnableOrganizationsRootCredentialsManagement>()
        .operation::<root_access::DisableOrganizationsRootCredentialsManagement>()
}

#[cfg(test)]
mod tests {
    use welkin_kernel::Registry;

    #[test]
    fn operations_and_errors_fit_the_model() {
        assert_eq!(Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
