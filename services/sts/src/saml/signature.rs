//! Signatures of XML: <https://www.w3.org/TR/xmldsig-core1/>, as far as SAML uses them
//! (<http://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>, section 5.4).
//!
//! A signature must stand in the element that it signs, and sign the whole of it. What is then read of the document
//! is read from that element, so what was signed and what is used cannot be two things ("signature wrapping").

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::canonical::canonical;
use super::xml::{Document, Id};

pub(super) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// A public key of an identity provider, as its certificate holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// `RSAPublicKey` in DER.
    Rsa(Vec<u8>),
    /// A point on a curve, uncompressed.
    Ec(Vec<u8>),
}

/// Verifies the signature of an element that stands in it: `None` if it has none, else whether one of the keys made
/// it over this element.
pub(super) fn verify(document: &Document, signed: Id, keys: &[PublicKey]) -> Option<bool> {
    let mut signatures = document.children(signed, DS, "Signature");
    let signature = signatures.next()?;
    Some(signatures.next().is_none() && holds(document, signed, signature, keys).is_some())
}

fn holds(document: &Document, signed: Id, signature: Id, keys: &[PublicKey]) -> Option<()> {
    // Nothing but these may stand in it; `Object` could hide other content.
    let known = document
        .elements(signature)
        .all(|child| ["SignedInfo", "SignatureValue", "KeyInfo"].iter().any(|local| document.is(child, DS, local)));
    let info = document.child(signature, DS, "SignedInfo").filter(|_| known)?;
    reference_holds(document, signed, signature, document.child(info, DS, "Reference")?)?;

    let method = document.child(info, DS, "CanonicalizationMethod")?;
    let canonical = canonical(document, info, None, &exclusive(document, method)?);
    let value = decode(document.text(document.child(signature, DS, "SignatureValue")?)?)?;
    let method = document.attribute(document.child(info, DS, "SignatureMethod")?, "Algorithm")?;
    keys.iter().find_map(|key| {
        let (algorithm, key) = algorithm(method, key)?;
        UnparsedPublicKey::new(algorithm, key).verify(canonical.as_bytes(), &value).ok()
    })
}

/// The one reference is to the element in which the signature stands, and its digest is that of the element.
fn reference_holds(document: &Document, signed: Id, signature: Id, reference: Id) -> Option<()> {
    let id = document.attribute(signed, "ID").filter(|id| !id.is_empty())?;
    if document.attribute(reference, "URI")?.strip_prefix('#')? != id {
        return None;
    }
    let namesakes = document.ids().filter(|other| document.attribute(*other, "ID") == Some(id));
    if namesakes.count() != 1 {
        return None;
    }
    let transforms: Vec<Id> = document.elements(document.child(reference, DS, "Transforms")?).collect();
    let [enveloped, canonicalised] = transforms.as_slice() else { return None };
    if document.attribute(*enveloped, "Algorithm")? != ENVELOPED {
        return None;
    }
    let canonical = canonical(document, signed, Some(signature), &exclusive(document, *canonicalised)?);
    let algorithm = match document.attribute(document.child(reference, DS, "DigestMethod")?, "Algorithm")? {
        "http://www.w3.org/2001/04/xmlenc#sha256" => &digest::SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => &digest::SHA384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => &digest::SHA512,
        _ => return None,
    };
    let stated = decode(document.text(document.child(reference, DS, "DigestValue")?)?)?;
    (digest::digest(algorithm, canonical.as_bytes()).as_ref() == stated).then_some(())
}

/// The prefixes that a canonicalisation includes, if it is the exclusive one.
fn exclusive(document: &Document, method: Id) -> Option<Vec<&str>> {
    if document.attribute(method, "Algorithm")? != EXCLUSIVE {
        return None;
    }
    let mut prefixes = Vec::new();
    for parameter in document.elements(method) {
        if !document.is(parameter, EXCLUSIVE, "InclusiveNamespaces") {
            return None;
        }
        prefixes.extend(document.attribute(parameter, "PrefixList")?.split_ascii_whitespace());
    }
    Some(prefixes)
}

/// The algorithm of a signature method, for a key that fits it. Methods with SHA-1 are not accepted.
fn algorithm<'a>(method: &str, key: &'a PublicKey) -> Option<(&'static dyn VerificationAlgorithm, &'a [u8])> {
    let more = method.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")?;
    Some(match key {
        PublicKey::Rsa(key) => match more {
            "rsa-sha256" => (&signature::RSA_PKCS1_2048_8192_SHA256, key),
            "rsa-sha384" => (&signature::RSA_PKCS1_2048_8192_SHA384, key),
            "rsa-sha512" => (&signature::RSA_PKCS1_2048_8192_SHA512, key),
            _ => return None,
        },
        // The length of the point tells the curve.
        PublicKey::Ec(point) => match (more, point.len()) {
            ("ecdsa-sha256", 65) => (&signature::ECDSA_P256_SHA256_FIXED, point),
            ("ecdsa-sha384", 97) => (&signature::ECDSA_P384_SHA384_FIXED, point),
            ("ecdsa-sha512", 133) => (&signature::ECDSA_P521_SHA512_FIXED, point),
            _ => return None,
        },
    })
}

/// Base 64 with line breaks.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    BASE64.decode(text).ok()
}
