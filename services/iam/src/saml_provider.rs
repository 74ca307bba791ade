//! SAML 2.0 providers: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html>.

mod create;
mod metadata;
mod show;
mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Error, IntoKey, Key, Page, Place, Resource, Result, SamlProvider, Scope, Timestamp};

use crate::directory::home;
use crate::errors::{InvalidInputException, NoSuchEntityException};
use crate::named::{Named, tagging};
use crate::private_key::PrivateKey;
use crate::quota;
use crate::tag::Tags;

pub(crate) use create::{CreateSAMLProvider, DeleteSAMLProvider};
pub(crate) use show::{GetSAMLProvider, ListSAMLProviders};
pub(crate) use update::UpdateSAMLProvider;

/// A provider that the account trusts to tell who its users are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Provider {
    name: String,
    uuid: String,
    /// As it was sent.
    metadata: String,
    valid_until: Timestamp,
    created: Timestamp,
    encryption: Option<EncryptionMode>,
    keys: Vec<DecryptionKey>,
    tags: Tags,
}

/// Whether assertions must be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EncryptionMode {
    Required,
    Allowed,
}

/// A private key with which assertions are decrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct DecryptionKey {
    id: String,
    added: Timestamp,
    /// In PEM, sealed.
    sealed: Vec<u8>,
}

impl Resource for Provider {
    const KIND: &'static str = "iam/saml-provider";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.name).into_key()
    }
}

/// The name in the ARN of a provider of `place`.
fn parse(place: Place, arn: &str) -> Option<&str> {
    let prefix = String::from(place.global_arn("iam", "saml-provider"));
    arn.strip_prefix(&prefix)?.strip_prefix('/')
}

impl Named for Provider {
    async fn find(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        match parse(cx.here(), name) {
            Some(name) => cx.get::<Self>(cx.here(), name).await,
            None => Ok(None),
        }
    }

    fn arn(&self, place: Place) -> String {
        place.global_arn("iam", format_args!("saml-provider/{}", self.name)).into()
    }

    fn arn_of(_: Place, name: &str) -> String {
        name.to_owned()
    }

    fn missing(name: &str) -> Error {
        NoSuchEntityException::because(format!("Manifest not found for arn {name}"))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

tagging!(Provider, arn "SAMLProviderArn": TagSAMLProvider "iam:TagSAMLProvider",
    UntagSAMLProvider "iam:UntagSAMLProvider", ListSAMLProviderTags "iam:ListSAMLProviderTags");

impl Provider {
    fn seal_context(name: &str, key: &str) -> String {
        format!("iam saml private key {name} {key}")
    }

    /// Adds a private key, which must be an RSA key.
    fn add_key(&mut self, cx: &Cx, pem: &str) -> Result<()> {
        quota::hold("PrivateKeysPerSAMLProvider", self.keys.len(), quota::KEYS_PER_SAML_PROVIDER)?;
        match PrivateKey::read(pem) {
            Some(PrivateKey::Rsa(_)) => {}
            // UNVERIFIED: AWS's wording.
            _ => return Err(InvalidInputException::because("The private key is not an RSA key in PEM format.")),
        }
        let id = cx.chance().unique_id("SAMLK");
        let sealed = cx.sealer().seal(cx.chance(), &Self::seal_context(&self.name, &id), pem.as_bytes())?;
        self.keys.push(DecryptionKey { id, added: cx.now().whole_secs(), sealed });
        Ok(())
    }

    /// Refuses a provider that demands encryption and cannot decrypt.
    fn hold_decrypts(&self) -> Result<()> {
        if self.encryption == Some(EncryptionMode::Required) && self.keys.is_empty() {
            // UNVERIFIED: AWS's wording.
            return Err(InvalidInputException::because(
                "A private key is required when the assertion encryption mode is Required.",
            ));
        }
        Ok(())
    }

    fn open_keys(&self, cx: &Cx) -> Result<Vec<String>> {
        let open = |key: &DecryptionKey| {
            let plain = cx.sealer().open(&Self::seal_context(&self.name, &key.id), &key.sealed);
            plain
                .and_then(|plain| String::from_utf8(plain).ok())
                .ok_or_else(|| Error::internal(format_args!("private key {} was sealed by another root key", key.id)))
        };
        self.keys.iter().map(open).collect()
    }
}

/// How many the account has.
pub(crate) async fn count(cx: &mut Cx) -> Result<usize> {
    Ok(cx.list::<Provider>(cx.here(), (), Page::ALL).await?.len())
}

/// The provider with this ARN, for those who take its assertions.
pub(crate) async fn trusted(cx: &mut Cx, arn: &Arn) -> Result<Option<SamlProvider>> {
    let Some(place) = arn.account().map(home) else { return Ok(None) };
    let Some(name) = parse(place, arn.as_str()) else { return Ok(None) };
    let Some(provider) = cx.get::<Provider>(place, name).await? else { return Ok(None) };
    Ok(Some(SamlProvider {
        private_keys: provider.open_keys(cx)?,
        metadata: provider.metadata,
        valid_until: provider.valid_until,
        encryption_required: provider.encryption == Some(EncryptionMode::Required),
        tags: provider.tags,
    }))
}
