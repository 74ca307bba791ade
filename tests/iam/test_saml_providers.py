"""SAML providers: metadata that are read, keys that are kept."""

import pytest
from certificates import elliptic_key, pem_of_key, rsa_key
from identity import allow, refused
from provider_documents import saml_metadata


def test_a_provider_is_made_shown_changed_and_removed(account):
    iam, metadata = account.iam, saml_metadata(valid_until="2031-05-06T07:08:09Z")
    arn = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    assert arn == account.arn("saml-provider/idp")
    got = iam.get_saml_provider(SAMLProviderArn=arn)
    assert got["SAMLMetadataDocument"] == metadata and got["ValidUntil"].isoformat() == "2031-05-06T07:08:09+00:00"
    assert len(got["SAMLProviderUUID"]) >= 22 and "PrivateKeyList" not in got
    (listed,) = iam.list_saml_providers()["SAMLProviderList"]
    assert (listed["Arn"], listed["ValidUntil"], listed["CreateDate"]) == (arn, got["ValidUntil"], got["CreateDate"])
    with refused("EntityAlreadyExists", 409):
        iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata)
    other = saml_metadata("https://other.example.com/saml")
    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=other)["SAMLProviderArn"] == arn
    got = iam.get_saml_provider(SAMLProviderArn=arn)
    assert got["SAMLMetadataDocument"] == other and got["ValidUntil"].year > 2100
    iam.delete_saml_provider(SAMLProviderArn=arn)
    with refused("NoSuchEntity", 404, f"Manifest not found for arn {arn}"):
        iam.get_saml_provider(SAMLProviderArn=arn)


@pytest.mark.parametrize(
    "metadata",
    [
        "x" * 2000,
        saml_metadata().replace("</md:IDPSSODescriptor>", ""),
        saml_metadata().replace("entityID", "nothing"),
        saml_metadata().replace("IDPSSODescriptor", "SPSSODescriptor"),
        saml_metadata(certificate="AAAA" * 300),
        saml_metadata(use="encryption"),
        saml_metadata(valid_until="tomorrow"),
        saml_metadata().replace("<md:Entity", '<!DOCTYPE a [<!ENTITY b "c">]><md:Entity', 1),
        saml_metadata(more="<a>" * 100 + "</a>" * 100),
    ],
    ids=["text", "open", "no-entity", "no-provider", "no-certificate", "no-signing", "bad-time", "doctype", "deep"],
)
def test_what_is_no_metadata_is_refused(account, metadata):
    with refused("InvalidInput", 400):
        account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata)
    assert account.iam.list_saml_providers()["SAMLProviderList"] == []


def test_keys_are_added_and_removed_and_told_to_nobody(account):
    iam = account.iam
    key = pem_of_key(rsa_key())
    arn = iam.create_saml_provider(
        Name="idp", SAMLMetadataDocument=saml_metadata(), AssertionEncryptionMode="Required", AddPrivateKey=key
    )["SAMLProviderArn"]
    got = iam.get_saml_provider(SAMLProviderArn=arn)
    (first,) = got["PrivateKeyList"]
    assert got["AssertionEncryptionMode"] == "Required" and set(first) == {"KeyId", "Timestamp"}
    iam.update_saml_provider(SAMLProviderArn=arn, AddPrivateKey=key)
    with refused("LimitExceeded", 409):
        iam.update_saml_provider(SAMLProviderArn=arn, AddPrivateKey=key)
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=first["KeyId"])
    (second,) = iam.get_saml_provider(SAMLProviderArn=arn)["PrivateKeyList"]
    assert second["KeyId"] != first["KeyId"]
    with refused("InvalidInput", 400):
        iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=second["KeyId"])
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=second["KeyId"], AssertionEncryptionMode="Allowed")
    assert "PrivateKeyList" not in iam.get_saml_provider(SAMLProviderArn=arn)
    for bad in ("nonsense", pem_of_key(elliptic_key()), pem_of_key(rsa_key(), secret=b"secret")):
        with refused("InvalidInput", 400):
            iam.update_saml_provider(SAMLProviderArn=arn, AddPrivateKey=bad)
    events = account.client("cloudtrail").lookup_events()["Events"]
    assert not any("PRIVATE KEY" in event["CloudTrailEvent"] for event in events)


def test_a_provider_is_its_accounts(account, other):
    arn = account.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=saml_metadata())["SAMLProviderArn"]
    for call in (other.iam.get_saml_provider, other.iam.delete_saml_provider):
        with refused("NoSuchEntity", 404):
            call(SAMLProviderArn=arn)
    ada = account.user("ada", allow("iam:GetSAMLProvider", account.arn("saml-provider/other"))).client("iam")
    with refused("AccessDenied", 403, "iam:GetSAMLProvider on resource: " + arn):
        ada.get_saml_provider(SAMLProviderArn=arn)
