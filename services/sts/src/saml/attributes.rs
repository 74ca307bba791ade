//! Attributes of directories that policies can test.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>,
//! "Mapping SAML attributes to AWS trust policy context keys".

const EDU_PERSON: &str = "urn:oid:1.3.6.1.4.1.5923.1.1.1.";
const EDU_ORG: &str = "urn:oid:1.3.6.1.4.1.5923.1.2.1.";

/// The last numbers of the object identifiers of `eduPerson` and their keys.
const OF_PERSONS: [(&str, &str); 11] = [
    ("1", "saml:edupersonaffiliation"),
    ("2", "saml:edupersonnickname"),
    ("3", "saml:edupersonorgdn"),
    ("4", "saml:edupersonorgunitdn"),
    ("5", "saml:edupersonprimaryaffiliation"),
    ("6", "saml:edupersonprincipalname"),
    ("7", "saml:edupersonentitlement"),
    ("8", "saml:edupersonprimaryorgunitdn"),
    ("9", "saml:edupersonscopedaffiliation"),
    ("10", "saml:edupersontargetedid"),
    ("11", "saml:edupersonassurance"),
];

/// The last numbers of the object identifiers of `eduOrg` and their keys.
const OF_ORGANIZATIONS: [(&str, &str); 5] = [
    ("2", "saml:eduorghomepageuri"),
    ("3", "saml:eduorgidentityauthnpolicyuri"),
    ("4", "saml:eduorglegalname"),
    ("5", "saml:eduorgsuperioruri"),
    ("6", "saml:eduorgwhitepagesuri"),
];

/// Other names of attributes and their keys: X.500 and Active Directory.
const OTHERS: [(&str, &str); 15] = [
    ("urn:oid:2.5.4.3", "saml:cn"),
    ("urn:oid:2.5.4.4", "saml:surname"),
    ("urn:oid:2.5.4.41", "saml:name"),
    ("urn:oid:2.5.4.42", "saml:givenName"),
    ("urn:oid:2.5.4.45", "saml:x500UniqueIdentifier"),
    ("urn:oid:0.9.2342.19200300.100.1.1", "saml:uid"),
    ("urn:oid:0.9.2342.19200300.100.1.3", "saml:mail"),
    ("urn:oid:0.9.2342.19200300.100.1.45", "saml:organizationStatus"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "saml:name"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "saml:commonName"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "saml:givenName"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "saml:surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "saml:mail"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uid", "saml:uid"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:primaryGroupSID"),
];

/// The condition keys of attributes, given by name with their values.
pub(super) fn condition_keys(attributes: &[(String, Vec<String>)]) -> Vec<(String, Vec<String>)> {
    attributes.iter().filter_map(|(name, values)| Some((key(name)?.to_owned(), values.clone()))).collect()
}

fn key(name: &str) -> Option<&'static str> {
    let find =
        |list: &[(&str, &'static str)], name: &str| list.iter().find(|(own, _)| *own == name).map(|(_, key)| *key);
    if let Some(number) = name.strip_prefix(EDU_PERSON) {
        return find(&OF_PERSONS, number);
    }
    if let Some(number) = name.strip_prefix(EDU_ORG) {
        return find(&OF_ORGANIZATIONS, number);
    }
    find(&OTHERS, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_have_keys_by_their_names() {
        assert_eq!(key("urn:oid:1.3.6.1.4.1.5923.1.1.1.1"), Some("saml:edupersonaffiliation"));
        assert_eq!(key("urn:oid:1.3.6.1.4.1.5923.1.2.1.4"), Some("saml:eduorglegalname"));
        assert_eq!(key("urn:oid:2.5.4.4"), Some("saml:surname"));
        assert_eq!(key("surname"), None);
    }
}
