//! The statement of access that operations on a key share.
//!
//! Condition keys: <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>

use std::collections::BTreeMap;

use welkin_kernel::{Access, Cx, Principal, ResourceRule, Result};

use crate::encryption_context::EncryptionContext;
use crate::errors::AccessDeniedException;
use crate::grant;
use crate::key::Origin;
use crate::key::spec::{KeySpec, KeyUsage};
use crate::key_id::Target;
use crate::multi_region;

/// The demand of one operation on one key.
pub(crate) struct Demand<'a> {
    operation: &'static str,
    target: &'a Target,
    context: Option<&'a EncryptionContext>,
    owner_only: bool,
}

impl<'a> Demand<'a> {
    /// `kms:OPERATION` on the target.
    pub(crate) fn of(operation: &'static str, target: &'a Target) -> Self {
        Self { operation, target, context: None, owner_only: false }
    }

    /// With an encryption context.
    pub(crate) fn context(mut self, context: &'a EncryptionContext) -> Self {
        self.context = Some(context);
        self
    }

    /// For principals of the key's own account: "Cross-account use: No" in the operation's reference.
    pub(crate) fn by_the_owner(mut self) -> Self {
        self.owner_only = true;
        self
    }

    /// The statement of access, with the key policy and the grants that bear on the caller.
    pub(crate) async fn access(self, cx: &mut Cx) -> Result<Access> {
        let target = self.target;
        if self.owner_only {
            target.is_own(cx, self.operation)?;
        }
        let access = Access::to(format!("kms:{}", self.operation))
            .on(&target.arn)
            .owned_by(target.place.account)
            .rule(ResourceRule::KeyPolicy)
            .recorded_as("AWS::KMS::Key");
        let mut access = caller_keys(cx, access);
        if let Some(alias) = &target.alias {
            access = access.key("kms:RequestAlias", alias);
        }
        if let Some(context) = self.context {
            access = context.keys(access);
        }
        let Some(key) = &target.found else { return Ok(access) };
        access = kind(access, key.spec, key.usage(), key.origin);
        let replica = key.multi_region.is_some().then(|| key.is_replica());
        access = multi_region::condition_keys(access, replica).resource_tags(&key.tags);
        if !key.aliases.is_empty() {
            access = access.keys("kms:ResourceAliases", key.aliases.iter().cloned());
        }
        let granted = grant::widen(cx, key, self.operation, self.context).await?;
        Ok(access.policy(Some(granted.as_deref().unwrap_or(&key.policy))))
    }
}

impl Target {
    /// Refuses a key of another account than the caller's.
    ///
    /// # Errors
    /// `AccessDeniedException`
    // UNVERIFIED: the wording.
    pub(crate) fn is_own(&self, cx: &Cx, operation: &str) -> Result<()> {
        if self.place.account == cx.account() {
            return Ok(());
        }
        let caller = cx.principal().arn(cx.region().partition()).map(String::from).unwrap_or_default();
        Err(AccessDeniedException::because(format!(
            "User: {caller} is not authorized to perform: kms:{operation} on resource: {} because the resource belongs \
             to a different AWS account",
            self.arn
        )))
    }
}

/// Condition keys of what a key is, or is to be; some under their old names as well.
pub(crate) fn kind(access: Access, spec: KeySpec, usage: KeyUsage, origin: Origin) -> Access {
    access
        .key("kms:KeyOrigin", origin.name())
        .key("kms:KeySpec", spec.name())
        .key("kms:CustomerMasterKeySpec", spec.name())
        .key("kms:KeyUsage", usage.name())
        .key("kms:CustomerMasterKeyUsage", usage.name())
}

/// The demand of `kms:TagResource` for the tags of a key that is to be made; nothing if it is to have none.
///
/// Source: CreateKey and ReplicateKey, "Required permissions".
// UNVERIFIED: the resource, as the key has no id yet.
pub(crate) fn tagging(cx: &Cx, tags: &BTreeMap<String, String>) -> Access {
    if tags.is_empty() {
        return Access::open("no tags are set");
    }
    let access = Access::to("kms:TagResource").on(cx.here().arn("kms", "key/*")).request_tags(tags);
    caller_keys(cx, access)
}

/// `kms:BypassPolicyLockoutSafetyCheck`, which is there only if the request has the parameter.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>, its second example.
pub(crate) fn lockout_check(access: Access, bypass: Option<bool>) -> Access {
    match bypass {
        Some(bypass) => access.key("kms:BypassPolicyLockoutSafetyCheck", bypass.to_string()),
        None => access,
    }
}

/// Condition keys of whoever calls: `kms:CallerAccount` and `kms:ViaService`.
pub(crate) fn caller_keys(cx: &Cx, mut access: Access) -> Access {
    // UNVERIFIED: a service that acts for itself is taken to be of no account.
    if !matches!(cx.principal(), Principal::Service(_))
        && let Some(account) = cx.principal().account()
    {
        access = access.key("kms:CallerAccount", account.to_string());
    }
    match via_service(cx) {
        Some(via) => access.key("kms:ViaService", via),
        None => access,
    }
}

/// `s3.us-east-1.amazonaws.com`, when S3 calls for the principal.
fn via_service(cx: &Cx) -> Option<String> {
    let service = cx.caller().via.last()?.strip_suffix(".amazonaws.com")?;
    Some(format!("{service}.{}.amazonaws.com", cx.region()))
}
