//! Signatures of messages: the key, its certificate, and where clients find it.
//!
//! References: <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html>

mod rsa;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use rcgen::{CertificateParams, DnType, PKCS_RSA_SHA256};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::{
    AccountId, Cx, Error, IntoKey, Key, Place, PublicFile, PublicFiles, Region, Resource, Result, Scope,
};

use crate::attributes::SignatureVersion;

/// The key by which this Welkin signs messages, sealed, with its certificate. It is made when it is first needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Signer {
    /// What the certificate's address has.
    id: String,
    sealed: Bytes,
    certificate: String,
}

impl Resource for Signer {
    const KIND: &'static str = "sns/signer";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        NAME.into_key()
    }
}

const NAME: &str = "signer";

/// Context of the seal.
const CONTEXT: &str = "sns signing key";

/// How the path of the certificate begins and ends.
const PREFIX: &str = "/SimpleNotificationService-";
const SUFFIX: &str = ".pem";

/// Signer is one for all.
fn place() -> Place {
    Place::new(AccountId::DEFAULT, Region::US_EAST_1)
}

impl Signer {
    /// The signer of this Welkin.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) async fn get(cx: &mut Cx) -> Result<Self> {
        if let Some(signer) = cx.get::<Self>(place(), NAME).await? {
            return Ok(signer);
        }
        let signer = cx.once(|cx| Self::make(cx).map_err(|error| error.to_string())).map_err(Error::internal)?;
        cx.put(place(), &signer).await?;
        Ok(signer)
    }

    fn make(cx: &Cx) -> Result<Self> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(Error::internal)?;
        let der: Pkcs8V1Der<'_> = key.as_der().map_err(Error::internal)?;
        let pkcs8 = PrivatePkcs8KeyDer::from(der.as_ref());
        let issuer = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_RSA_SHA256).map_err(Error::internal)?;
        let mut params = CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).map_err(Error::internal)?;
        params.distinguished_name.push(DnType::CommonName, "sns.amazonaws.com");
        params.distinguished_name.push(DnType::OrganizationName, "Welkin");
        let certificate = params.self_signed(&issuer).map_err(Error::internal)?;
        let id = hex::encode(Sha256::digest(certificate.der())).chars().take(32).collect();
        let sealed = cx.sealer().seal(cx.chance(), CONTEXT, der.as_ref())?.into();
        Ok(Self { id, sealed, certificate: certificate.pem() })
    }

    /// Where the certificate is.
    pub(crate) fn certificate_url(&self, endpoint: &str) -> String {
        format!("{endpoint}{PREFIX}{}{SUFFIX}", self.id)
    }

    /// Signs a text, in Base64.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn sign(&self, cx: &Cx, version: SignatureVersion, text: &str) -> Result<String> {
        let pkcs8 =
            cx.sealer().open(CONTEXT, &self.sealed).ok_or_else(|| Error::internal("a stored key does not open"))?;
        let signature = match version {
            SignatureVersion::One => rsa::sign_sha1(&pkcs8, text.as_bytes(), cx.chance())?,
            SignatureVersion::Two => {
                let key = RsaKeyPair::from_pkcs8(&pkcs8).map_err(Error::internal)?;
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
                    .map_err(Error::internal)?;
                signature
            }
        };
        Ok(STANDARD.encode(signature))
    }
}

/// Serves the certificate.
pub(crate) struct Certificates;

impl PublicFiles for Certificates {
    fn read<'a>(&'a self, cx: &'a mut Cx, path: &'a str) -> BoxFuture<'a, Result<Option<PublicFile>>> {
        Box::pin(async move {
            let id = path.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
            let Some(id) = id else { return Ok(None) };
            let signer = cx.get::<Signer>(place(), NAME).await?.filter(|signer| signer.id == id);
            let file = |signer: Signer| PublicFile {
                content_type: "application/x-pem-file",
                bytes: signer.certificate.into(),
            };
            Ok(signer.map(file))
        })
    }
}
