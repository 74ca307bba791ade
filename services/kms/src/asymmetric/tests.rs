//! Key pairs against themselves, and the libraries against one another.
#![allow(clippy::unwrap_used)]

use aws_lc_rs::digest::{SHA256, SHA384, SHA512};
use welkin_kernel::Chance;

use super::*;
use crate::algorithm::EncryptionAlgorithm;
use crate::key::spec::KeyUsage;

/// Specs whose keys are made in no time.
const QUICK: [KeySpec; 9] = [
    KeySpec::Rsa2048,
    KeySpec::P256,
    KeySpec::P384,
    KeySpec::P521,
    KeySpec::P256K1,
    KeySpec::Ed25519,
    KeySpec::MlDsa44,
    KeySpec::MlDsa65,
    KeySpec::MlDsa87,
];

fn pair(spec: KeySpec) -> Pair {
    generate(spec, &Chance::from_seed(7)).unwrap()
}

#[test]
fn what_is_signed_is_verified_and_nothing_else() {
    for spec in QUICK {
        let Pair { private, public } = pair(spec);
        let other = generate(spec, &Chance::from_seed(8)).unwrap().public;
        for algorithm in spec.signing_algorithms().iter().copied() {
            let digest = [7; 64];
            let message = match algorithm {
                SigningAlgorithm::Ed25519Ph => Message::Digest(&digest),
                _ => Message::Raw(b"message"),
            };
            let signature = sign(spec, &private, algorithm, message).unwrap();
            let verified =
                |public: &[u8], message, signature: &[u8]| verify(spec, public, algorithm, message, signature).unwrap();
            assert!(verified(&public, message, &signature), "{spec:?} {algorithm:?}");
            assert!(!verified(&other, message, &signature), "{spec:?} {algorithm:?}: another key");
            let altered = match message {
                Message::Digest(_) => Message::Digest(&[8; 64]),
                _ => Message::Raw(b"massage"),
            };
            assert!(!verified(&public, altered, &signature), "{spec:?} {algorithm:?}: another message");
            for at in [0, signature.len() / 2, signature.len() - 1] {
                let mut damaged = signature.clone();
                damaged[at] ^= 4;
                assert!(!verified(&public, message, &damaged), "{spec:?} {algorithm:?}: byte {at}");
            }
            for damaged in [&signature[..signature.len() - 1], &[]] {
                assert!(!verified(&public, message, damaged), "{spec:?} {algorithm:?}: cut off");
            }
        }
    }
}

#[test]
fn a_digest_is_signed_as_its_message_is() {
    for spec in [KeySpec::Rsa2048, KeySpec::P256, KeySpec::P384, KeySpec::P521, KeySpec::P256K1] {
        let Pair { private, public } = pair(spec);
        for algorithm in spec.signing_algorithms().iter().copied() {
            let hash = algorithm.digest().unwrap();
            assert!([&SHA256, &SHA384, &SHA512].contains(&hash));
            let digest = digest::digest(hash, b"message");
            let of_digest = sign(spec, &private, algorithm, Message::Digest(digest.as_ref())).unwrap();
            assert!(verify(spec, &public, algorithm, Message::Raw(b"message"), &of_digest).unwrap(), "{algorithm:?}");
            let of_message = sign(spec, &private, algorithm, Message::Raw(b"message")).unwrap();
            let verified = verify(spec, &public, algorithm, Message::Digest(digest.as_ref()), &of_message);
            assert!(verified.unwrap(), "{algorithm:?}");
        }
    }
}

#[test]
fn an_external_mu_is_signed_and_verified() {
    for spec in [KeySpec::MlDsa44, KeySpec::MlDsa65, KeySpec::MlDsa87] {
        let Pair { private, public } = pair(spec);
        let signature = sign(spec, &private, SigningAlgorithm::MlDsa, Message::ExternalMu(&[3; 64])).unwrap();
        let verified = |mu: &[u8; 64], signature: &[u8]| {
            verify(spec, &public, SigningAlgorithm::MlDsa, Message::ExternalMu(mu), signature).unwrap()
        };
        assert!(verified(&[3; 64], &signature));
        assert!(!verified(&[4; 64], &signature) && !verified(&[3; 64], &signature[1..]));
    }
}

