"""A SAML identity provider: metadata, and responses that it signs."""

import base64
import datetime
import functools
import os
import random

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from lxml import etree
from oidc import now
from signxml import XMLSigner

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
AWS = "https://aws.amazon.com/SAML/Attributes/"
SIGN_IN = "https://signin.aws.amazon.com/saml"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


@functools.cache
def key_pair(kind, name="idp"):
    """A key and a certificate of it; the same ones for the same names, since making them takes long."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(today - datetime.timedelta(days=1)).not_valid_after(today + datetime.timedelta(days=30))
    return key, builder.sign(key, hashes.SHA256())


class Provider:
    """An identity provider that an account knows."""

    def __init__(self, account, kind="rsa", name="idp", entity="https://idp.example/saml", **more):
        self.account, self.kind, self.entity, self.name = account, kind, entity, name
        self.key, self.certificate = key_pair(kind, name)
        made = account.iam.create_saml_provider(Name=name, SAMLMetadataDocument=self.metadata(), **more)
        self.arn = made["SAMLProviderArn"]

    def metadata(self):
        der = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        return f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""

    def trust(self, *more_actions, condition=None):
        from identity import document

        action = ["sts:AssumeRoleWithSAML", *more_actions]
        statement = {"Effect": "Allow", "Principal": {"Federated": self.arn}, "Action": action}
        return document({**statement, "Condition": condition} if condition else statement)

    def sign(self, element, **options):
        """Signs an element as it stands alone."""
        algorithm = "rsa-sha256" if self.kind == "rsa" else "ecdsa-sha256"
        signer = XMLSigner(signature_algorithm=options.get("algorithm", algorithm), c14n_algorithm=EXCLUSIVE)
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return signer.sign(element, key=self.key, cert=pem, reference_uri=element.get("ID"), id_attribute="ID")

    def response(self, role, sign="assertion", **options):
        """A response in base 64; `sign` tells what is signed: assertion, response, both or nothing."""
        return encode(self.document(role, sign, **options))

    def document(self, role, sign="assertion", **options):
        assertion = self.assertion(role, **options)
        if sign in ("assertion", "both"):
            assertion = self.sign(assertion)
        response = etree.fromstring(
            f"""<samlp:Response xmlns:samlp="{SAMLP}" ID="_r{random.randrange(1 << 48):x}" Version="2.0"
            IssueInstant="{self.at(0)}" Destination="{SIGN_IN}"><saml:Issuer xmlns:saml="{SAML}">{self.entity}</saml:Issuer>
            <samlp:Status><samlp:StatusCode Value="{options.get('status', 'urn:oasis:names:tc:SAML:2.0:status:Success')}"/>
            </samlp:Status></samlp:Response>"""
        )
        if "encrypted" in options:
            assertion = encrypt(assertion, *options["encrypted"])
        response.append(assertion)
        return self.sign(response) if sign in ("response", "both") else response

    def at(self, seconds):
        moment = datetime.datetime.fromtimestamp(now(self.account.welkin) + seconds, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def assertion(self, role, subject="ada", issued=0, begins=-60, ends=300, audience=SIGN_IN, recipient=SIGN_IN, **more):
        attributes = {AWS + "Role": [f"{role},{self.arn}"], AWS + "RoleSessionName": ["ada@example.com"]}
        attributes |= more.get("attributes", {})
        statement = "".join(
            f'<saml:Attribute Name="{name}">{"".join(f"<saml:AttributeValue>{v}</saml:AttributeValue>" for v in values)}</saml:Attribute>'
            for name, values in attributes.items()
            if values
        )
        session = f' SessionNotOnOrAfter="{self.at(more["session"])}"' if "session" in more else ""
        return etree.fromstring(
            f"""<saml:Assertion xmlns:saml="{SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema" Version="2.0"
            ID="_a{random.randrange(1 << 48):x}" IssueInstant="{self.at(issued)}">
            <saml:Issuer>{more.get("issuer", self.entity)}</saml:Issuer>
            <saml:Subject><saml:NameID Format="{more.get("format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")}">{subject}</saml:NameID>
            <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
            NotOnOrAfter="{self.at(more.get("confirmed", ends))}" Recipient="{recipient}"/></saml:SubjectConfirmation></saml:Subject>
            <saml:Conditions NotBefore="{self.at(begins)}" NotOnOrAfter="{self.at(ends)}"><saml:AudienceRestriction>
            <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
            <saml:AuthnStatement AuthnInstant="{self.at(issued)}"{session}/>
            <saml:AttributeStatement>{statement}</saml:AttributeStatement></saml:Assertion>"""
        )


def encrypt(assertion, key, content="aes256-gcm", wrapping="sha1"):
    """An EncryptedAssertion, for who has the private key."""
    text, secret = etree.tostring(assertion), os.urandom(32 if "256" in content else 16)
    if content.endswith("gcm"):
        method, vector = "http://www.w3.org/2009/xmlenc11#" + content, os.urandom(12)
        sealed = AESGCM(secret).encrypt(vector, text, None)
    else:
        method, vector = "http://www.w3.org/2001/04/xmlenc#" + content, os.urandom(16)
        pad = 16 - len(text) % 16
        encryptor = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
        sealed = encryptor.update(text + os.urandom(pad - 1) + bytes([pad])) + encryptor.finalize()
    digest = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}.get(wrapping)
    oaep = padding.OAEP(padding.MGF1(digest()), digest(), None) if digest else padding.PKCS1v15()
    wrapped = key.public_key().encrypt(secret, oaep)
    methods = {
        "sha1": '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>',
        "sha256": f"""<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"><ds:DigestMethod xmlns:ds="{DS}"
            Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"
            Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/></xenc:EncryptionMethod>""",
        "pkcs1": '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-1_5"/>',
    }
    return etree.fromstring(
        f"""<saml:EncryptedAssertion xmlns:saml="{SAML}"><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"
        Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{method}"/><ds:KeyInfo xmlns:ds="{DS}">
        <xenc:EncryptedKey>{methods[wrapping]}<xenc:CipherData><xenc:CipherValue>{base64.b64encode(wrapped).decode()}</xenc:CipherValue>
        </xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>
        <xenc:CipherValue>{base64.b64encode(vector + sealed).decode()}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>
        </saml:EncryptedAssertion>"""
    )


def encode(document):
    text = document if isinstance(document, bytes) else etree.tostring(document)
    return base64.b64encode(text).decode()
