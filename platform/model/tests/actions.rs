//! The service authorisation reference: every service decodes, and facts that are known from the reference.
#![allow(clippy::unwrap_used)]

use welkin_model::actions::{self, AccessLevel, ConditionValue};

#[test]
fn every_service_decodes() {
    let mut counts = (0, 0, 0);
    for prefix in actions::prefixes() {
        let service = actions::service(prefix).unwrap();
        assert_eq!(service.prefix, prefix);
        for action in &service.actions {
            assert_eq!(service.action(&action.name.to_uppercase()).unwrap().name, action.name, "{prefix}");
            for on in &action.resource_types {
                let resource = service.resource_type(on.resource_type).unwrap();
                assert!(resource.arn.contains(':'), "{prefix} {}", resource.name);
            }
        }
        for key in &service.condition_keys {
            assert_eq!(service.condition_key(key.name).unwrap().name, key.name);
        }
        counts.0 += service.actions.len();
        counts.1 += service.resource_types.len();
        counts.2 += service.condition_keys.len();
    }
    assert_eq!((actions::prefixes().len(), counts), (445, (20_455, 2_167, 2_348)));
}

#[test]
fn the_file_is_small() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/actions.bin");
    assert!(std::fs::metadata(file).unwrap().len() <= 3 << 19);
}

#[test]
fn kms_decrypt() {
    let kms = actions::service("kms").unwrap();
    let decrypt = kms.action("decrypt").unwrap();
    assert_eq!((decrypt.name, decrypt.access_level), ("Decrypt", AccessLevel::Write));
    let [on] = &decrypt.resource_types[..] else { panic!("{:?}", decrypt.resource_types) };
    assert_eq!((on.resource_type, on.required), ("key", true));
    assert!(decrypt.condition_keys.contains(&"kms:EncryptionContext:${EncryptionContextKey}"));
    let key = kms.resource_type("key").unwrap();
    assert_eq!(key.arn, "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}");
    assert!(key.condition_keys.contains(&"kms:KeySpec"));
    assert!(kms.action("Decryptt").is_none() && kms.resource_type("bucket").is_none());
}

#[test]
fn levels_of_access() {
    for (name, level) in [
        ("s3:ListAllMyBuckets", AccessLevel::List),
        ("s3:GetObject", AccessLevel::Read),
        ("s3:PutObject", AccessLevel::Write),
        ("s3:PutBucketPolicy", AccessLevel::PermissionsManagement),
        ("sqs:TagQueue", AccessLevel::Tagging),
        ("STS:assumerole", AccessLevel::Write),
    ] {
        assert_eq!(actions::action(name).unwrap().access_level, level, "{name}");
    }
    for unknown in ["s3", "s3:", ":", "", "nosuch:Action", "s3:NoSuchAction"] {
        assert!(actions::action(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn condition_keys_have_types() {
    let ec2 = actions::service("ec2").unwrap();
    let tag_keys = ec2.condition_key("aws:TagKeys").unwrap();
    assert_eq!((tag_keys.value, tag_keys.multivalued), (ConditionValue::String, true));
    let encrypted = ec2.condition_key("ec2:Encrypted").unwrap();
    assert_eq!((encrypted.value, encrypted.multivalued), (ConditionValue::Bool, false));
}

#[test]
fn dependent_actions() {
    let run = actions::action("ecs:RunTask").unwrap();
    let dependent = run.dependent_actions.iter().chain(run.resource_types.iter().flat_map(|on| &on.dependent_actions));
    assert!(dependent.clone().any(|action| *action == "iam:PassRole"), "{run:?}");
}
