"""Metadata of SAML providers."""

import base64
import functools

from certificates import certificate, rsa_key
from cryptography.hazmat.primitives import serialization


@functools.cache
def signing_certificate():
    der = certificate("idp.example.com", rsa_key()).public_bytes(serialization.Encoding.DER)
    return base64.encodebytes(der).decode()


def saml_metadata(entity="https://idp.example.com/saml", valid_until=None, certificate=None, use="signing", more=""):
    valid = f' validUntil="{valid_until}"' if valid_until else ""
    certificate = signing_certificate() if certificate is None else certificate
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"{valid}>
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="{use}">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>{more}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""
