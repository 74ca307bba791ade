"""Certificates and keys as people send them to IAM, made afresh for each run."""

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


@functools.cache
def rsa_key(name="rsa", bits=2048):
    """A key; the same one for the same name, since making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@functools.cache
def elliptic_key(name="ec", curve=ec.SECP256R1):
    return ec.generate_private_key(curve())


def pem_of_key(key, form=serialization.PrivateFormat.TraditionalOpenSSL, secret=None):
    encryption = serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def pem_of(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def certificate(name, key, issuer=None, begins=-1, days=30, ca=False, digest=hashes.SHA256):
    """A certificate of `key`, by `issuer` (name, key) or by itself, valid from `begins` days from now."""
    by, signer = issuer or (name, key)
    now = datetime.datetime.now(datetime.timezone.utc)
    named = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])  # noqa: E731
    begins = now + datetime.timedelta(days=begins)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(signer, digest())
    )
