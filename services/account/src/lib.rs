//! AWS Account Management: contacts, name, address and Regions of accounts.
//!
//! An account manages itself; the management account of its organization, and the delegated administrator of
//! this service, manage it too.
//! Reference: <https://docs.aws.amazon.com/accounts/latest/reference/Welcome.html>

mod alternate_contact;
mod code;
mod contact;
mod errors;
mod information;
mod primary_email;
mod region;
mod subject;

use welkin_kernel::Service;

/// The service.
pub fn service() -> Service {
    Service::new("account")
        .errors(errors::ERRORS)
        .opt_ins(region::Regions)
        .operation::<alternate_contact::GetAlternateContact>()
        .operation::<alternate_contact::PutAlternateContact>()
        .operation::<alternate_contact::DeleteAlternateContact>()
        .operation::<contact::GetContactInformation>()
        .operation::<contact::PutContactInformation>()
        .operation::<contact::SendPhoneNumberVerification>()
        .operation::<contact::VerifyPhoneNumber>()
        .operation::<information::GetAccountInformation>()
        .operation::<information::PutAccountName>()
        .operation::<primary_email::GetPrimaryEmail>()
        .operation::<primary_email::StartPrimaryEmailUpdate>()
        .operation::<primary_email::AcceptPrimaryEmailUpdate>()
        .operation::<primary_email::GetPrimaryEmailUpdateStatus>()
        .operation::<region::ListRegions>()
        .operation::<region::GetRegionOptStatus>()
        .operation::<region::EnableRegion>()
        .operation::<region::DisableRegion>()
        .job::<region::RegionJob>()
}

#[cfg(test)]
mod tests {
    use welkin_kernel::Registry;

    #[test]
    fn operations_and_errors_fit_the_model() {
        assert_eq!(Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
