//! Assuming a role with an OpenID Connect token.

mod claims;
mod issuer;
mod key_set;
mod token;

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Error, Federated, Operation, Result, Session};

use crate::credentials::{self, Credentials};
use crate::errors::InvalidIdentityTokenException;
use crate::role::{self, AssumedRoleUser, Wish};
use crate::session_policy::{self, PolicyDescriptor};
use crate::session_tag;
use claims::Claims;
use key_set::KeySet;
use token::Token;

/// Gives temporary credentials of a role to whom an OpenID Connect provider vouches for. Nobody signs this call:
/// the provider's signature of the token takes the place of it.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoleWithWebIdentity {
    role_arn: String,
    role_session_name: String,
    web_identity_token: String,
    provider_id: Option<String>,
    policy_arns: Option<Vec<PolicyDescriptor>>,
    policy: Option<String>,
    duration_seconds: Option<u32>,
    /// What the issuer published when it was asked: once for the call, however often it is run.
    #[serde(skip)]
    keys: OnceLock<Arc<KeySet>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoleWithWebIdentityResponse {
    credentials: Credentials,
    subject_from_web_identity_token: String,
    assumed_role_user: AssumedRoleUser,
    packed_policy_size: Option<usize>,
    provider: String,
    audience: String,
    source_identity: Option<String>,
}

/// A token that its provider has signed for this account.
struct Verified {
    provider: Arn,
    /// The issuer without `https://`, as it begins condition keys.
    issuer: String,
    claims: Claims,
}

impl Operation for AssumeRoleWithWebIdentity {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = AssumeRoleWithWebIdentityResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = role::arn(&self.role_arn)?;
        let Verified { provider, issuer, claims } = self.verify(cx, &arn).await?;
        cx.identify(Federated {
            id: format!("{provider}:{}:{}", claims.audience(), claims.subject),
            provider_name: provider.to_string(),
            subject: claims.subject.clone(),
            saml: false,
            provider: provider.clone(),
        });
        let role = role::find(cx, &arn).await?;
        let mut keys = claims.condition_keys(&issuer);
        keys.push(("aws:FederatedProvider".to_owned(), vec![provider.to_string()]));
        let wish = Wish {
            arn: &arn,
            role: role.as_ref(),
            session_name: &self.role_session_name,
            seconds: self.duration_seconds,
            source_identity: claims.source_identity.as_deref(),
            tags: &claims.tags,
            transitive: &claims.transitive,
            keys: &keys,
        };
        Ok(wish.access("sts:AssumeRoleWithWebIdentity"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<AssumeRoleWithWebIdentityResponse> {
        let arn = role::arn(&self.role_arn)?;
        let Verified { provider, issuer, claims } = self.verify(cx, &arn).await?;
        let session = self.session(cx, &arn, &provider, &issuer, &claims).await?;
        Ok(AssumeRoleWithWebIdentityResponse {
            credentials: credentials::issue(cx, &session)?,
            assumed_role_user: AssumedRoleUser::of(cx, &session),
            packed_policy_size: session_policy::packed_size(&session)?,
            // The reference says that it is the `iss` claim; what AWS answers, and its trail shows, is the ARN.
            provider: provider.into(),
            audience: claims.audience().to_owned(),
            subject_from_web_identity_token: claims.subject,
            source_identity: session.source_identity,
        })
    }
}

impl AssumeRoleWithWebIdentity {
    /// Reads the token and verifies it with the keys that its issuer publishes.
    async fn verify(&self, cx: &mut Cx, role: &Arn) -> Result<Verified> {
        if let Some(provider) = &self.provider_id {
            // Access tokens of Login with Amazon and Facebook: only these two can tell whether one is theirs.
            let message = format!("Welkin does not verify OAuth 2.0 access tokens, such as those of {provider}.");
            return Err(Error::new("NotImplemented", message).status(501));
        }
        let token = Token::read(&self.web_identity_token)?;
        let issuer = token.issuer()?.to_owned();
        let account = role.account().ok_or_else(|| role::invalid(role))?;
        let unknown = || {
            InvalidIdentityTokenException::because(format!(
                "No OpenIDConnect provider found in your account for https://{issuer}"
            ))
        };
        let arn = format!("arn:{}:iam::{account}:oidc-provider/{issuer}", cx.region().partition());
        let arn: Arn = arn.parse().map_err(|_| unknown())?;
        let provider = cx.oidc_provider(&arn).await?.filter(|p| p.url == issuer).ok_or_else(unknown)?;
        let keys = match self.keys.get() {
            Some(keys) => keys,
            None => {
                let fetch = async |_: &mut Cx| issuer::keys(&issuer, &provider.thumbprints).await.map(Arc::new);
                let fetched = cx.stage(fetch).await?;
                self.keys.get_or_init(|| fetched)
            }
        };
        keys.verify(&token)?;
        let claims = Claims::read(&token, cx.now())?;
        if !claims.audiences.iter().any(|audience| provider.client_ids.contains(audience)) {
            return Err(InvalidIdentityTokenException::because("Incorrect token audience"));
        }
        Ok(Verified { provider: arn, issuer, claims })
    }

    async fn session(&self, cx: &mut Cx, arn: &Arn, provider: &Arn, issuer: &str, claims: &Claims) -> Result<Session> {
        let role = role::find(cx, arn).await?.ok_or_else(|| role::invalid(arn))?;
        let mut session = role::session(cx, arn, role, &self.role_session_name, self.duration_seconds)?;
        session.policies = session_policy::inline(self.policy.as_ref())?;
        session.policy_arns = session_policy::managed(self.policy_arns.as_ref(), session.account)?;
        session.provider = Some(provider.to_string());
        session.federation = claims.session_keys(issuer);
        session.source_identity = claims.source_identity.clone();
        session_tag::give(&mut session, claims.tags.clone(), &claims.transitive, None)?;
        Ok(session)
    }
}
