"""Tags of all that is named by one text: each kind by the same rules."""

import pytest
from certificates import certificate, elliptic_key, pem_of, pem_of_key
from identity import allow, refused
from provider_documents import saml_metadata

OIDC = "https://id.example.com/pool"


def instance_profile(iam, **more):
    iam.create_instance_profile(InstanceProfileName="p", **more)
    return "instance_profile", {"InstanceProfileName": "p"}


def mfa_device(iam, **more):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="d", **more)["VirtualMFADevice"]
    return "mfa_device", {"SerialNumber": made["SerialNumber"]}


def oidc_provider(iam, **more):
    made = iam.create_open_id_connect_provider(Url=OIDC, **more)
    return "open_id_connect_provider", {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}


def saml_provider(iam, **more):
    made = iam.create_saml_provider(Name="s", SAMLMetadataDocument=saml_metadata(), **more)
    return "saml_provider", {"SAMLProviderArn": made["SAMLProviderArn"]}


def server_certificate(iam, **more):
    body, key = pem_of(certificate("a", elliptic_key())), pem_of_key(elliptic_key())
    iam.upload_server_certificate(ServerCertificateName="c", CertificateBody=body, PrivateKey=key, **more)
    return "server_certificate", {"ServerCertificateName": "c"}


KINDS = [server_certificate, instance_profile, mfa_device, oidc_provider, saml_provider]


def tags(iam, kind, name, **more):
    answer = getattr(iam, f"list_{kind}_tags")(**name, **more)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def pairs(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.mark.parametrize("make", KINDS)
def test_tags_are_added_changed_listed_and_removed(account, make):
    iam = account.iam
    kind, name = make(iam, Tags=pairs(a="1"))
    getattr(iam, f"tag_{kind}")(**name, Tags=pairs(A="2", b="3"))
    assert tags(iam, kind, name) == {"A": "2", "b": "3"}, "keys differ by more than their case"
    page = getattr(iam, f"list_{kind}_tags")(**name, MaxItems=1)
    assert page["IsTruncated"] and tags(iam, kind, name, Marker=page["Marker"]) == {"b": "3"}
    getattr(iam, f"untag_{kind}")(**name, TagKeys=["A", "none"])
    assert tags(iam, kind, name) == {"b": "3"}
    with refused("InvalidInput", 400):
        getattr(iam, f"tag_{kind}")(**name, Tags=pairs(**{"aws:x": "1"}))
    with refused("LimitExceeded", 409):
        getattr(iam, f"tag_{kind}")(**name, Tags=pairs(**{f"k{n}": "" for n in range(50)}))


@pytest.mark.parametrize("make", KINDS)
def test_tags_decide_who_may_act(account, make):
    kind, name = make(account.iam, Tags=pairs(team="red"))
    condition = {"StringEquals": {"aws:ResourceTag/team": "red", "aws:RequestTag/team": "blue"}}
    ada = account.user("ada", allow("iam:Tag*", Condition=condition)).client("iam")
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:Tag"):
        getattr(ada, f"tag_{kind}")(**name, Tags=pairs(team="green"))
    getattr(ada, f"tag_{kind}")(**name, Tags=pairs(team="blue"))
    with refused("AccessDenied", 403):
        getattr(ada, f"tag_{kind}")(**name, Tags=pairs(team="blue")), "it is not red any more"


@pytest.mark.parametrize("make", KINDS)
def test_what_is_missing_is_named(account, other, make):
    kind, name = make(account.iam)
    for call, more in (("tag", {"Tags": pairs(a="1")}), ("untag", {"TagKeys": ["a"]})):
        with refused("NoSuchEntity", 404):
            getattr(other.iam, f"{call}_{kind}")(**name, **more)
    with refused("NoSuchEntity", 404):
        getattr(other.iam, f"list_{kind}_tags")(**name)
