//! `CreateGrant`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Limit, Operation, Page, Result};

use super::{Constraints, Grant, Wanted, token, widen_for};
use crate::access::Demand;
use crate::dry_run::dry_run;
use crate::errors::{InvalidArnException, LimitExceededException, ValidationException};
use crate::key::Key;
use crate::key::spec::{KeySpec, KeyUsage};
use crate::{grant, key_id, quota};

/// Permits operations on a key to a principal.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateGrant {
    key_id: String,
    grantee_principal: Option<String>,
    retiring_principal: Option<String>,
    operations: Vec<String>,
    constraints: Option<Constraints>,
    #[serde(default)]
    grant_tokens: Vec<String>,
    name: Option<String>,
    dry_run: Option<bool>,
    grantee_service_principal: Option<String>,
    retiring_service_principal: Option<String>,
}

/// The grant.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateGrantResponse {
    grant_token: String,
    grant_id: String,
}

/// Grants of one key at most.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const MOST: u32 = 50_000;

/// What grants on a key can permit.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations>
fn possible(key: &Key) -> &'static [&'static str] {
    match key.usage() {
        KeyUsage::EncryptDecrypt if key.spec == KeySpec::SymmetricDefault => &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
        ],
        KeyUsage::EncryptDecrypt => &[
            "Decrypt",
            "Encrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
            "GetPublicKey",
        ],
        KeyUsage::SignVerify => &["Sign", "Verify", "CreateGrant", "RetireGrant", "DescribeKey", "GetPublicKey"],
        KeyUsage::GenerateVerifyMac => &["GenerateMac", "VerifyMac", "CreateGrant", "RetireGrant", "DescribeKey"],
        KeyUsage::KeyAgreement => &["DeriveSharedSecret", "CreateGrant", "RetireGrant", "DescribeKey", "GetPublicKey"],
        KeyUsage::EncapsulateDecapsulate => {
            &["Encapsulate", "Decapsulate", "CreateGrant", "RetireGrant", "DescribeKey", "GetPublicKey"]
        }
    }
}

impl CreateGrant {
    fn grantee(&self) -> Result<&str> {
        match (&self.grantee_principal, &self.grantee_service_principal) {
            (Some(principal), None) => check_principal(principal),
            (None, Some(service)) => Ok(service),
            // UNVERIFIED: the wording.
            _ => Err(ValidationException::because(
                "Exactly one of GranteePrincipal and GranteeServicePrincipal must be specified.",
            )),
        }
    }

    fn retiring(&self) -> Result<Option<&str>> {
        match (&self.retiring_principal, &self.retiring_service_principal) {
            (Some(principal), None) => check_principal(principal).map(Some),
            (None, service) => Ok(service.as_deref()),
            _ => Err(ValidationException::because(
                "At most one of RetiringPrincipal and RetiringServicePrincipal can be specified.",
            )),
        }
    }

    fn check(&self, key: &Key) -> Result<()> {
        let possible = possible(key);
        if let Some(operation) = self.operations.iter().find(|o| !possible.contains(&o.as_str())) {
            // UNVERIFIED: the wording.
            return Err(ValidationException::because(format!(
                "Operation {operation} is not supported by keys of key spec {}.",
                key.spec.name()
            )));
        }
        let constrained = self.constraints.as_ref().is_some_and(|constraints| {
            constraints.encryption_context_equals.is_some() || constraints.encryption_context_subset.is_some()
        });
        if constrained && key.spec != KeySpec::SymmetricDefault {
            return Err(ValidationException::because(
                "Encryption context constraints are valid only for symmetric encryption KMS keys.",
            ));
        }
        Ok(())
    }

    /// The grant that the call is to make.
    fn grant(&self, cx: &Cx, key_id: &str) -> Result<Grant> {
        let mut operations = self.operations.clone();
        operations.dedup();
        Ok(Grant {
            key_id: key_id.to_owned(),
            id: String::new(),
            name: self.name.clone(),
            created: cx.now(),
            grantee: self.grantee()?.to_owned(),
            retiring: self.retiring()?.map(str::to_owned),
            issuing_account: cx.principal().account().unwrap_or(cx.account()),
            operations,
            constraints: self.constraints.clone(),
        })
    }
}

/// Refuses a principal that cannot be one.
pub(super) fn check_principal(principal: &str) -> Result<&str> {
    let arn: Option<Arn> = principal.parse().ok();
    if arn.is_some_and(|arn| matches!(arn.service(), "iam" | "sts") && arn.account().is_some()) {
        return Ok(principal);
    }
    Err(InvalidArnException::because(format!("ARN does not refer to a valid principal: {principal}")))
}

impl Operation for CreateGrant {
    const NAME: &'static str = "CreateGrant";
    type Output = CreateGrantResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let mut access = Demand::of(Self::NAME, &target).access(cx).await?;
        if let Some(key) = &target.found {
            let child = self.grant(cx, &key.id)?;
            let wanted = Wanted { operation: Self::NAME, context: None, child: Some(&child), retired: None };
            if let Some(policy) = widen_for(cx, key, wanted).await? {
                access = access.policy(Some(&policy));
            }
        }
        access = access
            .keys("kms:GrantOperations", self.operations.iter().cloned())
            .key("kms:GranteePrincipal", self.grantee()?)
            .key("kms:GrantIsForAWSResource", (!cx.caller().via.is_empty()).to_string());
        if let Some(retiring) = self.retiring()? {
            access = access.key("kms:RetiringPrincipal", retiring);
        }
        Ok(match &self.constraints {
            Some(constraints) => constraints.condition_keys(access),
            None => access,
        })
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms CreateGrant", 50))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateGrantResponse> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.usable(cx.now())?;
        self.check(&key)?;
        grant::check_tokens(cx, &self.grant_tokens)?;
        let mut new = self.grant(cx, &key.id)?;
        if new.name.is_some() {
            // With a name the call is idempotent: the reference, `Name`.
            for old in cx.list::<Grant>(key.place, (&key.id,), Page::ALL).await? {
                if old == (Grant { id: old.id.clone(), created: old.created, ..new.clone() }) {
                    return Ok(CreateGrantResponse { grant_token: token(cx, &old)?, grant_id: old.id });
                }
            }
        }
        if key.grants >= MOST {
            return Err(LimitExceededException::because(format!("A KMS key can have at most {MOST} grants.")));
        }
        dry_run(self.dry_run)?;
        new.id = cx.chance().hex(64);
        cx.put(key.place, &new).await?;
        key.grants += 1;
        cx.put(key.place, &key).await?;
        Ok(CreateGrantResponse { grant_token: token(cx, &new)?, grant_id: new.id })
    }
}
