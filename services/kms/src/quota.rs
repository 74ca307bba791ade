//! Request quotas.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>. Cross-account
//! calls and calls that services make for someone are charged to the account that makes the request.

use welkin_kernel::{Cx, Limit, Region};

use crate::algorithm::{EncryptionAlgorithm, SigningAlgorithm};
use crate::data_key_pair::DataKeyPairSpec;

/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html>
const MESSAGE: &str = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

/// The quota that cryptographic operations with symmetric and HMAC keys share.
pub(crate) fn symmetric(cx: &Cx) -> Limit {
    limit("kms cryptographic operations (symmetric)", symmetric_rate(cx.region()))
}

/// The quota that cryptographic operations with RSA keys share.
const fn rsa() -> Limit {
    limit("kms cryptographic operations (RSA)", 1000.0)
}

/// The quota that cryptographic operations with keys on elliptic curves share.
pub(crate) const fn ecc() -> Limit {
    limit("kms cryptographic operations (ECC)", 1000.0)
}

/// The quota that cryptographic operations with ML-KEM keys share.
// UNVERIFIED: the rate.
pub(crate) const fn ml_kem() -> Limit {
    limit("kms cryptographic operations (ML-KEM)", 1000.0)
}

/// The quota of encryption and decryption by an algorithm.
pub(crate) fn encryption(cx: &Cx, algorithm: EncryptionAlgorithm) -> Limit {
    match algorithm {
        EncryptionAlgorithm::SymmetricDefault => symmetric(cx),
        EncryptionAlgorithm::OaepSha1 | EncryptionAlgorithm::OaepSha256 | EncryptionAlgorithm::Sm2 => rsa(),
    }
}

/// The quota of signing and verifying by an algorithm.
// UNVERIFIED: the rate of ML-DSA.
pub(crate) const fn signing(algorithm: SigningAlgorithm) -> Limit {
    match algorithm {
        SigningAlgorithm::PssSha256
        | SigningAlgorithm::PssSha384
        | SigningAlgorithm::PssSha512
        | SigningAlgorithm::Pkcs1Sha256
        | SigningAlgorithm::Pkcs1Sha384
        | SigningAlgorithm::Pkcs1Sha512 => rsa(),
        SigningAlgorithm::MlDsa => limit("kms cryptographic operations (ML-DSA)", 1000.0),
        SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::EcdsaSha384
        | SigningAlgorithm::EcdsaSha512
        | SigningAlgorithm::Ed25519
        | SigningAlgorithm::Ed25519Ph
        | SigningAlgorithm::Sm2 => ecc(),
    }
}

/// The quota of making data key pairs of a spec: each has its own.
// UNVERIFIED: the rates of Ed25519 and ML-KEM.
pub(crate) const fn data_key_pair(spec: DataKeyPairSpec) -> Limit {
    match spec {
        DataKeyPairSpec::Rsa2048 => limit("kms GenerateDataKeyPair (RSA_2048)", 1.0),
        DataKeyPairSpec::Rsa3072 => limit("kms GenerateDataKeyPair (RSA_3072)", 0.5),
        DataKeyPairSpec::Rsa4096 => limit("kms GenerateDataKeyPair (RSA_4096)", 0.1),
        DataKeyPairSpec::P256 => limit("kms GenerateDataKeyPair (ECC_NIST_P256)", 25.0),
        DataKeyPairSpec::P384 => limit("kms GenerateDataKeyPair (ECC_NIST_P384)", 10.0),
        DataKeyPairSpec::P521 => limit("kms GenerateDataKeyPair (ECC_NIST_P521)", 5.0),
        DataKeyPairSpec::P256K1 => limit("kms GenerateDataKeyPair (ECC_SECG_P256K1)", 25.0),
        DataKeyPairSpec::Sm2 => limit("kms GenerateDataKeyPair (SM2)", 25.0),
        DataKeyPairSpec::Ed25519 => limit("kms GenerateDataKeyPair (ECC_NIST_EDWARDS25519)", 25.0),
        DataKeyPairSpec::MlKem512 => limit("kms GenerateDataKeyPair (ML_KEM_512)", 25.0),
        DataKeyPairSpec::MlKem768 => limit("kms GenerateDataKeyPair (ML_KEM_768)", 25.0),
        DataKeyPairSpec::MlKem1024 => limit("kms GenerateDataKeyPair (ML_KEM_1024)", 25.0),
    }
}

fn symmetric_rate(region: Region) -> f64 {
    match region.name() {
        "us-east-1" | "us-west-2" | "eu-west-1" => 100_000.0,
        "us-east-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-1" | "eu-central-1" | "eu-west-2" => 20_000.0,
        _ => 10_000.0,
    }
}

/// The quota of `GetParametersForImport`: one in four seconds.
pub(crate) const fn import_parameters() -> Limit {
    limit("kms GetParametersForImport", 0.25)
}

/// The quota of one management operation.
pub(crate) const fn management(operation: &'static str, per_second: u32) -> Limit {
    limit(operation, per_second as f64)
}

/// A quota; a rate below one a second lets one request through at once.
// UNVERIFIED: how many requests AWS lets through at once; a second's worth is assumed.
const fn limit(name: &'static str, per_second: f64) -> Limit {
    let limit = Limit::per_second(name, per_second).saying(MESSAGE);
    Limit { burst: if per_second < 1.0 { 1.0 } else { per_second }, ..limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_quota_depends_on_the_region() {
        let rate = |name: &str| name.parse().map(symmetric_rate);
        assert_eq!(rate("us-east-1"), Ok(100_000.0));
        assert_eq!(rate("eu-central-1"), Ok(20_000.0));
        assert_eq!(rate("sa-east-1"), Ok(10_000.0));
    }

    #[test]
    fn a_slow_quota_still_lets_a_request_through() {
        let limit = data_key_pair(DataKeyPairSpec::Rsa4096);
        assert_eq!((limit.rate, limit.burst), (0.1, 1.0));
    }

    #[test]
    fn each_sort_of_key_has_a_bucket_of_its_own() {
        let mut names: Vec<_> = SigningAlgorithm::ALL.iter().map(|algorithm| signing(*algorithm).name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 3, "{names:?}");
        let mut pairs: Vec<_> = DataKeyPairSpec::ALL.iter().map(|spec| data_key_pair(*spec).name).collect();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), DataKeyPairSpec::ALL.len());
    }
}
