"""Server certificates: read, held against their key and their chain, shown without the key."""

import re

import pytest
from certificates import certificate, elliptic_key, pem_of, pem_of_key, rsa_key
from cryptography.hazmat.primitives.serialization import PrivateFormat
from identity import allow, refused

UNREADABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
CHAIN = "The certificate chain must start with the immediate signing certificate"
ROOT, MIDDLE, LEAF = rsa_key("root"), elliptic_key("middle"), rsa_key("leaf")


@pytest.fixture(scope="module")
def authority():
    """A root, one that it vouches for, and a server that this one vouches for."""
    root = certificate("root", ROOT, ca=True)
    middle = certificate("middle", MIDDLE, ("root", ROOT), ca=True)
    leaf = certificate("www.example.com", LEAF, ("middle", MIDDLE))
    return root, middle, leaf


def upload(account, body, key=LEAF, name="www", **more):
    more = {"CertificateBody": body if isinstance(body, str) else pem_of(body), "PrivateKey": pem_of_key(key)} | more
    return account.iam.upload_server_certificate(ServerCertificateName=name, **more)["ServerCertificateMetadata"]


def test_a_certificate_is_uploaded_shown_renamed_and_removed(account, authority):
    iam, (root, middle, leaf) = account.iam, authority
    chain = pem_of(middle) + pem_of(root)
    made = upload(account, leaf, Path="/cloudfront/", CertificateChain=chain, Tags=[{"Key": "k", "Value": "v"}])
    assert made["Arn"] == account.arn("server-certificate/cloudfront/www")
    assert re.fullmatch(r"ASCA[A-Z2-7]{17}", made["ServerCertificateId"])
    assert made["Expiration"] == leaf.not_valid_after_utc.replace(microsecond=0)
    got = iam.get_server_certificate(ServerCertificateName="www")["ServerCertificate"]
    assert got["ServerCertificateMetadata"] == made and got["CertificateBody"] == pem_of(leaf).strip()
    assert got["CertificateChain"] == chain.strip() and "PRIVATE" not in str(got)
    with refused("EntityAlreadyExists", 409, "The Server Certificate with name www already exists."):
        upload(account, leaf)
    iam.update_server_certificate(ServerCertificateName="www", NewServerCertificateName="web", NewPath="/")
    (listed,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert listed["Arn"] == account.arn("server-certificate/web") and listed["ServerCertificateId"] == made["ServerCertificateId"]
    assert iam.list_server_certificates(PathPrefix="/cloudfront/")["ServerCertificateMetadataList"] == []
    assert account.iam.get_account_summary()["SummaryMap"]["ServerCertificates"] == 1
    iam.delete_server_certificate(ServerCertificateName="web")
    with refused("NoSuchEntity", 404, "The Server Certificate with name web cannot be found."):
        iam.get_server_certificate(ServerCertificateName="web")


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
@pytest.mark.parametrize("key", [LEAF, MIDDLE], ids=["rsa", "elliptic"])
def test_keys_are_read_in_each_form(account, key, form):
    assert upload(account, certificate("a", key), key, PrivateKey=pem_of_key(key, form))["Arn"]


def test_a_key_is_that_of_its_certificate(account, authority):
    leaf = authority[2]
    for wrong in (ROOT, MIDDLE):
        with refused("KeyPairMismatch", 400):
            upload(account, leaf, wrong)
    for key in ("nonsense", pem_of_key(LEAF, secret=b"secret"), pem_of(leaf)):
        with refused("MalformedCertificate", 400, "private key"):
            upload(account, leaf, PrivateKey=key)
    for body in ("nonsense", pem_of(leaf) * 2, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "text\n" + pem_of(leaf)):
        with refused("MalformedCertificate", 400, UNREADABLE):
            upload(account, body)
    assert account.iam.list_server_certificates()["ServerCertificateMetadataList"] == []


def test_a_chain_vouches_for_its_certificate_in_order(account, authority):
    root, middle, leaf = authority
    impostor = certificate("middle", ROOT, ("root", ROOT), ca=True)
    for chain, index in (((root, middle), -1), ((middle, leaf), 0), ((impostor,), -1), ((leaf,), -1)):
        with refused("MalformedCertificate", 400, f"{CHAIN}, followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"):
            upload(account, leaf, CertificateChain="".join(map(pem_of, chain)))
    with refused("MalformedCertificate", 400, UNREADABLE):
        upload(account, leaf, CertificateChain="nonsense")
    assert upload(account, leaf, CertificateChain=pem_of(middle))


@pytest.mark.parametrize("begins", [-40, 10])
def test_a_certificate_out_of_its_time_is_refused(account, begins):
    with refused("MalformedCertificate", 400, "not valid at this time"):
        upload(account, certificate("a", LEAF, begins=begins))


def test_limits_and_pages(account, authority):
    for n in range(20):
        upload(account, authority[2], name=f"c{n:02}")
    with refused("LimitExceeded", 409, "Cannot exceed quota for ServerCertificatesPerAccount: 20"):
        upload(account, authority[2], name="more")
    page = account.iam.list_server_certificates(MaxItems=15)
    rest = account.iam.list_server_certificates(Marker=page["Marker"])
    names = [c["ServerCertificateName"] for c in page["ServerCertificateMetadataList"] + rest["ServerCertificateMetadataList"]]
    assert names == [f"c{n:02}" for n in range(20)] and page["IsTruncated"] and not rest["IsTruncated"]


def test_moving_needs_the_right_at_both_ends(account, authority):
    upload(account, authority[2], Path="/a/")
    ada = account.user("ada", allow("iam:UpdateServerCertificate", account.arn("server-certificate/a/*"))).client("iam")
    with refused("AccessDenied", 403, "server-certificate/b/www"):
        ada.update_server_certificate(ServerCertificateName="www", NewPath="/b/")
    ada.update_server_certificate(ServerCertificateName="www", NewPath="/a/b/")
    with refused("AccessDenied", 403):
        ada.upload_server_certificate(
            ServerCertificateName="x", Path="/a/", CertificateBody=pem_of(authority[2]), PrivateKey=pem_of_key(LEAF)
        )


def test_keys_are_not_in_the_trail(account, authority):
    upload(account, authority[2])
    line = pem_of_key(LEAF).splitlines()[3]
    events = [e["CloudTrailEvent"] for e in account.client("cloudtrail").lookup_events()["Events"]]
    assert any("UploadServerCertificate" in event for event in events) and not any(line in event for event in events)
