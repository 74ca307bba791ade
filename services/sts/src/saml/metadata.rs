//! Metadata of identity providers: <http://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf>.

use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey as Parsed;

use super::signature::{DS, PublicKey, decode};
use super::xml::{Document, Id, Malformed};

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";

/// What metadata say of a provider.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) entity: String,
    pub(super) keys: Vec<PublicKey>,
}

impl Metadata {
    /// Reads metadata of an identity provider, with the keys by which it signs.
    pub(super) fn parse(xml: &str) -> Result<Self, Malformed> {
        let document = Document::parse(xml)?;
        let root = document.root();
        if !document.is(root, MD, "EntityDescriptor") {
            return Err(Malformed);
        }
        let entity = document.attribute(root, "entityID").ok_or(Malformed)?.to_owned();
        let providers = document.children(root, MD, "IDPSSODescriptor");
        let descriptors = providers.flat_map(|provider| document.children(provider, MD, "KeyDescriptor"));
        let signing =
            descriptors.filter(|key| document.attribute(*key, "use").is_none_or(|purpose| purpose == "signing"));
        let keys = signing.flat_map(|key| certificates(&document, key)).filter_map(|der| public_key(&der)).collect();
        Ok(Self { entity, keys })
    }
}

fn certificates(document: &Document, key: Id) -> Vec<Vec<u8>> {
    let infos = document.children(key, DS, "KeyInfo");
    let data = infos.flat_map(|info| document.children(info, DS, "X509Data"));
    let certificates = data.flat_map(|data| document.children(data, DS, "X509Certificate"));
    certificates.filter_map(|certificate| decode(document.text(certificate)?)).collect()
}

/// The key of a certificate. When it ends does not matter: the metadata say until when they are valid.
fn public_key(der: &[u8]) -> Option<PublicKey> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let info = certificate.public_key();
    let bits = info.subject_public_key.data.to_vec();
    match info.parsed().ok()? {
        Parsed::RSA(_) => Some(PublicKey::Rsa(bits)),
        Parsed::EC(_) => Some(PublicKey::Ec(bits)),
        _ => None,
    }
}
