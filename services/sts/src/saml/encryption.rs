//! Encrypted assertions: <https://www.w3.org/TR/xmlenc-core1/>, as far as SAML uses it.
//!
//! An assertion is encrypted with a fresh key, and that key with the public key of the provider's entry in IAM.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html>

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};

use super::signature::{DS, decode};
use super::xml::{Document, Id};

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// Bytes of an initialisation vector of AES in CBC mode.
const BLOCK: usize = 16;

/// The assertion in an `EncryptedAssertion`, opened with one of the private keys, which are in PEM.
pub(super) fn open(document: &Document, encrypted: Id, keys: &[String]) -> Option<Document> {
    let data = document.child(encrypted, XENC, "EncryptedData")?;
    let method = method(document, data)?;
    let content = value(document, data)?;
    // The key stands in the data that it opens, or beside it.
    let within = document.child(data, DS, "KeyInfo").and_then(|info| document.child(info, XENC, "EncryptedKey"));
    let wrapped = within.or_else(|| document.child(encrypted, XENC, "EncryptedKey"))?;
    let padding = padding(document, wrapped)?;
    let wrapped = value(document, wrapped)?;
    keys.iter().find_map(|pem| {
        let key = unwrap(&wrapped, padding, pem)?;
        let text = String::from_utf8(decrypt(method, &key, &content)?).ok()?;
        Document::parse(&text).ok()
    })
}

fn method(document: &Document, encrypted: Id) -> Option<&str> {
    document.attribute(document.child(encrypted, XENC, "EncryptionMethod")?, "Algorithm")
}

fn value(document: &Document, encrypted: Id) -> Option<Vec<u8>> {
    let data = document.child(encrypted, XENC, "CipherData")?;
    decode(document.text(document.child(data, XENC, "CipherValue")?)?)
}

/// How the key is encrypted. Only OAEP is taken: the older padding tells who asks often enough what is in it.
// UNVERIFIED: which algorithms AWS takes. These are those that providers use.
fn padding(document: &Document, wrapped: Id) -> Option<&'static OaepAlgorithm> {
    let method = document.child(wrapped, XENC, "EncryptionMethod")?;
    let digest = document.child(method, DS, "DigestMethod").and_then(|digest| document.attribute(digest, "Algorithm"));
    let mask = document.child(method, XENC11, "MGF").and_then(|mask| document.attribute(mask, "Algorithm"));
    match (document.attribute(method, "Algorithm")?, digest, mask) {
        (
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
            None | Some("http://www.w3.org/2000/09/xmldsig#sha1"),
            None,
        ) => Some(&OAEP_SHA1_MGF1SHA1),
        (
            "http://www.w3.org/2009/xmlenc11#rsa-oaep",
            Some("http://www.w3.org/2001/04/xmlenc#sha256"),
            Some("http://www.w3.org/2009/xmlenc11#mgf1sha256"),
        ) => Some(&OAEP_SHA256_MGF1SHA256),
        _ => None,
    }
}

fn unwrap(wrapped: &[u8], padding: &'static OaepAlgorithm, pem: &str) -> Option<Vec<u8>> {
    let key = OaepPrivateDecryptingKey::new(private_key(pem)?).ok()?;
    let mut out = vec![0; key.min_output_size()];
    key.decrypt(padding, wrapped, &mut out, None).ok().map(|key| key.to_vec())
}

fn private_key(pem: &str) -> Option<PrivateDecryptingKey> {
    let mut lines = pem.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN "));
    let label = lines.next()?.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
    let der = decode(&lines.take_while(|line| !line.starts_with("-----END ")).collect::<String>())?;
    let key = match label {
        "RSA PRIVATE KEY" => KeyPair::from_der(&der).ok()?,
        "PRIVATE KEY" => KeyPair::from_pkcs8(&der).ok()?,
        _ => return None,
    };
    let der: Pkcs8V1Der<'_> = key.as_der().ok()?;
    PrivateDecryptingKey::from_pkcs8(der.as_ref()).ok()
}

fn decrypt(method: &str, key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    match method {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => authenticated(&aead::AES_128_GCM, key, content),
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => authenticated(&aead::AES_256_GCM, key, content),
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => chained(&cipher::AES_128, key, content),
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => chained(&cipher::AES_256, key, content),
        _ => None,
    }
}

fn authenticated(algorithm: &'static aead::Algorithm, key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = content.split_at_checked(aead::NONCE_LEN)?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let mut sealed = sealed.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    key.open_in_place(nonce, Aad::empty(), &mut sealed).ok().map(|plain| plain.to_vec())
}

/// The last byte tells how much padding there is; what the padding is does not matter.
fn chained(algorithm: &'static cipher::Algorithm, key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let (vector, sealed) = content.split_at_checked(BLOCK)?;
    let vector = FixedLength::<BLOCK>::try_from(vector).ok()?;
    let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let mut sealed = sealed.to_vec();
    let plain = key.decrypt(&mut sealed, DecryptionContext::Iv128(vector)).ok()?;
    let padding = usize::from(*plain.last()?);
    if padding == 0 || padding > BLOCK {
        return None;
    }
    Some(plain.get(..plain.len().checked_sub(padding)?)?.to_vec())
}
