"""An OpenID Connect issuer: it publishes keys over HTTPS and signs tokens. And the clock that tokens are held against."""

import base64
import datetime
import hashlib
import http.server
import ipaddress
import json
import pathlib
import random
import ssl
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


def now(welkin):
    """Seconds by Welkin's clock."""
    return int(welkin.now().timestamp())


def encode(data):
    data = json.dumps(data).encode() if isinstance(data, dict) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return encode(value.to_bytes(length or (value.bit_length() + 7) // 8))


class Key:
    """A key that signs tokens by one algorithm."""

    def __init__(self, algorithm="RS256", kid="key-1"):
        self.algorithm, self.kid, self.hash = algorithm, kid, HASHES[algorithm[2:]]()
        if algorithm.startswith("RS"):
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        else:
            curve = {"256": ec.SECP256R1, "384": ec.SECP384R1, "512": ec.SECP521R1}[algorithm[2:]]
            self.key = ec.generate_private_key(curve())

    def public(self):
        numbers = self.key.public_key().public_numbers()
        common = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if self.algorithm.startswith("RS"):
            return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), **common}
        length = (self.key.curve.key_size + 7) // 8
        curve = f"P-{self.key.curve.key_size}"
        return {"kty": "EC", "crv": curve, "x": number(numbers.x, length), "y": number(numbers.y, length), **common}

    def sign(self, data):
        if self.algorithm.startswith("RS"):
            return self.key.sign(data, padding.PKCS1v15(), self.hash)
        r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(self.hash)))
        length = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(length) + s.to_bytes(length)

    def token(self, claims, **header):
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}
        signed = f"{encode(header)}.{encode(claims)}"
        return f"{signed}.{encode(self.sign(signed.encode()))}"


class Server:
    """Serves documents over HTTPS with a certificate that it issued itself."""

    def __init__(self):
        self.documents, self.asked = {}, []
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        today = datetime.datetime.now(datetime.timezone.utc)
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(today - datetime.timedelta(days=1))
            .not_valid_after(today + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        self.thumbprint = hashlib.sha1(der).hexdigest()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "server.pem")
            form = serialization.PrivateFormat.PKCS8
            pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
            file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
            context.load_cert_chain(file)
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                document = server.documents.get(self.path)
                status, body = document if isinstance(document, tuple) else (200 if document else 404, document)
                body = json.dumps(body).encode() if isinstance(body, dict) else body or b""
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.host = f"localhost:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


class Issuer:
    """An issuer of its own on the server, known to an account."""

    def __init__(self, server, account, audiences=("app",), key=None, thumbprint=None):
        self.server, self.account, self.key = server, account, key or Key()
        self.path = f"/{random.randrange(1 << 48):012x}"
        self.name = f"{server.host}{self.path}"
        self.publish(self.key)
        self.arn = account.iam.create_open_id_connect_provider(
            Url=f"https://{self.name}",
            ClientIDList=list(audiences),
            ThumbprintList=[thumbprint or server.thumbprint],
        )["OpenIDConnectProviderArn"]

    def publish(self, *keys):
        configuration = {"issuer": f"https://{self.name}", "jwks_uri": f"https://{self.name}/keys"}
        self.server.documents[f"{self.path}/.well-known/openid-configuration"] = configuration
        self.server.documents[f"{self.path}/keys"] = {"keys": [key.public() for key in keys]}

    def claims(self, **more):
        at = now(self.account.welkin)
        claims = {"iss": f"https://{self.name}", "sub": "user-1", "aud": "app", "iat": at, "exp": at + 600, **more}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **claims):
        return self.key.token(self.claims(**claims))

    def trust(self, *more_actions, **condition):
        action = ["sts:AssumeRoleWithWebIdentity", *more_actions]
        statement = {"Effect": "Allow", "Principal": {"Federated": self.arn}, "Action": action}
        if condition:
            statement["Condition"] = {"StringEquals": {f"{self.name}:{key}": value for key, value in condition.items()}}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
