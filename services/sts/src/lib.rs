//! AWS Security Token Service: temporary credentials.
//!
//! A session is not stored: it lies, sealed, in its session token (`welkin_kernel::credentials`).
//! Reference: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

mod access_key_info;
mod assume_role;
mod assume_root;
mod authorization_message;
mod caller;
mod caller_identity;
mod credentials;
mod errors;
mod federation_token;
mod mfa;
mod role;
mod saml;
mod session_policy;
mod session_tag;
mod session_token;
mod source_identity;
mod web_identity;

use welkin_kernel::Service;

/// The service.
pub fn service() -> Service {
    Service::new("sts")
        .errors(errors::ERRORS)
        .operation::<caller_identity::GetCallerIdentity>()
        .operation::<assume_role::AssumeRole>()
        .operation::<saml::AssumeRoleWithSAML>()
        .operation::<web_identity::AssumeRoleWithWebIdentity>()
        .operation::<assume_root::AssumeRoot>()
        .operation::<session_token::GetSessionToken>()
        .operation::<federation_token::GetFederationToken>()
        .operation::<access_key_info::GetAccessKeyInfo>()
        .operation::<authorization_message::DecodeAuthorizationMessage>()
}

#[cfg(test)]
mod tests {
    use welkin_kernel::Registry;

    #[test]
    fn operations_and_errors_fit_the_model() {
        assert_eq!(Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
