//! Assuming a role with a SAML assertion.

mod assertion;
mod attributes;
mod canonical;
mod encryption;
mod metadata;
mod signature;
mod xml;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Federated, Operation, Result, Session};

use crate::credentials::{self, Credentials};
use crate::errors::{AccessDenied, InvalidIdentityTokenException};
use crate::role::{self, AssumedRoleUser, Wish};
use crate::session_policy::{self, PolicyDescriptor};
use crate::session_tag;
use assertion::{Assertion, Decryption};
use metadata::Metadata;

/// Gives temporary credentials of a role to whom a SAML identity provider vouches for. Nobody signs this call: the
/// provider's signature of the assertion takes the place of it.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoleWithSAML {
    role_arn: String,
    principal_arn: String,
    #[serde(rename = "SAMLAssertion")]
    saml_assertion: String,
    policy_arns: Option<Vec<PolicyDescriptor>>,
    policy: Option<String>,
    duration_seconds: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoleWithSAMLResponse {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    packed_policy_size: Option<usize>,
    subject: String,
    subject_type: String,
    issuer: String,
    audience: String,
    name_qualifier: String,
    source_identity: Option<String>,
}

/// An assertion that its provider has signed for this account.
struct Verified {
    provider: Arn,
    assertion: Assertion,
    qualifier: String,
}

impl Operation for AssumeRoleWithSAML {
    const NAME: &'static str = "AssumeRoleWithSAML";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = AssumeRoleWithSAMLResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = role::arn(&self.role_arn)?;
        let Verified { provider, assertion, qualifier } = self.verify(cx, &arn).await?;
        cx.identify(Federated {
            id: format!("{qualifier}:{}", assertion.subject),
            provider_name: qualifier.clone(),
            subject: assertion.subject.clone(),
            saml: true,
            provider,
        });
        let role = role::find(cx, &arn).await?;
        let wish = Wish {
            arn: &arn,
            role: role.as_ref(),
            session_name: &assertion.session_name,
            seconds: self.duration_seconds,
            source_identity: assertion.source_identity.as_deref(),
            tags: &assertion.tags,
            transitive: &assertion.transitive,
            keys: &assertion.condition_keys(&qualifier),
        };
        Ok(wish.access("sts:AssumeRoleWithSAML"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<AssumeRoleWithSAMLResponse> {
        let arn = role::arn(&self.role_arn)?;
        let Verified { provider, assertion, qualifier } = self.verify(cx, &arn).await?;
        let session = self.session(cx, &arn, &provider, &assertion, &qualifier).await?;
        Ok(AssumeRoleWithSAMLResponse {
            credentials: credentials::issue(cx, &session)?,
            assumed_role_user: AssumedRoleUser::of(cx, &session),
            packed_policy_size: session_policy::packed_size(&session)?,
            subject: assertion.subject,
            subject_type: assertion.subject_type,
            issuer: assertion.issuer,
            audience: assertion.recipient,
            name_qualifier: qualifier,
            source_identity: session.source_identity,
        })
    }
}

impl AssumeRoleWithSAML {
    /// Reads the assertion and verifies it by the metadata that the role's account has of its provider.
    async fn verify(&self, cx: &mut Cx, role: &Arn) -> Result<Verified> {
        let account = role.account().ok_or_else(|| role::invalid(role))?;
        // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
        let unknown = || InvalidIdentityTokenException::because("Specified provider doesn't exist");
        let (arn, name) = provider(&self.principal_arn, account).ok_or_else(unknown)?;
        let provider = cx.saml_provider(&arn).await?.ok_or_else(unknown)?;
        if provider.valid_until <= cx.now() {
            // UNVERIFIED: AWS's wording.
            return Err(InvalidIdentityTokenException::because("The metadata of the provider are not valid any more"));
        }
        let metadata = Metadata::parse(&provider.metadata)
            .map_err(|_| InvalidIdentityTokenException::because("Could not parse metadata."))?;
        let decryption = Decryption { keys: provider.private_keys, required: provider.encryption_required };
        let assertion = Assertion::read(&self.saml_assertion, &metadata, &decryption, cx.now())?;
        if !assertion.names(&self.role_arn, &self.principal_arn) {
            return Err(AccessDenied::because("Not authorized to perform sts:AssumeRoleWithSAML"));
        }
        let qualifier = assertion.name_qualifier(account, &name);
        Ok(Verified { provider: arn, assertion, qualifier })
    }

    async fn session(
        &self,
        cx: &mut Cx,
        arn: &Arn,
        provider: &Arn,
        assertion: &Assertion,
        qualifier: &str,
    ) -> Result<Session> {
        let role = role::find(cx, arn).await?.ok_or_else(|| role::invalid(arn))?;
        let mut session = role::session(cx, arn, role, &assertion.session_name, self.duration_seconds)?;
        if let Some(ends) = assertion.session_ends {
            session.expires = session.expires.min(ends);
        }
        session.policies = session_policy::inline(self.policy.as_ref())?;
        session.policy_arns = session_policy::managed(self.policy_arns.as_ref(), session.account)?;
        session.provider = Some(provider.to_string());
        session.federation = assertion.session_keys(qualifier);
        session.source_identity = assertion.source_identity.clone();
        session_tag::give(&mut session, assertion.tags.clone(), &assertion.transitive, None)?;
        Ok(session)
    }
}

/// Reads the ARN of a provider, which must be of the role's account; with its name.
fn provider(text: &str, account: AccountId) -> Option<(Arn, String)> {
    let arn: Arn = text.parse().ok()?;
    let name = arn.resource().strip_prefix("saml-provider/")?.to_owned();
    (arn.service() == "iam" && arn.account() == Some(account)).then_some((arn, name))
}
