//! AWS managed keys: made in an account and Region when a service first needs one there.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk>

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Place, Result, Timestamp};

use super::KeyManager;
use super::create::{Draft, create, draw};
use super::spec::{KeySpec, KeyUsage};
use super::state::KeyState;
use crate::alias::{self, RESERVED};
use crate::policy;
use crate::rotation::{self, Rotation};

/// A service with keys of its own in the accounts of its customers.
pub(crate) struct ManagingService {
    /// Last part of the alias: `alias/aws/NAME`.
    pub(crate) alias: &'static str,
    /// First label of `kms:ViaService`, and the service's principal without `.amazonaws.com`.
    pub(crate) via: &'static str,
    /// What the policy calls it.
    pub(crate) title: &'static str,
    /// What the key's description says that it protects.
    protects: &'static str,
}

/// Services with AWS managed keys.
///
/// Source: the aliases that ListAliases shows in an account, and the pages on encryption of these services.
// UNVERIFIED: titles and descriptions beyond those of S3.
const SERVICES: &[ManagingService] = &[
    service("acm", "acm", "ACM", "ACM private keys"),
    service("backup", "backup", "Backup", "backups"),
    service("dynamodb", "dynamodb", "Amazon DynamoDB", "DynamoDB tables"),
    service("ebs", "ec2", "EBS", "EBS volumes"),
    service("elasticfilesystem", "elasticfilesystem", "EFS", "EFS file systems"),
    service("es", "es", "OpenSearch Service", "OpenSearch domains"),
    service("glue", "glue", "Glue", "Glue data catalogs"),
    service("kinesis", "kinesis", "Kinesis", "Kinesis streams"),
    service("lambda", "lambda", "AWS Lambda", "Lambda environment variables"),
    service("rds", "rds", "RDS", "RDS databases"),
    service("redshift", "redshift", "Redshift", "Redshift clusters"),
    service("s3", "s3", "S3", "S3 objects"),
    service("secretsmanager", "secretsmanager", "AWS Secrets Manager", "secrets"),
    service("sns", "sns", "SNS", "SNS topics"),
    service("sqs", "sqs", "SQS", "SQS queues"),
    service("ssm", "ssm", "SSM", "SSM parameters"),
];

const fn service(
    alias: &'static str,
    via: &'static str,
    title: &'static str,
    protects: &'static str,
) -> ManagingService {
    ManagingService { alias, via, title, protects }
}

impl ManagingService {
    /// The service behind `alias/aws/NAME`.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.alias == name)
    }
}

/// Days between rotations of AWS managed keys.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html>: every year.
const ROTATION_DAYS: u32 = 365;

/// The id of the key behind a predefined alias that has none yet: it is made when the service itself asks,
/// or when it is described (DescribeKey's reference: "associates the alias with an AWS managed key").
pub(crate) async fn on_first_use(cx: &mut Cx, place: Place, alias: &str) -> Result<Option<String>> {
    let Some(service) = alias.strip_prefix(RESERVED).and_then(ManagingService::named) else {
        return Ok(None);
    };
    if place.account != cx.account() || !may_create(cx, service) {
        return Ok(None);
    }
    let drawn = draw(cx, KeySpec::SymmetricDefault).await?;
    let draft = Draft {
        description: format!("Default key that protects my {} when no other key is defined", service.protects),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        manager: KeyManager::Aws,
        policy: policy::managed(place, service),
        tags: BTreeMap::new(),
        multi_region: false,
    };
    let mut key = create(cx, place, draft, Some(drawn)).await?;
    debug_assert!(key.state == KeyState::Enabled, "a new key is enabled");
    key.aliases.insert(alias.to_owned());
    let next = rotation::next_after(cx.now(), ROTATION_DAYS);
    key.rotation = Some(Rotation { period_days: ROTATION_DAYS, next });
    cx.put(place, &key).await?;
    rotation::schedule(cx, &key).await?;
    alias::put(cx, place, alias, &key.id, None::<Timestamp>).await?;
    Ok(Some(key.id))
}

/// Whether the service behind the alias is the one that calls, for itself or for someone.
fn may_create(cx: &Cx, service: &ManagingService) -> bool {
    let of = |name: &str| name.strip_suffix(".amazonaws.com") == Some(service.via);
    match cx.principal() {
        welkin_kernel::Principal::Service(caller) => of(&caller.name),
        _ => cx.caller().via.last().is_some_and(|via| of(via)),
    }
}
