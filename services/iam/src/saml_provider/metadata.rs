//! Metadata of SAML 2.0 providers: <https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use welkin_kernel::{Result, Timestamp};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::errors::InvalidInputException;

/// What a provider's metadata tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The provider's name for itself.
    pub(super) entity: String,
    /// When the metadata are no more valid, if they say so.
    pub(super) valid_until: Option<Timestamp>,
}

/// Elements within each other, at most.
const DEEPEST: usize = 64;

/// Reads metadata: an entity that is an identity provider, with a certificate by which its assertions are verified.
pub(super) fn read(xml: &str) -> Result<Metadata> {
    // UNVERIFIED: AWS's wordings but for this one.
    let refuse = || InvalidInputException::because("Could not parse metadata");
    let found = scan(xml).ok_or_else(refuse)?;
    let entity = found.entity.filter(|entity| !entity.is_empty()).ok_or_else(refuse)?;
    if !found.is_provider {
        return Err(InvalidInputException::because("Metadata document has no IDPSSODescriptor"));
    }
    if found.certificates == 0 {
        return Err(InvalidInputException::because("Metadata document has no signing certificate"));
    }
    Ok(Metadata { entity, valid_until: found.valid_until })
}

#[derive(Default)]
struct Found {
    entity: Option<String>,
    valid_until: Option<Timestamp>,
    is_provider: bool,
    certificates: usize,
}

/// What is in the document; `None` if it is not well formed, or a certificate in it is none.
fn scan(xml: &str) -> Option<Found> {
    let mut reader = Reader::from_str(xml);
    let mut found = Found::default();
    let mut open: Vec<String> = Vec::new();
    // Text of the certificate that is being read.
    let mut certificate: Option<String> = None;
    // Whether the key that is being described is for encryption only.
    let mut encrypts = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                if open.len() == DEEPEST {
                    return None;
                }
                let name = element.local_name().as_ref().to_owned();
                match name.as_str() {
                    "EntityDescriptor" if open.is_empty() => found.describe(&element)?,
                    "IDPSSODescriptor" => found.is_provider = true,
                    "KeyDescriptor" => encrypts = attribute(&element, "use")?.as_deref() == Some("encryption"),
                    "X509Certificate" => certificate = Some(String::new()),
                    _ => {}
                }
                open.push(name);
            }
            Event::End(_) => {
                // The reader makes sure that tags match.
                let name = open.pop()?;
                if name == "X509Certificate" {
                    let text: String = certificate.take()?.split_whitespace().collect();
                    let der = BASE64.decode(text).ok()?;
                    X509Certificate::from_der(&der).ok()?;
                    let of_provider = open.iter().any(|name| name == "IDPSSODescriptor");
                    found.certificates += usize::from(of_provider && !encrypts);
                }
            }
            Event::Text(text) => {
                if let Some(certificate) = &mut certificate {
                    certificate.push_str(&text);
                }
            }
            // A document type could define entities without end.
            Event::DocType(_) => return None,
            Event::Eof => return open.is_empty().then_some(found),
            _ => {}
        }
    }
}

impl Found {
    fn describe(&mut self, element: &BytesStart<'_>) -> Option<()> {
        self.entity = attribute(element, "entityID")?;
        if let Some(time) = attribute(element, "validUntil")? {
            self.valid_until = Some(Timestamp::from_secs(time.parse::<jiff::Timestamp>().ok()?.as_second()));
        }
        Some(())
    }
}

/// The value of an attribute; `None` inside if it is not there, outside if the element is not well formed.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<Option<String>> {
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        if attribute.key.local_name().as_ref() == name {
            return Some(Some(attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned()));
        }
    }
    Some(None)
}
