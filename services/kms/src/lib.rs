//! AWS Key Management Service: keys that never leave, ciphertexts that name them, policies that guard them.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html>

mod access;
mod algorithm;
mod alias;
mod asymmetric;
mod ciphertext;
mod data_key;
mod data_key_pair;
mod decrypt;
mod derive;
mod dry_run;
mod encapsulate;
mod encrypt;
mod encryption_context;
mod errors;
mod expunge;
mod grant;
mod import;
mod key;
mod key_id;
mod last_use;
mod mac;
mod marker;
mod material;
mod message;
mod multi_region;
mod names;
mod policy;
mod public_key;
mod quota;
mod random;
mod re_encrypt;
mod recipient;
mod rotation;
mod secret;
mod service_event;
mod sign;
mod tag;

use welkin_kernel::Service;

/// The service.
pub fn service() -> Service {
    Service::new("kms")
        .errors(errors::ERRORS)
        .recorder(last_use::LastUses)
        .operation::<key::create::CreateKey>()
        .operation::<key::describe::DescribeKey>()
        .operation::<key::list::ListKeys>()
        .operation::<last_use::GetKeyLastUsage>()
        .operation::<key::enable::EnableKey>()
        .operation::<key::enable::DisableKey>()
        .operation::<key::description::UpdateKeyDescription>()
        .operation::<key::deletion::ScheduleKeyDeletion>()
        .operation::<key::deletion::CancelKeyDeletion>()
        .job::<key::deletion::DeleteKey>()
        .job::<expunge::Expunge>()
        .operation::<tag::TagResource>()
        .operation::<tag::UntagResource>()
        .operation::<tag::ListResourceTags>()
        .operation::<policy::PutKeyPolicy>()
        .operation::<policy::GetKeyPolicy>()
        .operation::<policy::ListKeyPolicies>()
        .operation::<alias::create::CreateAlias>()
        .operation::<alias::update::UpdateAlias>()
        .operation::<alias::delete::DeleteAlias>()
        .operation::<alias::list::ListAliases>()
        .operation::<encrypt::Encrypt>()
        .operation::<decrypt::Decrypt>()
        .operation::<re_encrypt::ReEncrypt>()
        .operation::<data_key::GenerateDataKey>()
        .operation::<data_key::GenerateDataKeyWithoutPlaintext>()
        .operation::<data_key_pair::GenerateDataKeyPair>()
        .operation::<data_key_pair::GenerateDataKeyPairWithoutPlaintext>()
        .operation::<public_key::GetPublicKey>()
        .operation::<sign::Sign>()
        .operation::<sign::Verify>()
        .operation::<derive::DeriveSharedSecret>()
        .operation::<encapsulate::Encapsulate>()
        .operation::<encapsulate::Decapsulate>()
        .operation::<mac::GenerateMac>()
        .operation::<mac::VerifyMac>()
        .operation::<random::GenerateRandom>()
        .operation::<rotation::EnableKeyRotation>()
        .operation::<rotation::DisableKeyRotation>()
        .operation::<rotation::GetKeyRotationStatus>()
        .operation::<rotation::on_demand::RotateKeyOnDemand>()
        .operation::<rotation::list::ListKeyRotations>()
        .job::<rotation::RotateKey>()
        .operation::<import::parameters::GetParametersForImport>()
        .job::<import::parameters::ForgetImportParameters>()
        .operation::<import::material::ImportKeyMaterial>()
        .job::<import::expiry::ExpireKeyMaterial>()
        .operation::<import::delete::DeleteImportedKeyMaterial>()
        .operation::<multi_region::replicate::ReplicateKey>()
        .operation::<multi_region::primary::UpdatePrimaryRegion>()
        .operation::<grant::create::CreateGrant>()
        .operation::<grant::list::ListGrants>()
        .operation::<grant::list::ListRetirableGrants>()
        .operation::<grant::end::RetireGrant>()
        .operation::<grant::end::RevokeGrant>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_fits_the_model() {
        assert_eq!(welkin_kernel::Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