#[test]
fn a_key_that_is_read_is_written_the_same() {
    for spec in QUICK {
        let made = pair(spec);
        let again = read(spec, &made.private).unwrap();
        assert_eq!((&again.private, &again.public), (&made.private, &made.public), "{spec:?}");
        assert!(read(spec, &made.private[1..]).is_err() && read(spec, b"").is_err());
        for other in KeySpec::ALL.iter().filter(|other| **other != spec) {
            assert!(read(*other, &made.private).is_err(), "{spec:?} as {other:?}");
        }
    }
}

#[test]
fn oaep_decrypts_what_it_encrypted_up_to_its_limit() {
    let Pair { private, public } = pair(KeySpec::Rsa2048);
    for (algorithm, most) in [(EncryptionAlgorithm::OaepSha1, 214), (EncryptionAlgorithm::OaepSha256, 190)] {
        for length in [0, 1, most] {
            let plain = vec![5; length];
            let ciphertext = rsa::encrypt(&public, algorithm, &plain).unwrap().unwrap();
            assert_eq!(ciphertext.len(), 256);
            let opened = rsa::decrypt(&private, algorithm, &ciphertext).unwrap().unwrap();
            assert_eq!(*opened, plain, "{algorithm:?}, {length} bytes");
            let mut damaged = ciphertext.clone();
            damaged[100] ^= 1;
            assert!(rsa::decrypt(&private, algorithm, &damaged).unwrap().is_none());
            assert!(rsa::decrypt(&private, algorithm, &ciphertext[1..]).unwrap().is_none());
        }
        assert_eq!(rsa::encrypt(&public, algorithm, &vec![0; most + 1]).unwrap().err(), Some(most));
    }
    let by_sha1 = rsa::encrypt(&public, EncryptionAlgorithm::OaepSha1, b"x").unwrap().unwrap();
    assert!(rsa::decrypt(&private, EncryptionAlgorithm::OaepSha256, &by_sha1).unwrap().is_none());
}

#[test]
fn two_agree_on_a_secret_only_on_the_same_curve() {
    for spec in KeySpec::ALL.iter().copied().filter(|spec| spec.usages().contains(&KeyUsage::KeyAgreement)) {
        let (alice, bob) = (pair(spec), pair(spec));
        let secret = ecc::agree(spec, &alice.private, &bob.public).unwrap().unwrap();
        assert_eq!(secret, ecc::agree(spec, &bob.private, &alice.public).unwrap().unwrap());
        let point_alone = &bob.public[bob.public.len() - (2 * secret.len() + 1)..];
        assert!(ecc::agree(spec, &alice.private, point_alone).unwrap().is_none(), "a point is no SubjectPublicKeyInfo");
        let elsewhere = pair(if spec == KeySpec::P256 { KeySpec::P384 } else { KeySpec::P256 });
        assert!(ecc::agree(spec, &alice.private, &elsewhere.public).unwrap().is_none());
    }
}

#[test]
fn an_encapsulated_secret_is_recovered_and_a_damaged_one_is_another() {
    for spec in [KeySpec::MlKem512, KeySpec::MlKem768, KeySpec::MlKem1024] {
        let Pair { private, public } = pair(spec);
        assert_eq!(private.len(), 86, "the form of the seed");
        let (ciphertext, secret) = ml_kem::encapsulate(spec, &public).unwrap();
        assert_eq!(secret.len(), 32);
        assert_eq!(ml_kem::decapsulate(spec, &private, &ciphertext).unwrap().unwrap(), secret);
        let mut damaged = ciphertext.clone();
        damaged[3] ^= 1;
        assert_ne!(ml_kem::decapsulate(spec, &private, &damaged).unwrap().unwrap(), secret);
        assert!(ml_kem::decapsulate(spec, &private, &ciphertext[1..]).unwrap().is_none());
    }
}
